//! Runs all there is, and says what there was.

use std::process::ExitCode;

use crate::child::can_see_leaks;
use crate::judge::{Class, Finding};
use crate::{api, cold, known, ours, plan, rows, seeds};

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
    let pieces =
        if full { plan::every(&plan::count(first, last)) } else { plan::samples(first, last) };
    let tally = plan::run(&pieces);
    let run = &all[first..=last];
    for (index, row) in all.iter().enumerate().take(last + 1).skip(first) {
        match tally.asked.get(&index) {
            Some((asked, _)) => println!("  {:<44} N = {asked}", row.name),
            None => failures.push(format!("{}: it was not run to its first point", row.name)),
        }
    }

    let list = known::list();
    let verdict = known::judge(&list, &tally.findings);
    for (entry, Finding { row, mode, k, class, place, .. }) in &verdict.known {
        println!("  known, no. {entry}: {row}, {} {k}, at {place}: {class}", mode.name());
    }
    for Finding { row, mode, k, class, place, report } in &verdict.unknown {
        failures.push(format!("{row}, {} {k}, at {place}: {class}\n{report}", mode.name()));
    }
    if full {
        let expected = known::expected(&list, can.openssl(), can.libcurl());
        let of_run = expected.filter(|it| run.iter().any(|row| row.name == list[*it].row));
        let stale: Vec<usize> = of_run.filter(|it| !verdict.has(*it)).collect();
        failures.extend(
            stale.iter().map(|it| format!("the list has what no longer occurs: {}", list[*it])),
        );
    }
    if only.is_none() {
        failures.extend(cold::supervise(full));
        failures.extend(ours::supervise());
        failures.extend(seeds::supervise());
    }

    let points: u64 = tally.classes.values().sum();
    let classes: Vec<String> = Class::ALL
        .into_iter()
        .map(|class| format!("{} {class}", tally.classes.get(&class).unwrap_or(&0)))
        .collect();
    let kinds: Vec<String> =
        tally.kinds.iter().map(|(kind, number)| format!("{kind} {number}")).collect();
    println!("torture: errors by kind: {}", kinds.join(", "));
    println!(
        "torture: {} operations, {points} fail points{}: {}; {} of these in the list of known faults",
        run.len(),
        if full { "" } else { " (samples above 500)" },
        classes.join(", "),
        verdict.known.len()
    );
    for failure in &failures {
        println!("FAILED {failure}");
    }
    let passed = if failures.is_empty() { run.len() } else { 0 };
    let word = if failures.is_empty() { "ok" } else { "FAILED" };
    println!("test result: {word}. {passed} passed; {} failed; 0 ignored", failures.len());
    if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
