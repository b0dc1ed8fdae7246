//! Comparisons of secrets take a time that does not depend on where they differ.
//!
//! `cargo bench -p ffence-benches --bench constant_time`.
//!
//! The method is that of dudect (Reparaz, Balasch, Verbauwhede: "Dude, is my code constant time?",
//! DATE 2017). One operation is timed many times on inputs of two classes in random order: what is
//! compared differs in its first byte, or in its last. Welch's t-test tells whether the two classes
//! have the same mean time, for all measurements and for those below each of some percentiles, which
//! cuts off what interrupts add. The largest |t| counts: below 5 nothing is seen, above 10 it leaks.
//!
//! Beside each comparison of the crate stands one that stops at the first difference. The test must
//! catch those, or it has proved nothing. All is done three times; a leak shows each time, so that
//! the smallest of the three is the verdict.
//!
//! The crate `dudect-bencher` does the same, but prints its figures without handing them out: it
//! cannot fail.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use ffence::crypto::{Aes256Gcm, Hmac, Key, RandomNonce, Sha256};
use ffence::secret::Secret;

/// From here on it leaks.
const LEAK: f64 = 10.0;
const REPETITIONS: usize = 3;
/// Measurements of one repetition.
const MEASUREMENTS: usize = 400_000;
/// How many inputs are made at once, in one block of memory.
const INPUTS: usize = 4_000;
/// The percentiles below which the measurements are looked at once more.
const CROPS: [usize; 10] = [10, 20, 30, 40, 50, 60, 70, 80, 90, 95];

type Compare = Box<dyn FnMut(&[u8]) -> bool>;

/// A comparison with something that it keeps.
struct Subject {
    name: &'static str,
    leaks: bool,
    /// What a guess must be to be right; classes differ from it in one byte.
    right: Vec<u8>,
    /// Compares a guess; says whether it is right.
    compare: Compare,
    /// A quick comparison is timed so many times at once.
    batch: usize,
}

fn main() -> ExitCode {
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("nothing to test here: cargo bench -p ffence-benches --bench constant_time");
        return ExitCode::SUCCESS;
    }
    println!("{:<44} {:>8}  verdict", "comparison", "max |t|");
    let mut wrong = 0;
    for mut subject in subjects() {
        let times = (0..REPETITIONS).map(|_| largest_t(&mut subject));
        let t = times.fold(f64::INFINITY, f64::min);
        let verdict = match (t >= LEAK, subject.leaks) {
            (false, false) => "constant time",
            (true, true) => "leaks, as it should",
            (true, false) => "LEAKS",
            (false, true) => "NOT CAUGHT",
        };
        wrong += usize::from((t >= LEAK) != subject.leaks);
        println!("{:<44} {t:>8.2}  {verdict}", subject.name);
    }
    if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn subjects() -> Vec<Subject> {
    let secret_bytes: [u8; 32] = std::array::from_fn(|at| at.to_le_bytes()[0] ^ 0xA5);
    let secret = Secret::<32>::fill_with(|bytes| *bytes = secret_bytes).expect("a secret");
    let exposed = Secret::<32>::fill_with(|bytes| *bytes = secret_bytes).expect("a secret");

    let mut hmac = Hmac::<Sha256>::new(b"key").expect("a key");
    let mut other = Hmac::<Sha256>::new(b"key").expect("a key");
    let tag = hmac.sign(b"message").expect("a tag").as_bytes().to_vec();

    let key = Key::<Aes256Gcm>::generate().expect("a key");
    let (mut nonce, mut text) = ([0; 12], [7; 64]);
    let mut sealer = key.sealer(RandomNonce).expect("a sealer");
    let sealed_tag = sealer.seal_in_place(b"", &mut nonce, &mut text).expect("sealed");
    let mut opener = key.opener().expect("an opener");

    vec![
        Subject {
            name: "Secret::ct_eq",
            leaks: false,
            right: secret_bytes.to_vec(),
            compare: Box::new(move |guess| secret.ct_eq(guess).expect("compared")),
            batch: 16,
        },
        Subject {
            name: "a secret, up to the first difference",
            leaks: true,
            right: secret_bytes.to_vec(),
            compare: Box::new(move |guess| {
                exposed.expose(|bytes| up_to_the_first_difference(bytes, guess)).expect("compared")
            }),
            batch: 16,
        },
        Subject {
            name: "Hmac::verify",
            leaks: false,
            right: tag.clone(),
            compare: Box::new(move |guess| hmac.verify(b"message", guess).is_ok()),
            batch: 1,
        },
        Subject {
            name: "Hmac::sign, up to the first difference",
            leaks: true,
            right: tag,
            compare: Box::new(move |guess| {
                let tag = other.sign(b"message").expect("a tag");
                up_to_the_first_difference(tag.as_bytes(), guess)
            }),
            batch: 1,
        },
        Subject {
            name: "Opener::open_in_place",
            leaks: false,
            right: sealed_tag.to_vec(),
            compare: Box::new(move |guess| {
                let (mut copy, tag) = (text, guess.try_into().expect("a tag"));
                opener.open_in_place(b"", &nonce, &mut copy, tag).is_ok()
            }),
            batch: 1,
        },
    ]
}

