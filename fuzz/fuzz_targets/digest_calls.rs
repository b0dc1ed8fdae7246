//! Sequences of calls on hashers, XOFs and MACs: the model is the bytes that each was given.
#![no_main]

use arbitrary::Arbitrary;
use ffence::crypto::{Hasher, Hmac, Sha3_256, Sha256, Shake256, Xof};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
enum Call {
    Update(u8, Vec<u8>),
    Clone(u8),
    Drop(u8),
    Finish(u8),
    FinishReset(u8),
    Sha3(Vec<u8>, u8),
    Xof(Vec<u8>, u8),
    Sign(Vec<u8>),
    Message(Vec<Vec<u8>>, bool),
}

fuzz_target!(|input: (Vec<u8>, Vec<Call>)| {
    let (key, calls) = input;
    let new = || (Hasher::<Sha256>::new().expect("a hasher"), Vec::<u8>::new());
    let mut hashers = vec![new()];
    let mut mac = Hmac::<Sha256>::new(&key).expect("a MAC");
    for call in calls {
        let len = hashers.len();
        let pick = |number: u8| usize::from(number) % len;
        match call {
            Call::Update(which, data) => {
                let (hasher, model) = &mut hashers[pick(which)];
                hasher.update(&data).expect("it takes any bytes");
                model.extend(data);
            }
            Call::Clone(which) if len < 8 => {
                let (hasher, model) = &hashers[pick(which)];
                let copy = (hasher.try_clone().expect("a copy"), model.clone());
                hashers.push(copy);
            }
            Call::Clone(_) => {}
            Call::Drop(which) => hashers[pick(which)] = new(),
            Call::Finish(which) => {
                let (hasher, model) = std::mem::replace(&mut hashers[pick(which)], new());
                assert_eq!(
                    hasher.finish().expect("a digest"),
                    Sha256::digest(&model).expect("a digest")
                );
            }
            Call::FinishReset(which) => {
                let (hasher, model) = &mut hashers[pick(which)];
                let digest = hasher.finish_reset().expect("a digest");
                assert_eq!(digest, Sha256::digest(model).expect("a digest"));
                model.clear();
            }
            Call::Sha3(data, at) => {
                let mut hasher = Hasher::<Sha3_256>::new().expect("a hasher");
                let (one, other) = data.split_at(usize::from(at).min(data.len()));
                hasher.update(one).expect("it takes any bytes");
                hasher.update(other).expect("it takes any bytes");
                assert_eq!(
                    hasher.finish().expect("a digest"),
                    Sha3_256::digest(&data).expect("a digest")
                );
            }
            Call::Xof(data, len) => {
                let out = |len: usize| {
                    let mut xof = Xof::<Shake256>::new().expect("an XOF");
                    xof.update(&data).expect("it takes any bytes");
                    let mut out = vec![0; len];
                    xof.finish_into(&mut out).map(|()| out)
                };
                let long = out(usize::from(len) + 1).expect("any length");
                if len > 0 {
                    assert!(long.starts_with(&out(usize::from(len)).expect("any length")));
                }
            }
            Call::Sign(message) => {
                let tag = mac.sign(&message).expect("a tag");
                mac.verify(&message, tag).expect("it is genuine");
                let mut wrong = message.clone();
                wrong.push(0);
                assert!(mac.verify(&wrong, tag).is_err());
            }
            Call::Message(pieces, given_up) => {
                let expected = mac.sign(&pieces.concat()).expect("a tag");
                let mut message = mac.begin().expect("a message");
                for piece in &pieces {
                    message.update(piece).expect("it takes any bytes");
                }
                if given_up {
                    drop(message);
                } else {
                    assert_eq!(message.finish().expect("a tag"), expected);
                }
            }
        }
    }
});
