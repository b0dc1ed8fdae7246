//! The version of a library.

/// Major, minor and patch number of a library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Version {
    /// The first number.
    pub major: u32,
    /// The second number.
    pub minor: u32,
    /// The third number.
    pub patch: u32,
}

impl Version {
    /// For comparisons: `libcurl.number() >= Version::new(8, 12, 1)`.
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self { major, minor, patch }
    }

    /// Reads `7.80.0`, or `7.80`, when the crate is compiled.
    #[cfg(feature = "http")]
    pub(crate) const fn read(text: &str) -> Self {
        let text = text.as_bytes();
        let mut numbers = [0_u32; 3];
        let (mut at, mut number) = (0, 0);
        while at < text.len() {
            if text[at] == b'.' {
                number += 1;
            } else {
                numbers[number] = numbers[number] * 10 + (text[at] - b'0') as u32;
            }
            at += 1;
        }
        Self::new(numbers[0], numbers[1], numbers[2])
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}
