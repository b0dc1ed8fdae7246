//! Memory that fails while the libraries are set up for the first time: its own contract. The set-up
//! answers an error that stays, or works; where OpenSSL or libcurl cope badly, later operations may
//! fail with an error, but none may crash and none may give wrong bytes. Each point is a process.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Duration;

use ffence::crypto::Sha256;
use ffence::curl::Url;
use ffence::mem::{self, Refuse};
use ffence::{Init, OpenSslConfig};

use crate::judge::Mode;
use crate::supervise::{Process, Stacks};

const LIMIT: Duration = Duration::from_secs(60);

/// SHA-256 of `abc` (FIPS 180-4), and a URL.
fn operations() -> ffence::Result<bool> {
    let digest = Sha256::digest(b"abc")?.to_string();
    let url = Url::parse("http://example.org")?;
    Ok(digest.starts_with("ba7816bf8f01cfea") && url.as_str() == "http://example.org/")
}

/// Sets up with one point refused, and says in one line what became of it.
pub fn run() -> ExitCode {
    mem::install().expect("nothing was before this");
    let task = std::env::var("FFENCE_TORTURE_TASK").expect("a child has a task");
    let (mode, k) = task.split_once(' ').expect("a mode and a point");
    let k = k.parse().expect("a number");
    let refuse = match mode {
        "count" => Refuse::Nothing,
        "one" => Refuse::One(k),
        _ => Refuse::From(k),
    };
    let options = || Init::new().openssl_config(OpenSslConfig::System);
    let counted = mem::refusing(refuse, || options().run());
    let asked = counted.asked;
    let line = match counted.value {
        Err(first) => match (ffence::init(), operations()) {
            (Err(again), Err(_)) if again.to_string() == first.to_string() => "refused for good",
            (again, after) => {
                eprintln!("first {first}, then {again:?} and {after:?}");
                "inconsistent"
            }
        },
        Ok(()) => match operations() {
            Ok(true) => "works",
            Ok(false) => "wrong",
            Err(error) => {
                eprintln!("{error}");
                "errors later"
            }
        },
    };
    println!("cold {asked} {line}");
    // SAFETY: _exit(2) ends the process; what a failed set-up holds is nobody's business any more.
    unsafe { libc::_exit(0) }
}

/// One child; the number of requests, and its word.
fn child(mode: &str, k: u64) -> (u64, String) {
    let process = Process::start("cold", &format!("{mode} {k}"), Stacks::Usual);
    let answer = process.line(LIMIT);
    match answer {
        Ok(Some(line)) => {
            process.end(false);
            let mut words = line.splitn(3, ' ').skip(1);
            let asked = words.next().and_then(|it| it.parse().ok()).unwrap_or(0);
            (asked, words.next().unwrap_or_default().to_owned())
        }
        Ok(None) => (0, format!("died: {}", process.end(false))),
        Err(()) => (0, format!("hung: {}", process.end(true))),
    }
}

/// Up to here, each point is tried: OpenSSL 3.0 without a set-up of its own crashes at 4 to 52.
const DENSE: u64 = 56;

/// All points; what is not allowed.
pub fn supervise(full: bool) -> Vec<String> {
    let (asked, word) = child("count", 0);
    if word != "works" {
        return vec![format!("the set-up does not work with memory: {word}")];
    }
    // A prime number of requests apart, so that the same kind of request is not met each time.
    let step = if full { 7 } else { asked.div_ceil(30) };
    let dense = (1..=DENSE).step_by(if full { 1 } else { 4 });
    let stride = usize::try_from(step).expect("a step is small");
    let points: Vec<u64> = dense.chain((DENSE + 1..=asked).step_by(stride)).collect();
    let mut failures = Vec::new();
    let mut classes = BTreeMap::<String, usize>::new();
    let modes = std::thread::scope(|scope| {
        let points = &points;
        let run =
            |mode: Mode| move || points.iter().map(|k| (*k, child(mode.name(), *k).1)).collect();
        let modes = Mode::BOTH.map(|mode| (mode, scope.spawn::<_, Vec<(u64, String)>>(run(mode))));
        modes.map(|(mode, all)| (mode, all.join().expect("the processes are run")))
    });
    for (mode, all) in modes {
        for (k, word) in all {
            let class = word.split(':').next().unwrap_or_default().to_owned();
            if !["works", "refused for good", "errors later"].contains(&class.as_str()) {
                failures.push(format!("first set-up, {} {k}: {word}", mode.name()));
            }
            *classes.entry(class).or_default() += 1;
        }
    }
    let classes: Vec<String> =
        classes.iter().map(|(class, number)| format!("{number} {class}")).collect();
    println!(
        "torture: first set-up: N = {asked}, {} processes: {}",
        2 * points.len(),
        classes.join(", ")
    );
    failures
}
