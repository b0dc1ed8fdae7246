//! Runs the children, goes on behind one that died, finds the point that a leak came from, and says
//! what there was.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Read as _, Seek as _};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use crate::child::{Look, Task, can_see_leaks};
use crate::judge::{Class, Finding, Mode};
use crate::leaks::{self, Asked, Found, Lost};
use crate::{api, cold, known, ours, rows};

/// Longer than any point takes, on two busy cores, under a sanitizer.
pub const HANG: Duration = Duration::from_secs(120);

/// What a sanitizer is to say of the places in the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stacks {
    /// Functions' names, as far as frame pointers lead.
    Usual,
    /// The same as offsets: quick where it is asked thousands of times.
    Bare,
    /// All of them by name, which takes long where much is allocated.
    Whole,
}

/// A child of this program, with its lines and what it wrote to its standard error.
pub struct Process {
    child: Child,
    lines: Receiver<String>,
    errors: std::fs::File,
}

impl Process {
    pub fn start(part: &str, task: &str, stacks: Stacks) -> Self {
        let given = std::env::var("ASAN_OPTIONS").unwrap_or_default();
        let (fast, symbols) = match stacks {
            Stacks::Usual => (1, 1),
            Stacks::Bare => (1, 0),
            Stacks::Whole => (0, 1),
        };
        let options = format!("{given}:fast_unwind_on_malloc={fast}:symbolize={symbols}");
        let errors = tempfile::tempfile().expect("a file");
        let program = std::env::current_exe().expect("this program has a path");
        let mut child = Command::new(program)
            .env("FFENCE_TORTURE_CHILD", part)
            .env("FFENCE_TORTURE_TASK", task)
            .env("ASAN_OPTIONS", options)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(errors.try_clone().expect("a second descriptor"))
            .spawn()
            .expect("the child starts");
        let out = BufReader::new(child.stdout.take().expect("it is piped"));
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in out.split(b'\n').map_while(Result::ok) {
                if sender.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                    return;
                }
            }
        });
        Self { child, lines, errors }
    }

    /// The next line; `Ok(None)` at the end, `Err` where none comes in time.
    pub fn line(&self, limit: Duration) -> Result<Option<String>, ()> {
        match self.lines.recv_timeout(limit) {
            Ok(line) => Ok(Some(line)),
            Err(RecvTimeoutError::Disconnected) => Ok(None),
            Err(RecvTimeoutError::Timeout) => Err(()),
        }
    }

    /// Ends it; how it ended, and its last words.
    pub fn end(mut self, kill: bool) -> String {
        if kill {
            self.child.kill().expect("it can be killed");
        }
        let status = self.child.wait().expect("it ends");
        let mut words = Vec::new();
        self.errors.rewind().expect("a file has a start");
        self.errors.read_to_end(&mut words).expect("the file is read");
        let words = String::from_utf8_lossy(&words).into_owned();
        format!("{status}\n{words}")
    }
}

/// What one mode came to.
#[derive(Default)]
struct Tally {
    /// Requests of each row.
    asked: BTreeMap<usize, u64>,
    classes: BTreeMap<Class, u64>,
    kinds: BTreeMap<String, u64>,
    findings: Vec<Finding>,
    /// The points, where the way to each is asked for.
    points: Vec<Asked>,
}

/// How one child ended.
enum End {
    /// What leaked, where it was asked after each point.
    Done(Found),
    /// It found a leak in this row, after its last point.
    Leak(usize, Finding),
    /// It died or hung at this row and point (0: while it was prepared).
    Lost(usize, u64),
}

impl Tally {
    fn note(&mut self, finding: Finding) {
        *self.classes.entry(finding.class).or_default() += 1;
        eprintln!(
            "torture: {}, {} {}: {}",
            finding.row,
            finding.mode.name(),
            finding.k,
            finding.class
        );
        self.findings.push(finding);
    }

