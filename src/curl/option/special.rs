//! Options that are more than one value passed on.

use bytes::Bytes;

use super::{Setting, sealed::Sealed};
use crate::curl::handle::Handle;
use crate::error::Result;

/// The body of a `POST` request, which is kept here and not copied; `None` takes it back.
///
/// Its size is always the bytes' own: `CURLOPT_POSTFIELDSIZE` cannot be set, because libcurl would
/// send whatever lies behind a body that is shorter.
///
/// ```
/// use ffence::curl::{Easy, option};
/// let mut easy = Easy::new()?;
/// easy.set(option::PostFields("a=1&b=2"))?;
/// easy.set(option::PostFields(vec![0_u8; 1024]))?;
/// # Ok::<(), ffence::Error>(())
/// ```
/// What is lent for less than `'static` must be copied first:
/// ```compile_fail,E0597
/// use ffence::curl::{Easy, option};
/// let mut easy = Easy::new()?;
/// let body = String::from("a=1");
/// easy.set(option::PostFields(body.as_str()))?; // `body` does not live long enough
/// # Ok::<(), ffence::Error>(())
/// ```
///
/// [`CURLOPT_POSTFIELDS`](https://curl.se/libcurl/c/CURLOPT_POSTFIELDS.html)
#[doc(alias = "CURLOPT_POSTFIELDS")]
#[doc(alias = "CURLOPT_POSTFIELDSIZE")]
#[doc(alias = "CURLOPT_POSTFIELDSIZE_LARGE")]
#[doc(alias = "CURLOPT_COPYPOSTFIELDS")]
#[derive(Debug)]
pub struct PostFields<B>(pub B);

impl<B: Body> Sealed for PostFields<B> {}
impl<B: Body> Setting for PostFields<B> {
    fn apply(self, handle: &mut Handle) -> Result<()> {
        handle.set_body(self.0.bytes())
    }
}

/// What a request's body can be: owned bytes or text, what is `'static`, or `None`.
pub trait Body {
    #[doc(hidden)]
    fn bytes(self) -> Option<Bytes>;
}

macro_rules! body {
    ($($of:ty),+) => {$(
        impl Body for $of {
            fn bytes(self) -> Option<Bytes> {
                Some(self.into())
            }
        }
    )+};
}

body!(Bytes, Vec<u8>, String, &'static str, &'static [u8]);

impl<B: Body> Body for Option<B> {
    fn bytes(self) -> Option<Bytes> {
        self?.bytes()
    }
}
