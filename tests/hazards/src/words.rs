//! What a detector said, without what differs from run to run: addresses, paths, process numbers.

use crate::child::Ended;
use crate::outcome::{Class, Kind, REFUSED, RESULT};

/// Longer reports say nothing more to a reader.
const LINES: usize = 12;

/// The words that an outcome is told by.
pub(crate) fn of(class: Class, ended: &Ended) -> String {
    let stderr = ended.stderr.lines();
    match class {
        Class::Ok | Class::Refused => {
            let said = |line: &&str| line.starts_with(RESULT) || line.starts_with(REFUSED);
            plain(ended.stdout.lines().find(said).unwrap_or_default())
        }
        // The frames are numbers: names cost half a second a run, and the kind is what counts.
        Class::MemoryError | Class::Leak => {
            let from = stderr.skip_while(|line| !line.contains("ERROR: "));
            lines(from.filter(|line| !line.trim().is_empty()).take_while(|line| !is_frame(line)))
        }
        Class::DataRace => {
            let from = stderr.skip_while(|line| !line.contains("WARNING: "));
            lines(from.take_while(|line| !line.starts_with("=====")))
        }
        Class::Panic | Class::RuntimeAbort | Class::Signal | Class::Exit => {
            let shown = stderr.skip_while(|line| line.starts_with("thread panicked"));
            let shown = shown
                .filter(|line| !line.starts_with("PC=") && !line.starts_with("signal arrived"));
            lines(shown.take_while(|line| {
                !line.starts_with("goroutine ") && !line.starts_with("runtime stack")
            }))
        }
        Class::Hang | Class::Remark => String::new(),
    }
}

/// A conclusion, and below it the words of the tool that it was drawn from.
pub(crate) fn tool(stdout: &str) -> String {
    let of_result = |line: &str| line.starts_with(RESULT);
    let result = stdout.lines().find(|line| of_result(line)).unwrap_or_default();
    let said = stdout.lines().filter(|line| !of_result(line));
    lines([result.trim_start_matches(RESULT)].into_iter().chain(said))
}

fn is_frame(line: &str) -> bool {
    line.trim_start().starts_with("#0")
}

fn lines<'a>(all: impl Iterator<Item = &'a str>) -> String {
    plain(&all.take(LINES).collect::<Vec<_>>().join("\n"))
}

/// The first report of memcheck that is not about the Go run-time's own stack and threads.
pub(crate) fn memcheck(stderr: &str) -> Option<(Kind, String)> {
    const HEADS: [(&str, Kind); 7] = [
        ("Invalid read", Kind::InvalidRead),
        ("Invalid write", Kind::InvalidWrite),
        ("Invalid free()", Kind::BadFree),
        ("Mismatched free()", Kind::BadFree),
        ("Conditional jump", Kind::Uninitialised),
        ("Use of uninitialised", Kind::Uninitialised),
        (" are definitely lost", Kind::Leak),
    ];
    let reports = stderr
        .lines()
        .filter_map(|line| line.strip_prefix("==")?.split_once("=="))
        .map(|(_, it)| it.trim());
    let reports: Vec<&str> = reports.collect();
    reports.split(|line| line.is_empty()).find_map(|report| {
        // The first report of another thread than the last one has that above it.
        let threads = report.iter().take_while(|line| line.starts_with("Thread ")).count();
        let report = &report[threads..];
        let head = report.first()?;
        let (_, kind) = HEADS.iter().find(|(words, _)| head.contains(words))?;
        let ours = report[1..].iter().find_map(|line| frame(line)).is_some_and(Frame::is_ours);
        // What calls C is the end of the part that a reader knows.
        let shown = report.iter().take_while(|line| {
            frame(line).is_none_or(|it| {
                !it.function.starts_with("runtime.") && !it.function.starts_with("_cgo_")
            })
        });
        ours.then(|| {
            (
                *kind,
                lines(shown.map(|line| {
                    line.split_once(": ")
                        .filter(|_| frame(line).is_some())
                        .map_or(*line, |(_, it)| it)
                })),
            )
        })
    })
}

/// A line such as `at 0x4E57D7: hz_box_new (hz_box.c:18)`.
#[derive(Clone, Copy)]
struct Frame<'a> {
    function: &'a str,
    place: &'a str,
}

