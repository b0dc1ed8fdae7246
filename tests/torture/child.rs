//! The process that runs rows. It says on its standard output, line by line, what it does:
//!
//! | line | meaning |
//! |---|---|
//! | `begin INDEX` | this row is being prepared |
//! | `row INDEX N MICROS` | the row's operation works, asks N times for memory, and takes so long |
//! | `at K` | the K-th request is about to be refused |
//! | `ref PLACE WAY` | it was, there; WAY is the same number for the same stack, where `Look::Ways` asks for it |
//! | `out K CLASS KIND TEXT` | what came of it |
//! | `leak K` | LeakSanitizer was asked, and had something to report: after all points of a row (K is 0), or after this one, together with what it reported before |
//! | `end` | all rows are done |

use std::collections::BTreeMap;
use std::ffi::c_int;
use std::hash::Hasher as _;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use ffence::mem::{self, Place, Refuse};

use crate::judge::{Class, Mode};
use crate::row::{Asks, Outcome, Row, Work};
use crate::rows;
use crate::supervise::Stacks;

/// When LeakSanitizer is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Once a row, after its last point; the child ends where something leaked.
    Row,
    /// After all points of its one row, and then again after one point of each way to be refused; for
    /// offsets alone.
    Ways,
    /// After each point of its one row, for whole stacks.
    Stacks,
}

impl Look {
    const ALL: [Self; 3] = [Self::Row, Self::Ways, Self::Stacks];

    fn name(self) -> &'static str {
        match self {
            Self::Row => "row",
            Self::Ways => "ways",
            Self::Stacks => "stacks",
        }
    }
}

/// What a child is told, in its environment.
#[derive(Clone, Copy)]
pub struct Task {
    pub mode: Mode,
    pub first_row: usize,
    pub first_k: u64,
    pub last_row: usize,
    pub last_k: u64,
    /// Every point, not samples.
    pub full: bool,
    pub look: Look,
    /// The rows are the deliberate bugs.
    pub seeded: bool,
}

impl Task {
    pub fn to_words(self) -> String {
        format!(
            "{} {} {} {} {} {} {} {}",
            self.mode.name(),
            self.first_row,
            self.first_k,
            self.last_row,
            self.last_k,
            self.full,
            self.look.name(),
            self.seeded
        )
    }

    fn from_words(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let mode = words.next()?;
        Some(Self {
            mode: Mode::BOTH.into_iter().find(|it| it.name() == mode)?,
            first_row: words.next()?.parse().ok()?,
            first_k: words.next()?.parse().ok()?,
            last_row: words.next()?.parse().ok()?,
            last_k: words.next()?.parse().ok()?,
            full: words.next()?.parse().ok()?,
            look: {
                let look = words.next()?;
                Look::ALL.into_iter().find(|it| it.name() == look)?
            },
            seeded: words.next()?.parse().ok()?,
        })
    }

    /// What its sanitizer is to say.
    pub fn stacks(&self) -> Stacks {
        match self.look {
            Look::Row => Stacks::Usual,
            Look::Ways => Stacks::Bare,
            Look::Stacks => Stacks::Whole,
        }
    }

    pub fn rows(&self) -> Vec<Row> {
        if self.seeded { rows::seeded() } else { rows::all() }
    }
}

/// Above so many requests, samples are taken.
const MANY: u64 = 500;
const SAMPLES: u64 = 40;
/// So much more than counted may be asked for.
const FARTHEST: u64 = 1000;

/// The points of a row, as it was counted.
fn points(asked: u64, full: bool) -> impl Iterator<Item = u64> {
    let step = if full || asked <= MANY { 1 } else { asked.div_ceil(SAMPLES) };
    (1..=asked).step_by(usize::try_from(step).expect("a step is small"))
}

fn say(line: std::fmt::Arguments<'_>) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).expect("somebody listens");
}

/// One refusal of a point is told, the first.
static TOLD: AtomicBool = AtomicBool::new(true);

