//! Sealed streams.

use std::io::{Read as _, Write as _};

use ffence::crypto::{Aes256Gcm, StreamKey};
use ffence::secret::{Secret, SecretBytes};

use crate::row::{Outcome, Row, row};

pub fn rows() -> Vec<Row> {
    vec![
        row!(
            "a stream",
            [
                "crypto::StreamKey::{generate,from_slice,from_secret,from_secret_bytes,seal,open}",
                "crypto::SealWriter::{finish,get_ref,into_inner}",
                "crypto::OpenReader::{get_ref,is_complete}",
            ],
            {
                let secret = Secret::<32>::fill_with(|bytes| bytes.fill(7)).unwrap();
                let bytes = SecretBytes::fill_with(32, |bytes| bytes.fill(7)).unwrap();
                move || -> Outcome {
                    let drawn = StreamKey::<Aes256Gcm>::generate()?;
                    let mut drawn = drawn.seal(b"", Vec::<u8>::new())?;
                    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
                    runtime.block_on(tokio::io::AsyncWriteExt::shutdown(&mut drawn))?;
                    assert!(!drawn.into_inner().expect("it was closed").is_empty());
                    let key = StreamKey::<Aes256Gcm>::from_slice(&[7; 32])?;
                    let mut writer = key.seal(b"context", Vec::new())?;
                    writer.write_all(&[1; 40_000])?;
                    writer.flush()?;
                    assert!(writer.get_ref().len() > 16_384);
                    let sealed = writer.finish()?;
                    let from = StreamKey::<Aes256Gcm>::from_secret(&secret)?;
                    let from_bytes = StreamKey::<Aes256Gcm>::from_secret_bytes(&bytes)?;
                    let mut text = Vec::new();
                    for key in [key, from, from_bytes] {
                        text.clear();
                        let mut reader = key.open(b"context", &sealed[..]);
                        reader.read_to_end(&mut text)?;
                        assert!(reader.is_complete() && reader.get_ref().is_empty());
                    }
                    Ok(text)
                }
            }
        ),
        row!(
            "a stream key's properties",
            nothing,
            ["crypto::StreamKey::{from_bytes,protection}"],
            {
                || -> Outcome {
                    let key = StreamKey::<Aes256Gcm>::from_bytes(&[7; 32]);
                    Ok(format!("{:?}", key.protection()).into_bytes())
                }
            }
        ),
    ]
}
