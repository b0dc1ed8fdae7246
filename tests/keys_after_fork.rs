//! A process of its own, because it forks: what a child can do with keys that it inherited, and with
//! those that it makes.

#[cfg(unix)]
#[path = "common/cases.rs"]
mod cases;

#[cfg(unix)]
fn main() {
    cases::main(unix::CASES);
}

#[cfg(not(unix))]
fn main() {
    println!(
        "test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out (no Unix)"
    );
}

#[cfg(unix)]
mod unix {
    use std::io::{Read as _, Write as _};
    use std::num::NonZeroU32;
    use std::sync::atomic::{AtomicBool, Ordering};

    use ffence::ErrorKind;
    use ffence::crypto::kdf::{Iterations, KeyMaterial, Prk};
    use ffence::crypto::password::{PasswordHash, PasswordScheme};
    use ffence::crypto::unauthenticated::{self, Aes256Cbc, Aes256Kw, Padding};
    use ffence::crypto::{
        Aead, Aes128Gcm, Aes256Ccm, Aes256Gcm, Aes256Ocb, Aes256Siv, ChaCha20Poly1305, Hmac, Key,
        Nonced, OneTimeKey, Poly1305, RandomNonce, Sha256, StreamKey, hazmat, random,
    };

    use super::cases::{Case, End, in_child};

    #[rustfmt::skip]
    pub(super) const CASES: &[Case] = &[
        ("nothing_is_made_of_an_inherited_key", nothing_new, End::Well),
        ("inherited_sealers_and_openers_go_on", go_on, End::Well),
        ("an_inherited_siv_is_refused", siv, End::Well),
        ("streams_are_refused_or_read_on", streams, End::Well),
        ("what_kdfs_derived_is_refused", derived, End::Well),
        ("keys_of_ciphers_and_macs_are_refused", ciphers_and_macs, End::Well),
        ("a_password_is_checked_by_a_child", passwords, End::Well),
        ("a_child_makes_keys_and_its_child_is_refused_those", grandchild, End::Well),
        ("the_parent_keeps_what_a_child_drops", dropped_in_the_child, End::Well),
        ("a_child_waits_for_no_lock_of_its_parents_threads", while_threads_make_keys, End::Well),
    ];

    /// Whether it was refused, as what belongs to another process.
    fn refused<T>(outcome: ffence::Result<T>) -> bool {
        outcome.is_err_and(|error| {
            error.kind() == ErrorKind::Poisoned && error.to_string().contains("forked")
        })
    }

    fn nothing_new() {
        let key = Key::<Aes256Gcm>::generate().expect("a key");
        let sealer = key.sealer(RandomNonce).expect("a sealer");
        let opener = key.opener().expect("an opener");
        let chosen = hazmat::Sealer::new(&key).expect("a sealer");
        assert!(in_child(|| {
            refused(key.sealer(RandomNonce))
                && refused(key.opener())
                && refused(hazmat::Sealer::new(&key))
                && refused(sealer.try_clone())
                && refused(opener.try_clone())
                && refused(chosen.try_clone())
                && refused(key.to_secret())
        }));
        assert!(key.opener().is_ok());
    }

    fn goes_on<A: Nonced>() {
        let key = Key::<A>::generate().expect("a key");
        let mut sealer = key.sealer(RandomNonce).expect("a sealer");
        let mut opener = key.opener().expect("an opener");
        let sealed = sealer.seal(b"header", b"before").expect("sealed");
        assert!(
            in_child(|| {
                let own = sealer.seal(b"header", b"in the child").expect("sealed");
                // The key is the right one, not zeroes: the child opens what its parent sealed.
                opener.open(b"header", &sealed).expect("opened") == b"before"
                    && opener.open(b"header", &own).expect("opened") == b"in the child"
            }),
            "{}",
            A::NAME
        );
        let sealed = sealer.seal(b"header", b"after").expect("sealed");
        assert_eq!(opener.open(b"header", &sealed).expect("opened"), b"after");
    }

