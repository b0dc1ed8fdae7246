//! This crate.

use std::hint::black_box;

use ffence::crypto::{CounterNonce, Key, RandomNonce};

use super::super::Op;
use super::raw::Sealed;
use super::{Algorithm, KEY, NONCE, text};

fn key<A: Algorithm>() -> Key<A::Ours> {
    Key::from_bytes(&KEY)
}

pub fn seal_in_place_counter<A: Algorithm>(bytes: usize) -> Op {
    let (mut text, mut nonce) = (text(bytes), [0; NONCE]);
    let mut sealer = key::<A>().sealer(CounterNonce::new(*b"site")).expect("a sealer");
    Box::new(move || {
        let tag = sealer.seal_in_place(b"", &mut nonce, black_box(&mut text)).expect("sealed");
        black_box((&text, &nonce, &tag));
    })
}

pub fn seal_in_place_random<A: Algorithm>(bytes: usize) -> Op {
    let (mut text, mut nonce) = (text(bytes), [0; NONCE]);
    let mut sealer = key::<A>().sealer(RandomNonce).expect("a sealer");
    Box::new(move || {
        let tag = sealer.seal_in_place(b"", &mut nonce, black_box(&mut text)).expect("sealed");
        black_box((&text, &nonce, &tag));
    })
}

pub fn seal_append<A: Algorithm>(bytes: usize) -> Op {
    let text = text(bytes);
    let mut sealer = key::<A>().sealer(RandomNonce).expect("a sealer");
    let mut out = Vec::new();
    Box::new(move || {
        out.clear();
        sealer.seal_to(b"", black_box(&text), &mut out).expect("sealed");
        black_box(&out);
    })
}

pub fn seal_vec<A: Algorithm>(bytes: usize) -> Op {
    let text = text(bytes);
    let mut sealer = key::<A>().sealer(RandomNonce).expect("a sealer");
    Box::new(move || {
        black_box(sealer.seal(b"", black_box(&text)).expect("sealed"));
    })
}

pub fn open_in_place<A: Algorithm>(bytes: usize) -> Op {
    let sealed = Sealed::new::<A>(bytes);
    let mut text = vec![0; bytes];
    let mut opener = key::<A>().opener().expect("an opener");
    Box::new(move || {
        let Sealed { nonce, text: from, tag } = black_box(&sealed);
        text.copy_from_slice(from);
        opener.open_in_place(b"", nonce, &mut text, tag).expect("genuine");
        black_box(&text);
    })
}

pub fn open_vec<A: Algorithm>(bytes: usize) -> Op {
    let Sealed { nonce, text, tag } = Sealed::new::<A>(bytes);
    let sealed = [&nonce[..], &text, &tag].concat();
    let mut opener = key::<A>().opener().expect("an opener");
    Box::new(move || {
        black_box(opener.open(b"", black_box(&sealed)).expect("genuine"));
    })
}
