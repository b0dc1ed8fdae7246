//! Every AEAD through ffence, in kept contexts, and through Go's cgo, in a context for each message
//! and by OpenSSL's older controls; AES-GCM by Go's own package as well: the same bytes for 0 bytes
//! to 1 MiB, and the same refusals.

use ffence::ErrorKind;
use ffence::crypto::{
    Aead, Aes128, Aes128Ccm, Aes128Ccm8, Aes128Gcm, Aes128GcmSiv, Aes128Ocb, Aes128Siv, Aes192Ccm,
    Aes192Gcm, Aes192Ocb, Aes192Siv, Aes256, Aes256Ccm, Aes256Ccm8, Aes256Gcm, Aes256GcmSiv,
    Aes256Ocb, Aes256Siv, Ccm, ChaCha20Poly1305, Deterministic, Key, NoNonce, NoncePolicy, Nonced,
    Octets as _, Opener, RandomNonce, hazmat,
};
use ffence_hazards::parity::Request;

use super::Test;
use super::session::{Failure, MOST, Session};

pub const TESTS: &[Test] = &[
    ("aead::gcm", gcm),
    ("aead::chacha_and_ocb", chacha_and_ocb),
    ("aead::ccm", ccm),
    ("aead::siv", siv),
    ("aead::random_nonces", random_nonces),
];

/// Random lengths that are tried beside the edges.
const MORE: usize = 4;

/// One message: what goes in, and how the other side is asked.
struct Message<A: Aead> {
    key: Vec<u8>,
    nonce: A::Nonce,
    header: Vec<u8>,
    text: Vec<u8>,
}

impl<A: Aead> Message<A> {
    fn any(session: &mut Session, length: usize) -> Self {
        let header = match session.random.below(3) {
            0 => 0,
            1 => session.random.below(40),
            _ => session.length().min(70_000),
        };
        let random = &mut session.random;
        let mut nonce = A::Nonce::ZERO;
        nonce.as_mut().copy_from_slice(&random.bytes(A::NONCE_LEN));
        let (key, header) = (random.bytes(A::KEY_LEN), random.bytes(header));
        Self { key, nonce, header, text: random.bytes(length) }
    }

    fn request(&self, op: &'static str, data: &[u8]) -> Request {
        Request {
            op,
            algorithm: openssl_name::<A>(),
            key: (&self.key).into(),
            nonce: self.nonce.as_ref().into(),
            header: (&self.header).into(),
            data: data.into(),
            length: A::TAG_LEN,
            ..Request::default()
        }
    }

    /// Opened here, with an owner that was used before where there is one.
    fn open(&self, used: Option<&mut Opener<A>>, sealed: &[u8]) -> ffence::Result<Vec<u8>> {
        match used {
            Some(used) => used.open_with(&self.header, &self.nonce, sealed),
            None => Key::<A>::from_slice(&self.key)?.opener()?.open_with(
                &self.header,
                &self.nonce,
                sealed,
            ),
        }
    }

    /// Both sides open what was sealed, and refuse it altered.
    fn open_both(&mut self, session: &mut Session, sealed: &[u8]) -> Result<(), Failure> {
        let mut used = Key::<A>::from_slice(&self.key)?.opener()?;
        let here = self.open(Some(&mut used), sealed);
        assert_eq!(here.as_deref().ok(), Some(&self.text[..]));
        session.demand(&self.request("open", sealed), &here)?;
        let own = A::NAME.ends_with("-GCM").then_some("go-open");
        if let Some(own) = own {
            session.demand_own(own, &self.request(own, sealed), &here, true)?;
        }

        // A long text travels twice more for it: seldom.
        if sealed.len() > 5000 && session.random.below(4) > 0 {
            return Ok(());
        }
        let mut altered = sealed.to_vec();
        // Whether the same owner can be used: it cannot with another key.
        let mut same_key = true;
        match session.random.below(if A::NONCE_LEN == 0 { 5 } else { 6 }) {
            0 => {
                let at = session.random.below(altered.len());
                altered[at] ^= 1 << session.random.below(8);
            }
            1 => self.header.push(0),
            2 => {
                let left = session.random.below(altered.len());
                altered.truncate(left);
            }
            3 => {
                self.key[0] ^= 1;
                same_key = false;
            }
            4 => altered.push(0),
            _ => self.nonce.as_mut()[0] ^= 1,
        }
        let here = self.open(same_key.then_some(&mut used), &altered);
        // What is left has no text, which the two SIVs may not open at all.
        if altered.len() == A::TAG_LEN && here.as_ref().is_err_and(is_unsupported) {
            return Ok(());
        }
        // A byte more may be more than the cipher takes, which OpenSSL tells by no reason of its own.
        if altered.len() - A::TAG_LEN.min(altered.len()) > longest::<A>() {
            assert_eq!(here.as_ref().err().map(ffence::Error::kind), Some(ErrorKind::Length));
            return session.demand_refusal(&self.request("open", &altered), &here);
        }
        assert_eq!(here.as_ref().err().map(ffence::Error::kind), Some(ErrorKind::Authentication));
        session.demand(&self.request("open", &altered), &here)?;
        if let Some(own) = own {
            session.demand_own(own, &self.request(own, &altered), &here, true)?;
        }
        Ok(())
    }
}

