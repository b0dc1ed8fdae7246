//! An executable of its own: its children die of what a secret's pages forbid, are forked, or look at
//! what the kernel knows about the process.

#[cfg(unix)]
#[path = "common/cases.rs"]
mod cases;

#[cfg(unix)]
fn main() {
    cases::main(unix::CASES);
}

#[cfg(not(unix))]
fn main() {
    println!(
        "test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out (no Unix)"
    );
}

#[cfg(unix)]
mod unix {
    use std::sync::Barrier;

    use ffence::ErrorKind;
    use ffence::secret::{Secret, SecretBytes};

    #[cfg(target_os = "linux")]
    use super::cases::mapping;
    use super::cases::{
        Case, End, REACHED, exit, lock_no_more, locked_kilobytes, mappings, mlock_is_real, page,
        peek, poke, well,
    };

    #[rustfmt::skip]
    pub(super) const CASES: &[Case] = &[
        ("a_read_one_byte_beyond_the_end_faults", overrun, End::Fault),
        ("a_write_one_byte_beyond_the_end_faults", overrun_by_writing, End::Fault),
        ("an_access_before_the_pages_faults", underrun, End::Fault),
        ("a_write_one_byte_before_the_start_aborts_on_drop", canary, End::Abort("overwritten")),
        ("a_write_at_the_start_of_the_pages_aborts_on_drop", far_canary, End::Abort("overwritten")),
        ("a_stray_write_faults", stray_write, End::Fault),
        ("a_stray_read_of_what_is_sealed_at_rest_faults", stray_read, End::Fault),
        ("a_stray_read_after_a_panic_in_an_exposure_faults", stray_read_after_panic, End::Fault),
        ("a_read_after_the_drop_faults", read_after_drop, End::Fault),
        ("a_forked_child_finds_zeroes_and_is_refused", forked, End::Well),
        ("all_threads_of_a_forked_child_own_what_they_make", forked_threads, End::Well),
        ("without_a_limit_for_locked_memory_it_works_unlocked", unlocked, End::Well),
        ("the_pages_are_locked", locked, End::Well),
        ("the_kernel_knows_the_pages_as_what_they_are", known_to_the_kernel, End::Well),
        ("many_secrets_leave_nothing_behind", many, End::Well),
    ];

    fn sevens() -> Secret<32> {
        Secret::fill_with(|bytes| bytes.fill(7)).expect("a secret")
    }

    fn start(secret: &Secret<32>) -> *const u8 {
        secret.expose(|bytes| bytes.as_ptr()).expect("exposed")
    }

    fn overrun() {
        sevens()
            .expose(|bytes| {
                assert_eq!(peek(bytes.as_ptr().wrapping_add(31)), 7);
                println!("{REACHED}");
                peek(bytes.as_ptr().wrapping_add(32));
            })
            .expect("exposed");
    }

    fn overrun_by_writing() {
        // A length that no alignment but that of a byte would put at the end.
        SecretBytes::fill_with(33, |bytes| bytes.fill(7))
            .expect("a secret")
            .expose_mut(|bytes| {
                poke(bytes.as_mut_ptr().wrapping_add(32));
                println!("{REACHED}");
                poke(bytes.as_mut_ptr().wrapping_add(33));
            })
            .expect("exposed");
    }

    /// The first byte of the pages of a secret that is not longer than one.
    fn pages(bytes: &mut [u8]) -> *mut u8 {
        let at = bytes.as_mut_ptr();
        at.wrapping_sub(at as usize % page())
    }

    fn underrun() {
        sevens()
            .expose_mut(|bytes| {
                let first = pages(bytes);
                peek(first);
                println!("{REACHED}");
                peek(first.wrapping_sub(1));
            })
            .expect("exposed");
    }

    fn canary() {
        let mut secret = sevens();
        secret.expose_mut(|bytes| poke(bytes.as_mut_ptr().wrapping_sub(1))).expect("exposed");
        println!("{REACHED}");
        drop(secret);
        println!("survived");
    }

