//! One HTML page with what the last run saw: no network, no other file.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::Command;

use serde::{Deserialize, Serialize};

use crate::detector::{Detector, Generation};
use crate::docs;
use crate::record::{self, Record};
use crate::row::{Hazard, Twin};
use crate::rows::{self, ROWS};
use crate::run::{Mode, Side, folder};
use crate::toolchain;

const PAGE: &str = include_str!("report.html");

/// What the page shows.
#[derive(Serialize)]
struct Data<'a> {
    detectors: Vec<&'static str>,
    hazards: Vec<OfRow<'a>>,
    parity: Vec<Parity>,
    tools: Vec<(String, String)>,
}

#[derive(Serialize)]
struct OfRow<'a> {
    slug: &'static str,
    class: String,
    sentence: &'static str,
    twin: String,
    refused_by: &'static str,
    rule: Option<String>,
    go: &'static str,
    rust: String,
    records: Vec<Shown<'a>>,
}

#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    record: &'a Record,
    open: bool,
}

/// How much a parity test has compared.
#[derive(Debug, Serialize, Deserialize)]
pub struct Parity {
    /// The test.
    pub test: String,
    /// How many results it compared.
    pub comparisons: u64,
}

/// The page, of the last run; where that left something out, of the record that is kept.
///
/// # Errors
/// When a record cannot be read.
pub fn page() -> io::Result<String> {
    let mut records = record::read(&record::path())?;
    for fresh in record::read(&folder().join("results.jsonl"))? {
        match records.iter_mut().find(|it| it.is_about(&fresh)) {
            Some(known) => *known = fresh,
            None => records.push(fresh),
        }
    }
    records.retain(|it| rows::find(&it.case).is_some());
    let mut rows: Vec<_> = ROWS.iter().collect();
    rows.sort_by_key(|row| (row.about.name(), row.slug));
    let data = Data {
        detectors: Detector::EVERY.map(Detector::name).to_vec(),
        hazards: rows.into_iter().map(|row| of_row(row, &records)).collect(),
        parity: Parity::all()?,
        tools: tools(),
    };
    // Nothing in the data may end the element that holds it.
    let json = serde_json::to_string(&data)?.replace('<', "\\u003c");
    Ok(PAGE.replace("{{DATA}}", &json))
}

fn of_row<'a>(row: &'static Hazard, records: &'a [Record]) -> OfRow<'a> {
    let rust = match (row.twin, docs::attempt(row)) {
        (Twin::Refused(..), Some(attempt)) => attempt,
        _ => row.twin_source.to_owned(),
    };
    let of_it = records.iter().filter(|it| it.case == row.slug);
    let shown = |record: &'a Record| Shown {
        record,
        open: (record.side, record.mode) == (Side::Go, Mode::Bad) && record.is_open(row),
    };
    OfRow {
        slug: row.slug,
        class: row.about.to_string(),
        sentence: row.sentence,
        twin: row.twin.to_string(),
        refused_by: row.refused_by,
        rule: row.paragraph("The rule"),
        go: docs::mistake(row),
        rust,
        records: of_it.map(shown).collect(),
    }
}

impl Parity {
    /// What a test has compared.
    pub fn of(test: &str, comparisons: u64) -> Self {
        Self { test: test.to_owned(), comparisons }
    }

    /// Keeps what the parity tests have compared, built in `mode`, in place of what their last run
    /// said.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn keep(mode: &str, all: &[Self]) -> io::Result<()> {
        fs::create_dir_all(folder())?;
        fs::write(Self::kept(mode), serde_json::to_string(all)?)
    }

    /// What the last run in each mode kept.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn all() -> io::Result<Vec<Self>> {
        let mut all = Vec::new();
        for mode in ["plain", "asan"] {
            let path = Self::kept(mode);
            if !path.exists() {
                continue;
            }
            let kept: Vec<Self> = serde_json::from_str(&fs::read_to_string(path)?)?;
            let named = |it: Self| Self { test: format!("{}, Rust {mode}", it.test), ..it };
            all.extend(kept.into_iter().map(named));
        }
        Ok(all)
    }

    fn kept(mode: &str) -> PathBuf {
        folder().join(format!("parity-{mode}.json"))
    }
}

/// The version of everything that had a part in it.
fn tools() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for generation in Generation::ALL {
        if let Ok(it) = toolchain::of(generation) {
            all.push((format!("Go, {}", generation.name()), it.version.clone()));
        }
    }
    let compiler = toolchain::c_compiler().to_string_lossy().into_owned();
    let asked: [(&str, &str, &[&str]); 6] = [
        ("C, for cgo", &compiler, &["--version"]),
        ("rustc", "rustc", &["--version"]),
        ("cargo", "cargo", &["--version"]),
        ("valgrind", "valgrind", &["--version"]),
        ("OpenSSL, headers", "pkg-config", &["--modversion", "openssl"]),
        ("libcurl, headers", "pkg-config", &["--modversion", "libcurl"]),
    ];
    for (name, program, args) in asked {
        let said = Command::new(program).args(args).output();
        let said = said.ok().filter(|it| it.status.success());
        let said = said.map(|it| String::from_utf8_lossy(&it.stdout).into_owned());
        let line =
            said.as_deref().and_then(|it| it.lines().next()).unwrap_or("not on this machine");
        all.push((name.to_owned(), line.to_owned()));
    }
    if let Ok(linked) = ffence::capabilities() {
        all.push(("OpenSSL, linked".to_owned(), linked.openssl().version().to_owned()));
        all.push(("libcurl, linked".to_owned(), linked.libcurl().version().to_owned()));
    }
    all
}

/// `text` inside of an element or an attribute.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
