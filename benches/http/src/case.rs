//! One contender at one task, in a process of its own.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::counted::is_counted;
use crate::server::Server;
use crate::system::{Watch, peak};

pub const CONTEND: &str = "--contend";

/// How large a download and an upload are.
pub const LARGE: usize = 32 << 20;
/// How large everything else is.
pub const SMALL: usize = 1024;

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// One after the other, on a kept connection.
    Get,
    Post,
    Download,
    Upload,
    /// A GET on a connection of its own, with a full handshake.
    Handshake,
    /// So many at a time, each followed by the next.
    Many,
    /// The same over HTTP/2.
    Many2,
}

impl Task {
    const ALL: [(Self, &str); 7] = [
        (Self::Get, "get"),
        (Self::Post, "post"),
        (Self::Download, "download"),
        (Self::Upload, "upload"),
        (Self::Handshake, "handshake"),
        (Self::Many, "many"),
        (Self::Many2, "many2"),
    ];

    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(task, _)| *task == self).map_or("", |(_, name)| name)
    }

    fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, it)| *it == name).map(|(task, _)| *task)
    }

    pub fn is_many(self) -> bool {
        matches!(self, Self::Many | Self::Many2)
    }
}

/// What a contender is told.
#[derive(Clone, Debug)]
pub struct Case {
    pub task: Task,
    /// How many at a time.
    pub at_once: usize,
    /// How many each of them does; of the tasks that are done one after the other, the least.
    pub each: usize,
    /// Where the server is.
    pub base: String,
    pub authority: String,
}

impl Case {
    /// Where `server` is.
    pub fn at(server: &Server, task: Task, at_once: usize, each: usize) -> Self {
        let base = server.base(task).to_owned();
        let authority = server.authority.display().to_string();
        Self { task, at_once, each, base, authority }
    }

    pub fn url(&self) -> String {
        match self.task {
            Task::Download => format!("{}/{LARGE}", self.base),
            Task::Upload => format!("{}/sum", self.base),
            _ => format!("{}/{SMALL}", self.base),
        }
    }

    /// The URL of requests that wait for each other.
    pub fn gate(&self) -> String {
        format!("{}/gate/{}", self.base, self.at_once)
    }

    /// What a process is told that contends.
    pub fn arguments(&self, who: &str) -> [String; 6] {
        let (at_once, each) = (self.at_once.to_string(), self.each.to_string());
        let (base, authority) = (self.base.clone(), self.authority.clone());
        [who.to_owned(), self.task.name().to_owned(), at_once, each, base, authority]
    }

    /// The case that a process was started for.
    pub fn of_arguments() -> Option<(String, Self)> {
        let mut arguments = std::env::args().skip_while(|it| it != CONTEND).skip(1);
        let who = arguments.next()?;
        let task = Task::of(&arguments.next()?)?;
        let at_once = arguments.next()?.parse().ok()?;
        let each = arguments.next()?.parse().ok()?;
        let (base, authority) = (arguments.next()?, arguments.next()?);
        Some((who, Self { task, at_once, each, base, authority }))
    }
}

/// What a contender needed.
#[derive(Clone, Copy, Debug)]
pub struct Took {
    pub requests: u64,
    pub cpu: Duration,
    pub wall: Duration,
    /// KiB
    pub peak: u64,
}

impl Took {
    pub fn cpu_each(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.requests as f64
    }

    pub fn mebibytes(&self) -> f64 {
        self.peak as f64 / 1024.0
    }

    pub fn per_second(&self) -> f64 {
        self.requests as f64 / self.wall.as_secs_f64()
    }

    fn print(&self) {
        println!(
            "{} {} {} {}",
            self.requests,
            self.cpu.as_micros(),
            self.wall.as_micros(),
            self.peak
        );
    }

    fn read(line: &str) -> Option<Self> {
        let mut numbers = line.split_whitespace().map(str::parse::<u64>);
        let mut next = || numbers.next().and_then(Result::ok);
        Some(Self {
            requests: next()?,
            cpu: Duration::from_micros(next()?),
            wall: Duration::from_micros(next()?),
            peak: next()?,
        })
    }
}

/// Does one thing after the other for a while, and tells what it took.
pub fn repeat(case: &Case, mut once: impl FnMut()) {
    const WARM: usize = 3;
    const LONG: Duration = Duration::from_millis(400);

    for _ in 0..WARM {
        once();
    }
    if is_counted(|| (0..case.each).for_each(|_| once())) {
        return;
    }
    let (watch, mut requests) = (Watch::start(), 0);
    while requests < case.each as u64 || watch.wall() < LONG {
        once();
        requests += 1;
    }
    Took { requests, cpu: watch.cpu(), wall: watch.wall(), peak: peak() }.print();
}

/// Lets all start at once, and tells what came afterwards.
pub fn many(case: &Case, mut all: impl FnMut(&str, usize)) {
    // Every connection is there then, and so many were in flight.
    all(&case.gate(), 1);
    if is_counted(|| all(&case.url(), case.each)) {
        return;
    }
    let watch = Watch::start();
    all(&case.url(), case.each);
    let (cpu, wall) = (watch.cpu(), watch.wall());
    let requests = (case.at_once * case.each) as u64;
    Took { requests, cpu, wall, peak: peak() }.print();
}

/// Runs a contender, if it can do that in time.
pub fn run(
    server: &Server,
    program: &Path,
    who: &str,
    task: Task,
    at_once: usize,
    each: usize,
) -> Option<Took> {
    const LONGEST: Duration = Duration::from_secs(60);

    let case = Case::at(server, task, at_once, each);
    let mut child = Command::new(program)
        .arg(CONTEND)
        .args(case.arguments(who))
        .env("no_proxy", "127.0.0.1")
        .env("SSL_CERT_FILE", &server.authority)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    let started = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(_)) => break,
            Ok(None) if started.elapsed() < LONGEST => {
                std::thread::sleep(Duration::from_millis(5));
            }
            _ => {
                let _ = child.kill();
                break;
            }
        }
    }
    let output = child.wait_with_output().ok()?;
    let took = Took::read(&String::from_utf8_lossy(&output.stdout));
    if took.is_none() {
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        let last =
            complaint.lines().find(|it| !it.trim().is_empty()).unwrap_or("no answer in time");
        eprintln!("{who} {} {at_once}: {last}", task.name());
    }
    took
}