    /// Runs one child to its end.
    fn child(&mut self, task: &Task, names: &[&str]) -> End {
        let process = Process::start("warm", &task.to_words(), task.stacks());
        let (mut row, mut k, mut place) = (task.first_row, 0, String::new());
        let mut way = String::new();
        let finding = |row: usize, k, class, place: &str, report| Finding {
            row: names[row].to_owned(),
            mode: task.mode,
            k,
            class,
            place: place.to_owned(),
            report,
        };
        let mut leaks: Vec<Asked> = Vec::new();
        loop {
            let Ok(line) = process.line(HANG) else {
                let report = process.end(true);
                self.note(finding(row, k, Class::Hang, &place, report));
                return End::Lost(row, k);
            };
            let Some(line) = line else {
                let report = process.end(false);
                self.note(finding(row, k, Class::Died, &place, report));
                return End::Lost(row, k);
            };
            let mut words = line.splitn(5, ' ');
            let mut next = || words.next().unwrap_or_default();
            match next() {
                "begin" => (row, k) = (next().parse().expect("an index"), 0),
                "row" => {
                    let index = next().parse().expect("an index");
                    self.asked.insert(index, next().parse().expect("a count"));
                }
                "at" => {
                    k = next().parse().expect("a point");
                    (place, way) = (String::new(), String::new());
                }
                "ref" => {
                    (place, way) = (next().to_owned(), next().to_owned());
                    if task.look == Look::Ways && leaks.is_empty() {
                        self.points.push(Asked { k, place: place.clone(), way: way.clone() });
                    }
                }
                "out" => {
                    next();
                    let class = Class::parse(next()).expect("a class");
                    let kind = next();
                    if task.look != Look::Row {
                        continue;
                    }
                    if class == Class::Error {
                        *self.kinds.entry(kind.to_owned()).or_default() += 1;
                    }
                    if class.is_allowed() {
                        *self.classes.entry(class).or_default() += 1;
                    } else {
                        self.note(finding(row, k, class, &place, format!("{kind} {}", next())));
                    }
                }
                "leak" if task.look != Look::Row => leaks.push(Asked {
                    k: next().parse().expect("a point"),
                    place: place.clone(),
                    way: way.clone(),
                }),
                "leak" => {
                    let report = process.end(false);
                    return End::Leak(row, finding(row, 0, Class::Leak, &place, report));
                }
                "end" => {
                    let reports = process.end(false);
                    return End::Done(leaks::grown(&leaks, &reports));
                }
                other => panic!("a child says {other:?}: {line}"),
            }
        }
    }

    /// All rows in one mode.
    fn run(mode: Mode, first: usize, last: usize, full: bool, seeded: bool) -> Self {
        let rows = if seeded { rows::seeded() } else { rows::all() };
        let names: Vec<&str> = rows.iter().map(|row| row.name).collect();
        let mut tally = Self::default();
        let whole = |first_row, first_k| Task {
            mode,
            first_row,
            first_k,
            last_row: last,
            last_k: u64::MAX,
            full,
            look: Look::Row,
            seeded,
        };
        let mut task = whole(first, 1);
        while task.first_row <= last {
            task = match tally.child(&task, &names) {
                End::Done(_) => break,
                End::Leak(row, finding) => {
                    tally.pinpoint(&Task { last_row: row, ..whole(row, 1) }, finding, &names);
                    whole(row + 1, 1)
                }
                End::Lost(row, 0) => whole(row + 1, 1),
                End::Lost(row, k) => {
                    // What was before it is asked for leaks, which the dead cannot tell.
                    let from = if row == task.first_row { task.first_k } else { 1 };
                    let before = Task { last_row: row, last_k: k - 1, ..whole(row, from) };
                    let mut again = Self::default();
                    if let End::Leak(_, finding) = again.child(&before, &names) {
                        tally.pinpoint(&before, finding, &names);
                    }
                    whole(row, k + 1)
                }
            };
        }
        tally
    }

