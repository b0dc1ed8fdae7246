//! Library contexts: what works in one, what it refuses, and what outlives it.

#[path = "common/families.rs"]
mod families;
#[path = "common/provider.rs"]
mod provider;

use std::io::{Read as _, Write as _};

use families::{aead, digest, error, every_family, hasher, hkdf, hmac, randomness, with};
use ffence::ErrorKind;
use ffence::crypto::kdf::{self, Prk};
use ffence::crypto::{
    Aes128, Aes256Gcm, Cmac, Hasher, Hmac, Key, Library, RandomNonce, Sha256, StreamKey,
};

#[test]
fn every_family_works_in_a_library_as_in_the_default_one() {
    let library = Library::new().unwrap();
    for (family, outcome) in every_family(&library) {
        outcome.unwrap_or_else(|error| panic!("{family}: {error}"));
    }
    // The second time, everything is fetched.
    for (family, outcome) in every_family(&library) {
        outcome.unwrap_or_else(|error| panic!("{family}, again: {error}"));
    }
}

#[test]
fn without_a_provider_named_the_default_one_is_there() {
    let library = Library::builder().build().unwrap();
    assert_eq!(library.providers().collect::<Vec<_>>(), ["default"]);
    assert_eq!(library.properties(), None);
    digest(&library).unwrap();
}

#[test]
fn in_a_library_of_nothing_every_family_is_unsupported_and_says_so() {
    let library = with("null");
    for (family, outcome) in every_family(&library) {
        let error = error(outcome);
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{family}: {error}");
        let text = error.to_string();
        assert!(text.starts_with("no provider of the library with null offers "), "{text}");
    }
    let text = error(Sha256::digest_in(&library, b"")).to_string();
    assert!(text.contains("offers SHA2-256, which OpenSSL has since 0.9.8 ("), "{text}");
    let text = error(Cmac::<Aes128>::new_in(&library, &[7; 16])).to_string();
    assert!(text.contains("offers AES-128-CBC"), "the part is named: {text}");
    // The default library is not touched by it.
    Sha256::digest(b"").unwrap();
    Key::<Aes256Gcm>::generate().unwrap().sealer(RandomNonce).unwrap();
}

#[test]
fn a_query_that_nothing_satisfies_is_named_with_the_algorithm() {
    let library = Library::builder().provider("default").properties("fips=yes").build().unwrap();
    assert_eq!(library.properties(), Some("fips=yes"));
    for (family, outcome) in every_family(&library) {
        let error = error(outcome);
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{family}: {error}");
    }
    let text = error(Key::<Aes256Gcm>::from_bytes_in(&library, &[7; 32]).opener()).to_string();
    let expected = "no provider of the library with default and the property query \"fips=yes\" \
                    offers AES-256-GCM, which OpenSSL has since 1.0.1 (";
    assert!(text.starts_with(expected), "{text}");

    // A wish is not a demand.
    let library = Library::builder().properties("?fips=yes").build().unwrap();
    for (family, outcome) in every_family(&library) {
        outcome.unwrap_or_else(|error| panic!("{family}: {error}"));
    }
}

#[test]
fn what_newer_versions_add_is_unsupported_in_a_library_too() {
    let library = Library::new().unwrap();
    let cost = kdf::Argon2Cost::RECOMMENDED;
    let mut out = [1; 32];
    match kdf::argon2id_in(&library, b"password", b"0123456789abcdef", cost, &mut out) {
        Ok(()) => assert_ne!(out, [1; 32]),
        Err(error) => {
            assert_eq!((error.kind(), out), (ErrorKind::Unsupported, [0; 32]));
            assert!(error.to_string().contains("ARGON2ID, which OpenSSL has since 3.2"), "{error}");
        }
    }
}

