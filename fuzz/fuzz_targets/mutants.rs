//! Writes changed copies of a corpus: the same ones each time, on any machine.
//!
//! ```text
//! mutants FROM TO COUNT
//! ```
//!
//! libFuzzer goes on from what reached something new. In a target with threads, sockets or drawn bytes
//! that is not the same twice, and so its inputs are not, whatever the seed. These inputs depend on
//! the files of the corpus and on nothing else (`scripts/fuzz fixed`).

use std::fs;
use std::io;
use std::path::Path;

/// Sebastiano Vigna's `SplitMix64`: small, and the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        it ^ (it >> 31)
    }

    /// Less than `end`, or nothing where that is nothing.
    fn below(&mut self, end: usize) -> usize {
        if end == 0 { 0 } else { (self.roll() % end as u64) as usize }
    }

    /// Two places in something, in order, at most 64 apart.
    fn range(&mut self, len: usize) -> std::ops::Range<usize> {
        let start = self.below(len + 1);
        start..start + self.below((len - start).min(64) + 1)
    }
}

/// What decides something often: limits of lengths, and bytes that protocols and texts are made of.
const TELLING: [&[u8]; 12] = [
    b"\0",
    b"\xff",
    b"\x7f\xff",
    b"\x80\0",
    b"\xff\xff\xff\xff",
    b"\r\n",
    b"\r\n\r\n",
    b" ",
    b":",
    b";",
    b"=",
    b"%00",
];

/// One to four changes.
fn change(input: &mut Vec<u8>, other: &[u8], dice: &mut Dice) {
    for _ in 0..=dice.below(4) {
        let at = dice.below(input.len());
        match dice.below(8) {
            0 | 1 if !input.is_empty() => input[at] ^= 1 << dice.below(8),
            2 if !input.is_empty() => input[at] = dice.roll() as u8,
            3 => drop(input.drain(dice.range(input.len()))),
            4 => {
                let twice = input[dice.range(input.len())].to_vec();
                drop(input.splice(at..at, twice));
            }
            5 => {
                let word = TELLING[dice.below(TELLING.len())];
                let end = if dice.below(2) == 0 { at } else { (at + word.len()).min(input.len()) };
                drop(input.splice(at..end, word.iter().copied()));
            }
            6 => {
                let piece = other[dice.range(other.len())].to_vec();
                drop(input.splice(at..at, piece));
            }
            7 => {
                input.truncate(at);
                input.extend_from_slice(&other[dice.below(other.len())..]);
            }
            _ => input.push(dice.roll() as u8),
        }
    }
    input.truncate(2048);
}

fn write(from: &Path, to: &Path, count: usize) -> io::Result<()> {
    let mut files: Vec<_> =
        fs::read_dir(from)?.map(|it| it.map(|it| it.path())).collect::<io::Result<_>>()?;
    // Folders list their files in any order.
    files.sort();
    let corpus: Vec<Vec<u8>> = files.iter().map(fs::read).collect::<io::Result<_>>()?;
    if corpus.is_empty() {
        return Err(io::Error::other("the corpus is empty"));
    }
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    fs::create_dir_all(to)?;
    let mut dice = Dice(8);
    for number in 0..count {
        let mut input = corpus[dice.below(corpus.len())].clone();
        let other = &corpus[dice.below(corpus.len())];
        change(&mut input, other, &mut dice);
        fs::write(to.join(format!("{number:06}")), input)?;
    }
    Ok(())
}

fn main() -> io::Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [from, to, count] = &arguments[..] else {
        return Err(io::Error::other("usage: mutants FROM TO COUNT"));
    };
    let count: usize = count.parse().map_err(io::Error::other)?;
    write(from.as_ref(), to.as_ref(), count)
}
