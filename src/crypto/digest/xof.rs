//! SHAKE: extendable-output functions.

use std::fmt;
use std::io;
use std::marker::PhantomData;

use super::context::Context;
use crate::crypto::algorithm::{Algorithm, Lengths};
use crate::crypto::library::{self, Home, Library, Provided};
use crate::crypto::newer;
use crate::error::Result;
use crate::ffi::openssl as ffi;
use crate::pool::Reset;

/// A function whose output is as long as the caller wants.
///
/// This crate implements the trait, nobody else can.
pub trait Extendable: sealed::Fetched + Provided {
    /// The standard's name of the algorithm.
    const NAME: &'static str;
}

mod sealed {
    use super::{Algorithm, ffi};

    #[allow(private_interfaces, reason = "sealed: no user can name it")]
    pub trait Fetched: 'static {
        #[doc(hidden)]
        fn algorithm() -> &'static Algorithm<ffi::EVP_MD>;
    }
}

/// A row: documentation, type, the standard's name, the provider's name.
macro_rules! extendable {
    ($($(#[$about:meta])* $xof:ident: $name:literal, $fetched:literal;)*) => {$(
        $(#[$about])*
        #[derive(Clone, Copy, Debug)]
        pub enum $xof {}

        impl Extendable for $xof {
            const NAME: &'static str = $name;
        }

        #[allow(private_interfaces, reason = "sealed: no user can name it")]
        impl sealed::Fetched for $xof {
            fn algorithm() -> &'static Algorithm<ffi::EVP_MD> {
                static KEPT: Algorithm<ffi::EVP_MD> =
                    Algorithm::new($fetched, Lengths::Xof, "1.1.1");
                &KEPT
            }
        }

        #[allow(private_interfaces, reason = "sealed: no user can name it")]
        impl library::sealed::Parts for $xof {
            fn parts() -> Vec<&'static dyn library::Part> {
                vec![<Self as sealed::Fetched>::algorithm()]
            }
        }
    )*};
}

extendable! {
    /// SHAKE128: 128 bits of strength from 32 bytes of output on.
    ///
    /// Source: FIPS 202, section 6.2; [EVP_MD-SHAKE](https://docs.openssl.org/3.0/man7/EVP_MD-SHAKE/).
    #[doc(alias = "EVP_shake128")]
    Shake128: "SHAKE128", c"SHAKE-128";

    /// SHAKE256: 256 bits of strength from 64 bytes of output on.
    ///
    /// Source: FIPS 202, section 6.2; [EVP_MD-SHAKE](https://docs.openssl.org/3.0/man7/EVP_MD-SHAKE/).
    #[doc(alias = "EVP_shake256")]
    Shake256: "SHAKE256", c"SHAKE-256";
}

/// Takes data in piece by piece, and gives as many bytes as wanted for it.
///
/// A shorter output is the start of a longer one: where that must not be, take the length in as
/// data. `Send`, not `Sync`. A failed step leaves it unusable
/// ([`ErrorKind::Poisoned`](crate::ErrorKind::Poisoned)).
///
/// ```
/// use ffence::crypto::{Shake128, Xof};
///
/// let mut xof = Xof::<Shake128>::new()?;
/// xof.update(b"ab")?;
/// xof.update(b"c")?;
/// let mut output = [0; 8];
/// xof.finish_into(&mut output)?;
/// assert_eq!(output, [0x58, 0x81, 0x09, 0x2d, 0xd8, 0x18, 0xbf, 0x5c]);
/// # Ok::<(), ffence::Error>(())
/// ```
/// A finished one is gone:
/// ```compile_fail,E0382
/// # use ffence::crypto::{Shake128, Xof};
/// let xof = Xof::<Shake128>::new().unwrap();
/// xof.finish_into(&mut [0; 8]).unwrap();
/// xof.finish_into(&mut [0; 8]).unwrap(); // use of moved value
/// ```
/// [EVP_DigestInit](https://docs.openssl.org/3.0/man3/EVP_DigestInit/)
pub struct Xof<X: Extendable> {
    context: Context,
    algorithm: PhantomData<fn() -> X>,
}

