//! Certificates, keys and lists of revoked ones in PEM and DER: read, or refused with an error of the
//! kinds that are promised; and a context that refused something still takes what is right.
#![no_main]

mod canned;

use arbitrary::Arbitrary;
use ffence::ErrorKind;
use ffence::curl::{Callbacks, Easy, Flow, Handler, TlsContext, option};
use libfuzzer_sys::fuzz_target;

/// A certificate and its key (P-256), the same in DER, and a list of revoked ones.
const PEM: &[u8] = include_bytes!("../material/certificate.pem");
const KEY: &[u8] = include_bytes!("../material/key.pem");
const DER: &[u8] = include_bytes!("../material/certificate.der");
const KEY_DER: &[u8] = include_bytes!("../material/key.der");
const LIST: &[u8] = include_bytes!("../material/revoked.pem");

#[derive(Arbitrary, Clone, Debug)]
enum Source {
    Bytes(Vec<u8>),
    /// One of the right ones with a few bytes changed, cut off, or with something behind it.
    Changed(u8, Vec<(u16, u8)>, Option<u16>, Vec<u8>),
    /// One of them as it is.
    Right(u8),
}

#[derive(Arbitrary, Clone, Debug)]
enum Call {
    TrustOnly(Vec<Source>),
    Trust(Source),
    Revoke(Source),
    Identity(Source, Source),
}

impl Source {
    fn bytes(&self) -> Vec<u8> {
        let right = |which: &u8| [PEM, KEY, DER, KEY_DER, LIST][usize::from(*which) % 5].to_vec();
        match self {
            Self::Bytes(bytes) => bytes.clone(),
            Self::Right(which) => right(which),
            Self::Changed(which, changes, end, more) => {
                let mut bytes = right(which);
                for (at, bits) in changes {
                    let at = usize::from(*at) % bytes.len();
                    bytes[at] ^= bits;
                }
                bytes.truncate(end.map_or(usize::MAX, usize::from));
                bytes.extend_from_slice(more);
                bytes
            }
        }
    }
}

/// Makes the calls when libcurl has a context, and lets the connection go.
struct Calls(Vec<Call>, bool);

impl Handler for Calls {
    const CALLBACKS: Callbacks = Callbacks::TLS_CONTEXT;

    fn tls_context(&mut self, context: &mut TlsContext<'_>) -> Flow {
        self.1 = true;
        for call in &self.0 {
            let outcome = match call {
                Call::TrustOnly(all) => context.trust_only(all.iter().map(Source::bytes)),
                Call::Trust(one) => context.trust(&one.bytes()),
                Call::Revoke(list) => context.revoke(&list.bytes()),
                Call::Identity(chain, key) => context.identity(&chain.bytes(), &key.bytes()),
            };
            if let Err(error) = outcome {
                let promised = [ErrorKind::OpenSsl, ErrorKind::Unsupported, ErrorKind::Malformed];
                assert!(promised.contains(&error.kind()), "{error:?}");
                assert!(!error.to_string().is_empty());
            }
        }
        context.trust_only([PEM, DER]).expect("certificates");
        context.trust(PEM).expect("a certificate");
        context.revoke(LIST).expect("a list");
        context.identity(PEM, KEY).expect("a certificate and its key");
        context.identity(DER, KEY_DER).expect("a certificate and its key");
        Flow::Stop
    }
}

fuzz_target!(|calls: Vec<Call>| {
    canned::answer(Vec::new());
    let mut easy = Easy::with(Calls(calls, false)).expect("a handle");
    canned::settings(&mut easy).expect("options");
    easy.set(option::Url("https://127.0.0.1/")).expect("an option");
    // Not the system's hundreds of authorities as well.
    easy.set(option::CaInfo(None::<&str>)).expect("an option");
    easy.set(option::CaPath(None::<&str>)).expect("an option");
    easy.perform().map(drop).expect_err("the callback said so");
    assert!(easy.handler().1, "it was called");
});