    fn far_canary() {
        let mut secret = sevens();
        secret.expose_mut(|bytes| poke(pages(bytes))).expect("exposed");
        println!("{REACHED}");
        drop(secret);
    }

    fn stray_write() {
        let mut secret = sevens();
        let at = secret.expose_mut(|bytes| bytes.as_mut_ptr()).expect("exposed");
        assert_eq!(peek(at), 7);
        println!("{REACHED}");
        poke(at);
    }

    fn stray_read() {
        let secret = sevens();
        let at = start(&secret);
        assert_eq!(peek(at), 7);
        let secret = secret.sealed_at_rest().expect("sealed");
        assert_eq!(secret.expose(|_| peek(at)).expect("exposed"), 7);
        println!("{REACHED}");
        peek(at);
    }

    fn stray_read_after_panic() {
        let mut secret = sevens().sealed_at_rest().expect("sealed");
        let at = start(&secret);
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            secret.expose_mut(|_| panic!("on purpose"))
        }));
        assert!(caught.is_err());
        println!("{REACHED}");
        peek(at);
    }

    fn read_after_drop() {
        let secret = sevens();
        let at = start(&secret);
        // So that the standard output has its buffer, and takes no memory that was just given back.
        println!("before");
        drop(secret);
        println!("{REACHED}");
        peek(at);
    }

    fn forked() {
        let mut secret = sevens();
        let mut sealed = sevens().sealed_at_rest().expect("sealed");
        let at = start(&secret);
        assert_eq!(secret.protection().wiped_on_fork, cfg!(target_os = "linux"));
        if !secret.protection().wiped_on_fork {
            return;
        }
        // SAFETY: this process has one thread that holds no lock.
        let child = unsafe { libc::fork() };
        assert!(child >= 0);
        if child == 0 {
            let refused = |outcome: ffence::Result<()>| {
                outcome.err().is_some_and(|error| error.kind() == ErrorKind::Poisoned)
            };
            let never = |_: &[u8; 32]| unreachable!("zeroes are not handed out");
            let checks = [
                peek(at) == 0,
                refused(secret.expose(never)),
                refused(sealed.expose(never)),
                refused(secret.expose_mut(|_| unreachable!("nor lent"))),
                refused(sealed.expose_mut(|_| unreachable!("nor lent"))),
                refused(secret.ct_eq(&[0; 32]).map(drop)),
                sevens().ct_eq(&[7; 32]).unwrap_or(false),
                sevens().is_locked(),
            ];
            // The drops find wiped canaries, and know why.
            drop((secret, sealed));
            let fresh = sevens();
            // SAFETY: as above.
            let grandchild = unsafe { libc::fork() };
            let refused_again = match grandchild {
                0 => exit(i32::from(!refused(fresh.expose(never)))),
                grandchild => well(grandchild) && fresh.ct_eq(&[7; 32]).unwrap_or(false),
            };
            let failed = checks.iter().filter(|it| !**it).count() + usize::from(!refused_again);
            if failed != 0 {
                eprintln!("in the child: {checks:?}, {refused_again}");
            }
            exit(i32::from(failed != 0));
        }
        assert!(well(child), "the child was refused everything");
        assert!(secret.ct_eq(&[7; 32]).expect("exposed"));
        assert!(sealed.ct_eq(&[7; 32]).expect("exposed"));
    }

    /// The first use after a fork notices it, in whichever threads that is.
    fn forked_threads() {
        drop(sevens());
        for _ in 0..20 {
            // SAFETY: this process has one thread that holds no lock.
            let child = unsafe { libc::fork() };
            assert!(child >= 0);
            if child == 0 {
                let all = Barrier::new(4);
                let own = || {
                    all.wait();
                    let secret = sevens();
                    all.wait();
                    secret.ct_eq(&[7; 32]).unwrap_or(false)
                };
                let fine = std::thread::scope(|scope| {
                    let threads: Vec<_> = (0..4).map(|_| scope.spawn(own)).collect();
                    threads.into_iter().all(|thread| thread.join().unwrap_or(false))
                });
                exit(i32::from(!fine));
            }
            assert!(well(child), "a fresh secret was taken for an inherited one");
        }
    }

    fn unlocked() {
        let before = sevens();
        assert!(before.is_locked());
        lock_no_more(0);
        let mut secret = sevens();
        assert_eq!(secret.is_locked(), !mlock_is_real());
        assert_eq!(secret.protection().locked, secret.is_locked());
        // Everything else is as ever.
        assert_eq!(secret.protection().excluded_from_dumps, cfg!(target_os = "linux"));
        secret.expose_mut(|bytes| bytes[0] = 8).expect("exposed");
        assert_eq!(secret.expose(|bytes| (bytes[0], bytes[31])).expect("exposed"), (8, 7));
        assert!(before.ct_eq(&[7; 32]).expect("exposed"));
    }

    fn locked() {
        let before = locked_kilobytes();
        let (one, two) = (sevens(), SecretBytes::fill_with(3 * page(), |_| ()).expect("a secret"));
        assert!(one.is_locked() && two.is_locked());
        if let Some(before) = before.filter(|_| mlock_is_real()) {
            // One page, and four: the canary needs room before three whole ones.
            let kilobytes = page() / 1024;
            assert_eq!(locked_kilobytes(), Some(before + 5 * kilobytes));
            drop(two);
            assert_eq!(locked_kilobytes(), Some(before + kilobytes));
            drop(one.sealed_at_rest().expect("sealed"));
            assert_eq!(locked_kilobytes(), Some(before));
        }
    }

    #[cfg(target_os = "linux")]
    fn known_to_the_kernel() {
        let has = |at: usize, flag: &str| mapping(at).1.iter().any(|it| it == flag);
        let mut secret = sevens();
        let at = start(&secret) as usize;
        // dd: not dumped; wf: wiped on fork; lo: locked. A mapping of this program has none of them.
        for (flag, expected) in [("dd", true), ("wf", true), ("lo", mlock_is_real())] {
            assert_eq!(has(at, flag), expected, "{flag}: {:?}", mapping(at));
            assert!(!has(std::ptr::from_ref(&secret) as usize, flag), "{flag} of the stack");
        }
        let protection = secret.protection();
        assert!(protection.excluded_from_dumps && protection.wiped_on_fork && protection.locked);

        let access = |at| mapping(at).0;
        assert_eq!(access(at), "r--p");
        assert_eq!(secret.expose_mut(|_| access(at)).expect("exposed"), "rw-p");
        assert_eq!(access(at), "r--p");
        // The guards.
        assert_eq!(access(at + 32), "---p");
        assert_eq!(access(at + 32 - page() - 1), "---p");

        let mut sealed = secret.sealed_at_rest().expect("sealed");
        assert_eq!(access(at), "---p");
        assert_eq!(sealed.expose(|_| access(at)).expect("exposed"), "r--p");
        sealed
            .expose(|_| sealed.expose(|_| assert_eq!(access(at), "r--p")))
            .expect("exposed")
            .expect("again");
        assert_eq!(sealed.expose_mut(|_| access(at)).expect("exposed"), "rw-p");
        assert_eq!(access(at), "---p");
        assert!(has(at, "dd") && has(at, "wf"));
    }

    #[cfg(not(target_os = "linux"))]
    fn known_to_the_kernel() {}

    fn many() {
        let mut kept: Vec<Option<Secret<32>>> = Vec::with_capacity(500);
        drop(sevens());
        let before = mappings();
        kept.extend((0..500).map(|_| Some(sevens())));
        // In an order that is not that of their making.
        for at in 0..500 {
            let secret = kept[at * 77 % 500].take().expect("each once");
            assert!(secret.ct_eq(&[7; 32]).expect("exposed"));
        }
        let after = mappings();
        // An allocator may have taken some; 500 secrets would be 1,000.
        assert!(after < before + 100, "{before} mappings before, {after} after");
    }
}
