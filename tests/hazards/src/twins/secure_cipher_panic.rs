//! Twin of `secure_cipher_panic.go`.

use std::cell::Cell;
use std::thread;

use ffence::Result;
use ffence::unwind::{Slot, guard};

use crate::fixtures::HzBox;

/// Clean-up may ask whether there is a panic, and asking does not end it: `thread::panicking` only
/// tells. The context is freed on the way, and the panic comes to whoever catches panics; here to
/// the end of the process, as the row says.
pub fn twin() -> Result<()> {
    let told = Cell::new(false);
    let mut slot = Slot::new();
    guard(&mut slot, (), || drop(construct(&told, || panic!("init exploded"))));
    assert!(told.get());
    assert_eq!(HzBox::live(), 0);
    match slot.take() {
        Some(panic) => panic.resume(),
        None => panic!("the panic was swallowed"),
    }
}

/// The shape of the article's `NewSecureCipher`, with its deferred question.
fn construct(told: &Cell<bool>, init: impl FnOnce() -> Result<()>) -> Result<HzBox> {
    let made = HzBox::new(c"context");
    let _deferred = Asks(told);
    init()?;
    Ok(made)
}

/// Asks on the way out, as the article's deferred function does.
struct Asks<'a>(&'a Cell<bool>);

impl Drop for Asks<'_> {
    fn drop(&mut self) {
        self.0.set(thread::panicking());
    }
}
