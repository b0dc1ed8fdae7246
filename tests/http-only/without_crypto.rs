//! That this build is what it says: nothing of `crypto` is there, and TLS is told by libcurl's options.

use std::any::Any;

use ffence::ErrorKind;
use ffence::capabilities::Capabilities;
use ffence::http::{Client, Identity, Tls};

/// Stands in for the method that comes with `crypto`, which would be called in its place.
#[allow(dead_code)] // that method, where it is there
trait Absent {
    fn shared_libcrypto(&self) -> Option<()> {
        None
    }
}

impl Absent for Capabilities {}

/// Fails where another package of the same build wants `crypto`: `cargo test -p ffence-http-only` has none.
#[test]
fn there_is_no_libcrypto_of_this_crate() {
    let answer = ffence::capabilities().unwrap().shared_libcrypto();
    let answer: &dyn Any = &answer;
    assert_eq!(answer.downcast_ref::<Option<()>>(), Some(&None));
}

/// Only the form of an identity is looked at here, and libcurl looks at the rest with each connection.
#[test]
fn what_only_openssl_knows_is_told_by_the_connection() {
    let mine = rcgen::generate_simple_self_signed(["me.test".to_owned()]).unwrap();
    let other = rcgen::generate_simple_self_signed(["other.test".to_owned()]).unwrap();
    let (chain, key) = (mine.cert.pem(), other.signing_key.serialize_pem());
    let identity = Identity::pem(&chain, key).expect("it has the form of one");
    let client =
        Client::builder().tls(Tls::new().ca_pem(chain).identity(identity)).build().unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    let error = client.get(url).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
}
