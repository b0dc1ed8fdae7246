//! Twin of `refused/curl_global_threadsafe`.

use std::thread;

/// Initialisation takes no flags, from any thread, as often as one likes: one that does not exist has
/// no place.
///
/// ```compile_fail,E0061
/// const CURL_GLOBAL_THREADSAFE: u32 = 1 << 30;
/// ffence::init(CURL_GLOBAL_THREADSAFE)?;
/// # Ok::<(), ffence::Error>(())
/// ```
///
/// Without it compiles:
///
/// ```
/// ffence::init()?;
/// # Ok::<(), ffence::Error>(())
/// ```
pub fn twin() -> ffence::Result<()> {
    thread::scope(|scope| {
        let all: Vec<_> = (0..4).map(|_| scope.spawn(ffence::init)).collect();
        for one in all {
            assert!(one.join().is_ok_and(|it| it.is_ok()));
        }
    });
    Ok(())
}