/// The fixture ends the process when it is unloaded before its last context.
#[test]
fn what_was_made_in_a_library_outlives_every_handle_of_it() {
    let library = if cfg!(feature = "vendored") {
        Library::new().unwrap()
    } else {
        Library::builder().module(provider::fixture()).provider("default").build().unwrap()
    };
    let expected = Sha256::digest(b"abc").unwrap();
    let mut hasher = Hasher::<Sha256>::new_in(&library).unwrap();
    let second = library.clone();
    assert_eq!(second, library);
    drop(library);
    hasher.update(b"a").unwrap();
    drop(second);
    let mut clone = hasher.try_clone().unwrap();
    clone.update(b"bc").unwrap();
    assert_eq!(clone.finish().unwrap(), expected);
    hasher.update(b"bc").unwrap();
    assert_eq!(hasher.finish_reset().unwrap(), expected);
    assert_eq!(hasher.finish().unwrap(), Sha256::digest(b"").unwrap());

    // Each thing alone is enough, whichever comes last.
    let key = Key::<Aes256Gcm>::generate_in(&Library::new().unwrap()).unwrap();
    let mut sealer = key.sealer(RandomNonce).unwrap();
    let mut opener = key.opener().unwrap();
    drop(key);
    let sealed: Vec<_> = (0..100).map(|_| sealer.seal(b"", b"text").unwrap()).collect();
    let mut second = sealer.try_clone().unwrap();
    drop(sealer);
    assert_eq!(opener.open(b"", &second.seal(b"", b"text").unwrap()).unwrap(), b"text");
    drop(second);
    assert!(sealed.iter().all(|sealed| opener.open(b"", sealed).is_ok()));

    let mut mac = Hmac::<Sha256>::new_in(&Library::new().unwrap(), b"key").unwrap();
    let tag = mac.sign(b"message").unwrap();
    mac.verify(b"message", tag).unwrap();
    let prk = Prk::<Sha256>::extract_in(&Library::new().unwrap(), b"", b"secret").unwrap();
    prk.expand_array::<32>(b"info").unwrap();

    let key = StreamKey::<Aes256Gcm>::generate_in(&Library::new().unwrap()).unwrap();
    let mut writer = key.seal(b"", Vec::new()).unwrap();
    writer.write_all(b"text").unwrap();
    let sealed = writer.finish().unwrap();
    let mut reader = key.open(b"", &sealed[..]);
    drop(key);
    let mut text = Vec::new();
    reader.read_to_end(&mut text).unwrap();
    assert_eq!(text, b"text");
}

#[test]
fn several_libraries_in_several_threads() {
    fn everywhere<T: Send + Sync + 'static>() {}
    everywhere::<Library>();

    let libraries: Vec<_> = (0..3).map(|_| Library::new().unwrap()).collect();
    let nothing = with("null");
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (libraries, nothing) = (&libraries, &nothing);
            scope.spawn(move || {
                for round in 0..8 {
                    let library = &libraries[(thread + round) % libraries.len()];
                    aead(library).unwrap();
                    hmac(library).unwrap();
                    hkdf(library).unwrap();
                    randomness(library).unwrap();
                    hasher(&Library::new().unwrap()).unwrap();
                    assert!(digest(nothing).is_err());
                    Sha256::digest(b"in between").unwrap();
                }
            });
        }
    });
}

/// OpenSSL keeps generators for each thread that draws from a context, and looks them up in it when
/// the thread ends. Here the library is gone by then.
#[test]
fn threads_that_drew_from_a_library_end_after_it() {
    let library = Library::new().unwrap();
    let (drawn, gone) = (std::sync::Barrier::new(4), std::sync::Barrier::new(4));
    std::thread::scope(|scope| {
        for _ in 0..3 {
            let own = library.clone();
            let (drawn, gone) = (&drawn, &gone);
            scope.spawn(move || {
                for (family, outcome) in every_family(&own) {
                    outcome.unwrap_or_else(|error| panic!("{family}: {error}"));
                }
                drop(own);
                drawn.wait();
                gone.wait();
            });
        }
        drawn.wait();
        drop(library);
        // What takes the freed memory makes a stale look at it visible.
        let others: Vec<_> = (0..4).map(|_| Library::new().unwrap()).collect();
        drop(others);
        gone.wait();
    });
}

#[test]
fn it_shows_what_it_is_and_no_address() {
    let library = Library::builder().provider("default").provider("base").properties("?fips=yes");
    let library = library.build().unwrap();
    assert_eq!(
        format!("{library:?}"),
        "Library { providers: [\"default\", \"base\"], properties: Some(\"?fips=yes\") }"
    );
    assert_ne!(library, Library::new().unwrap());
}
