//! Random bytes: filled to the end, never the same, from as many threads as there are. That a
//! forked process draws others is shown by `random_after_fork`.

use std::collections::HashSet;

use ffence::crypto::random;

#[test]
fn every_byte_is_drawn() {
    for fill in [random::fill, random::fill_private] {
        for len in [1, 16, 255, 4096] {
            // After 64 draws a byte that was never written would still be zero; one that was, is
            // zero each time with a chance of 2^-512.
            let mut seen = vec![0; len];
            for _ in 0..64 {
                let mut out = vec![0; len];
                fill(&mut out).unwrap();
                seen.iter_mut().zip(out).for_each(|(seen, byte)| *seen |= byte);
            }
            assert!(seen.iter().all(|&byte| byte != 0), "of {len} bytes one was not drawn");
        }
    }
}

#[test]
fn nothing_to_fill_is_no_error() {
    random::fill(&mut []).unwrap();
    random::fill_private(&mut []).unwrap();
    assert_eq!(random::bytes::<0>().unwrap(), [0_u8; 0]);
}

#[test]
fn a_long_slice_is_filled_to_its_end() {
    let mut out = vec![0; 3 << 20];
    random::fill(&mut out).unwrap();
    assert!(out.chunks(64).all(|piece| piece.iter().any(|&byte| byte != 0)));
}

#[test]
fn no_two_draws_are_alike_on_any_thread() {
    let draw = || -> Vec<[u8; 16]> {
        (0..500)
            .flat_map(|_| {
                let private = random::private_bytes::<16>().unwrap();
                [random::bytes::<16>().unwrap(), *private.as_bytes().unwrap()]
            })
            .collect()
    };
    let all: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(draw)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(all.len(), 4000);
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
}
