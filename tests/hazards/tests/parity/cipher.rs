//! The ciphers that do not authenticate, and key wrap: through ffence, through Go's cgo, and CTR and
//! CBC by Go's own packages: the same bytes for 0 bytes to 1 MiB, and the same refusals.

use ffence::crypto::unauthenticated::{
    Aes128Cbc, Aes128Ctr, Aes128Kw, Aes128Kwp, Aes128Xts, Aes192Cbc, Aes192Ctr, Aes192Kw,
    Aes192Kwp, Aes256Cbc, Aes256Ctr, Aes256Kw, Aes256Kwp, Aes256Xts, CbcMode, Cipher, CtrMode, Key,
    Padding, WrapMode, XtsMode,
};
use ffence_hazards::parity::Request;

use super::Test;
use super::session::{Failure, MOST, Session};

pub const TESTS: &[Test] = &[
    ("cipher::streams", streams),
    ("cipher::chained_blocks", chained_blocks),
    ("cipher::sectors", sectors),
    ("cipher::wrapped_keys", wrapped_keys),
];

/// Random lengths that are tried beside the edges.
const MORE: usize = 6;

fn request(
    op: &'static str,
    algorithm: &'static str,
    key: &[u8],
    iv: &[u8],
    data: &[u8],
) -> Request {
    let (key, nonce, data) = (key.into(), iv.into(), data.into());
    Request { op, algorithm, key, nonce, data, ..Request::default() }
}

/// The other side refuses the lengths of keys that a type refuses here.
fn key_lengths<C: Cipher>(
    session: &mut Session,
    algorithm: &'static str,
    iv: usize,
) -> Result<(), Failure> {
    let lengths = [0, 1, C::KEY_LEN - 1, C::KEY_LEN + 1];
    session.each(&format!("{algorithm}, key"), lengths, |session, length| {
        if length == C::KEY_LEN {
            return Ok(()); // tried when it shrinks
        }
        let key = session.random.bytes(length);
        let here = Key::<C>::from_slice(&key).map(|_| Vec::new());
        assert!(here.is_err());
        session.demand(&request("encrypt", algorithm, &key, &vec![0; iv], &[0; 32]), &here)
    })
}

fn ctr<C: CtrMode>(session: &mut Session, algorithm: &'static str) -> Result<(), Failure> {
    let lengths = session.lengths(MOST, MORE);
    session.each(algorithm, lengths, |session, length| {
        let (key, iv) = (session.random.bytes(C::KEY_LEN), session.random.array::<16>());
        let text = session.random.bytes(length);
        let mut stream = Key::<C>::from_slice(&key)?.keystream(&iv)?;
        let mut ours = text.clone();
        let (head, tail) = ours.split_at_mut(session.random.below(length + 1));
        stream.apply(head)?;
        stream.apply(tail)?;
        let request = request("encrypt", algorithm, &key, &iv, &text);
        let here = Ok(ours.clone());
        session.demand(&request, &here)?;
        session.demand_own("go-ctr", &request, &here, true)?;
        // Encrypted once more, it is the text.
        stream.restart(&iv)?;
        stream.apply(&mut ours)?;
        assert!(ours == text);
        Ok(())
    })?;
    key_lengths::<C>(session, algorithm, 16)
}

fn cbc<C: CbcMode>(session: &mut Session, algorithm: &'static str) -> Result<(), Failure> {
    let lengths = session.lengths(MOST, MORE);
    session.each(algorithm, lengths, |session, length| {
        let (key, iv) = (session.random.bytes(C::KEY_LEN), session.random.array::<16>());
        let owner = Key::<C>::from_slice(&key)?;
        for (padding, under) in [(Padding::Pkcs7, "padded"), (Padding::None, "")] {
            // Without padding most lengths are wrong; some of them are tried as they are.
            let rounded = session.random.below(4) > 0 && under.is_empty();
            let length = if rounded { length / 16 * 16 } else { length };
            let text = session.random.bytes(length);
            let mut sent = Vec::new();
            let mut encryptor = owner.cbc_encryptor(&iv, padding)?;
            let (head, tail) = text.split_at(session.random.below(length + 1));
            encryptor.update(head, &mut sent)?;
            encryptor.update(tail, &mut sent)?;
            let here = encryptor.finish(&mut sent).map(|()| sent.clone());
            let encrypt = request("encrypt", algorithm, &key, &iv, &text);
            session.demand(&Request { under, ..encrypt.clone() }, &here)?;
            if under.is_empty() {
                session.demand_own("go-cbc", &encrypt, &here, true)?;
            }
            if here.is_err() {
                continue;
            }

            let mut altered = sent.clone();
            match session.random.below(3) {
                0 if !altered.is_empty() => {
                    let at = session.random.below(altered.len());
                    altered[at] ^= 1 << session.random.below(8);
                }
                1 => {
                    let left = session.random.below(altered.len() + 1);
                    altered.truncate(left);
                }
                _ => {}
            }
            for sent in [&sent, &altered] {
                let mut text = Vec::new();
                let mut decryptor = owner.cbc_decryptor(&iv, padding)?;
                let here = decryptor.update(sent, &mut text);
                let here = here.and_then(|()| decryptor.finish(&mut text)).map(|()| text);
                let decrypt = request("decrypt", algorithm, &key, &iv, sent);
                session.demand(&Request { under, ..decrypt }, &here)?;
            }
        }
        Ok(())
    })?;
    key_lengths::<C>(session, algorithm, 16)
}

