//! The net is alive: each deliberate bug is found, and a full run fails for a known fault that no longer
//! occurs.

use std::process::Command;

use crate::child::{Task, can_see_leaks};
use crate::judge::{Class, Mode};
use crate::plan::whole;
use crate::supervise::Tally;
use crate::{known, rows};

/// What is wrong with the net.
pub fn supervise() -> Vec<String> {
    let mut wrong = Vec::new();
    for (index, row) in rows::seeded().iter().enumerate() {
        let expected = Class::parse(row.name).expect("a seeded row is named after its class");
        if expected == Class::Leak && !can_see_leaks() {
            continue;
        }
        let task = Task { full: true, seeded: true, ..whole(Mode::From, index, index) };
        let found = Tally::of(&task).findings.iter().any(|it| it.class == expected && it.k > 0);
        if found {
            println!("torture: the deliberate bug of the class {expected} was found");
        } else {
            wrong.push(format!("the deliberate bug of the class {expected} was not found"));
        }
    }
    wrong.extend(stale());
    wrong
}

/// A full run of one short row, without and with an entry that nothing matches.
fn stale() -> Vec<String> {
    let run = |seed: &str| {
        let program = std::env::current_exe().expect("this program has a path");
        let mut command = Command::new(program);
        command.env("FFENCE_TORTURE_FULL", "1").env("ONLY", known::PLANTED_ROW);
        let output = command.env("FFENCE_SEEDED", seed).output().expect("the program runs");
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let mut wrong = Vec::new();
    let (passed, said) = run("");
    if !passed {
        wrong.push(format!("a full run of {} fails:\n{said}", known::PLANTED_ROW));
    }
    let (passed, said) = run("stale");
    let told = said.lines().filter(|line| line.contains("no longer occurs"));
    if passed || told.filter(|line| line.contains(known::PLANTED)).count() != 1 {
        wrong.push(format!("an entry that no longer occurs was not noticed:\n{said}"));
    } else {
        println!("torture: an entry of the list that no longer occurs was noticed");
    }
    wrong
}
