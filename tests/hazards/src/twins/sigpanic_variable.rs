//! Twin of `sigpanic_variable.go`.

use ffence::thread::PinnedThread;

/// A setting is a method of a builder, and one that does not exist does not compile.
///
/// ```compile_fail,E0599
/// use ffence::thread::PinnedThread;
/// let thread = PinnedThread::builder("worker").sigpanic(true).spawn(|_| Ok(()))?;
/// # let _ = thread;
/// # Ok::<(), ffence::Error>(())
/// ```
///
/// One that does exist compiles:
///
/// ```
/// use ffence::thread::PinnedThread;
/// let thread = PinnedThread::builder("worker").stack_size(1 << 20).spawn(|_| Ok(()))?;
/// # let _ = thread;
/// # Ok::<(), ffence::Error>(())
/// ```
pub fn twin() -> ffence::Result<()> {
    let thread = PinnedThread::builder("worker").stack_size(1 << 20).spawn(|_| Ok(()))?;
    assert_eq!(thread.run(|_| 7)?, 7);
    Ok(())
}