    /// Which points of a row leak, and what.
    ///
    /// Asking after each of thousands of points, with whole stacks, would take hours. The row is run
    /// once more; then one point of each way to be refused is run alone, and asked about. Points on the
    /// same way count as the same leak, whose whole stacks are taken once; a place that lost blocks
    /// with none of those points is a finding of its own, so that nothing hides behind another.
    fn pinpoint(&mut self, task: &Task, whole: Finding, names: &[&str]) {
        let before = self.findings.len();
        let (mode, row) = (task.mode, whole.row.clone());
        let mut next = Some(task.first_k);
        // What dies was noted already; the points before and after it are looked at.
        while let Some(first_k) = next.take().filter(|k| *k <= task.last_k) {
            let mut ways = Ways::default();
            let mut look = Task { first_k, look: Look::Ways, ..*task };
            if let End::Lost(_, k) = ways.run(&look, names) {
                next = (k > 0).then(|| k + 1);
                look.last_k = k.saturating_sub(1);
                ways = Ways::default();
                if look.first_k > look.last_k || !matches!(ways.run(&look, names), End::Done(_)) {
                    continue;
                }
            }
            let mut reports = BTreeMap::<String, String>::new();
            for Lost { asked, group, .. } in &ways.lost {
                let report = reports.entry(group.clone()).or_insert_with(|| {
                    let alone =
                        Task { first_k: asked.k, last_k: asked.k, look: Look::Stacks, ..*task };
                    match Self::default().child(&alone, names) {
                        End::Done(Found { lost, .. }) if !lost.is_empty() => lost[0].report.clone(),
                        _ => format!(
                            "leak of an unknown size, in a process of its own nothing: {group}"
                        ),
                    }
                });
                // Its way of the first time: the second call comes from another line.
                let way = ways.points.iter().find(|at| at.k == asked.k).map(|at| &at.way);
                for at in ways.points.iter().filter(|at| Some(&at.way) == way) {
                    let (place, report) = (at.place.clone(), report.clone());
                    let (row, class) = (row.clone(), Class::Leak);
                    self.note(Finding { row, mode, k: at.k, class, place, report });
                }
            }
            for stack in ways.unexplained() {
                let report = format!("leak of blocks that no way's first point loses:\n{stack}");
                self.note(Finding { report, ..whole.clone() });
            }
        }
        if self.findings.len() == before {
            self.note(whole);
        }
    }
}

/// A row's points, with the way that each was refused on, and what the ways lose.
#[derive(Default)]
struct Ways {
    points: Vec<Asked>,
    lost: Vec<Lost>,
    all: BTreeSet<String>,
}

impl Ways {
    fn run(&mut self, task: &Task, names: &[&str]) -> End {
        let mut tally = Tally::default();
        let end = tally.child(task, names);
        if let End::Done(found) = &end {
            self.points.clone_from(&tally.points);
            self.lost.clone_from(&found.lost);
            self.all.clone_from(&found.first);
        }
        end
    }

    /// Stacks of lost blocks that none of the points asked about one by one has.
    fn unexplained(&self) -> impl Iterator<Item = &String> {
        let explained: BTreeSet<&String> = self.lost.iter().flat_map(|it| &it.stacks).collect();
        self.all.iter().filter(move |stack| !explained.contains(stack))
    }
}

fn count(tallies: &[Tally], class: Class) -> u64 {
    tallies.iter().filter_map(|tally| tally.classes.get(&class)).sum()
}

