//! Deliberate bugs, in this test alone: the torture must find each. A row is named after its class.

use ffence::crypto::Sha256;

use crate::row::{Outcome, Row, row};

/// Two requests, of which the second may be refused.
fn pair() -> [*mut openssl_sys::EVP_MD_CTX; 2] {
    // SAFETY: takes nothing.
    let first = unsafe { openssl_sys::EVP_MD_CTX_new() };
    // SAFETY: takes nothing.
    [first, unsafe { openssl_sys::EVP_MD_CTX_new() }]
}

fn free(contexts: [*mut openssl_sys::EVP_MD_CTX; 2]) {
    for context in contexts {
        // SAFETY: NULL, or a context that is ours and is not used afterwards.
        unsafe { openssl_sys::EVP_MD_CTX_free(context) };
    }
}

pub fn seeded() -> Vec<Row> {
    vec![
        row!("leak", [], {
            || -> Outcome {
                let contexts = pair();
                if contexts[1].is_null() {
                    // The bug: the first one is forgotten.
                    return Err(std::io::Error::other("no memory").into());
                }
                free(contexts);
                Ok(Vec::new())
            }
        }),
        row!("died", [], {
            || -> Outcome {
                let contexts = pair();
                if contexts.iter().any(|context| context.is_null()) {
                    std::process::abort();
                }
                free(contexts);
                Ok(Vec::new())
            }
        }),
        row!("wrong", [], {
            || -> Outcome {
                let digest = Sha256::digest(b"abc");
                // The bug: an error passes for an empty answer.
                Ok(digest.map(|it| it.as_bytes().to_vec()).unwrap_or_default())
            }
        }),
        row!("broken", [], {
            let mut broken = false;
            move || -> Outcome {
                broken |= Sha256::digest(b"abc").is_err();
                if broken {
                    return Err(std::io::Error::other("for ever").into());
                }
                Ok(Vec::new())
            }
        }),
    ]
}
