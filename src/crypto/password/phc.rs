//! PHC strings: `$scheme[$v=version]$name=number,name=number$salt$hash`.
//!
//! Read strictly: one spelling for each hash, so that equal strings are equal hashes. Numbers are
//! decimal without sign and leading zeroes; salt and hash are base64 without padding or stray bits.

use std::fmt;
use std::num::NonZeroU32;

use base64ct::{Base64Unpadded, Encoding as _};

use super::{MOST, PasswordHash, PasswordScheme, Short};
use crate::crypto::kdf::{Argon2Cost, Iterations, ScryptCost};
use crate::error::{Error, ErrorKind, Result};

/// Longer than any string of a known scheme with the longest salt and hash.
const LONGEST: usize = 300;

/// The version of Argon2 that RFC 9106 describes: 0x13.
const ARGON2: &str = "v=19";

const SCRYPT: &str = "scrypt";
const ARGON2ID: &str = "argon2id";
const PBKDF2: &str = "pbkdf2-sha256";

pub(super) fn read(stored: &str) -> Result<PasswordHash> {
    if stored.len() > LONGEST {
        return Err(malformed("it is too long"));
    }
    let mut fields = stored.split('$');
    let mut field = |what: &str| fields.next().ok_or_else(|| malformed(what));
    if !field("it is empty")?.is_empty() {
        return Err(malformed("it does not begin with $"));
    }
    let scheme = field("no scheme is named")?;
    if scheme == ARGON2ID && field("no version is named")? != ARGON2 {
        return Err(malformed("Argon2id is known in version 19 only"));
    }
    if ![SCRYPT, ARGON2ID, PBKDF2].contains(&scheme) {
        return Err(malformed("its scheme is none of scrypt, argon2id and pbkdf2-sha256"));
    }
    let cost = field("the cost is missing")?;
    let salt = decode(field("the salt is missing")?, 8)?;
    let hash = decode(field("the hash is missing")?, 16)?;
    if fields.next().is_some() {
        return Err(malformed("something follows the hash"));
    }
    let scheme = match scheme {
        SCRYPT => {
            let [log_n, r, p] = numbers(cost, ["ln", "r", "p"])?;
            // What does not fit is no cost that scrypt has.
            let log_n = u8::try_from(log_n).unwrap_or(u8::MAX);
            PasswordScheme::Scrypt(ScryptCost::new(log_n, r, p)?)
        }
        ARGON2ID => {
            let [memory, passes, lanes] = numbers(cost, ["m", "t", "p"])?;
            PasswordScheme::Argon2id(Argon2Cost::new(memory, passes, lanes)?)
        }
        _ => {
            let [iterations, len] = numbers(cost, ["i", "l"])?;
            if usize::try_from(len) != Ok(hash.len) {
                return Err(malformed("the hash is not as long as it says"));
            }
            let iterations =
                NonZeroU32::new(iterations).ok_or_else(|| malformed("it has no iterations"))?;
            PasswordScheme::Pbkdf2Sha256(Iterations::legacy(iterations))
        }
    };
    Ok(PasswordHash { scheme, salt, hash })
}

pub(super) fn write(hash: &PasswordHash, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match hash.scheme {
        PasswordScheme::Scrypt(cost) => {
            write!(f, "${SCRYPT}$ln={},r={},p={}", cost.log_n(), cost.r(), cost.p())?;
        }
        PasswordScheme::Argon2id(cost) => {
            let (memory, passes, lanes) = (cost.memory_kib(), cost.passes(), cost.lanes());
            write!(f, "${ARGON2ID}${ARGON2}$m={memory},t={passes},p={lanes}")?;
        }
        PasswordScheme::Pbkdf2Sha256(iterations) => {
            write!(f, "${PBKDF2}$i={},l={}", iterations.get(), hash.hash.len)?;
        }
    }
    for field in [&hash.salt, &hash.hash] {
        // 4 characters for 3 bytes.
        let mut text = [0; MOST * 4 / 3 + 1];
        let text = Base64Unpadded::encode(field.as_ref(), &mut text).map_err(|_| fmt::Error)?;
        write!(f, "${text}")?;
    }
    Ok(())
}

/// `name=number` for each name, in this order and no others.
fn numbers<const N: usize>(text: &str, names: [&str; N]) -> Result<[u32; N]> {
    let mut numbers = [0; N];
    let mut parts = text.split(',');
    for (number, name) in numbers.iter_mut().zip(names) {
        let digits = parts.next().and_then(|part| part.strip_prefix(name)?.strip_prefix('='));
        let digits = digits.ok_or_else(|| malformed("its cost is not the scheme's"))?;
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        let short = digits == "0" || !digits.starts_with('0');
        *number = match digits.parse() {
            Ok(number) if plain && short => number,
            _ => return Err(malformed("a number of its cost is none")),
        };
    }
    match parts.next() {
        None => Ok(numbers),
        Some(_) => Err(malformed("its cost has more parts than the scheme's")),
    }
}

fn decode(text: &str, least: usize) -> Result<Short> {
    let mut short = Short::zero(MOST);
    let len = Base64Unpadded::decode(text, short.bytes.as_mut_slice()).map(<[u8]>::len);
    match len {
        Ok(len) if len >= least => {
            short.len = len;
            Ok(short)
        }
        _ => Err(malformed("its salt or hash is not base64 of 8 or 16 to 64 bytes")),
    }
}

/// Nothing of the string is quoted: a hash does not belong into a log.
fn malformed(why: &str) -> Error {
    Error::ours(ErrorKind::Malformed, format!("this is no password hash: {why}"))
}
