//! When each phase of a transfer ended, and which limit one ran into.

use std::fmt;
use std::time::Duration;

/// When each phase of a call ended, counted from its start.
///
/// Redirects that were followed come first: the phases are the last request's. On a connection that was kept from an
/// earlier call, `connect` and `tls` are zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timings {
    /// How long the call waited for its turn before libcurl had it; the other times begin after that.
    pub queue: Duration,
    /// The host name was resolved.
    ///
    /// [`CURLINFO_NAMELOOKUP_TIME_T`](https://curl.se/libcurl/c/CURLINFO_NAMELOOKUP_TIME_T.html)
    #[doc(alias = "CURLINFO_NAMELOOKUP_TIME_T")]
    pub name: Duration,
    /// The connection stood; zero where an earlier one was used again.
    ///
    /// [`CURLINFO_CONNECT_TIME_T`](https://curl.se/libcurl/c/CURLINFO_CONNECT_TIME_T.html)
    #[doc(alias = "CURLINFO_CONNECT_TIME_T")]
    pub connect: Duration,
    /// The TLS handshake was done; zero where there was none.
    ///
    /// [`CURLINFO_APPCONNECT_TIME_T`](https://curl.se/libcurl/c/CURLINFO_APPCONNECT_TIME_T.html)
    #[doc(alias = "CURLINFO_APPCONNECT_TIME_T")]
    pub tls: Duration,
    /// The request was about to be sent.
    ///
    /// [`CURLINFO_PRETRANSFER_TIME_T`](https://curl.se/libcurl/c/CURLINFO_PRETRANSFER_TIME_T.html)
    #[doc(alias = "CURLINFO_PRETRANSFER_TIME_T")]
    pub request: Duration,
    /// The first header line of the response was there; zero where none came.
    ///
    /// This is measured here: `CURLINFO_STARTTRANSFER_TIME_T` of a request with a body can be the
    /// time at which sending the body began.
    #[doc(alias = "CURLINFO_STARTTRANSFER_TIME_T")]
    pub first_byte: Duration,
    /// All that came before the last request, where redirects were followed.
    ///
    /// [`CURLINFO_REDIRECT_TIME_T`](https://curl.se/libcurl/c/CURLINFO_REDIRECT_TIME_T.html)
    #[doc(alias = "CURLINFO_REDIRECT_TIME_T")]
    pub redirect: Duration,
    /// The last byte of the response was there, or the call failed. Of a response whose body is still
    /// to be read: until now.
    ///
    /// [`CURLINFO_TOTAL_TIME_T`](https://curl.se/libcurl/c/CURLINFO_TOTAL_TIME_T.html)
    #[doc(alias = "CURLINFO_TOTAL_TIME_T")]
    pub total: Duration,
}

/// Where the time went, in one line: how long each phase took that there was.
impl fmt::Display for Timings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1?} in all", self.queue + self.total)?;
        let mut before = self.redirect;
        let mut separator = ": ";
        let mut phase = |f: &mut fmt::Formatter<'_>, what, took: Duration| -> fmt::Result {
            if took.is_zero() {
                return Ok(());
            }
            write!(f, "{separator}{took:.1?} {what}")?;
            separator = ", ";
            Ok(())
        };
        phase(f, "in the queue", self.queue)?;
        phase(f, "in redirects", self.redirect)?;
        let phases = [
            ("for the name", self.name),
            ("to connect", self.connect),
            ("for TLS", self.tls),
            ("to begin", self.request),
            ("until the first byte", self.first_byte),
            ("for the rest", self.total),
        ];
        for (what, end) in phases {
            phase(f, what, end.saturating_sub(before))?;
            before = before.max(end);
        }
        Ok(())
    }
}

/// Which limit a transfer ran into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TimeLimit {
    /// The host name was not resolved in time.
    Name,
    /// The connection did not stand in time: name, connection and TLS handshake together.
    Connect,
    /// The TLS handshake was not done in time.
    Tls,
    /// The first byte of the response did not come in time.
    FirstByte,
    /// Too long nothing came, in the middle of a response.
    BetweenBytes,
    /// The whole call, or its deadline.
    Total,
}

impl fmt::Display for TimeLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "to resolve the host name",
            Self::Connect => "to connect",
            Self::Tls => "for the TLS handshake",
            Self::FirstByte => "for the first byte of the response",
            Self::BetweenBytes => "between two parts of the response",
            Self::Total => "for the whole call",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_tells_where_the_time_went() {
        let at = Duration::from_millis;
        let timings = Timings {
            queue: at(5),
            name: at(1),
            connect: at(3),
            request: at(3),
            first_byte: at(103),
            total: at(104),
            ..Timings::default()
        };
        assert_eq!(
            timings.to_string(),
            "109.0ms in all: 5.0ms in the queue, 1.0ms for the name, 2.0ms to connect, \
             100.0ms until the first byte, 1.0ms for the rest"
        );
        assert_eq!(Timings::default().to_string(), "0.0ns in all");
    }
}