impl Frame<'_> {
    /// Not the Go run-time's own, nor its assembly's, which reads whole vectors. What a library does
    /// not name is the library's all the same.
    fn is_ours(self) -> bool {
        let named = self.function != "???" || self.place.starts_with("(in ");
        named && !self.function.starts_with("runtime.") && !self.place.contains(".s:")
    }
}

fn frame(line: &str) -> Option<Frame<'_>> {
    let rest = line.strip_prefix("at 0x").or_else(|| line.strip_prefix("by 0x"))?;
    let (_, rest) = rest.split_once(": ")?;
    let (function, place) = rest.split_once(' ').unwrap_or((rest, ""));
    Some(Frame { function, place })
}

/// `text` without addresses, folders, process numbers and trailing blanks.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let mut rest = line.trim_end();
        if let Some((number, after)) = rest.strip_prefix("==").and_then(|it| it.split_once("=="))
            && !number.is_empty()
            && number.bytes().all(|it| it.is_ascii_digit())
        {
            rest = after.trim_start();
        }
        if !out.is_empty() {
            out.push('\n');
        }
        let mut before = ' ';
        while let Some(first) = rest.chars().next() {
            if let Some(digits) = rest.strip_prefix("0x") {
                out.push_str("0x…");
                rest = digits.trim_start_matches(|it: char| it.is_ascii_hexdigit());
            } else if first == '/'
                && !before.is_alphanumeric()
                && before != '/'
                && before != ':'
                && before != '.'
            {
                let end = rest.find([' ', ':', ')', '\'', '"', '`', ',']).unwrap_or(rest.len());
                let name = rest[..end].trim_end_matches('/').rsplit('/').next().unwrap_or_default();
                out.push_str(name);
                rest = &rest[end..];
            } else {
                out.push(first);
                rest = &rest[first.len_utf8()..];
            }
            before = first;
        }
    }
    out
}

/// The first line with all numbers blanked: what two runs are compared by.
pub(crate) fn gist(words: &str) -> String {
    let line = words.lines().next().unwrap_or_default();
    let mut out = String::new();
    for it in line.chars() {
        if !it.is_ascii_digit() {
            out.push(it);
        } else if !out.ends_with('#') {
            out.push('#');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_machine_is_left() {
        let line = "==712==ERROR: AddressSanitizer: SEGV on 0x7f12ab (pc 0x4) in /home/me/go/x.go:12 at https://go.dev/x";
        let plain = plain(line);
        assert_eq!(
            plain,
            "ERROR: AddressSanitizer: SEGV on 0x… (pc 0x…) in x.go:12 at https://go.dev/x"
        );
        assert_eq!(gist("wrote 64 into 16"), "wrote # into #");
    }

    #[test]
    fn the_run_time_is_not_to_blame() {
        let own = "==1== Conditional jump\n==1==    at 0x4: runtime.adjust (x.go:1)\n==1== \n";
        assert_eq!(memcheck(own), None);
        let vector =
            "==1== Conditional jump\n==1==    at 0x4: indexbytebody (x_amd64.s:1)\n==1== \n";
        assert_eq!(memcheck(vector), None);
        let ours = "==1== Invalid read of size 1\n==1==    at 0x4: hz_box_first (hz_box.c:3)\n\
                    ==1==    by 0x5: runtime.asmcgocall.abi0 (asm.s:1)\n==1== \n";
        let ours = format!("==1== Thread 4:\n{ours}");
        let expected = "Invalid read of size 1\nhz_box_first (hz_box.c:3)".to_owned();
        assert_eq!(memcheck(&format!("{own}{ours}")), Some((Kind::InvalidRead, expected)));
        let library =
            "==1== Invalid write of size 8\n==1==    at 0x4: ??? (in /usr/lib/libx.so.3)\n==1== \n";
        let expected = "Invalid write of size 8\n??? (in libx.so.3)".to_owned();
        assert_eq!(memcheck(library), Some((Kind::InvalidWrite, expected)));
        let nobody = "==1== Invalid write of size 8\n==1==    at 0x4: ???\n==1== \n";
        assert_eq!(memcheck(nobody), None);
    }
}
