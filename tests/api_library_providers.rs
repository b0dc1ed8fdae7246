//! What a library is made of: providers, modules, configuration files, and who implements what.

#[path = "common/families.rs"]
mod families;
#[path = "common/provider.rs"]
mod provider;

use families::{digest, error, hkdf, hmac, with};
use ffence::ErrorKind;
use ffence::crypto::kdf::{Hkdf, KbkdfCmac, Pbkdf2, Scrypt, SingleStepKmac128};
use ffence::crypto::unauthenticated::Aes256Xts;
use ffence::crypto::{
    Aes128, Aes128Ccm8, Aes128Siv, Aes256, Aes256Gcm, Cmac, Deterministic, Digest, Gmac, Hmac,
    Kmac128, Library, Poly1305, Provided, Sha3_256, Sha224, Sha256, Sha384, Shake128, SipHash64,
    legacy,
};

#[test]
fn what_cannot_be_loaded_is_a_clear_error() {
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken.cnf");
    std::fs::write(&broken, "[a section that never ends\n").unwrap();
    let asks_too_much = folder.path().join("asks.cnf");
    std::fs::write(
        &asks_too_much,
        "openssl_conf = init\n[init]\nproviders = all\n[all]\nno-such = it\n[it]\nactivate = 1\n",
    )
    .unwrap();
    let missing = folder.path().join("missing");
    let builder = Library::builder;
    let cases = [
        (builder().provider("no-such"), "the provider no-such cannot be loaded ("),
        (builder().provider("default").provider(""), "the provider  cannot be loaded ("),
        (builder().module(&missing), "the provider /"),
        (builder().module(&broken), "the provider /"),
        (builder().config(&missing), "the configuration file /"),
        (builder().config(&broken), "the configuration file /"),
        (builder().config(folder.path()), "the configuration file /"),
        (builder().config(&asks_too_much), "the configuration file /"),
        (builder().properties("fips==yes"), "\"fips==yes\" is no property query ("),
    ];
    for (builder, text) in cases {
        let described = format!("{builder:?}");
        let Err(error) = builder.build() else { panic!("{described} is not refused") };
        assert_eq!(error.kind(), ErrorKind::Configuration, "{described}: {error}");
        assert!(error.to_string().starts_with(text), "{described}: {error}");
        let reason = ["OpenSSL: ", "is a directory", "names no provider"]
            .iter()
            .any(|it| error.to_string().contains(it));
        assert!(reason, "with its reason: {error}");
    }
    for builder in [
        builder().provider("a\0b"),
        builder().module("/a\0b"),
        builder().config("a\0b"),
        builder().properties("a\0b"),
    ] {
        assert_eq!(error(builder.build()).kind(), ErrorKind::InteriorNul);
    }
}

#[test]
fn a_configuration_file_says_what_is_loaded_and_preferred() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("library.cnf");
    std::fs::write(
        &config,
        "openssl_conf = init\n\
         [init]\nproviders = all\nalg_section = rules\n\
         [all]\nbase = on\nnull = on\n\
         [on]\nactivate = 1\n\
         [rules]\ndefault_properties = provider=default\n",
    )
    .unwrap();
    let alone = Library::builder().config(&config).build().unwrap();
    assert_eq!(alone.providers().collect::<Vec<_>>(), ["base", "null"]);
    assert_eq!(error(Sha256::digest_in(&alone, b"")).kind(), ErrorKind::Unsupported);
    let more = Library::builder().config(&config).provider("default").build().unwrap();
    digest(&more).unwrap();
    // A provider that cannot be loaded is passed over by OpenSSL, and nothing takes its place.
    let partly = folder.path().join("partly.cnf");
    std::fs::write(
        &partly,
        "openssl_conf = init\n[init]\nproviders = all\n[all]\nno-such = on\nbase = on\n\
         [on]\nactivate = 1\n",
    )
    .unwrap();
    let partly = Library::builder().config(&partly).build().unwrap();
    assert_eq!(partly.providers().collect::<Vec<_>>(), ["base"]);
    assert_eq!(error(digest(&partly)).kind(), ErrorKind::Unsupported);
    // What the builder is told replaces the file's rule.
    let other = Library::builder().config(&config).provider("default").properties("provider=base");
    assert_eq!(error(digest(&other.build().unwrap())).kind(), ErrorKind::Unsupported);
}

/// The one algorithm here that OpenSSL's legacy provider alone has.
#[test]
fn the_legacy_provider_gives_what_it_offers() {
    assert_eq!(error(Digest::<legacy::Md4>::of(b"")).kind(), ErrorKind::Unsupported);
    let built = Library::builder().provider("default").provider("legacy").build();
    let library = match built {
        // Whether openssl-src builds it in depends on who else of the program asks for it.
        Err(error) if cfg!(feature = "vendored") => {
            return assert_eq!(error.kind(), ErrorKind::Configuration);
        }
        built => built.unwrap(),
    };
    let digest = legacy::Md4::digest_in(&library, b"abc").unwrap();
    assert_eq!(digest.to_string(), "a448017aaf21d8525fc10ae87aa6729d"); // RFC 1320, A.5
    assert_eq!(legacy::Md4::origin_in(&library).unwrap().provider(), "legacy");
    assert_eq!(Sha256::origin_in(&library).unwrap().provider(), "default");
    // HMAC is one provider's, its digest another's.
    let mut hmac = Hmac::<legacy::Md4>::new_in(&library, b"key").unwrap();
    let tag = hmac.sign(b"message").unwrap();
    drop(library);
    hmac.verify(b"message", tag).unwrap();

    let alone = with("legacy");
    legacy::Md4::digest_in(&alone, b"abc").unwrap();
    assert_eq!(error(Sha256::digest_in(&alone, b"abc")).kind(), ErrorKind::Unsupported);
}

