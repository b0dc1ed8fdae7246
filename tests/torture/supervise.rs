//! Runs one child, goes on behind one that died, and finds the point that a leak came from.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Read as _, Seek as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use crate::child::{Look, Task};
use crate::judge::{Class, Finding};
use crate::leaks::{self, Asked, Found, Lost};

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

/// What pieces of work came to.
#[derive(Default)]
pub struct Tally {
    /// Requests of each row, and how long it takes.
    pub asked: BTreeMap<usize, (u64, Duration)>,
    pub classes: BTreeMap<Class, u64>,
    pub kinds: BTreeMap<String, u64>,
    pub findings: Vec<Finding>,
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
                    let count = next().parse().expect("a count");
                    let time = Duration::from_micros(next().parse().expect("a time"));
                    self.asked.insert(index, (count, time));
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
                    // Behind the last point, to see that it was the last.
                    if class == Class::Unreached
                        && self.asked.get(&row).is_some_and(|(asked, _)| k > *asked)
                    {
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

    /// Runs a piece of work to its end.
    pub fn of(piece: &Task) -> Self {
        let rows = piece.rows();
        let names: Vec<&str> = rows.iter().map(|row| row.name).collect();
        let mut tally = Self::default();
        let rest = |first_row, first_k| Task { first_row, first_k, ..*piece };
        let begin = |row| if row == piece.first_row { piece.first_k } else { 1 };
        let mut task = *piece;
        while task.first_row <= piece.last_row {
            task = match tally.child(&task, &names) {
                End::Done(_) => break,
                End::Leak(row, finding) => {
                    let all = Task { last_row: row, ..rest(row, begin(row)) };
                    tally.pinpoint(&all, finding, &names);
                    rest(row + 1, 1)
                }
                End::Lost(row, 0) => rest(row + 1, 1),
                End::Lost(row, k) => {
                    // What was before it is asked for leaks, which the dead cannot tell.
                    let from = if row == task.first_row { task.first_k } else { 1 };
                    let before = Task { last_row: row, last_k: k - 1, ..rest(row, from) };
                    let mut again = Self::default();
                    if let End::Leak(_, finding) = again.child(&before, &names) {
                        tally.pinpoint(&before, finding, &names);
                    }
                    rest(row, k + 1)
                }
            };
        }
        tally
    }

    /// Adds what another piece came to.
    pub fn add(&mut self, other: Self) {
        self.asked.extend(other.asked);
        for (class, number) in other.classes {
            *self.classes.entry(class).or_default() += number;
        }
        for (kind, number) in other.kinds {
            *self.kinds.entry(kind).or_default() += number;
        }
        self.findings.extend(other.findings);
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
