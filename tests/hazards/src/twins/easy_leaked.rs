//! Twin of `easy_leaked.go`.

use std::cell::Cell;
use std::rc::Rc;

use ffence::curl::{Callbacks, Easy, Handler, option};

/// A handle for each transfer, and nobody cleans one up: it goes where its scope ends, with its
/// connections and with the handler that libcurl called back. It runs under `LeakSanitizer`.
pub fn twin() -> ffence::Result<()> {
    let gone = Rc::new(Cell::new(0));
    for count in 1..=5 {
        let mut easy = Easy::with(Counts(Rc::clone(&gone)))?;
        easy.set(option::Url("file:///dev/null"))?;
        easy.perform()?;
        assert_eq!(gone.get(), count - 1);
        drop(easy);
        assert_eq!(gone.get(), count);
    }
    // Forgotten, as it may be.
    let _easy = Easy::with(Counts(gone))?;
    Ok(())
}

/// A handler that counts its ends.
struct Counts(Rc<Cell<usize>>);

impl Handler for Counts {
    const CALLBACKS: Callbacks = Callbacks::WRITE;
}

impl Drop for Counts {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}