/// As OpenSSL calls it.
fn openssl_name<A: Aead>() -> &'static str {
    A::NAME.strip_suffix(" without a nonce").unwrap_or(A::NAME)
}

/// The longest text that a cipher takes, as far as memory goes.
fn longest<A: Aead>() -> usize {
    usize::try_from(A::MAX_LEN).unwrap_or(usize::MAX)
}

fn is_unsupported(error: &ffence::Error) -> bool {
    error.kind() == ErrorKind::Unsupported
}

/// The other side refuses the lengths of keys that a type refuses here.
fn key_lengths<A: Aead>(session: &mut Session) -> Result<(), Failure> {
    let lengths = [0, 1, A::KEY_LEN - 1, A::KEY_LEN + 1, 2 * A::KEY_LEN];
    session.each(&format!("{}, key", A::NAME), lengths, |session, length| {
        if length == A::KEY_LEN {
            return Ok(()); // tried when it shrinks
        }
        let mut message = Message::<A>::any(session, 20);
        message.key = session.random.bytes(length);
        let here = Key::<A>::from_slice(&message.key).map(|_| Vec::new());
        assert!(here.is_err());
        session.demand(&message.request("seal", &message.text), &here)
    })
}

fn compare<A: Nonced>(session: &mut Session) -> Result<(), Failure> {
    let asked = Message::<A>::any(session, 0).request("seal", b"");
    let Some(_) = session.present(&asked, Key::<A>::generate()?.opener())? else { return Ok(()) };
    let most = usize::try_from(A::MAX_LEN)?.min(MOST);
    let lengths = session.lengths(most, MORE);
    session.each(&format!("{}, tag of {}", A::NAME, A::TAG_LEN), lengths, |session, length| {
        let mut message = Message::<A>::any(session, length);
        let key = Key::<A>::from_slice(&message.key)?;
        let mut sealer = hazmat::Sealer::new(&key)?;
        // Another message goes before, in the same context.
        sealer.seal(hazmat::Nonce::from_bytes(A::Nonce::ZERO), b"header", b"before")?;
        let nonce = || hazmat::Nonce::<A>::from_bytes(message.nonce);
        let sealed = sealer.seal(nonce(), &message.header, &message.text);
        // An empty text, in the two SIVs.
        let Some(sealed) = session.present(&asked, sealed)? else { return Ok(()) };
        let mut in_place = message.text.clone();
        let tag = sealer.seal_in_place(nonce(), &message.header, &mut in_place)?;
        assert!([&in_place, tag.as_ref()].concat() == sealed);

        let here = Ok(sealed.clone());
        session.demand(&message.request("seal", &message.text), &here)?;
        if A::NAME.ends_with("-GCM") {
            session.demand_own(
                "go-seal",
                &message.request("go-seal", &message.text),
                &here,
                true,
            )?;
        }
        message.open_both(session, &sealed)
    })?;
    key_lengths::<A>(session)?;
    beyond::<A>(session)
}

