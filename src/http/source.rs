//! Where a request's body comes from while it is sent.

use std::io::{self, Read as _, SeekFrom};
use std::sync::Arc;

use parking_lot::Mutex;

use super::exchange::Exchange;
use super::foreign::Foreign;
use super::sink::Failure;
use crate::curl::{Read, Seek, Upload};

pub(super) type Reader = Box<dyn io::Read + Send>;
pub(super) type Open = Box<dyn FnMut() -> io::Result<Reader> + Send>;

/// Where a request's body comes from while it is sent; bytes in memory go to libcurl by themselves.
#[derive(Default)]
pub(super) enum Source {
    #[default]
    Nothing,
    Read(Reading),
    /// From whoever writes it, at the connection's pace.
    Pipe(Arc<Exchange>),
}

impl Source {
    pub(super) fn read(&mut self, out: &mut Upload<'_>) -> Result<Read, Failure> {
        match self {
            Self::Nothing => Ok(Read::Stop),
            Self::Read(reading) => reading.read(out).map(|()| Read::Sent).map_err(Failure::Reader),
            Self::Pipe(exchange) => exchange.pull(out),
        }
    }

    pub(super) fn seek(&mut self, to: SeekFrom) -> Result<Seek, Failure> {
        match (self, to) {
            (Self::Read(reading), SeekFrom::Start(to)) => reading.seek(to).map_err(Failure::Reader),
            _ => Ok(Seek::CannotSeek),
        }
    }
}

/// A reader that can be opened again where there is a way to, so that a body can be sent twice.
pub(super) struct Reading {
    now: Option<Foreign<Reader>>,
    open: Option<Arc<Mutex<Foreign<Open>>>>,
    len: Option<u64>,
    at: u64,
}

impl Reading {
    pub(super) fn once(reader: Reader, len: Option<u64>) -> Self {
        Self { now: Some(Foreign::new(reader)), open: None, len, at: 0 }
    }

    pub(super) fn reopened(open: Open, len: Option<u64>) -> Self {
        let open = Some(Arc::new(Mutex::new(Foreign::new(open))));
        Self { now: None, open, len, at: 0 }
    }

    /// The same from its beginning, for another attempt.
    pub(super) fn again(&self) -> Option<Self> {
        let open = self.open.clone()?;
        Some(Self { now: None, open: Some(open), len: self.len, at: 0 })
    }

    pub(super) fn len(&self) -> Option<u64> {
        self.len
    }

    fn read(&mut self, out: &mut Upload<'_>) -> io::Result<()> {
        let at = self.at;
        let left = self.len.map(|len| len - at);
        if left == Some(0) {
            return Ok(());
        }
        let reader = self.reader()?;
        let read = loop {
            let outcome = match left {
                None => out.append_from(reader),
                Some(left) => out.append_from(&mut reader.take(left)),
            };
            match outcome {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                outcome => break outcome?,
            }
        };
        self.at += read as u64;
        match left {
            Some(left) if read == 0 => Err(too_short(left)),
            _ => Ok(()),
        }
    }

    /// A piece for a thread that reads ahead, as the reader gives it; empty at the end.
    pub(super) fn piece(&mut self, most: usize) -> io::Result<Vec<u8>> {
        let left = self.len.map(|len| len - self.at);
        let most = left.map_or(most, |left| usize::try_from(left).unwrap_or(most).min(most));
        let mut piece = vec![0; most];
        let len = loop {
            if most == 0 {
                break 0;
            }
            match self.reader()?.read(&mut piece) {
                Ok(read) => break read.min(most),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        };
        self.at += len as u64;
        piece.truncate(len);
        match left {
            Some(left) if len == 0 && left > 0 => Err(too_short(left)),
            _ => Ok(piece),
        }
    }

    fn seek(&mut self, to: u64) -> io::Result<Seek> {
        if to == self.at && self.now.is_some() {
            return Ok(Seek::Done);
        }
        if self.open.is_none() {
            return Ok(Seek::CannotSeek);
        }
        (self.now, self.at) = (None, 0);
        let skipped = io::copy(&mut self.reader()?.take(to), &mut io::sink())?;
        self.at = skipped;
        Ok(if skipped == to { Seek::Done } else { Seek::Stop })
    }

    fn reader(&mut self) -> io::Result<&mut Reader> {
        if self.now.is_none() {
            let again = || io::Error::other("the body cannot be read again");
            let open = self.open.as_ref().ok_or_else(again)?;
            // Attempts follow one another: nobody else opens it now.
            let mut open = open.try_lock().ok_or_else(again)?;
            let reader = open.get().ok_or_else(again)?()?;
            self.now = Some(Foreign::new(reader));
        }
        let reader = self.now.as_mut().and_then(Foreign::get);
        reader.ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

/// The body ended before the length that was announced for it.
pub(super) fn too_short(left: u64) -> io::Error {
    let text = format!("the body ended {left} bytes before its announced length");
    io::Error::new(io::ErrorKind::UnexpectedEof, text)
}
