//! Which CPUs a thread may run on.

#![allow(unsafe_code)]

use crate::error::Result;

/// Binds the calling thread to `cpus`, all of them and no others.
#[cfg(target_os = "linux")]
pub(super) fn bind(cpus: &[usize]) -> Result<()> {
    use crate::error::{Error, ErrorKind};

    let absent = |cpu: usize| {
        let text =
            format!("CPU {cpu} does not exist, is off line, or is not this process's to use");
        Err(Error::ours(ErrorKind::Parameter, text))
    };
    let Some(&highest) = cpus.iter().max() else {
        let text = "a thread that may run on no CPU could not run";
        return Err(Error::ours(ErrorKind::Parameter, text));
    };
    if highest >= linux::MOST {
        return absent(highest);
    }
    linux::set(cpus, highest)?;
    // The kernel leaves out what does not exist, and complains only when nothing is left.
    let bound = linux::get()?;
    match cpus.iter().find(|cpu| !bound.contains(cpu)) {
        Some(&cpu) => absent(cpu),
        None => Ok(()),
    }
}

/// The CPUs that the calling thread may run on, in ascending order.
#[cfg(target_os = "linux")]
pub(super) fn bound() -> Result<Vec<usize>> {
    linux::get()
}

#[cfg(target_os = "linux")]
mod linux {
    use std::ffi::c_ulong;
    use std::io;

    use crate::error::{Error, ErrorKind, Result};

    /// No kernel counts further (`CONFIG_NR_CPUS`).
    pub(super) const MOST: usize = 1 << 16;
    const WORD: usize = c_ulong::BITS as usize;
    /// What the C library's own set holds.
    const USUAL: usize = 1024;

    /// `sched_setaffinity(2)`
    pub(super) fn set(cpus: &[usize], highest: usize) -> Result<()> {
        let mut mask = vec![0 as c_ulong; highest / WORD + 1];
        for cpu in cpus {
            mask[cpu / WORD] |= 1 << (cpu % WORD);
        }
        let size = size_of_val(mask.as_slice());
        // SAFETY: 0 is the calling thread; CPU_SET(3): a set is an array of unsigned longs, of which
        // the kernel reads as many bytes as it is told.
        let code = unsafe { libc::sched_setaffinity(0, size, mask.as_ptr().cast()) };
        if code == 0 {
            return Ok(());
        }
        let error = io::Error::last_os_error();
        let kind = match error.raw_os_error() {
            Some(libc::EINVAL) => ErrorKind::Parameter,
            _ => ErrorKind::System,
        };
        Err(Error::ours(kind, format!("a thread could not be bound to the CPUs {cpus:?}: {error}")))
    }

    /// `sched_getaffinity(2)`
    pub(super) fn get() -> Result<Vec<usize>> {
        let mut room = USUAL;
        loop {
            let mut mask = vec![0 as c_ulong; room / WORD];
            let size = size_of_val(mask.as_slice());
            // SAFETY: 0 is the calling thread; at most `size` bytes are written to the mask.
            let code = unsafe { libc::sched_getaffinity(0, size, mask.as_mut_ptr().cast()) };
            if code >= 0 {
                let set = |cpu: &usize| mask[cpu / WORD] & (1 << (cpu % WORD)) != 0;
                return Ok((0..room).filter(set).collect());
            }
            let error = io::Error::last_os_error();
            // EINVAL: the kernel knows more CPUs than there was room for.
            if error.raw_os_error() != Some(libc::EINVAL) || room >= MOST {
                let text = format!("the CPUs of a thread could not be asked for: {error}");
                return Err(Error::ours(ErrorKind::System, text));
            }
            room *= 2;
        }
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn bind(_: &[usize]) -> Result<()> {
    Err(unsupported())
}

#[cfg(not(target_os = "linux"))]
pub(super) fn bound() -> Result<Vec<usize>> {
    Err(unsupported())
}

#[cfg(not(target_os = "linux"))]
fn unsupported() -> crate::error::Error {
    let text = "threads are bound to CPUs on Linux only";
    crate::error::Error::ours(crate::error::ErrorKind::Unsupported, text)
}
