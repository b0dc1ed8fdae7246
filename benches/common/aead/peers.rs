//! The other crates, each in the best way that it has: a kept key, in place. `common` is what most
//! programs do with the openssl crate.

use std::hint::black_box;

use aes_gcm::{AeadInOut as _, KeyInit as _};
use openssl::cipher_ctx::CipherCtx;
use openssl::rand::rand_bytes;
use openssl::symm;

use super::super::Op;
use super::raw::Sealed;
use super::{Algorithm, Counter, KEY, NONCE, TAG, text};

pub fn openssl_seal<A: Algorithm>(bytes: usize) -> Op {
    let mut nonces = Counter(0);
    openssl_kept::<A>(bytes, move |nonce| *nonce = nonces.next())
}

pub fn openssl_seal_drawn<A: Algorithm>(bytes: usize) -> Op {
    openssl_kept::<A>(bytes, |nonce| rand_bytes(nonce).expect("random bytes"))
}

fn openssl_kept<A: Algorithm>(
    bytes: usize,
    mut next: impl FnMut(&mut [u8; NONCE]) + 'static,
) -> Op {
    let (mut text, mut nonce, mut tag) = (text(bytes), [0; NONCE], [0; TAG]);
    let mut ctx = CipherCtx::new().expect("a context");
    ctx.encrypt_init(Some(A::openssl()), Some(&KEY), None).expect("keyed");
    Box::new(move || {
        next(&mut nonce);
        ctx.encrypt_init(None, None, Some(&nonce)).expect("begun");
        let written = ctx.cipher_update_inplace(black_box(&mut text), bytes).expect("updated");
        ctx.cipher_final(&mut []).expect("ended");
        ctx.tag(&mut tag).expect("a tag");
        assert_eq!(written, bytes);
        black_box((&text, &nonce, &tag));
    })
}

pub fn openssl_seal_common<A: Algorithm>(bytes: usize) -> Op {
    let text = text(bytes);
    Box::new(move || {
        let (mut nonce, mut tag) = ([0; NONCE], [0; TAG]);
        rand_bytes(&mut nonce).expect("random bytes");
        let cipher = A::openssl_symm();
        let sealed =
            symm::encrypt_aead(cipher, &KEY, Some(&nonce), b"", black_box(&text), &mut tag);
        black_box((sealed.expect("sealed"), nonce, tag));
    })
}

pub fn openssl_open<A: Algorithm>(bytes: usize) -> Op {
    let sealed = Sealed::new::<A>(bytes);
    let mut text = vec![0; bytes];
    let mut ctx = CipherCtx::new().expect("a context");
    ctx.decrypt_init(Some(A::openssl()), Some(&KEY), None).expect("keyed");
    Box::new(move || {
        let Sealed { nonce, text: from, tag } = black_box(&sealed);
        text.copy_from_slice(from);
        ctx.decrypt_init(None, None, Some(nonce)).expect("begun");
        ctx.set_tag(tag).expect("a tag");
        let written = ctx.cipher_update_inplace(&mut text, bytes).expect("updated");
        ctx.cipher_final(&mut []).expect("genuine");
        assert_eq!(written, bytes);
        black_box(&text);
    })
}

pub fn openssl_open_common<A: Algorithm>(bytes: usize) -> Op {
    let sealed = Sealed::new::<A>(bytes);
    Box::new(move || {
        let Sealed { nonce, text, tag } = black_box(&sealed);
        let cipher = A::openssl_symm();
        let text = symm::decrypt_aead(cipher, &KEY, Some(nonce), b"", text, tag);
        black_box(text.expect("genuine"));
    })
}

pub fn ring_seal<A: Algorithm>(bytes: usize) -> Op {
    use ring::aead::{Aad, LessSafeKey, Nonce, UnboundKey};
    let (mut text, mut nonces) = (text(bytes), Counter(0));
    let key = LessSafeKey::new(UnboundKey::new(A::ring(), &KEY).expect("a key"));
    Box::new(move || {
        let nonce = Nonce::assume_unique_for_key(nonces.next());
        let tag = key.seal_in_place_separate_tag(nonce, Aad::empty(), black_box(&mut text));
        black_box((&text, &tag.expect("sealed")));
    })
}

pub fn ring_open<A: Algorithm>(bytes: usize) -> Op {
    use ring::aead::{Aad, LessSafeKey, Nonce, UnboundKey};
    let Sealed { nonce, mut text, tag } = Sealed::new::<A>(bytes);
    text.extend_from_slice(&tag);
    let mut copy = text.clone();
    let key = LessSafeKey::new(UnboundKey::new(A::ring(), &KEY).expect("a key"));
    Box::new(move || {
        copy.copy_from_slice(black_box(&text));
        let nonce = Nonce::assume_unique_for_key(nonce);
        black_box(key.open_in_place(nonce, Aad::empty(), &mut copy).expect("genuine"));
    })
}

pub fn aws_seal<A: Algorithm>(bytes: usize) -> Op {
    use aws_lc_rs::aead::{Aad, LessSafeKey, Nonce, UnboundKey};
    let (mut text, mut nonces) = (text(bytes), Counter(0));
    let key = LessSafeKey::new(UnboundKey::new(A::aws(), &KEY).expect("a key"));
    Box::new(move || {
        let nonce = Nonce::assume_unique_for_key(nonces.next());
        let tag = key.seal_in_place_separate_tag(nonce, Aad::empty(), black_box(&mut text));
        black_box((&text, &tag.expect("sealed")));
    })
}

pub fn aws_open<A: Algorithm>(bytes: usize) -> Op {
    use aws_lc_rs::aead::{Aad, LessSafeKey, Nonce, UnboundKey};
    let Sealed { nonce, mut text, tag } = Sealed::new::<A>(bytes);
    text.extend_from_slice(&tag);
    let mut copy = text.clone();
    let key = LessSafeKey::new(UnboundKey::new(A::aws(), &KEY).expect("a key"));
    Box::new(move || {
        copy.copy_from_slice(black_box(&text));
        let nonce = Nonce::assume_unique_for_key(nonce);
        black_box(key.open_in_place(nonce, Aad::empty(), &mut copy).expect("genuine"));
    })
}

pub fn rustcrypto_seal<A: Algorithm>(bytes: usize) -> Op {
    let (mut text, mut nonces) = (text(bytes), Counter(0));
    let cipher = A::RustCrypto::new_from_slice(&KEY).expect("a key");
    Box::new(move || {
        let nonce = nonces.next();
        let nonce = nonce.as_slice().try_into().expect("a nonce");
        let text = black_box(text.as_mut_slice());
        black_box(cipher.encrypt_inout_detached(nonce, b"", text.into()).expect("sealed"));
        black_box(text);
    })
}

pub fn rustcrypto_open<A: Algorithm>(bytes: usize) -> Op {
    let sealed = Sealed::new::<A>(bytes);
    let mut text = vec![0; bytes];
    let cipher = A::RustCrypto::new_from_slice(&KEY).expect("a key");
    Box::new(move || {
        let Sealed { nonce, text: from, tag } = black_box(&sealed);
        text.copy_from_slice(from);
        let nonce = nonce.as_slice().try_into().expect("a nonce");
        let tag = tag.as_slice().try_into().expect("a tag");
        cipher
            .decrypt_inout_detached(nonce, b"", text.as_mut_slice().into(), tag)
            .expect("genuine");
        black_box(&text);
    })
}
