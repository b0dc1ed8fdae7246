//! One operation: what it calls, and how it is done again and again.

use std::io;

/// What an operation answers: bytes that are the same each time, or why not.
pub type Outcome = Result<Vec<u8>, Fault>;

/// An operation, ready to be done.
pub type Work = Box<dyn FnMut() -> Outcome>;

/// Whether an operation asks C for memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// It does, so that something can be refused.
    Memory,
    /// It does not, which is measured.
    Nothing,
}

/// A row of the registry.
pub struct Row {
    pub name: &'static str,
    /// The public functions that it calls, `crypto::Sha256::{digest,digest_in}` for two of them.
    pub covers: &'static [&'static str],
    pub asks: Asks,
    /// The source text of what it does, in which the names of those functions must stand.
    pub text: &'static str,
    /// Prepares, with memory.
    pub make: fn() -> Work,
}

impl Row {
    /// The paths that it covers, one by one.
    pub fn paths(&self) -> Vec<String> {
        self.covers.iter().flat_map(|path| spelt_out(path)).collect()
    }
}

/// `a::{b,c}::d` is `a::b::d` and `a::c::d`.
pub fn spelt_out(path: &str) -> Vec<String> {
    let Some((before, rest)) = path.split_once('{') else { return vec![path.to_owned()] };
    let (list, after) = rest.split_once('}').expect("a brace is closed");
    let one = |name: &str| spelt_out(&format!("{before}{}{after}", name.trim()));
    list.split(',').flat_map(one).collect()
}

/// A row: its name, `nothing` where it asks for no memory, what it covers, and a block that prepares
/// and answers the operation.
macro_rules! row {
    ($name:literal, [$($covers:literal),* $(,)?], $make:block) => {
        row!(@ Memory, $name, [$($covers),*], $make)
    };
    ($name:literal, nothing, [$($covers:literal),* $(,)?], $make:block) => {
        row!(@ Nothing, $name, [$($covers),*], $make)
    };
    (@ $asks:ident, $name:literal, [$($covers:literal),*], $make:block) => {
        $crate::row::Row {
            name: $name,
            covers: &[$($covers),*],
            asks: $crate::row::Asks::$asks,
            text: stringify!($make),
            make: || Box::new($make),
        }
    };
}
pub(crate) use row;

/// Why an operation did not succeed.
#[derive(Debug)]
pub struct Fault {
    /// The kind, as [`ffence::ErrorKind`] names it.
    pub kind: String,
    pub text: String,
}

impl From<ffence::Error> for Fault {
    fn from(error: ffence::Error) -> Self {
        Self { kind: format!("{:?}", error.kind()), text: error.to_string() }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        match error.get_ref().and_then(|it| it.downcast_ref::<ffence::Error>()) {
            Some(ours) => Self { kind: format!("{:?}", ours.kind()), text: ours.to_string() },
            None => Self { kind: format!("io::{:?}", error.kind()), text: error.to_string() },
        }
    }
}

/// An object that lasts: what failed on it must leave it usable, or poisoned, which it says.
pub struct Kept<T> {
    make: fn() -> ffence::Result<T>,
    object: T,
}

impl<T> Kept<T> {
    pub fn new(make: fn() -> ffence::Result<T>) -> Self {
        Self { make, object: make().expect("there is memory") }
    }

    /// Uses the object; a poisoned one is exchanged first.
    pub fn with<R>(
        &mut self,
        mut work: impl FnMut(&mut T) -> Result<R, Fault>,
    ) -> Result<R, Fault> {
        match work(&mut self.object) {
            Err(fault) if fault.kind == "Poisoned" => {
                self.object = (self.make)()?;
                work(&mut self.object)
            }
            outcome => outcome,
        }
    }
}
