//! The report in a real browser: it loads without a complaint and without the network, its filters
//! filter, and a cell opens its evidence.
//!
//! Needs Chromium (`FFENCE_CHROMIUM`, or `chromium` on PATH); without one it is skipped, unless
//! `REQUIRE` names `chromium`. The screenshot lies in `target/hazards/report.png`.

mod browser;

use std::fs;
use std::io::Write as _;

use browser::{Browser, Failure};
use ffence_hazards::report::{self, Parity};
use ffence_hazards::row::Twin;
use ffence_hazards::rows::ROWS;
use ffence_hazards::run;

#[test]
fn the_report_works_in_a_browser() -> Result<(), Failure> {
    let Some(mut browser) = Browser::start()? else {
        let required = std::env::var("REQUIRE").unwrap_or_default();
        assert!(required.split(',').all(|it| it != "chromium"), "no Chromium, which is required");
        std::io::stderr().write_all(b"skipped: report in a browser: no Chromium on PATH\n")?;
        return Ok(());
    };
    fs::create_dir_all(run::folder())?;
    let path = run::folder().join("report.html");
    fs::write(&path, report::page()?)?;
    let url = format!("file://{}", path.display());
    browser.open(&url)?;

    let rows = ROWS.len();
    assert_eq!(browser.number("document.querySelectorAll('tr.hazard').length")?, rows, "rows");
    assert!(browser.number("document.querySelectorAll('td button').length")? > rows, "cells");

    // What parity compared in its last runs, and by which tools all of it was said.
    let parity = browser.text("document.getElementById('parity').textContent")?;
    let kept = Parity::all()?;
    if kept.is_empty() {
        assert!(parity.contains("No run of the parity tests"), "{parity}");
    } else {
        let total: u64 = kept.iter().map(|it| it.comparisons).sum();
        let digits: String =
            parity.chars().take_while(|it| *it != ' ').filter(char::is_ascii_digit).collect();
        assert_eq!(digits, total.to_string(), "{parity}");
        for it in &kept {
            assert!(parity.contains(&it.test), "{}: not in {parity}", it.test);
        }
    }
    let tools = browser.text("document.getElementById('tools').textContent")?;
    for tool in [
        "Go, current",
        "C, for cgo",
        "rustc",
        "cargo",
        "valgrind",
        "OpenSSL, linked",
        "libcurl, linked",
    ] {
        assert!(tools.contains(tool), "{tool}: not in {tools}");
    }

    // Each filter leaves what it names, and no more.
    let class = ROWS[0].about;
    let of_class = ROWS.iter().filter(|row| row.about == class).count();
    browser.set("class", &class.to_string())?;
    assert_eq!(browser.number("document.querySelectorAll('tr.hazard').length")?, of_class);
    browser.set("class", "")?;
    browser.set("find", ROWS[0].slug)?;
    assert_eq!(browser.text("document.querySelector('tr.hazard').id")?, ROWS[0].slug);
    browser.set("find", "no hazard has this in it")?;
    assert_eq!(browser.number("document.querySelectorAll('tr.hazard').length")?, 0);
    browser.set("find", "")?;
    browser.set("detector", "asan")?;
    let heads = "[...document.querySelectorAll('thead th')].map(it => it.textContent).join()";
    let asan = browser.text(heads)?;
    assert!(asan.contains("asan 1.") && !asan.contains("plain"), "{asan}");
    browser.set("detector", "")?;
    browser.set("outcome", "memory-error")?;
    let found = browser.number("document.querySelectorAll('tr.hazard').length")?;
    assert!(0 < found && found < rows, "{found} of {rows}");
    browser.set("outcome", "")?;
    let generation = "document.getElementById('generation').options[1].value";
    let generation = browser.text(generation)?;
    browser.set("generation", &generation)?;
    let columns = browser.text(heads)?;
    let others = columns.split(',').filter(|it| it.contains(" 1."));
    let others = others.filter(|it| !it.ends_with(generation.trim_start_matches("go"))).count();
    assert_eq!(others, 0, "{generation} alone: {columns}");
    browser.set("generation", "")?;

    // A cell opens what was said, the program, and closes again.
    browser.run("document.querySelector('[data-cell^=\"use_after_free/asan\"]').click()")?;
    let words = browser.text("document.querySelector('dialog[open]').textContent")?;
    assert!(words.contains("heap-use-after-free"), "{words}");
    assert!(words.contains("import \"C\""), "{words}");
    browser.screenshot(&run::folder().join("report.png"))?;
    browser.run("document.getElementById('close').click()")?;
    assert_eq!(browser.number("document.querySelectorAll('dialog[open]').length")?, 0);
    let refused = ROWS.iter().find(|row| matches!(row.twin, Twin::Refused(..)));
    if let Some(row) = refused {
        browser
            .run(&format!("document.querySelector('[data-cell=\"{}/Rust\"]').click()", row.slug))?;
        let words = browser.text("document.querySelector('dialog[open]').textContent")?;
        assert!(words.contains("error[E"), "the compiler's words: {words}");
    }

    let (complaints, asked_for) = browser.close()?;
    assert!(complaints.is_empty(), "{complaints:#?}");
    let elsewhere: Vec<_> =
        asked_for.iter().filter(|it| **it != url && !it.starts_with("data:")).collect();
    assert!(elsewhere.is_empty(), "the page asks for {elsewhere:?}");
    Ok(())
}
