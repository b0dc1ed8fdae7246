//! An executable of its own: the process must be virgin, so that the first use of both libraries is
//! made by sixteen threads at once.

use std::sync::Barrier;

use ffence::crypto::{Aes256Gcm, Key, RandomNonce, Sha256};
use ffence::{ErrorKind, Init, OpenSslConfig};

#[test]
fn the_first_use_may_come_from_many_threads_at_once() {
    let start = Barrier::new(16);
    std::thread::scope(|scope| {
        for number in 0..16 {
            let start = &start;
            scope.spawn(move || {
                start.wait();
                match number % 4 {
                    0 => ffence::init().unwrap(),
                    1 => assert_eq!(Sha256::digest(b"abc").unwrap().as_bytes()[0], 0xba),
                    2 => {
                        let key = Key::<Aes256Gcm>::generate().unwrap();
                        key.sealer(RandomNonce).unwrap().seal(b"", b"x").unwrap();
                    }
                    _ => assert!(ffence::capabilities().unwrap().libcurl().http2()),
                }
            });
        }
    });

    let can = ffence::capabilities().unwrap();
    assert!(can.openssl().exit_is_safe(), "nothing used libcrypto before this crate");
    assert!(can.openssl().version().starts_with("OpenSSL 3") || can.openssl().number().major > 3);

    // Options that come too late are refused, not ignored; the same ones again are no matter.
    Init::new().run().unwrap();
    let error = Init::new().openssl_config(OpenSslConfig::Ignore).run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Init);
    assert!(error.to_string().contains("first thing in main"), "{error}");
}
