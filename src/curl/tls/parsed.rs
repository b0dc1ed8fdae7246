//! Certificates and keys, out of PEM or DER.

#![allow(unsafe_code)]

use std::ffi::{c_char, c_int, c_long, c_void};
use std::ptr;

use crate::error::openssl::{Checked, Failed};
use crate::error::{Error, ErrorKind};
use crate::ffi::openssl as ffi;
use crate::owned::Owned;

/// The certificates of a PEM text, at least one; or the one of DER bytes.
pub(super) fn certificates(bytes: &[u8]) -> Result<Vec<Owned<ffi::X509>>, Failed> {
    if !is_pem(bytes) {
        return Ok(vec![certificate(bytes)?]);
    }
    let labels: [&[u8]; 3] = [
        b"-----BEGIN CERTIFICATE-----",
        b"-----BEGIN X509 CERTIFICATE-----",
        b"-----BEGIN TRUSTED CERTIFICATE-----",
    ];
    let count = labels.iter().map(|label| found(bytes, label)).sum();
    if count == 0 {
        return Err(Error::ours(ErrorKind::Malformed, "the PEM text holds no certificate").into());
    }
    let text = Reading::of(bytes)?;
    let mut certificates = Vec::new();
    for _ in 0..count {
        // SAFETY: PEM_read_bio_X509(3): reads on to the next certificate, and makes a new one.
        let next = unsafe {
            ffi::PEM_read_bio_X509(text.as_ptr(), ptr::null_mut(), Some(silent), ptr::null_mut())
        };
        // SAFETY: NULL, or a reference that is ours.
        certificates.push(unsafe { Owned::from_raw(next) }.checked("PEM_read_bio_X509")?);
    }
    Ok(certificates)
}

/// A certificate in DER.
fn certificate(der: &[u8]) -> Result<Owned<ffi::X509>, Failed> {
    let (mut at, len) = (der.as_ptr(), length(der)?);
    // SAFETY: d2i_X509(3): reads `len` bytes, and makes a new one where the first argument is NULL.
    let made = unsafe { ffi::d2i_X509(ptr::null_mut(), &raw mut at, len) };
    // SAFETY: NULL, or a reference that is ours.
    unsafe { Owned::from_raw(made) }.checked("d2i_X509")
}

/// A private key, in PEM, which `passphrase` may have to open, or in DER.
pub(super) fn private_key(
    bytes: &[u8],
    passphrase: Option<&[u8]>,
) -> Result<Owned<ffi::EVP_PKEY>, Failed> {
    if is_pem(bytes) {
        let text = Reading::of(bytes)?;
        let mut passphrase = passphrase;
        let data = ptr::from_mut(&mut passphrase).cast();
        // SAFETY: PEM_read_bio_PrivateKey(3): reads on to the next key, and makes a new one; `tell`
        // takes its data for the passphrase, which is alive.
        let made = unsafe {
            ffi::PEM_read_bio_PrivateKey(text.as_ptr(), ptr::null_mut(), Some(tell), data)
        };
        // SAFETY: NULL, or a reference that is ours.
        return unsafe { Owned::from_raw(made) }.checked("PEM_read_bio_PrivateKey");
    }
    let (mut at, len) = (bytes.as_ptr(), length(bytes)?);
    // SAFETY: d2i_AutoPrivateKey(3): reads `len` bytes, and makes a new one, as above.
    let made = unsafe { ffi::d2i_AutoPrivateKey(ptr::null_mut(), &raw mut at, len) };
    // SAFETY: NULL, or a reference that is ours.
    unsafe { Owned::from_raw(made) }.checked("d2i_AutoPrivateKey")
}

/// Whether a passphrase protects this key.
pub(super) fn is_encrypted(key: &[u8]) -> bool {
    is_pem(key)
        && (found(key, b"-----BEGIN ENCRYPTED PRIVATE KEY-----") > 0
            || found(key, b"Proc-Type: 4,ENCRYPTED") > 0)
}

