//! Arrays of bytes whose length an algorithm fixes.

use std::fmt::Debug;

use zeroize::Zeroize;

/// `[u8; N]`: what digests, tags and keys are made of.
pub trait Octets:
    sealed::Array + AsRef<[u8]> + AsMut<[u8]> + Copy + Debug + Eq + Zeroize + Send + Sync + 'static
{
    /// All bytes 0.
    const ZERO: Self;
}

impl<const N: usize> Octets for [u8; N] {
    const ZERO: Self = [0; N];
}

mod sealed {
    pub trait Array {}
    impl<const N: usize> Array for [u8; N] {}
}