#[test]
fn the_default_library_tells_who_implements_what() {
    // A system may be set up for FIPS; this one is asked what it says itself.
    let origin = Sha256::origin().unwrap();
    assert_eq!(origin, Sha256::origin().unwrap());
    if origin.provider() == "default" {
        for origin in [
            Sha256::origin(),
            Shake128::origin(),
            Aes256Gcm::origin(),
            Aes128Ccm8::origin(),
            Deterministic::<Aes128Siv>::origin(),
            Aes256Xts::origin(),
            Hmac::<Sha256>::origin(),
            Cmac::<Aes128>::origin(),
            Gmac::<Aes256>::origin(),
            <Kmac128>::origin(),
            SipHash64::origin(),
            Poly1305::origin(),
            Hkdf::<Sha256>::origin(),
            Pbkdf2::<Sha256>::origin(),
            Scrypt::origin(),
            KbkdfCmac::<Aes128>::origin(),
            SingleStepKmac128::origin(),
        ] {
            let origin = origin.unwrap();
            assert_eq!((origin.provider(), origin.is_fips()), ("default", false));
        }
    }
    assert_eq!(error(legacy::Md4::origin()).kind(), ErrorKind::Unsupported);
    assert_eq!(error(Sha256::origin_in(&with("null"))).kind(), ErrorKind::Unsupported);
}

/// A module of a vendor, for which Debian has no example: `fixture.c` declares `fips=yes` for one of
/// its algorithms.
#[test]
fn a_module_is_loaded_by_its_path_and_its_word_on_fips_is_told() {
    let module = provider::fixture();
    let path = module.to_str().unwrap();
    let built = Library::builder().module(module).provider("default").build();
    let both = match built {
        // Whether openssl-src can load modules depends on who else of the program asks for it.
        Err(error) if cfg!(feature = "vendored") => {
            return assert_eq!(error.kind(), ErrorKind::Configuration);
        }
        built => built.unwrap(),
    };
    assert_eq!(both.providers().collect::<Vec<_>>(), [path, "default"]);

    // Its own algorithms, alone.
    let alone = Library::builder().module(module).build().unwrap();
    let digest = Sha256::digest_in(&alone, b"abc").unwrap();
    assert_eq!(digest, Sha256::digest(b"abc").unwrap());
    let yes = Sha256::origin_in(&alone).unwrap();
    assert_eq!((yes.provider(), yes.is_fips()), (path, true));
    let no = Sha224::origin_in(&alone).unwrap();
    assert_eq!((no.provider(), no.is_fips()), (path, false));
    let text = error(Hmac::<Sha256>::new_in(&alone, b"key")).to_string();
    assert!(text.contains("offers HMAC"), "{text}");

    // What must be validated is, and the rest is refused, by name.
    let fips = || Library::builder().module(module).provider("default");
    let strict = fips().properties("fips=yes").build().unwrap();
    assert!(Sha256::origin_in(&strict).unwrap().is_fips());
    let text = error(Sha224::digest_in(&strict, b"")).to_string();
    assert!(text.contains("\"fips=yes\" offers SHA2-224"), "{text}");

    // Where it is only preferred, it is taken where it is: also inside HMAC, which is not validated
    // as a whole, because it is the default provider's.
    let soft = fips().properties("?fips=yes").build().unwrap();
    assert!(Sha256::origin_in(&soft).unwrap().is_fips());
    assert_eq!(Sha3_256::origin_in(&soft).unwrap().provider(), "default");
    let origin = Hmac::<Sha256>::origin_in(&soft).unwrap();
    assert_eq!((origin.provider(), origin.is_fips()), ("default", false));
    hmac(&soft).unwrap();
    hkdf(&soft).unwrap();

    // The default library never hears of it.
    assert_ne!(Sha256::origin().unwrap().provider(), path);
}

#[test]
fn a_module_that_states_other_lengths_is_not_trusted() {
    if cfg!(feature = "vendored") {
        return; // no module can be loaded, see above
    }
    let library = Library::builder().module(provider::fixture()).build().unwrap();
    let error = error(Sha384::digest_in(&library, b""));
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("offers SHA2-384 with other lengths"), "{error}");
}

/// OpenSSL keeps one list of configured modules for the whole process.
#[test]
fn threads_configure_their_libraries_at_the_same_time() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("library.cnf");
    let text = "openssl_conf = init\n[init]\nproviders = all\n[all]\ndefault = on\n\
                [on]\nactivate = 1\n";
    std::fs::write(&config, text).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..10 {
                    let library = Library::builder().config(&config).build().unwrap();
                    assert_eq!(library.providers().collect::<Vec<_>>(), ["default"]);
                    digest(&library).unwrap();
                }
            });
        }
    });
}