    fn go_on() {
        goes_on::<Aes128Gcm>();
        goes_on::<Aes256Gcm>();
        goes_on::<ChaCha20Poly1305>();
        goes_on::<Aes256Ccm>();
        goes_on::<Aes256Ocb>();
    }

    /// SIV is given its key for each message: a child that went on would seal under zeroes.
    fn siv() {
        let key = Key::<Aes256Siv>::generate().expect("a key");
        let mut sealer = key.sealer(RandomNonce).expect("a sealer");
        let mut opener = key.opener().expect("an opener");
        let sealed = sealer.seal(b"header", b"before").expect("sealed");
        let (mut nonce, mut text) = ([0; 16], *b"in place");
        nonce.copy_from_slice(&sealed[..16]);
        let tag = *sealed.last_chunk().expect("a tag");
        assert!(in_child(|| {
            let wiped = refused(opener.open_in_place(b"header", &nonce, &mut text, &tag));
            refused(sealer.seal(b"header", b"in the child"))
                && refused(opener.open(b"header", &sealed))
                && wiped
                && text == [0; 8]
        }));
        assert_eq!(opener.open(b"header", &sealed).expect("opened"), b"before");
    }

    fn streams() {
        let poisoned = |outcome: std::io::Result<usize>| {
            let error = outcome.expect_err("refused");
            let inner = error.get_ref().and_then(|it| it.downcast_ref::<ffence::Error>());
            inner.is_some_and(|error| error.kind() == ErrorKind::Poisoned)
        };
        let key = StreamKey::<Aes128Gcm>::generate().expect("a key");
        let text: Vec<_> = (0..50_000_u32).map(|at| at.to_le_bytes()[0]).collect();
        let mut writer = key.seal(b"", Vec::new()).expect("a stream");
        writer.write_all(&text[..20_000]).expect("written");
        let sealed = {
            let mut whole = key.seal(b"", Vec::new()).expect("a stream");
            whole.write_all(&text).expect("written");
            whole.finish().expect("finished")
        };
        let mut begun = key.open(b"", &sealed[..]);
        let mut start = [0; 100];
        begun.read_exact(&mut start).expect("read");
        let mut unread = key.open(b"", &sealed[..]);
        assert!(in_child(|| {
            let mut rest = Vec::new();
            // Two processes that seal the same chunk of a stream would use a nonce twice.
            poisoned(writer.write(&text[20_000..40_000]))
                && refused(key.seal(b"", Vec::<u8>::new()))
                && poisoned(unread.read(&mut [0; 10]))
                && poisoned(key.open(b"", &sealed[..]).read(&mut [0; 10]))
                && begun.read_to_end(&mut rest).is_ok()
                && rest == text[100..]
        }));
        writer.write_all(&text[20_000..]).expect("written");
        let mut opened = Vec::new();
        let sealed = writer.finish().expect("finished");
        key.open(b"", &sealed[..]).read_to_end(&mut opened).expect("read");
        assert_eq!(opened, text);
    }

    fn derived() {
        let prk = Prk::<Sha256>::extract(b"salt", b"secret").expect("extracted");
        let material: KeyMaterial<32> = prk.expand_array(b"info").expect("expanded");
        let drawn = random::private_bytes::<16>().expect("drawn");
        assert!(in_child(|| {
            let mut out = [7; 32];
            refused(prk.expand(b"info", &mut out))
                && out == [0; 32]
                && refused(prk.expand_array::<16>(b"info"))
                && refused(prk.expand_secret::<16>(b"info"))
                && refused(prk.expand_label(b"key", b"", &mut out))
                && refused(prk.as_bytes())
                && refused(material.as_bytes())
                && refused(drawn.as_bytes())
        }));
        assert!(prk.as_bytes().is_ok() && material.as_bytes().is_ok());
    }

