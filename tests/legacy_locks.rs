//! A process of its own for each case: a libcrypto has its locks for good once it has them, and
//! without them memory is corrupted.
//!
//! A real libcrypto 1.0.2o is loaded beside the one that this program is linked with, by `dlopen`
//! with `RTLD_LOCAL`, and worked by four threads. With our locks no operation may go wrong. What
//! happens without is undefined: it is counted and told, and nothing is asserted of it.
//!
//! `REQUIRE=libcrypto-1.0.2` makes a missing library a failure instead of a skip.

#![cfg(unix)]

use std::ffi::{CStr, CString, c_char, c_int, c_long, c_uchar, c_uint, c_ulong, c_void};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;

use ffence::ErrorKind;
use ffence::locks::openssl::{Locking, install, install_early, install_in};

const CHILD: &str = "FFENCE_LEGACY_CHILD";
const THREADS: usize = 4;
/// Of each kind, in each thread.
const EACH: usize = 4_000;
/// How often it is tried without locks.
const TRIES: usize = 3;

fn main() -> ExitCode {
    if let Some(case) = std::env::var_os(CHILD) {
        child(case.to_str().expect("a case's name"));
        return ExitCode::SUCCESS;
    }
    let without: [(&str, &str); 1] = [("new", "the_linked_libcrypto_locks_for_itself")];
    let with: [(&str, &str); 6] = [
        ("found", "with_locks_nothing_goes_wrong_in_a_library_that_was_found"),
        ("handle", "with_locks_nothing_goes_wrong_in_a_library_behind_a_handle"),
        ("owned", "callbacks_of_somebody_else_are_left_alone"),
        ("late", "the_safe_form_refuses_once_there_is_a_second_thread"),
        ("leave", "a_thread_that_ends_leaves_no_error_state"),
        ("absent", "what_is_no_libcrypto_is_told_from_one"),
    ];
    let library = library();
    let cases = without.iter().chain(library.iter().flat_map(|_| with.iter()));
    let skipped = if library.is_some() { 0 } else { with.len() };
    println!("running {} tests", without.len() + with.len());
    let (mut passed, mut failed) = (0, 0);
    for (case, name) in cases {
        let ended = run(case, library.as_deref());
        let good = ended.status.is_some_and(|status| status.success());
        println!("test {name} ... {}", if good { "ok" } else { "FAILED" });
        print!("{}", ended.stdout);
        if !good {
            println!("{:?}\n{}", ended.status, ended.stderr);
        }
        if good { passed += 1 } else { failed += 1 }
    }
    if let Some(library) = &library {
        without_locks(library);
    }
    println!(
        "\ntest result: {}. {passed} passed; {failed} failed; {skipped} ignored; 0 measured; 0 filtered out\n",
        if failed == 0 { "ok" } else { "FAILED" }
    );
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn library() -> Option<PathBuf> {
    let path = "target/tools/openssl-1.0.2/libcrypto.so.1.0.2o";
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if library.exists() {
        return Some(library);
    }
    let required = std::env::var("REQUIRE").unwrap_or_default();
    assert!(
        !required.split(',').any(|it| it == "libcrypto-1.0.2"),
        "libcrypto-1.0.2 is required, and there is no {path}: scripts/old-libcrypto brings it"
    );
    println!("skipped: there is no {path}; scripts/old-libcrypto brings it");
    None
}

fn run(case: &str, library: Option<&Path>) -> ffence_hazards::child::Ended {
    let mut command = Command::new(std::env::current_exe().expect("this program has a path"));
    command.env(CHILD, case).env("LIBRARY", library.unwrap_or(Path::new("")));
    ffence_hazards::child::run(&mut command).expect("the child starts")
}

/// Tells what became of the same work without locks, which may be anything.
fn without_locks(library: &Path) {
    let mut harmed = 0;
    for attempt in 1..=TRIES {
        let ended = run("unlocked", Some(library));
        let what = match ended.status {
            None => "it hung".to_owned(),
            Some(status) => match status.signal() {
                Some(signal) => format!("signal {signal}"),
                None if status.success() => ended.stdout.trim().to_owned(),
                None => format!("{status}"),
            },
        };
        println!("     without locks, try {attempt}: {what}");
        harmed += usize::from(!what.starts_with("0 of"));
    }
    println!("     without locks: harm in {harmed} of {TRIES} tries");
}

fn child(case: &str) {
    // SAFETY: takes a number; what hangs in spite of all ends after so many seconds.
    unsafe { libc::alarm(50) };
    if case == "new" {
        let answer = install_early().expect("one thread");
        assert!(
            matches!(&answer, Locking::BuiltIn { version } if version.starts_with("OpenSSL 3")
            || version.starts_with("OpenSSL 4")),
            "{answer:?}"
        );
        return;
    }
    let old = Old::load();
    match case {
        "unlocked" => println!("{}", old.work()),
        "found" => {
            let answer = install_early().expect("one thread");
            assert_eq!(answer, installed());
            assert_eq!(install_early().expect("one thread"), answer, "once more changes nothing");
            works(&old);
        }
        "handle" => {
            // SAFETY: the handle is open and stays so, and there is no other thread.
            let answer = unsafe { install_in(old.handle) }.expect("locks");
            assert_eq!(answer, installed());
            works(&old);
        }
        "owned" => {
            unsafe extern "C" fn theirs(_: c_int, _: c_int, _: *const c_char, _: c_int) {}
            let set: unsafe extern "C" fn(Callback) = old.find(c"CRYPTO_set_locking_callback");
            let get: unsafe extern "C" fn() -> Option<Callback> =
                old.find(c"CRYPTO_get_locking_callback");
            // SAFETY: the callback has the right type, and there is no other thread.
            unsafe { set(theirs) };
            let answer = install_early().expect("one thread");
            assert_eq!(answer, Locking::AlreadyOwned { version: version() });
            // SAFETY: reads a pointer.
            let still = unsafe { get() }.expect("a callback");
            assert_eq!(still as usize, theirs as Callback as usize);
        }
        "late" => {
            let (open, gate) = std::sync::mpsc::channel::<()>();
            let second = thread::spawn(move || gate.recv());
            let error = install_early().expect_err("there is a second thread");
            assert_eq!(error.kind(), ErrorKind::Init);
            assert!(error.to_string().starts_with("2 threads run already"), "{error}");
            drop(open);
            let _ = second.join();
            assert_eq!(install_early().expect("one thread again"), installed());
        }
        "leave" => {
            assert_eq!(old.error_states(8), 8, "or this test could not fail");
            // SAFETY: there is no other thread any more.
            assert_eq!(unsafe { install() }.expect("locks"), installed());
            let before = old.states();
            assert_eq!(old.error_states(8), before);
        }
        "absent" => {
            // SAFETY: takes a name; the C library is there already.
            let other = unsafe { libc::dlopen(c"libc.so.6".as_ptr(), libc::RTLD_LAZY) };
            assert!(!other.is_null());
            // SAFETY: the handle is open and stays so.
            assert_eq!(unsafe { install_in(other) }.expect("an answer"), Locking::Absent);
        }
        other => panic!("no case is called {other}"),
    }
}

fn version() -> String {
    "OpenSSL 1.0.2o  27 Mar 2018".to_owned()
}

fn installed() -> Locking {
    Locking::Installed { version: version() }
}

fn works(old: &Old) {
    let Outcome { wrong, of, references, counted, live } = old.work();
    assert_eq!(of, 2 * THREADS * EACH);
    assert_eq!(wrong, 0, "of {of} operations");
    assert_eq!((references, counted, live), (1, THREADS * EACH, Some(0)));
    println!(
        "     with locks: 0 of {of} operations went wrong, no reference and no count was lost"
    );
}

type Callback = unsafe extern "C" fn(c_int, c_int, *const c_char, c_int);

/// The old library, as its headers describe it.
struct Old {
    handle: *mut c_void,
}

// SAFETY: a handle of dlopen may be used by any thread.
unsafe impl Sync for Old {}

/// What four threads made of it.
struct Outcome {
    wrong: usize,
    of: usize,
    references: c_int,
    counted: usize,
    /// Dynamic locks left in the end; `None` where there were none to be had.
    live: Option<usize>,
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let lost = (THREADS * EACH).abs_diff(self.counted) + usize::from(self.references != 1);
        write!(f, "{} of {} operations went wrong, {lost} counts lost", self.wrong, self.of)
    }
}

