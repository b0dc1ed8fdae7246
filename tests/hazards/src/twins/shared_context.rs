//! Twin of `shared_context.go`.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::thread;

use ffence::crypto::unauthenticated::{Aes256Ctr, Key};

/// Drawing from a keystream takes it for as long as it lasts.
///
/// ```compile_fail,E0499
/// use ffence::crypto::unauthenticated::{Aes256Ctr, Key};
/// let mut stream = Key::<Aes256Ctr>::generate()?.keystream(&[0; 16])?;
/// std::thread::scope(|scope| {
///     scope.spawn(|| stream.apply(&mut [0; 16]));
///     scope.spawn(|| stream.apply(&mut [0; 16]));
/// });
/// # Ok::<(), ffence::Error>(())
/// ```
///
/// With one thread it compiles:
///
/// ```
/// use ffence::crypto::unauthenticated::{Aes256Ctr, Key};
/// let mut stream = Key::<Aes256Ctr>::generate()?.keystream(&[0; 16])?;
/// std::thread::scope(|scope| {
///     scope.spawn(|| stream.apply(&mut [0; 16]));
/// });
/// # Ok::<(), ffence::Error>(())
/// ```
///
/// Several threads share it behind a lock, which is then part of its type.
pub fn twin() -> ffence::Result<()> {
    let stream = Key::<Aes256Ctr>::generate()?.keystream(&[0; 16])?;
    let stream = Mutex::new(stream);
    let draw = || -> ffence::Result<Vec<[u8; 16]>> {
        let mut blocks = vec![[0; 16]; 500];
        for block in &mut blocks {
            stream.lock().unwrap_or_else(PoisonError::into_inner).apply(block)?;
        }
        Ok(blocks)
    };
    let drawn: Vec<_> = thread::scope(|scope| {
        let all: Vec<_> = (0..4).map(|_| scope.spawn(draw)).collect();
        all.into_iter().filter_map(|it| it.join().ok()).collect()
    });
    let mut seen = HashSet::new();
    for blocks in drawn {
        assert!(blocks?.into_iter().all(|block| seen.insert(block)));
    }
    assert_eq!(seen.len(), 2000);
    Ok(())
}