/// Called on the thread that is refused, with C on the stack: writes straight to the descriptor.
fn refused(place: Place) {
    if TOLD.swap(true, Ordering::SeqCst) {
        return;
    }
    let way = if WAYS.load(Ordering::SeqCst) { way() } else { 0 };
    WAY.store(way, Ordering::SeqCst);
    let line = match place {
        Place::OpenSsl(file, line) => format!("ref {file}:{line} {way:x}\n"),
        Place::Libcurl => format!("ref libcurl {way:x}\n"),
    };
    // SAFETY: the bytes are live during the call; a short write loses the end of a line that is only
    // an explanation.
    unsafe { libc::write(1, line.as_ptr().cast(), line.len()) };
}

/// Whether [`way`] is asked for.
static WAYS: AtomicBool = AtomicBool::new(false);
/// The way of the last point.
static WAY: AtomicU64 = AtomicU64::new(0);

/// A number for this stack, the same in each process: of the offsets in the program and its libraries.
fn way() -> u64 {
    let mut stack = [std::ptr::null_mut(); 64];
    // SAFETY: backtrace(3) writes as many addresses as there is room for.
    let depth = unsafe { libc::backtrace(stack.as_mut_ptr(), 64) };
    let mut number = std::hash::DefaultHasher::new();
    for address in &stack[..usize::try_from(depth).unwrap_or(0)] {
        let mut place = std::mem::MaybeUninit::<libc::Dl_info>::zeroed();
        // SAFETY: dladdr(3) takes any address, and writes a whole value or nothing.
        unsafe { libc::dladdr(*address, place.as_mut_ptr()) };
        // SAFETY: zeroes are a value of its type, if nothing was written.
        let base = unsafe { place.assume_init() }.dli_fbase;
        number.write_usize((*address).addr().wrapping_sub(base.addr()));
    }
    number.finish()
}

pub fn run() -> ExitCode {
    mem::install().expect("nothing was before this");
    mem::watch(refused);
    let words = std::env::var("FFENCE_TORTURE_TASK").expect("a child has a task");
    let task = Task::from_words(&words).expect("the task is well-formed");
    WAYS.store(task.look == Look::Ways, Ordering::SeqCst);
    // The first call loads a library.
    way();
    std::panic::set_hook(Box::new(|panic| eprintln!("{panic}")));
    ffence::init().expect("there is memory");
    let all = task.rows();
    for (index, row) in all.iter().enumerate().take(task.last_row + 1).skip(task.first_row) {
        let first = if index == task.first_row { task.first_k } else { 1 };
        if !run_row(index, row, first, &task) {
            break;
        }
    }
    say(format_args!("end"));
    // LeakSanitizer has been asked; at the end it would only repeat itself.
    // SAFETY: _exit(2) ends the process.
    unsafe { libc::_exit(0) }
}

/// Whether to go on.
fn run_row(index: usize, row: &Row, first: u64, task: &Task) -> bool {
    say(format_args!("begin {index}"));
    let mut work = (row.make)();
    let expected = work().unwrap_or_else(|fault| panic!("{}: {fault:?}", row.name));
    for _ in 0..2 {
        let again = work().unwrap_or_else(|fault| panic!("{}, again: {fault:?}", row.name));
        assert_eq!(again, expected, "{} is not the same each time", row.name);
    }
    let begun = Instant::now();
    let counted = mem::refusing(Refuse::Nothing, &mut work);
    let micros = begun.elapsed().as_micros();
    counted.value.unwrap_or_else(|fault| panic!("{}, counted: {fault:?}", row.name));
    say(format_args!("row {index} {} {micros}", counted.asked));
    match row.asks {
        Asks::Memory => assert_ne!(counted.asked, 0, "{} asks for no memory", row.name),
        Asks::Nothing => assert_eq!(counted.asked, 0, "{} asks for memory", row.name),
    }
    let mut firsts = BTreeMap::new();
    for k in points(counted.asked, task.full).filter(|k| (first..=task.last_k).contains(k)) {
        point(k, &mut work, &expected, task.mode);
        if task.look == Look::Stacks && leaks() {
            say(format_args!("leak {k}"));
        }
        firsts.entry(WAY.load(Ordering::SeqCst)).or_insert(k);
    }
    // Where keys are drawn, packets arrive as they like or threads take turns, the next time may ask a
    // little more often than the counted one. The end is where nothing is refused any more.
    if task.last_k == u64::MAX && task.look == Look::Row {
        let mut behind = counted.asked + 1..=counted.asked + FARTHEST;
        assert!(
            behind.any(|k| !point(k, &mut work, &expected, task.mode)),
            "{} has no end",
            row.name
        );
    }
    // All that was lost, and then what each way loses.
    if task.look == Look::Ways && leaks() {
        say(format_args!("leak 0"));
        for k in firsts.into_values() {
            point(k, &mut work, &expected, task.mode);
            leaks();
            say(format_args!("leak {k}"));
        }
    }
    drop(work);
    if task.look == Look::Row && leaks() {
        say(format_args!("leak 0"));
        return false;
    }
    true
}