pub fn run() -> ExitCode {
    let full = std::env::var_os("FFENCE_TORTURE_FULL").is_some();
    let only = std::env::var("ONLY").ok().filter(|it| !it.is_empty());
    let can = ffence::capabilities().expect("both libraries are there");
    println!("torture: {}, libcurl {}", can.openssl().version(), can.libcurl().version());
    let mut failures: Vec<String> = Vec::new();
    if !can_see_leaks() {
        println!("torture: leaks are not looked for: this program has no LeakSanitizer");
        let required = std::env::var("REQUIRE").unwrap_or_default();
        if required.split(',').any(|it| it == "asan") {
            failures.push("LeakSanitizer is required".to_owned());
        }
    }

    let all = rows::all();
    let named = |name: &str| all.iter().position(|row| row.name == name);
    let (first, last) = match &only {
        Some(name) => {
            let index = named(name).unwrap_or_else(|| panic!("no row is called {name:?}"));
            (index, index)
        }
        None => (0, all.len() - 1),
    };
    if only.is_none() {
        failures.extend(api::compare(&all));
    }
    let tallies: Vec<Tally> = std::thread::scope(|scope| {
        let modes =
            Mode::BOTH.map(|mode| scope.spawn(move || Tally::run(mode, first, last, full, false)));
        modes.into_iter().map(|mode| mode.join().expect("a mode is run")).collect()
    });
    for (index, row) in all.iter().enumerate().take(last + 1).skip(first) {
        match tallies[0].asked.get(&index) {
            Some(asked) => println!("  {:<44} N = {asked}", row.name),
            None => failures.push(format!("{}: it was not run to its first point", row.name)),
        }
    }

    let mut seen = BTreeSet::new();
    for finding in tallies.iter().flat_map(|tally| &tally.findings) {
        let Finding { row, mode, k, class, place, report } = finding;
        match known::entry(finding) {
            Some(entry) => {
                seen.insert(entry);
                println!("  known: {row}, {} {k}, at {place}: {class}", mode.name());
            }
            None => {
                failures.push(format!("{row}, {} {k}, at {place}: {class}\n{report}", mode.name()));
            }
        }
    }
    if full && only.is_none() {
        for missing in known::expected(can.openssl(), can.libcurl()).filter(|it| !seen.contains(it))
        {
            failures.push(format!("the list has what no longer occurs: {}", known::LIST[missing]));
        }
    }
    if only.is_none() {
        failures.extend(cold::supervise(full));
        failures.extend(ours::supervise());
        failures.extend(seeded());
    }

    let points: u64 = tallies.iter().flat_map(|tally| tally.classes.values()).sum();
    let classes: Vec<String> =
        Class::ALL.into_iter().map(|class| format!("{} {class}", count(&tallies, class))).collect();
    let mut kinds = BTreeMap::<_, u64>::new();
    for (kind, number) in tallies.iter().flat_map(|tally| &tally.kinds) {
        *kinds.entry(kind).or_default() += number;
    }
    let kinds: Vec<String> =
        kinds.iter().map(|(kind, number)| format!("{kind} {number}")).collect();
    println!("torture: errors by kind: {}", kinds.join(", "));
    println!(
        "torture: {} operations, {points} fail points{}: {}",
        last - first + 1,
        if full { "" } else { " (samples above 500)" },
        classes.join(", ")
    );
    for failure in &failures {
        println!("FAILED {failure}");
    }
    let passed = if failures.is_empty() { last - first + 1 } else { 0 };
    let word = if failures.is_empty() { "ok" } else { "FAILED" };
    println!("test result: {word}. {passed} passed; {} failed; 0 ignored", failures.len());
    if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The net is alive: each deliberate bug is found.
fn seeded() -> Vec<String> {
    let mut wrong = Vec::new();
    for (index, row) in rows::seeded().iter().enumerate() {
        let expected = Class::parse(row.name).expect("a seeded row is named after its class");
        if expected == Class::Leak && !can_see_leaks() {
            continue;
        }
        let tally = Tally::run(Mode::From, index, index, true, true);
        let found = tally.findings.iter().any(|it| it.class == expected && it.k > 0);
        if found {
            println!("torture: the deliberate bug of the class {expected} was found");
        } else {
            wrong.push(format!("the deliberate bug of the class {expected} was not found"));
        }
    }
    wrong
}