/// One byte more than the cipher takes, where that is a text to be tried: neither side seals it, nor
/// opens what would be one. The longest text itself is among the edges.
fn beyond<A: Nonced>(session: &mut Session) -> Result<(), Failure> {
    if longest::<A>() > MOST {
        return Ok(());
    }
    let what = format!("{}, tag of {}, beyond", A::NAME, A::TAG_LEN);
    session.each(&what, [longest::<A>() + 1], |session, length| {
        if length <= longest::<A>() {
            return Ok(()); // tried when it shrinks
        }
        let message = Message::<A>::any(session, length);
        let key = Key::<A>::from_slice(&message.key)?;
        let mut sealer = hazmat::Sealer::new(&key)?;
        let nonce = hazmat::Nonce::<A>::from_bytes(message.nonce);
        let sealed = sealer.seal(nonce, &message.header, &message.text);
        assert_eq!(sealed.as_ref().err().map(ffence::Error::kind), Some(ErrorKind::Length));
        session.demand_refusal(&message.request("seal", &message.text), &sealed)?;

        let false_one = session.random.bytes(length + A::TAG_LEN);
        let opened = message.open(None, &false_one);
        assert_eq!(opened.as_ref().err().map(ffence::Error::kind), Some(ErrorKind::Length));
        session.demand_refusal(&message.request("open", &false_one), &opened)
    })
}

fn compare_deterministic<A: Aead>(session: &mut Session) -> Result<(), Failure>
where
    NoNonce: NoncePolicy<A>,
{
    let lengths = session.lengths(MOST, MORE);
    session.each(A::NAME, lengths, |session, length| {
        let mut message = Message::<A>::any(session, length);
        let key = Key::<A>::from_slice(&message.key)?;
        let sealed = key.sealer(NoNonce)?.seal(&message.header, &message.text);
        let asked = message.request("seal", &message.text);
        let Some(sealed) = session.present(&asked, sealed)? else { return Ok(()) };
        session.demand(&asked, &Ok(sealed.clone()))?;
        message.open_both(session, &sealed)
    })?;
    key_lengths::<A>(session)
}

fn gcm(session: &mut Session) -> Result<(), Failure> {
    compare::<Aes128Gcm>(session)?;
    compare::<Aes192Gcm>(session)?;
    compare::<Aes256Gcm>(session)
}

fn chacha_and_ocb(session: &mut Session) -> Result<(), Failure> {
    compare::<ChaCha20Poly1305>(session)?;
    compare::<Aes128Ocb>(session)?;
    compare::<Aes192Ocb>(session)?;
    compare::<Aes256Ocb>(session)
}

fn ccm(session: &mut Session) -> Result<(), Failure> {
    compare::<Aes128Ccm>(session)?;
    compare::<Aes192Ccm>(session)?;
    compare::<Aes256Ccm>(session)?;
    compare::<Aes128Ccm8>(session)?;
    compare::<Aes256Ccm8>(session)?;
    compare::<Ccm<Aes256, 7, 4>>(session)?;
    compare::<Ccm<Aes128, 10, 10>>(session)?;
    compare::<Ccm<Aes256, 13, 14>>(session)
}

fn siv(session: &mut Session) -> Result<(), Failure> {
    compare::<Aes128Siv>(session)?;
    compare::<Aes192Siv>(session)?;
    compare::<Aes256Siv>(session)?;
    compare_deterministic::<Deterministic<Aes128Siv>>(session)?;
    compare_deterministic::<Deterministic<Aes192Siv>>(session)?;
    compare_deterministic::<Deterministic<Aes256Siv>>(session)?;
    compare::<Aes128GcmSiv>(session)?;
    compare::<Aes256GcmSiv>(session)
}

/// The nonce stands before what was sealed: Go opens it, and under that nonce seals the same.
fn nonce_in_front<A: Nonced>(session: &mut Session) -> Result<(), Failure>
where
    RandomNonce: NoncePolicy<A>,
{
    let lengths = session.lengths(MOST, MORE);
    session.each(A::NAME, lengths, |session, length| {
        let mut message = Message::<A>::any(session, length);
        let mut sealer = Key::<A>::from_slice(&message.key)?.sealer(RandomNonce)?;
        let whole = sealer.seal(&message.header, &message.text)?;
        let (nonce, sealed) = whole.split_at(A::NONCE_LEN);
        message.nonce.as_mut().copy_from_slice(nonce);
        session.demand(&message.request("seal", &message.text), &Ok(sealed.to_vec()))?;
        let opened = Key::<A>::from_slice(&message.key)?.opener()?.open(&message.header, &whole);
        session.demand(&message.request("open", sealed), &opened)
    })
}

fn random_nonces(session: &mut Session) -> Result<(), Failure> {
    nonce_in_front::<Aes256Gcm>(session)?;
    nonce_in_front::<ChaCha20Poly1305>(session)?;
    nonce_in_front::<Aes128Ccm>(session)
}
