//! Test programs under a detector, watched: what became of their tests, and what the detector
//! reported.
//!
//! Cargo starts each test program through a runner. Ours ([`run`]) passes on what the program says,
//! counts, and adds a record; when all are done, [`Summary`] makes one line, a JSON file and a `JUnit`
//! file of the records. The program `watch` is both ends.

mod record;
mod runner;
mod summary;
mod table;
mod tool;

pub use self::record::{Ran, Test, Verdict, read};
pub use self::runner::run;
pub use self::summary::Summary;
pub use self::table::Table;
pub use self::tool::{Tool, is_required, memcheck};

/// Names the file that a runner adds its records to; where it is not set it only runs the program.
pub const RECORDS: &str = "FFENCE_WATCH";

/// Names what a program is started with in a command that cargo does not start it for.
pub const WATCHER: &str = "FFENCE_WATCHER";

/// Names the fault that is built in, which must be reported.
pub const SEEDED: &str = "FFENCE_SEEDED";
