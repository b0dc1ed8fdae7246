//! Every digest and every MAC through ffence, in kept contexts, and through Go's cgo, by OpenSSL's
//! functions that do all in one call; what Go's own packages have by those as well: the same bytes,
//! for 0 bytes to 1 MiB, and the same refusals.

use ffence::ErrorKind;
use ffence::crypto::legacy::{Md4, Sha1};
use ffence::crypto::{
    Aes128, Aes192, Aes256, Blake2b512, Blake2s256, BlockCipher, Cmac, Digest, Extendable, Gmac,
    GmacNonce, Hash, Hasher, Hmac, Kmac128, Kmac256, Library, Octets as _, OneTimeKey, Poly1305,
    Sha3_224, Sha3_256, Sha3_384, Sha3_512, Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256,
    Shake128, Shake256, SipHash64, SipHash128, Xof,
};
use ffence_hazards::parity::{Parameter, Request};

use super::Test;
use super::session::{Failure, MOST, Session};

pub const TESTS: &[Test] = &[
    ("mac::older_digests", older_digests),
    ("mac::newer_digests", newer_digests),
    ("mac::macs", macs),
];

/// Random lengths that are tried beside the edges.
const MORE: usize = 3;

/// One digest and one HMAC by `H`, whole and in two pieces; `own` where Go's oldest has it too.
fn digest<H: Hash>(session: &mut Session, name: &'static str, own: bool) -> Result<(), Failure> {
    let go = own || name.starts_with("SHA3");
    let lengths = session.lengths(MOST, MORE);
    session.each(name, lengths, |session, length| {
        let data = session.random.bytes(length);
        let (head, tail) = data.split_at(session.random.below(length + 1));
        let request =
            Request { op: "digest", algorithm: name, data: (&data).into(), ..Request::default() };
        let whole = Digest::<H>::of(&data)?;
        let here = Ok(whole.as_bytes().to_vec());
        session.demand(&request, &here)?;
        if go {
            session.demand_own("go-digest", &request, &here, own)?;
        }
        let mut hasher = Hasher::<H>::new()?;
        hasher.update(head)?;
        let mut other = hasher.try_clone()?;
        hasher.update(tail)?;
        other.update(tail)?;
        assert_eq!((hasher.finish()?, other.finish()?), (whole, whole), "{name}, cut, cloned");

        // A key shorter than a block, longer, or none.
        let key = session.random.below(300);
        let key = if session.random.below(8) == 0 { vec![] } else { session.random.bytes(key) };
        let request =
            Request { op: "mac", algorithm: "HMAC", under: name, key: (&key).into(), ..request };
        let mut hmac = Hmac::<H>::new(&key)?;
        let here = Ok(hmac.sign(&data)?.as_bytes().to_vec());
        session.demand(&request, &here)?;
        if go {
            let request = Request { algorithm: name, ..request };
            session.demand_own("go-hmac", &request, &here, own)?;
        }
        let mut message = hmac.begin()?;
        message.update(head)?;
        message.update(tail)?;
        message.verify(here?)?;
        Ok(())
    })
}

fn xof<X: Extendable>(session: &mut Session, name: &'static str) -> Result<(), Failure> {
    let lengths = session.lengths(MOST, MORE);
    session.each(name, lengths, |session, length| {
        let data = session.random.bytes(length);
        // A long output of a short text, and the other way round.
        let wanted = 1 + if length > 2000 { session.random.below(500) } else { session.length() };
        let mut out = vec![0; wanted];
        let mut xof = Xof::<X>::new()?;
        let (head, tail) = data.split_at(session.random.below(length + 1));
        xof.update(head)?;
        xof.update(tail)?;
        xof.finish_into(&mut out)?;
        let request = Request {
            op: "xof",
            algorithm: name,
            data: (&data).into(),
            length: wanted,
            ..Request::default()
        };
        let here = Ok(out);
        session.demand(&request, &here)?;
        session.demand_own("go-xof", &request, &here, false)
    })
}

/// A request for a MAC.
fn request(algorithm: &'static str, under: &'static str, key: &[u8], data: &[u8]) -> Request {
    let (key, data) = (key.into(), data.into());
    Request { op: "mac", algorithm, under, key, data, ..Request::default() }
}