    fn ciphers_and_macs() {
        let cipher = unauthenticated::Key::<Aes256Cbc>::generate().expect("a key");
        let wrapping = unauthenticated::Key::<Aes256Kw>::generate().expect("a key");
        let wrapped = wrapping.wrapper().and_then(|mut it| it.wrap(&[7; 32])).expect("wrapped");
        let mut unwrapper = wrapping.unwrapper().expect("an unwrapper");
        let unwrapped = unwrapper.unwrap(&wrapped).expect("unwrapped");
        let once = OneTimeKey::from_bytes(&[7; 32]);
        let mut hmac = Hmac::<Sha256>::new(b"key").expect("a MAC");
        let tag = hmac.sign(b"message").expect("signed");
        assert!(in_child(|| {
            refused(cipher.cbc_encryptor(&[0; 16], Padding::Pkcs7))
                && refused(cipher.cbc_decryptor(&[0; 16], Padding::Pkcs7))
                && refused(wrapping.wrapper())
                && refused(unwrapped.as_bytes())
                && refused(Poly1305::new(once))
                // What OpenSSL has the key of goes on.
                && hmac.verify(b"message", tag).is_ok()
                && unwrapper.unwrap(&wrapped).is_ok_and(|own| {
                    own.as_bytes().is_ok_and(|bytes| bytes == [7; 32])
                })
        }));
        assert_eq!(unwrapped.as_bytes().expect("made here"), [7; 32]);
    }

    fn passwords() {
        let cost = Iterations::legacy(NonZeroU32::MIN);
        let hash =
            PasswordHash::with(PasswordScheme::Pbkdf2Sha256(cost), b"secret").expect("hashed");
        assert!(in_child(|| hash.verify(b"secret").is_ok() && hash.verify(b"guess").is_err()));
    }

    fn works<A: Aead + Nonced>(key: &Key<A>) -> bool {
        let sealed = key.sealer(RandomNonce).and_then(|mut it| it.seal(b"", b"hello"));
        let opened = sealed.and_then(|sealed| key.opener()?.open(b"", &sealed));
        opened.is_ok_and(|text| text == b"hello")
    }

    fn grandchild() {
        let inherited = Key::<Aes256Gcm>::generate().expect("a key");
        assert!(in_child(|| {
            let keys: Vec<_> = (0..1000).map(|_| Key::<Aes256Gcm>::from_bytes(&[7; 32])).collect();
            let locked = keys.iter().all(|key| key.protection().locked);
            let fine = keys.iter().step_by(100).all(works);
            let below = in_child(|| {
                let own = Key::<Aes256Gcm>::generate().expect("a key");
                keys.iter().all(|key| refused(key.opener()))
                    && refused(inherited.opener())
                    && works(&own)
            });
            locked && fine && below && keys.iter().step_by(100).all(works)
        }));
        assert!(works(&inherited));
    }

    fn dropped_in_the_child() {
        let prks: Vec<_> = (0..1000_u16)
            .map(|number| {
                let mut bytes = [7; 32];
                bytes[..2].copy_from_slice(&number.to_le_bytes());
                (bytes, Prk::<Sha256>::from_slice(&bytes).expect("32 bytes"))
            })
            .collect();
        let mut prks = Some(prks);
        assert!(in_child(|| {
            // Wiped canaries are no sign of damage here.
            drop(prks.take());
            works(&Key::<Aes256Gcm>::generate().expect("a key"))
        }));
        for (bytes, prk) in prks.iter().flatten() {
            assert_eq!(prk.as_bytes().expect("made here"), bytes);
        }
    }

    /// A child of a process whose threads take and free slots all the time finds some lock held by a
    /// thread that does not exist there.
    fn while_threads_make_keys() {
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    while !done.load(Ordering::Relaxed) {
                        drop(OneTimeKey::from_bytes(&[7; 32]));
                    }
                });
            }
            for _ in 0..200 {
                let inherited = OneTimeKey::from_bytes(&[7; 32]);
                let fine = in_child(|| {
                    drop(inherited);
                    let keys: Vec<_> = (0..50).map(|_| OneTimeKey::from_bytes(&[7; 32])).collect();
                    keys.len() == 50
                });
                if !fine {
                    done.store(true, Ordering::Relaxed);
                }
                assert!(fine, "a child waited for ever");
            }
            done.store(true, Ordering::Relaxed);
        });
    }
}
