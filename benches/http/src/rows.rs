//! Single tasks, all contenders in turn, several rounds.

use std::fmt::Write as _;

use crate::case::{Task, Took};
use crate::server::Server;
use crate::{Programs, page, title};

const ROUNDS: usize = 5;
const WHO: [&str; 7] = ["ffence", "raw", "curl", "isahc", "reqwest", "ureq", "go"];

struct Row {
    title: &'static str,
    task: Task,
    at_once: usize,
    each: usize,
}

const fn row(title: &'static str, task: Task, at_once: usize, each: usize) -> Row {
    Row { title, task, at_once, each }
}

const ROWS: [Row; 9] = [
    row("GET 1 KiB, blocking", Task::Get, 1, 1000),
    row("POST JSON 1 KiB, blocking", Task::Post, 1, 1000),
    row("GET 1 KiB, async, 1 at a time", Task::Many, 1, 5000),
    row("GET 1 KiB, async, 64 at a time", Task::Many, 64, 160),
    row("GET 1 KiB, async, 512 at a time", Task::Many, 512, 20),
    row("GET 1 KiB over HTTP/2, async, 64 at a time", Task::Many2, 64, 160),
    row("download 32 MiB, blocking", Task::Download, 1, 8),
    row("upload 32 MiB, blocking", Task::Upload, 1, 8),
    row("GET 1 KiB, full TLS handshake, blocking", Task::Handshake, 1, 100),
];

pub fn measure(write: bool) {
    let (server, programs) = (Server::start(), Programs::build());
    let mut table = String::from("| processor time, µs |");
    for who in WHO {
        let _ = write!(table, " {} |", title(who));
    }
    let _ = writeln!(table, "\n|---|{}", "---|".repeat(WHO.len()));
    for row in &ROWS {
        // Contenders take turns: what the machine does meanwhile is shared by all.
        let mut took = WHO.map(|_| Vec::new());
        for _ in 0..crate::rounds(ROUNDS) {
            for (who, took) in WHO.iter().zip(&mut took) {
                if row.task.is_many() && *who == "ureq" {
                    continue;
                }
                took.extend(programs.run(&server, who, row.task, row.at_once, row.each));
            }
        }
        let each = took.map(|took| median(took.iter().map(Took::cpu_each).collect()));
        let _ = write!(table, "| {} |", row.title);
        for of in &each {
            match (of, each[1]) {
                (Some(of), Some(raw)) => _ = write!(table, " {of:.0} ({:.2}) |", of / raw),
                (Some(of), None) => _ = write!(table, " {of:.0} |"),
                (None, _) => table.push_str(" cannot |"),
            }
        }
        table.push('\n');
        println!("{}", table.lines().last().unwrap_or_default());
    }
    println!("\n{table}");
    if write {
        page::write("make bench-http", &table);
    }
}

fn median(mut all: Vec<f64>) -> Option<f64> {
    all.sort_unstable_by(f64::total_cmp);
    all.get(all.len() / 2).copied()
}