/// A MAC that is keyed once, twice in a row, in pieces, and with a tag that is altered.
macro_rules! keyed_once {
    ($session:ident, $request:expr, $mac:expr, $data:expr) => {{
        let (request, mut mac): (Request, _) = ($request, $mac);
        mac.sign(b"before")?;
        let here = Ok(mac.sign($data)?.as_bytes().to_vec());
        $session.demand(&request, &here)?;
        let mut pieces = mac.begin()?;
        $data.chunks(1 + $data.len() / 3).try_for_each(|piece| pieces.update(piece))?;
        let mut tag = here?;
        pieces.verify(&tag)?;
        let at = $session.random.below(tag.len());
        tag[at] ^= 1 << $session.random.below(8);
        mac.verify($data, &tag).unwrap_err();
    }};
}

fn cmac_and_gmac<C: BlockCipher>(
    session: &mut Session,
    cbc: &'static str,
    gcm: &'static str,
) -> Result<(), Failure> {
    let lengths = session.lengths(MOST, MORE);
    session.each(cbc, lengths, |session, length| {
        let data = session.random.bytes(length);
        let mut key = C::KeyBytes::ZERO;
        key.as_mut().copy_from_slice(&session.random.bytes(C::KEY_LEN));
        let asked = request("CMAC", cbc, key.as_ref(), &data);
        keyed_once!(session, asked, Cmac::<C>::new(&key)?, &data);

        let nonce = session.random.array::<12>();
        let mut gmac = Gmac::<C>::new(&key)?;
        gmac.sign(GmacNonce::from_bytes([0; 12]), b"before")?;
        let here = Ok(gmac.sign(GmacNonce::from_bytes(nonce), &data)?.as_bytes().to_vec());
        let asked = request("GMAC", gcm, key.as_ref(), &data);
        let parameters = vec![Parameter::octets("iv", nonce)];
        session.demand(&Request { parameters, ..asked.clone() }, &here)?;
        // GMAC is what GCM makes of a header alone.
        let header = asked.data.clone();
        let asked = Request { algorithm: gcm, nonce: nonce.into(), header, ..asked };
        let asked = Request { data: b"".into(), ..asked };
        session.demand_own("go-seal", &asked, &here, true)?;
        gmac.verify(&nonce, &data, here?)?;
        gmac.verify(&[1; 12], &data, [0; 16]).unwrap_err();
        Ok(())
    })?;
    // The other side refuses the keys that a type refuses here.
    for length in [0, C::KEY_LEN - 1, C::KEY_LEN + 1] {
        let asked = request("CMAC", cbc, &session.random.bytes(length), b"data");
        let outcome = session.ask(&asked)?;
        session.same("a key of another length", &Err("openssl".to_owned()), &outcome)?;
    }
    Ok(())
}

fn kmac<const N: usize>(session: &mut Session) -> Result<(), Failure> {
    let lengths = session.lengths(MOST, MORE);
    session.each(&format!("KMAC, {N}"), lengths, |session, length| {
        let data = session.random.bytes(length);
        let key_length = 4 + session.random.below(509);
        let key = session.random.bytes(key_length);
        let custom = session.random.below(513);
        let custom = session.random.bytes(custom);
        let parameters =
            vec![Parameter::octets("custom", &custom), Parameter::number("size", N as u64)];
        let asked = |name| Request {
            parameters: parameters.clone(),
            length: N,
            ..request(name, "", &key, &data)
        };
        keyed_once!(session, asked("KMAC-128"), Kmac128::<N>::new(&key, &custom)?, &data);
        keyed_once!(session, asked("KMAC-256"), Kmac256::<N>::new(&key, &custom)?, &data);
        Ok(())
    })?;
    // Keys that neither takes.
    for length in [0, 3, 513] {
        let key = session.random.bytes(length);
        let asked = |name| Request { length: N, ..request(name, "", &key, b"data") };
        let here = Kmac128::<N>::new(&key, b"").map(|_| Vec::new());
        session.demand_refusal(&asked("KMAC-128"), &here)?;
        let here = Kmac256::<N>::new(&key, b"").map(|_| Vec::new());
        session.demand_refusal(&asked("KMAC-256"), &here)?;
    }
    Ok(())
}