/// What must not be done with secrets.
fn up_to_the_first_difference(one: &[u8], two: &[u8]) -> bool {
    one.len() == two.len() && one.iter().zip(two).all(|(one, two)| black_box(one) == two)
}

/// Times both classes, and answers the largest |t| of all tests.
fn largest_t(subject: &mut Subject) -> f64 {
    let mut random = Random::new();
    let len = subject.right.len();
    assert!((subject.compare)(&subject.right), "{}", subject.name);
    let (mut inputs, mut classes) = (vec![0; INPUTS * len], vec![false; INPUTS]);
    let mut times = Vec::with_capacity(INPUTS);
    let mut limits = Vec::new();
    // One for each crop, and one for all.
    let mut tests: Vec<_> = (0..=CROPS.len()).map(|_| Welch::default()).collect();
    for _ in 0..MEASUREMENTS / INPUTS {
        for (input, last) in inputs.chunks_exact_mut(len).zip(&mut classes) {
            *last = random.next() & 1 == 1;
            input.copy_from_slice(&subject.right);
            input[if *last { len - 1 } else { 0 }] ^= 1;
        }
        times.clear();
        for input in inputs.chunks_exact(len) {
            let start = Instant::now();
            for _ in 0..subject.batch {
                assert!(!(subject.compare)(black_box(input)));
            }
            let nanoseconds = u32::try_from(start.elapsed().as_nanos()).unwrap_or(u32::MAX);
            times.push(f64::from(nanoseconds));
        }
        if limits.is_empty() {
            // The first block warms up, and says what is quick and what is slow.
            let mut sorted = times.clone();
            sorted.sort_by(f64::total_cmp);
            limits = CROPS.map(|percent| sorted[INPUTS * percent / 100]).to_vec();
            limits.push(f64::INFINITY);
            continue;
        }
        for (&time, &last) in times.iter().zip(&classes) {
            for (test, limit) in tests.iter_mut().zip(&limits) {
                if time <= *limit {
                    test.push(last, time);
                }
            }
        }
    }
    tests.iter().filter_map(Welch::t).fold(0.0, |largest: f64, t| largest.max(t.abs()))
}

/// Mean and variance of two classes, and Welch's test of whether their means differ.
#[derive(Default)]
struct Welch([Moments; 2]);

#[derive(Default)]
struct Moments {
    count: f64,
    mean: f64,
    /// The sum of the squares of the distances from the mean.
    squares: f64,
}

impl Welch {
    fn push(&mut self, class: bool, value: f64) {
        let it = &mut self.0[usize::from(class)];
        it.count += 1.0;
        let distance = value - it.mean;
        it.mean += distance / it.count;
        it.squares += distance * (value - it.mean);
    }

    /// `None` unless there is enough to judge by.
    fn t(&self) -> Option<f64> {
        let [one, two] = &self.0;
        if one.count.min(two.count) < 1000.0 {
            return None;
        }
        let error = |it: &Moments| it.squares / (it.count - 1.0) / it.count;
        let t = (one.mean - two.mean) / (error(one) + error(two)).sqrt();
        t.is_finite().then_some(t)
    }
}

/// Which class comes next: nothing that a branch predictor learns.
struct Random(u64);

impl Random {
    fn new() -> Self {
        Self(RandomState::new().build_hasher().finish() | 1)
    }

    /// Marsaglia's xorshift, multiplied.
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32
    }
}
