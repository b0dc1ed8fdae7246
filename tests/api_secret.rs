//! `Secret` and `SecretBytes`. What only a process of its own can show is in `secret_pages.rs`.
#![cfg(unix)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Barrier;

use ffence::secret::{Secret, SecretBytes};
use ffence::{Error, ErrorKind};

fn sevens() -> Secret<32> {
    Secret::fill_with(|bytes| bytes.fill(7)).unwrap()
}

#[test]
fn the_bytes_start_as_zeroes_and_are_what_the_filler_wrote() {
    let secret = Secret::<32>::fill_with(|bytes| {
        assert_eq!(*bytes, [0; 32]);
        bytes[31] = 9;
    })
    .unwrap();
    secret.expose(|bytes| assert_eq!((bytes[0], bytes[31]), (0, 9))).unwrap();

    for len in [0, 1, 15, 16, 32, 4079, 4080, 4081, 4096, 65_536] {
        let secret = SecretBytes::fill_with(len, |bytes| bytes.fill(0x5A)).unwrap();
        assert_eq!((secret.len(), secret.is_empty()), (len, len == 0));
        assert!(secret.ct_eq(&vec![0x5A; len]).unwrap(), "{len}");
    }
    Secret::<0>::fill_with(|_| ()).unwrap().expose(|bytes| assert!(bytes.is_empty())).unwrap();
}

#[test]
fn bytes_that_are_moved_in_are_wiped_where_they_were() {
    let mut array = [7; 32];
    assert!(Secret::take_from(&mut array).unwrap().ct_eq(&[7; 32]).unwrap());
    assert_eq!(array, [0; 32]);

    let mut password = b"correct horse".to_vec();
    assert!(SecretBytes::take_from(&mut password).unwrap().ct_eq(b"correct horse").unwrap());
    assert_eq!(password, [0; 13]);
}

#[test]
fn a_filler_that_fails_makes_no_secret() {
    #[derive(Debug, PartialEq)]
    enum Failed {
        Memory(ErrorKind),
        Source,
    }
    impl From<Error> for Failed {
        fn from(error: Error) -> Self {
            Self::Memory(error.kind())
        }
    }
    let failed = Secret::<32>::try_fill_with(|_| Err(Failed::Source));
    assert_eq!(failed.err(), Some(Failed::Source));
    let failed = SecretBytes::try_fill_with(usize::MAX, |_| Err(Failed::Source));
    assert_eq!(failed.err(), Some(Failed::Memory(ErrorKind::OutOfMemory)));
}

#[test]
fn too_much_is_an_error_value() {
    for len in [usize::MAX, isize::MAX.unsigned_abs(), 1 << (usize::BITS - 4)] {
        let error = SecretBytes::fill_with(len, |_| unreachable!("no memory")).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::OutOfMemory, "{len}");
    }
}

#[test]
fn a_secret_is_changed_in_place() {
    for sealed in [false, true] {
        let mut secret = sevens();
        if sealed {
            secret = secret.sealed_at_rest().unwrap();
        }
        assert_eq!(secret.protection().sealed_at_rest, sealed);
        assert_eq!(secret.expose_mut(|bytes| std::mem::replace(&mut bytes[0], 8)).unwrap(), 7);
        assert_eq!(secret.expose(|bytes| (bytes[0], bytes[1])).unwrap(), (8, 7));
    }
}

#[test]
fn equality_is_told_for_each_difference() {
    let secret = sevens();
    assert!(secret.ct_eq(&[7; 32]).unwrap());
    for at in 0..32 {
        for bit in 0..8 {
            let mut other = [7; 32];
            other[at] ^= 1 << bit;
            assert!(!secret.ct_eq(&other).unwrap(), "byte {at}, bit {bit}");
        }
    }
    assert!(!secret.ct_eq(&[7; 31]).unwrap());
    assert!(!secret.ct_eq(&[7; 33]).unwrap());
    assert!(!secret.ct_eq(b"").unwrap());

    // Two secrets, and one with itself: exposures nest, sealed at rest or not.
    let other = sevens().sealed_at_rest().unwrap();
    assert!(secret.expose(|bytes| other.ct_eq(bytes)).unwrap().unwrap());
    assert!(other.expose(|bytes| other.ct_eq(bytes)).unwrap().unwrap());
    assert!(other.ct_eq(&[7; 32]).unwrap());
}

#[test]
fn threads_share_a_secret_that_is_sealed_at_rest() {
    const THREADS: usize = 4;
    let secret = sevens().sealed_at_rest().unwrap();
    let all = Barrier::new(THREADS);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                // All exposures at the same time: each waits for the others inside of it.
                secret
                    .expose(|bytes| {
                        all.wait();
                        assert_eq!(*bytes, [7; 32]);
                    })
                    .unwrap();
                // And in any order: one closes what another opens.
                for _ in 0..2_000 {
                    assert_eq!(secret.expose(|bytes| bytes[31]).unwrap(), 7);
                }
            });
        }
    });
    let moved = std::thread::spawn(move || secret.ct_eq(&[7; 32]).unwrap());
    assert!(moved.join().unwrap());
}

#[test]
fn a_panic_in_an_exposure_leaves_a_usable_secret() {
    for sealed in [false, true] {
        let mut secret = sevens();
        if sealed {
            secret = secret.sealed_at_rest().unwrap();
        }
        let panicked = catch_unwind(AssertUnwindSafe(|| secret.expose(|_| panic!("looking"))));
        assert!(panicked.is_err());
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            secret.expose_mut(|bytes| {
                bytes[0] = 8;
                panic!("changing")
            })
        }));
        assert!(panicked.is_err());
        assert_eq!(secret.expose(|bytes| (bytes[0], bytes[1])).unwrap(), (8, 7));
    }
}

#[test]
fn a_secret_is_as_safe_to_share_as_it_says() {
    fn everywhere<T: Send + Sync + 'static>() {}
    everywhere::<Secret<32>>();
    everywhere::<SecretBytes>();
}