fn one_key_of_16_and_one_of_32(session: &mut Session) -> Result<(), Failure> {
    let lengths = session.lengths(MOST, 3 * MORE);
    session.each("SipHash and Poly1305", lengths, |session, length| {
        let data = session.random.bytes(length);
        let key = session.random.array::<16>();
        let asked = |size| Request {
            parameters: vec![Parameter::number("size", size)],
            ..request("SIPHASH", "", &key, &data)
        };
        keyed_once!(session, asked(8), SipHash64::new(&key)?, &data);
        keyed_once!(session, asked(16), SipHash128::new(&key)?, &data);

        let key = session.random.array::<32>();
        let new = || Poly1305::new(OneTimeKey::from_bytes(&key));
        let here = Ok(new()?.sign(&data)?.as_bytes().to_vec());
        session.demand(&request("POLY1305", "", &key, &data), &here)?;
        let mut pieces = new()?;
        data.chunks(1 + data.len() / 3).try_for_each(|piece| pieces.update(piece))?;
        assert_eq!(pieces.finish()?.as_bytes().to_vec(), here?);
        Ok(())
    })?;
    // The other side refuses the keys that the two types refuse here.
    for length in [0, 15, 17, 31, 33] {
        for name in ["SIPHASH", "POLY1305"] {
            let asked = request(name, "", &session.random.bytes(length), b"data");
            let outcome = session.ask(&asked)?;
            session.same(name, &Err("openssl".to_owned()), &outcome)?;
        }
    }
    Ok(())
}

/// MD4, which only a library with the legacy provider has.
fn legacy_digests(session: &mut Session) -> Result<(), Failure> {
    let asked = Request { op: "digest-legacy", algorithm: "MD4", ..Request::default() };
    let library = match Library::builder().provider("legacy").build() {
        // A libcrypto that is linked in may come without the provider.
        Err(error) if error.kind() == ErrorKind::Configuration => {
            session.absent(&asked);
            return Ok(());
        }
        made => made?,
    };
    let lengths = session.lengths(MOST, MORE);
    session.each("MD4", lengths, |session, length| {
        let data = session.random.bytes(length);
        let here = Md4::digest_in(&library, &data).map(|it| it.as_bytes().to_vec());
        session.demand(&Request { data: (&data).into(), ..asked.clone() }, &here)
    })
}

fn older_digests(session: &mut Session) -> Result<(), Failure> {
    digest::<Sha1>(session, "SHA1", true)?;
    digest::<Sha224>(session, "SHA2-224", true)?;
    digest::<Sha256>(session, "SHA2-256", true)?;
    digest::<Sha384>(session, "SHA2-384", true)?;
    digest::<Sha512>(session, "SHA2-512", true)?;
    digest::<Sha512_224>(session, "SHA2-512/224", true)?;
    digest::<Sha512_256>(session, "SHA2-512/256", true)
}

fn newer_digests(session: &mut Session) -> Result<(), Failure> {
    digest::<Sha3_224>(session, "SHA3-224", false)?;
    digest::<Sha3_256>(session, "SHA3-256", false)?;
    digest::<Sha3_384>(session, "SHA3-384", false)?;
    digest::<Sha3_512>(session, "SHA3-512", false)?;
    digest::<Blake2s256>(session, "BLAKE2S-256", false)?;
    digest::<Blake2b512>(session, "BLAKE2B-512", false)?;
    xof::<Shake128>(session, "SHAKE-128")?;
    xof::<Shake256>(session, "SHAKE-256")?;
    legacy_digests(session)?;
    // A digest that is not there is an error on the other side too, and the peer goes on.
    let asked = request("HMAC", "NO-SUCH-DIGEST", b"key", b"data");
    let outcome = session.ask(&asked)?;
    session.same("no such digest", &Err("openssl".to_owned()), &outcome)?;
    let asked = Request { op: "digest", algorithm: "SHA2-256", ..Request::default() };
    session.demand(&asked, &Ok(Sha256::digest(b"")?.as_bytes().to_vec()))
}

fn macs(session: &mut Session) -> Result<(), Failure> {
    cmac_and_gmac::<Aes128>(session, "AES-128-CBC", "AES-128-GCM")?;
    cmac_and_gmac::<Aes192>(session, "AES-192-CBC", "AES-192-GCM")?;
    cmac_and_gmac::<Aes256>(session, "AES-256-CBC", "AES-256-GCM")?;
    kmac::<4>(session)?;
    kmac::<64>(session)?;
    one_key_of_16_and_one_of_32(session)
}
