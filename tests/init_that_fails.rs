//! An executable of its own: a set-up that failed is final for the process.

use ffence::crypto::{Aes256Gcm, Key, Sha256};
use ffence::{ErrorKind, Init, OpenSslConfig};

#[test]
fn a_failed_set_up_is_the_answer_for_ever() {
    // A configuration that switches the default provider off leaves OpenSSL without algorithms.
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("no-providers.cnf");
    std::fs::write(
        &file,
        "openssl_conf = init\n[init]\nproviders = list\n[list]\nnull = active\n[active]\nactivate = 1\n",
    )
    .unwrap();

    let first = Init::new().openssl_config(OpenSslConfig::File(file)).run().unwrap_err();
    assert_eq!(first.kind(), ErrorKind::Init);
    assert!(first.function().is_some(), "it says which C function failed: {first:?}");

    for _ in 0..3 {
        let again = ffence::init().unwrap_err();
        assert_eq!((again.kind(), again.to_string()), (ErrorKind::Init, first.to_string()));
    }
    assert_eq!(Sha256::digest(b"abc").unwrap_err().kind(), ErrorKind::Init);
    assert_eq!(Key::<Aes256Gcm>::generate().err().unwrap().kind(), ErrorKind::Init);
    assert_eq!(ffence::capabilities().unwrap_err().kind(), ErrorKind::Init);
}
