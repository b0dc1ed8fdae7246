//! Cases that need a process of their own: each runs in a child, whose end tells.

#![allow(dead_code, reason = "each test uses some of it")]

use std::fs::read_to_string;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Output};

/// Its name, what the child does, and how the child must end.
pub type Case = (&'static str, fn(), End);

const CASE: &str = "FFENCE_CASE";
/// A child prints it right before it does what must end it.
pub const REACHED: &str = "reached";

/// How a child must end.
pub enum End {
    /// By returning from `main`.
    Well,
    /// By a signal, at an access that the pages forbid.
    Fault,
    /// By `abort`, with this on its standard error.
    Abort(&'static str),
}

/// Runs every case in a child of its own; in such a child, its case.
pub fn main(cases: &[Case]) {
    main_with(cases, "");
}

/// Like [`main`], with more options of AddressSanitizer for the children, each after a colon.
pub fn main_with(cases: &[Case], asan: &str) {
    if let Some(case) = std::env::var_os(CASE) {
        no_core_file();
        let (_, run, _) = cases.iter().find(|(name, ..)| case == *name).expect("a known case");
        return run();
    }
    println!("running {} tests", cases.len());
    if !mlock_is_real() {
        println!("mlock does nothing here (a sanitizer's): that pages are locked is not checked");
    }
    for (name, _, end) in cases {
        let output = child(name, asan);
        assert!(ended(end, &output), "{name}: {output:?}");
        println!("test {name} ... ok");
    }
    println!(
        "\ntest result: ok. {} passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n",
        cases.len()
    );
}

fn child(case: &str, more: &str) -> Output {
    // AddressSanitizer would turn the signal into a report of its own.
    let mut asan = std::env::var("ASAN_OPTIONS").unwrap_or_default();
    asan.push_str(":handle_segv=0:handle_sigbus=0:handle_abort=0");
    asan.push_str(more);
    let program = std::env::current_exe().expect("this program has a path");
    let mut command = Command::new(program);
    command.env(CASE, case).env("ASAN_OPTIONS", asan).output().expect("the child starts")
}

fn ended(end: &End, output: &Output) -> bool {
    let signal = output.status.signal();
    let reached = String::from_utf8_lossy(&output.stdout).contains(REACHED);
    let error = String::from_utf8_lossy(&output.stderr);
    match end {
        End::Well => output.status.success(),
        End::Fault => reached && matches!(signal, Some(libc::SIGSEGV | libc::SIGBUS)),
        End::Abort(why) => reached && signal == Some(libc::SIGABRT) && error.contains(why),
    }
}

fn no_core_file() {
    let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: only reads the limit.
    unsafe { libc::setrlimit(libc::RLIMIT_CORE, &raw const none) };
}

pub fn page() -> usize {
    // SAFETY: only answers.
    usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).expect("a size")
}

/// What safe code cannot do: a read at any address.
pub fn peek(at: *const u8) -> u8 {
    // SAFETY: none, on purpose.
    unsafe { at.read_volatile() }
}

/// What safe code cannot do: a write at any address.
pub fn poke(at: *mut u8) {
    // SAFETY: none, on purpose.
    unsafe { at.write_volatile(0xEE) }
}

pub fn exit(code: i32) -> ! {
    // SAFETY: ends the process without running what the parent registered.
    unsafe { libc::_exit(code) }
}

pub fn well(child: libc::pid_t) -> bool {
    let mut status = -1;
    // SAFETY: `status` takes the answer.
    unsafe { libc::waitpid(child, &raw mut status, 0) == child && status == 0 }
}

/// Whether `mlock` works in this process: AddressSanitizer replaces it by a function that does
/// nothing and answers that it did.
pub fn mlock_is_real() -> bool {
    // SAFETY: mlock(2) changes no byte, and nothing is mapped there: it must fail.
    unsafe { libc::mlock(std::ptr::null(), 1) != 0 }
}

/// Locked kilobytes of this process.
pub fn locked_kilobytes() -> Option<usize> {
    let status = read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmLck:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

/// The access and the flags of the mapping around `at`, from `/proc/self/smaps`.
#[cfg(target_os = "linux")]
pub fn mapping(at: usize) -> (String, Vec<String>) {
    let text = read_to_string("/proc/self/smaps").expect("smaps");
    let mut access = None;
    for line in text.lines() {
        let mut words = line.split(' ');
        let range = words.next().and_then(|word| word.split_once('-'));
        let number = |text| usize::from_str_radix(text, 16).ok();
        if let Some((start, end)) = range.and_then(|(a, b)| number(a).zip(number(b))) {
            access = words.next().filter(|_| (start..end).contains(&at)).map(str::to_owned);
        } else if let (Some(access), Some(flags)) = (&access, line.strip_prefix("VmFlags: ")) {
            return (access.clone(), flags.split_whitespace().map(str::to_owned).collect());
        }
    }
    panic!("no mapping around {at:x}");
}

/// The number of mappings of this process.
pub fn mappings() -> usize {
    read_to_string("/proc/self/maps").map_or(0, |text| text.lines().count())
}

/// Takes the right to lock memory away from this process.
pub fn lock_no_more(bytes: libc::rlim_t) {
    let limit = libc::rlimit { rlim_cur: bytes, rlim_max: bytes };
    // SAFETY: only reads the limit.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_MEMLOCK, &raw const limit) }, 0);
    // SAFETY: only answers.
    if unsafe { libc::geteuid() } == 0 {
        // The limit does not bind root.
        // SAFETY: this process has one thread.
        assert_eq!(unsafe { libc::setuid(65_534) }, 0);
    }
}

/// Runs `look` in a forked child, which ends well if it answers `true` within half a minute.
pub fn in_child(look: impl FnOnce() -> bool) -> bool {
    // SAFETY: the child calls nothing that another thread may have locked, or means to show that.
    let child = unsafe { libc::fork() };
    assert!(child >= 0);
    if child == 0 {
        // SAFETY: only sets a timer, whose signal ends the child.
        unsafe { libc::alarm(30) };
        let fine = std::panic::catch_unwind(std::panic::AssertUnwindSafe(look));
        exit(i32::from(!fine.unwrap_or(false)));
    }
    well(child)
}