/// The public structure of 1.0.2's `openssl/rsa.h`, as far as its count.
#[repr(C)]
struct Rsa {
    pad: c_int,
    version: c_long,
    method_engine_and_numbers: [*mut c_void; 10],
    ex_data: [*mut c_void; 2],
    references: c_int,
}

struct SharedKey(*mut Rsa);
// SAFETY: rsa(3): with locks a key may be shared; without, that is what the test is about.
unsafe impl Sync for SharedKey {}

const SHA1: c_int = 64;
/// `CRYPTO_LOCK | CRYPTO_WRITE` and `CRYPTO_UNLOCK | CRYPTO_WRITE`
const LOCK: c_int = 1 | 8;
const UNLOCK: c_int = 2 | 8;

impl Old {
    fn load() -> Self {
        let path = PathBuf::from(std::env::var_os("LIBRARY").expect("the library's path"));
        // It has no path to what it needs, which is found by its name once it is loaded.
        let zlib = path.with_file_name("libz-a147dcb0.so.1.2.3");
        let [_, handle] = [zlib, path].map(|path| {
            let name = CString::new(path.as_os_str().as_bytes()).expect("a path");
            // SAFETY: the name ends in NUL; the library's own constructors are run.
            let handle = unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
            assert!(!handle.is_null(), "{} is loaded", path.display());
            handle
        });
        Self { handle }
    }

