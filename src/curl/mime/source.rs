//! Where the bytes of a part come from.

use std::io::{self, Read, Seek};

use bytes::Bytes;

use crate::curl::upload::Upload;

/// Gives the bytes of a part while it is sent. It runs inside libcurl, on the thread that drives the
/// transfer; a panic fails that transfer.
///
/// ```
/// use ffence::curl::{Part, Source, Upload};
///
/// struct Zeros(u64);
///
/// impl Source for Zeros {
///     fn read(&mut self, out: &mut Upload<'_>) -> std::io::Result<()> {
///         let len = out.room().min(self.0 as usize);
///         self.0 -= out.append(&vec![0; len]) as u64;
///         Ok(())
///     }
/// }
///
/// let part = Part::stream(Zeros(1000), Some(1000)).name("zeros");
/// ```
pub trait Source: Send {
    /// Appends the next bytes; appending none ends the part.
    ///
    /// # Errors
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) is for "nothing yet": sending stands still until it is
    /// resumed with [`Pauses`](crate::curl::Pauses), by [`Multi::pause`](crate::curl::Multi::pause) or
    /// from [`Handler::progress`](crate::curl::Handler::progress).
    ///
    /// Any other error fails the transfer, and is the [`source`](std::error::Error::source) of its
    /// error.
    fn read(&mut self, out: &mut Upload<'_>) -> io::Result<()>;

    /// Goes back to the first byte, because the request must be sent again.
    ///
    /// # Errors
    /// As for [`read`](Source::read); without an implementation, that it cannot.
    fn rewind(&mut self) -> io::Result<()> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "this part can be sent only once"))
    }
}

impl<T: Read + Seek + Send> Source for T {
    fn read(&mut self, out: &mut Upload<'_>) -> io::Result<()> {
        fill(self, out)
    }

    fn rewind(&mut self) -> io::Result<()> {
        Seek::rewind(self)
    }
}

/// A reader that cannot go back.
pub(super) struct Once<R> {
    reader: R,
    begun: bool,
}

impl<R> Once<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, begun: false }
    }
}

impl<R: Read + Send> Source for Once<R> {
    fn read(&mut self, out: &mut Upload<'_>) -> io::Result<()> {
        self.begun = true;
        fill(&mut self.reader, out)
    }

    fn rewind(&mut self) -> io::Result<()> {
        if self.begun {
            return Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "this part can be sent only once",
            ));
        }
        Ok(())
    }
}

fn fill(reader: &mut impl Read, out: &mut Upload<'_>) -> io::Result<()> {
    loop {
        match out.append_from(reader) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            outcome => return outcome.map(|_| ()),
        }
    }
}

/// Bytes in memory.
pub(super) struct Memory {
    bytes: Bytes,
    at: usize,
}

impl Memory {
    pub(super) fn new(bytes: Bytes) -> Self {
        Self { bytes, at: 0 }
    }
}

impl Memory {
    pub(super) fn len(&self) -> u64 {
        self.bytes.len() as u64
    }
}

impl Source for Memory {
    fn read(&mut self, out: &mut Upload<'_>) -> io::Result<()> {
        self.at += out.append(&self.bytes[self.at..]);
        Ok(())
    }

    fn rewind(&mut self) -> io::Result<()> {
        self.at = 0;
        Ok(())
    }
}