impl<X: Extendable> Xof<X> {
    /// One that has seen nothing.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfMemory`](crate::ErrorKind::OutOfMemory),
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) when no provider offers `X`.
    #[doc(alias = "EVP_DigestInit_ex2")]
    pub fn new() -> Result<Self> {
        Context::new(&Home::DEFAULT, X::algorithm()).map(Self::of)
    }

    /// Like [`new`](Self::new), with what the providers of `library` offer.
    ///
    /// # Errors
    /// As for [`new`](Self::new).
    pub fn new_in(library: &Library) -> Result<Self> {
        Context::new(&library.into(), X::algorithm()).map(Self::of)
    }

    /// Takes more data in.
    ///
    /// # Errors
    /// [`ErrorKind::Poisoned`](crate::ErrorKind::Poisoned) after an earlier failure.
    #[doc(alias = "EVP_DigestUpdate")]
    pub fn update(&mut self, data: &[u8]) -> Result<()> {
        self.context.update(data)
    }

    /// One that has seen the same and goes on by itself.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfMemory`](crate::ErrorKind::OutOfMemory),
    /// [`ErrorKind::Poisoned`](crate::ErrorKind::Poisoned) after an earlier failure.
    #[doc(alias = "EVP_MD_CTX_copy_ex")]
    pub fn try_clone(&self) -> Result<Self> {
        self.context.try_clone().map(Self::of)
    }

    /// Fills `out`, whatever its length, with the output for all that was taken in.
    ///
    /// # Errors
    /// [`ErrorKind::Poisoned`](crate::ErrorKind::Poisoned) after an earlier failure.
    #[doc(alias = "EVP_DigestFinalXOF")]
    pub fn finish_into(mut self, out: &mut [u8]) -> Result<()> {
        self.context.finish_into(out)
    }

    /// Like [`finish_into`](Self::finish_into); what comes next starts anew in the same context.
    ///
    /// ```
    /// use ffence::crypto::{Shake128, Xof};
    /// use ffence::pool::Pool;
    ///
    /// let xofs = Pool::new(Xof::<Shake128>::new)?;
    /// let mut output = [0; 4];
    /// let mut xof = xofs.take()?;
    /// xof.update(b"abc")?;
    /// xof.finish_into_reset(&mut output)?;
    /// assert_eq!(output, [0x58, 0x81, 0x09, 0x2d]);
    /// # Ok::<(), ffence::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::OutOfMemory`](crate::ErrorKind::OutOfMemory),
    /// [`ErrorKind::Poisoned`](crate::ErrorKind::Poisoned) after an earlier failure.
    pub fn finish_into_reset(&mut self, out: &mut [u8]) -> Result<()> {
        self.context.finish_into(out)?;
        self.context.begin(X::algorithm())
    }

    /// Ends the input and gives the output in pieces, which OpenSSL can do since 3.3.
    ///
    /// Before, the output has to be taken at once, by [`finish_into`](Self::finish_into).
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) on OpenSSL 3.0 to 3.2, and where
    /// OpenSSL is linked statically: the function is looked up in the loaded library.
    /// [`ErrorKind::Poisoned`](crate::ErrorKind::Poisoned) after an earlier failure.
    ///
    /// ```
    /// use ffence::crypto::{Shake256, Xof};
    /// use ffence::ErrorKind;
    ///
    /// match Xof::<Shake256>::new()?.squeeze() {
    ///     Ok(mut squeezer) => {
    ///         let (mut first, mut second) = ([0; 3], [0; 5]);
    ///         squeezer.squeeze(&mut first)?;
    ///         squeezer.squeeze(&mut second)?;
    ///         assert_eq!((first, second[0]), ([0x46, 0xb9, 0xdd], 0x2b));
    ///     }
    ///     Err(error) => assert_eq!(error.kind(), ErrorKind::Unsupported),
    /// }
    /// # Ok::<(), ffence::Error>(())
    /// ```
    #[doc(alias = "EVP_DigestSqueeze")]
    pub fn squeeze(self) -> Result<Squeezer<X>> {
        Ok(Squeezer { call: newer::squeeze()?, xof: self })
    }

    fn of(context: Context) -> Self {
        Self { context, algorithm: PhantomData }
    }
}

impl<X: Extendable> Reset for Xof<X> {
    fn reset(&mut self) -> Result<()> {
        self.context.reset(X::algorithm())
    }
}

impl<X: Extendable> io::Write for Xof<X> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.update(data)?;
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<X: Extendable> fmt::Debug for Xof<X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Xof<{}>", X::NAME)
    }
}

/// The output of an [`Xof`], piece by piece and without an end.
///
/// `Send`, not `Sync`. It takes no more input:
/// ```compile_fail,E0599
/// # use ffence::crypto::{Shake256, Xof};
/// let mut squeezer = Xof::<Shake256>::new().unwrap().squeeze().unwrap();
/// squeezer.update(b"more").unwrap();
/// ```
pub struct Squeezer<X: Extendable> {
    xof: Xof<X>,
    call: newer::Squeeze,
}

impl<X: Extendable> Squeezer<X> {
    /// Fills `out` with the next bytes.
    ///
    /// # Errors
    /// [`ErrorKind::Poisoned`](crate::ErrorKind::Poisoned) after an earlier failure.
    #[doc(alias = "EVP_DigestSqueeze")]
    pub fn squeeze(&mut self, out: &mut [u8]) -> Result<()> {
        self.xof.context.squeeze(self.call, out)
    }
}

impl<X: Extendable> io::Read for Squeezer<X> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.squeeze(out)?;
        Ok(out.len())
    }
}

impl<X: Extendable> fmt::Debug for Squeezer<X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Squeezer<{}>", X::NAME)
    }
}