    /// The function `name`, whose type the caller knows from the headers of 1.0.2.
    fn find<F: Copy>(&self, name: &CStr) -> F {
        // SAFETY: the handle is open, and the name ends in NUL.
        let address = unsafe { libc::dlsym(self.handle, name.as_ptr()) };
        assert!(!address.is_null(), "{name:?}");
        assert_eq!(size_of::<F>(), size_of_val(&address));
        // SAFETY: as large as a pointer to a function, whose type is the caller's promise.
        unsafe { std::mem::transmute_copy(&address) }
    }

    fn key(&self) -> *mut Rsa {
        let rsa_new: unsafe extern "C" fn() -> *mut Rsa = self.find(c"RSA_new");
        let bn_new: unsafe extern "C" fn() -> *mut c_void = self.find(c"BN_new");
        let bn_free: unsafe extern "C" fn(*mut c_void) = self.find(c"BN_free");
        let set: unsafe extern "C" fn(*mut c_void, c_ulong) -> c_int = self.find(c"BN_set_word");
        let generate: unsafe extern "C" fn(*mut Rsa, c_int, *mut c_void, *mut c_void) -> c_int =
            self.find(c"RSA_generate_key_ex");
        // SAFETY: takes nothing.
        let rsa = unsafe { rsa_new() };
        // SAFETY: takes nothing.
        let exponent = unsafe { bn_new() };
        assert!(!rsa.is_null() && !exponent.is_null());
        // SAFETY: the number is live.
        assert_eq!(unsafe { set(exponent, 65_537) }, 1);
        // SAFETY: both are live. 512 bits are for speed: nothing is kept secret here.
        assert_eq!(unsafe { generate(rsa, 512, exponent, ptr::null_mut()) }, 1);
        // SAFETY: ours, and used no more.
        unsafe { bn_free(exponent) };
        rsa
    }