/// A list of revoked certificates, in PEM or DER.
pub(super) fn revocations(bytes: &[u8]) -> Result<Owned<ffi::X509_CRL>, Failed> {
    if is_pem(bytes) {
        let text = Reading::of(bytes)?;
        let null = ptr::null_mut();
        // SAFETY: PEM_read_bio_X509_CRL(3): reads on to the next list, and makes a new one.
        let made = unsafe {
            ffi::PEM_read_bio_X509_CRL(text.as_ptr(), ptr::null_mut(), Some(silent), null)
        };
        // SAFETY: NULL, or a reference that is ours.
        return unsafe { Owned::from_raw(made) }.checked("PEM_read_bio_X509_CRL");
    }
    let (mut at, len) = (bytes.as_ptr(), length(bytes)?);
    // SAFETY: d2i_X509_CRL(3): reads `len` bytes, and makes a new one, as above.
    let made = unsafe { ffi::d2i_X509_CRL(ptr::null_mut(), &raw mut at, len) };
    // SAFETY: NULL, or a reference that is ours.
    unsafe { Owned::from_raw(made) }.checked("d2i_X509_CRL")
}

/// A stack that points to certificates, whose owners outlive it.
pub(super) fn stack(of: &[Owned<ffi::X509>]) -> Result<Owned<ffi::OPENSSL_STACK>, Failed> {
    // SAFETY: takes nothing.
    let stack = unsafe { ffi::OPENSSL_sk_new_null() };
    // SAFETY: NULL, or a stack that is ours.
    let stack = unsafe { Owned::from_raw(stack) }.checked("OPENSSL_sk_new_null")?;
    for certificate in of {
        // SAFETY: the stack keeps the pointer, and frees nothing but itself.
        let len = unsafe { ffi::OPENSSL_sk_push(stack.as_ptr(), certificate.as_ptr().cast()) };
        // The new length, or 0.
        c_int::from(len > 0).checked("OPENSSL_sk_push")?;
    }
    Ok(stack)
}

/// Bytes as OpenSSL reads them.
struct Reading<'a> {
    bio: Owned<ffi::BIO>,
    _bytes: &'a [u8],
}

impl<'a> Reading<'a> {
    fn of(bytes: &'a [u8]) -> Result<Self, Failed> {
        let len = c_int::try_from(bytes.len()).map_err(|_| Error::of(ErrorKind::Length))?;
        // SAFETY: BIO_new_mem_buf(3): reads `len` bytes, which are borrowed for as long.
        let bio = unsafe { ffi::BIO_new_mem_buf(bytes.as_ptr().cast(), len) };
        // SAFETY: NULL, or a BIO that is ours.
        let bio = unsafe { Owned::from_raw(bio) }.checked("BIO_new_mem_buf")?;
        Ok(Self { bio, _bytes: bytes })
    }

    fn as_ptr(&self) -> *mut ffi::BIO {
        self.bio.as_ptr()
    }
}

/// Asked for a password: there is none. Without this OpenSSL would ask on the terminal.
unsafe extern "C" fn silent(_: *mut c_char, _: c_int, _: c_int, _: *mut c_void) -> c_int {
    -1
}

/// Asked for a password: the one that the caller has.
unsafe extern "C" fn tell(to: *mut c_char, room: c_int, _: c_int, data: *mut c_void) -> c_int {
    // SAFETY: `private_key` passes this, and it lives for the time of the call.
    let passphrase = unsafe { *data.cast::<Option<&[u8]>>() };
    match (passphrase, usize::try_from(room)) {
        (Some(text), Ok(room)) if text.len() <= room => {
            // SAFETY: pem_password_cb(3): there is room for so many bytes.
            unsafe { ptr::copy_nonoverlapping(text.as_ptr(), to.cast(), text.len()) };
            c_int::try_from(text.len()).unwrap_or(-1)
        }
        _ => -1,
    }
}

pub(super) fn length(bytes: &[u8]) -> Result<c_long, Failed> {
    Ok(c_long::try_from(bytes.len()).map_err(|_| Error::of(ErrorKind::Length))?)
}

/// Whether these bytes are PEM: they hold the beginning of a block, and are not one DER value, which
/// may hold any text.
fn is_pem(bytes: &[u8]) -> bool {
    let (len, rest) = match bytes {
        [0x30, len @ 0..=0x7f, rest @ ..] => (usize::from(*len), rest),
        [0x30, 0x81, a, rest @ ..] => (usize::from(*a), rest),
        [0x30, 0x82, a, b, rest @ ..] => (usize::from(u16::from_be_bytes([*a, *b])), rest),
        _ => (usize::MAX, bytes),
    };
    len != rest.len() && found(bytes, b"-----BEGIN ") > 0
}

fn found(text: &[u8], what: &[u8]) -> usize {
    text.windows(what.len()).filter(|window| *window == what).count()
}