fn xts<C: XtsMode>(session: &mut Session, algorithm: &'static str) -> Result<(), Failure> {
    let lengths = session.lengths(MOST, MORE);
    session.each(algorithm, lengths, |session, length| {
        let (key, tweak) = (session.random.bytes(C::KEY_LEN), session.random.array::<16>());
        let owner = Key::<C>::from_slice(&key)?;
        let text = session.random.bytes(length);
        let mut sector = text.clone();
        let here = owner.sector_encryptor()?.encrypt(&tweak, &mut sector).map(|()| sector.clone());
        session.demand(&request("encrypt", algorithm, &key, &tweak, &text), &here)?;
        let mut back = sector.clone();
        let here = owner.sector_decryptor()?.decrypt(&tweak, &mut back).map(|()| back.clone());
        session.demand(&request("decrypt", algorithm, &key, &tweak, &sector), &here)?;
        assert!(here.is_err() || back == text);
        Ok(())
    })?;
    key_lengths::<C>(session, algorithm, 16)
}

fn wrap<C: WrapMode>(session: &mut Session, algorithm: &'static str) -> Result<(), Failure> {
    // Each byte is encrypted six times: keys, and not texts.
    let lengths = session.lengths(5000, 3 * MORE).into_iter().chain((0..8).map(|it| 16 + 8 * it));
    session.each(algorithm, lengths, |session, length| {
        let key = session.random.bytes(C::KEY_LEN);
        let owner = Key::<C>::from_slice(&key)?;
        let inner = session.random.bytes(length);
        let here = owner.wrapper()?.wrap(&inner);
        session.demand(&request("encrypt", algorithm, &key, b"", &inner), &here)?;
        // What is no wrapped key at all where it was refused.
        let wrapped = here.unwrap_or(inner);
        let mut altered = wrapped.clone();
        if !altered.is_empty() {
            let at = session.random.below(altered.len());
            match session.random.below(2) {
                0 => altered[at] ^= 1 << session.random.below(8),
                _ => altered.truncate(at),
            }
        }
        let mut unwrapper = owner.unwrapper()?;
        for wrapped in [&altered, &wrapped] {
            let here = unwrapper.unwrap(wrapped).and_then(|it| it.as_bytes().map(<[u8]>::to_vec));
            session.demand(&request("decrypt", algorithm, &key, b"", wrapped), &here)?;
        }
        Ok(())
    })?;
    key_lengths::<C>(session, algorithm, 0)
}

fn streams(session: &mut Session) -> Result<(), Failure> {
    ctr::<Aes128Ctr>(session, "AES-128-CTR")?;
    ctr::<Aes192Ctr>(session, "AES-192-CTR")?;
    ctr::<Aes256Ctr>(session, "AES-256-CTR")
}

fn chained_blocks(session: &mut Session) -> Result<(), Failure> {
    cbc::<Aes128Cbc>(session, "AES-128-CBC")?;
    cbc::<Aes192Cbc>(session, "AES-192-CBC")?;
    cbc::<Aes256Cbc>(session, "AES-256-CBC")
}

fn sectors(session: &mut Session) -> Result<(), Failure> {
    xts::<Aes128Xts>(session, "AES-128-XTS")?;
    xts::<Aes256Xts>(session, "AES-256-XTS")
}

fn wrapped_keys(session: &mut Session) -> Result<(), Failure> {
    wrap::<Aes128Kw>(session, "AES-128-WRAP")?;
    wrap::<Aes192Kw>(session, "AES-192-WRAP")?;
    wrap::<Aes256Kw>(session, "AES-256-WRAP")?;
    wrap::<Aes128Kwp>(session, "AES-128-WRAP-PAD")?;
    wrap::<Aes192Kwp>(session, "AES-192-WRAP-PAD")?;
    wrap::<Aes256Kwp>(session, "AES-256-WRAP-PAD")
}