    /// Signatures, references, errors and dynamic locks, in four threads at once.
    fn work(&self) -> Outcome {
        let free: unsafe extern "C" fn(*mut Rsa) = self.find(c"RSA_free");
        let new_lock: unsafe extern "C" fn() -> c_int = self.find(c"CRYPTO_get_new_dynlockid");
        let destroy: unsafe extern "C" fn(c_int) = self.find(c"CRYPTO_destroy_dynlockid");
        let value: unsafe extern "C" fn(c_int) -> *mut c_void =
            self.find(c"CRYPTO_get_dynlock_value");
        let key = SharedKey(self.key());
        // SAFETY: takes nothing; answers 0 where no callbacks make dynamic locks.
        let dynamic = unsafe { new_lock() };
        let (wrong, counter) = (AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    // SAFETY: the key lives, and each thread gives back what it takes.
                    wrong.fetch_add(unsafe { self.use_key(&key) }, Ordering::Relaxed);
                    self.count(dynamic, &counter);
                });
            }
        });
        // SAFETY: the key lives: this reference to it was never given back.
        let references = unsafe { (*key.0).references };
        let mut live = None;
        if dynamic != 0 {
            // SAFETY: the number is that of a live lock without users.
            unsafe { destroy(dynamic) };
            // SAFETY: answers NULL for a number without a lock.
            live = Some(usize::from(!unsafe { value(dynamic) }.is_null()));
        }
        // SAFETY: the last reference.
        unsafe { free(key.0) };
        let wrong = wrong.into_inner();
        Outcome { wrong, of: 2 * THREADS * EACH, references, counted: counter.into_inner(), live }
    }

    /// How many operations with the key went wrong: a signature and its verification, and a
    /// reference taken and given back.
    ///
    /// # Safety
    /// The key lives.
    unsafe fn use_key(&self, &SharedKey(key): &SharedKey) -> usize {
        type Sign = unsafe extern "C" fn(
            c_int,
            *const c_uchar,
            c_uint,
            *mut c_uchar,
            *mut c_uint,
            *mut Rsa,
        ) -> c_int;
        type Verify = unsafe extern "C" fn(
            c_int,
            *const c_uchar,
            c_uint,
            *const c_uchar,
            c_uint,
            *mut Rsa,
        ) -> c_int;
        let (sign, verify): (Sign, Verify) = (self.find(c"RSA_sign"), self.find(c"RSA_verify"));
        let up_ref: unsafe extern "C" fn(*mut Rsa) -> c_int = self.find(c"RSA_up_ref");
        let free: unsafe extern "C" fn(*mut Rsa) = self.find(c"RSA_free");
        let put: unsafe extern "C" fn(c_int, c_int, c_int, *const c_char, c_int) =
            self.find(c"ERR_put_error");
        let get: unsafe extern "C" fn() -> c_ulong = self.find(c"ERR_get_error");
        let digest = [0x5A; 20];
        let mut wrong = 0;
        for _ in 0..EACH {
            // SAFETY: the name is static, and the queue is the thread's.
            unsafe { put(4, 1, 65, c"legacy_locks".as_ptr(), 1) };
            // SAFETY: takes nothing.
            let error = unsafe { get() };
            let (mut signature, mut len) = ([0; 64], 0);
            // SAFETY: the signature is as long as the key, the digest as SHA-1's.
            let signed = unsafe {
                sign(SHA1, digest.as_ptr(), 20, signature.as_mut_ptr(), &raw mut len, key)
            };
            // SAFETY: as above.
            let verified =
                unsafe { verify(SHA1, digest.as_ptr(), 20, signature.as_ptr(), len, key) };
            wrong += usize::from(signed != 1 || verified != 1 || error & 0xfff != 65);
            // SAFETY: the key lives.
            let counted = unsafe { up_ref(key) };
            // SAFETY: what was taken is given back, and the key outlives it.
            unsafe { free(key) };
            wrong += usize::from(counted != 1);
        }
        wrong
    }

    /// Counts under a dynamic lock, in two steps that another thread could come between.
    fn count(&self, dynamic: c_int, counter: &AtomicUsize) {
        let turn: unsafe extern "C" fn(c_int, c_int, *const c_char, c_int) =
            self.find(c"CRYPTO_lock");
        for _ in 0..EACH {
            if dynamic != 0 {
                // SAFETY: the number is that of a live lock.
                unsafe { turn(LOCK, dynamic, ptr::null(), 0) };
            }
            let count = counter.load(Ordering::Relaxed);
            counter.store(count + 1, Ordering::Relaxed);
            if dynamic != 0 {
                // SAFETY: this thread took it.
                unsafe { turn(UNLOCK, dynamic, ptr::null(), 0) };
            }
        }
    }

    /// How many threads the library keeps errors of, after so many raised one, each while the others
    /// were alive, and ended.
    fn error_states(&self, threads: usize) -> usize {
        let (alive, turn) = (Arc::new(Barrier::new(threads)), Arc::new(std::sync::Mutex::new(())));
        let put: unsafe extern "C" fn(c_int, c_int, c_int, *const c_char, c_int) =
            self.find(c"ERR_put_error");
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                let (alive, turn) = (Arc::clone(&alive), Arc::clone(&turn));
                thread::spawn(move || {
                    let turn = turn.lock().expect("nobody panics");
                    // SAFETY: the name is static; one thread at a time is in the library.
                    unsafe { put(4, 1, 65, c"legacy_locks".as_ptr(), 1) };
                    drop(turn);
                    alive.wait();
                })
            })
            .collect();
        for worker in workers {
            worker.join().expect("it does not panic");
        }
        self.states()
    }

    fn states(&self) -> usize {
        let table: unsafe extern "C" fn() -> *mut c_void = self.find(c"ERR_get_err_state_table");
        let count: unsafe extern "C" fn(*const c_void) -> c_ulong = self.find(c"lh_num_items");
        // SAFETY: takes nothing.
        let table = unsafe { table() };
        // SAFETY: the table is the library's own, and no thread changes it now.
        let count = unsafe { count(table) };
        usize::try_from(count).expect("few threads")
    }
}