/// Refuses one point, says what came of it, and tries again with memory; whether it was reached.
fn point(k: u64, work: &mut Work, expected: &[u8], mode: Mode) -> bool {
    say(format_args!("at {k}"));
    TOLD.store(false, Ordering::SeqCst);
    let counted = mem::refusing(mode.refuse(k), || attempt(work));
    TOLD.store(true, Ordering::SeqCst);
    let (mut class, mut kind, mut text) = match counted.value {
        Err(panic) => (Class::Wrong, "panic".to_owned(), panic),
        Ok(Err(fault)) => (Class::Error, fault.kind, fault.text),
        Ok(Ok(bytes)) if bytes != expected => {
            (Class::Wrong, "-".to_owned(), format!("{bytes:02x?} instead of {expected:02x?}"))
        }
        Ok(Ok(_)) => (Class::Coped, "-".to_owned(), String::new()),
    };
    if counted.refused == 0 && class.is_allowed() {
        class = Class::Unreached;
    }
    if class.is_allowed() {
        let after = match attempt(work) {
            Ok(Ok(bytes)) if bytes == expected => None,
            Ok(Ok(bytes)) => Some(format!("other bytes: {bytes:02x?}")),
            Ok(Err(fault)) => Some(format!("{fault:?}")),
            Err(panic) => Some(panic),
        };
        if let Some(after) = after {
            text = format!("{kind}: {text}; with memory again: {after}");
            (class, kind) = (Class::Broken, "-".to_owned());
        }
    }
    let text: String = text.chars().map(|it| if it == '\n' { ' ' } else { it }).collect();
    say(format_args!("out {k} {class} {kind} {text}"));
    counted.refused != 0
}

/// What the operation answers, or its panic's message.
fn attempt(work: &mut Work) -> Result<Outcome, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        let text = payload.downcast_ref::<String>().cloned();
        text.or_else(|| payload.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default()
    })
}

/// Whether LeakSanitizer is in this program.
pub fn can_see_leaks() -> bool {
    leak_check().is_some()
}

/// Asks LeakSanitizer, which writes its report to the standard error.
fn leaks() -> bool {
    // SAFETY: it takes nothing, and may be called at any time.
    leak_check().is_some_and(|check| unsafe { check() } != 0)
}

// A sanitizer's functions are not among a program's dynamic symbols; a weak reference is NULL in a
// program without one.
std::arch::global_asm!(
    ".weak __lsan_do_recoverable_leak_check",
    ".pushsection .data.rel.ro.ffence_leak_check, \"aw\"",
    ".balign 8",
    ".globl ffence_leak_check",
    "ffence_leak_check: .quad __lsan_do_recoverable_leak_check",
    ".popsection",
);

unsafe extern "C" {
    /// `int __lsan_do_recoverable_leak_check(void)`, `sanitizer/lsan_interface.h`.
    static ffence_leak_check: Option<unsafe extern "C" fn() -> c_int>;
}

fn leak_check() -> Option<unsafe extern "C" fn() -> c_int> {
    // SAFETY: a word that nobody writes to, as declared.
    unsafe { ffence_leak_check }
}
