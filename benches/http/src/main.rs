//! The client beside raw libcurl and its peers, each in a process of its own, on one server in another.
//!
//! | option | what is measured |
//! |---|---|
//! | `--rows` | single tasks, as ratios of processor time and of instructions; fails for a missed goal |
//! | `--scale` | from one to ten thousand transfers at a time |
//! | `--write` | and written to docs/performance.md and docs/scale.svg |
//!
//! `ROUNDS=1` is a quick look, and with `--rows` `ONLY=POST` takes the rows with that in their names.
//!
//! Times are processor time of the contender's whole process, user and system, all of its threads.
//! Instructions are counted by callgrind, where valgrind is installed.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

mod asynchronous;
mod bare;
mod blocking;
#[path = "../../common/callgrind.rs"]
mod callgrind;
mod case;
mod counted;
#[path = "../../common/counting.rs"]
mod counting;
mod curl_crate;
mod goals;
#[path = "../../common/page.rs"]
mod page;
#[path = "../../common/picture.rs"]
mod picture;
mod raw;
mod rows;
mod scale;
mod server;
mod sockets;
mod system;

use case::{Case, Task};

fn main() -> ExitCode {
    let has = |option: &str| std::env::args().any(|it| it == option);
    if has(server::SERVE) {
        server::serve();
    } else if let Some((who, case)) = Case::of_arguments() {
        contend(&who, &case);
    } else if has("--rows") {
        return rows::measure(has("--write"));
    } else if has("--scale") {
        scale::measure(has("--write"));
    } else {
        println!("nothing to do: --rows or --scale, with or without --write");
    }
    ExitCode::SUCCESS
}

fn contend(who: &str, case: &Case) {
    if !case.task.is_many() {
        // Beside the server, as the contenders that are no program of ours.
        system::stay_on(0);
    }
    match (who, case.task.is_many()) {
        ("ffence", false) => blocking::ffence(case),
        ("ffence", true) => asynchronous::ffence(case),
        ("raw", false) => raw::one(case),
        ("raw", true) => raw::all(case),
        ("bare", true) => bare::all(case),
        ("curl", false) => curl_crate::one(case),
        ("curl", true) => curl_crate::all(case),
        ("isahc", false) => blocking::isahc(case),
        ("isahc", true) => asynchronous::isahc(case),
        ("reqwest", false) => blocking::reqwest(case),
        ("reqwest", true) => asynchronous::reqwest(case),
        ("ureq", false) => blocking::ureq(case),
        _ => eprintln!("{who} has no such way"),
    }
}

/// Where what is measured is written to.
fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs")
}

/// The programs of the contenders: this one, and Go's where there is a Go.
struct Programs {
    own: PathBuf,
    go: Option<PathBuf>,
}

impl Programs {
    fn build() -> Self {
        let own = std::env::current_exe().expect("the own path");
        let go = own.with_file_name("ffence-bench-http-go");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("go");
        let built = Command::new("go").args(["build", "-o"]).arg(&go).current_dir(source).status();
        let go = built.is_ok_and(|status| status.success()).then_some(go);
        if go.is_none() {
            eprintln!("Go's program could not be built: it is left out");
        }
        Self { own, go }
    }

    fn of(&self, who: &str) -> Option<&Path> {
        if who == "go" { self.go.as_deref() } else { Some(&self.own) }
    }

    fn run(
        &self,
        server: &server::Server,
        who: &str,
        task: Task,
        at_once: usize,
        each: usize,
    ) -> Option<case::Took> {
        case::run(server, self.of(who)?, who, task, at_once, each)
    }
}

/// How often each contender has its turn.
fn rounds(usual: usize) -> usize {
    std::env::var("ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(usual)
}

/// What a contender is called in a table.
fn title(who: &str) -> &str {
    match who {
        "ffence" => "**ours**",
        "raw" => "raw libcurl",
        "bare" => "sockets alone",
        "curl" => "curl crate",
        "go" => "Go's net/http",
        other => other,
    }
}
