//! Twin of `uintptr_of_stack.go`.

use std::hint::black_box;
use std::thread;

/// A thread's stack is as large as it will ever be, and does not move: what is written through a
/// reference to a local variable arrives, however deep the calls went meanwhile.
pub fn twin() -> ffence::Result<()> {
    let wrote = thread::spawn(|| {
        let mut number = 41;
        let before = (&raw const number).addr();
        let reference = &mut number;
        assert!(deep(400) > 0);
        assert_eq!(before, (&raw const *reference).addr());
        *reference = 42;
        number
    });
    assert_eq!(wrote.join().ok(), Some(42));
    Ok(())
}

/// Uses the stack as `wipeStack` does.
fn deep(depth: usize) -> usize {
    let frame = black_box([1_u8; 128]);
    let below = if depth > 0 { deep(depth - 1) } else { 0 };
    below + usize::from(frame[depth % frame.len()])
}
