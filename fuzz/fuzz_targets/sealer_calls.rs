//! Sequences of calls on sealers and openers of one key: the model is the list of what was sealed.
#![no_main]

use arbitrary::Arbitrary;
use ffence::crypto::{Aes256Gcm, CounterNonce, Key, RandomNonce};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
enum Call {
    Seal(Vec<u8>, Vec<u8>),
    SealTo(Vec<u8>),
    SealInPlace(Vec<u8>),
    SealDetached(Vec<u8>, u8),
    Random(Vec<u8>),
    Open(u8),
    OpenWrong(u8, u8),
    OpenShort(u8),
    Clone,
    CloneOpener,
    NewOpener,
}

/// Header, sealed bytes, text.
type Message = (Vec<u8>, Vec<u8>, Vec<u8>);

fuzz_target!(|input: ([u8; 32], Vec<Call>)| {
    let (bytes, calls) = input;
    let key = Key::<Aes256Gcm>::from_bytes(&bytes);
    let mut sealer = key.sealer(CounterNonce::new(*b"fuzz")).expect("a sealer");
    let mut random = key.sealer(RandomNonce).expect("a sealer");
    let mut opener = key.opener().expect("an opener");
    let mut sealed: Vec<Message> = Vec::new();
    for call in calls {
        let pick = |number: u8, len: usize| usize::from(number) % len.max(1);
        match call {
            Call::Seal(header, text) => {
                let bytes = sealer.seal(&header, &text).expect("it is sealed");
                sealed.push((header, bytes, text));
            }
            Call::SealTo(text) => {
                let mut out = b"before".to_vec();
                sealer.seal_to(b"", &text, &mut out).expect("it is sealed");
                assert_eq!(out[..6], *b"before");
                sealed.push((Vec::new(), out.split_off(6), text));
            }
            Call::SealInPlace(text) => {
                let (mut nonce, mut bytes) = ([0; 12], text.clone());
                let tag = sealer.seal_in_place(b"", &mut nonce, &mut bytes).expect("it is sealed");
                sealed.push((Vec::new(), [&nonce[..], &bytes, &tag].concat(), text));
            }
            Call::SealDetached(text, more) => {
                let (mut nonce, mut out) = ([0; 12], vec![0; text.len() + usize::from(more)]);
                let outcome = sealer.seal_detached(b"", &text, &mut nonce, &mut out);
                assert_eq!(outcome.is_ok(), more == 0, "room for {more} more");
                if let Ok(tag) = outcome {
                    sealed.push((Vec::new(), [&nonce[..], &out, &tag].concat(), text));
                }
            }
            Call::Random(text) => {
                let bytes = random.seal(b"random", &text).expect("it is sealed");
                sealed.push((b"random".to_vec(), bytes, text));
            }
            Call::Open(number) => {
                let Some((header, bytes, text)) = sealed.get(pick(number, sealed.len())) else {
                    continue;
                };
                assert_eq!(opener.open(header, bytes).expect("it is genuine"), *text);
            }
            Call::OpenWrong(number, at) => {
                let Some((header, bytes, _)) = sealed.get(pick(number, sealed.len())) else {
                    continue;
                };
                let mut bytes = bytes.clone();
                let at = pick(at, bytes.len());
                bytes[at] ^= 1;
                assert!(opener.open(header, &bytes).is_err());
            }
            Call::OpenShort(len) => assert!(opener.open(b"", &vec![0; usize::from(len)]).is_err()),
            Call::Clone => sealer = sealer.try_clone().expect("a copy"),
            Call::CloneOpener => opener = opener.try_clone().expect("a copy"),
            Call::NewOpener => opener = key.opener().expect("an opener"),
        }
    }
    // No nonce came twice, whichever sealer made it.
    let mut nonces: Vec<&[u8]> = sealed.iter().map(|message| &message.1[..12]).collect();
    nonces.sort_unstable();
    assert!(nonces.windows(2).all(|pair| pair[0] != pair[1]), "a nonce came twice");
});
