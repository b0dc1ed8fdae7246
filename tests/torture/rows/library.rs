//! Library contexts, made and unmade.

use ffence::crypto::{Library, Provided as _, Sha256};

use super::same;
use crate::row::{Outcome, Row, row};

pub fn rows() -> Vec<Row> {
    vec![
        row!("a library and its first digest", ["crypto::library::Library::new",], {
            || -> Outcome {
                let library = Library::new()?;
                Ok(Sha256::digest_in(&library, b"abc")?.as_bytes().to_vec())
            }
        }),
        row!(
            "a library with all that it can have",
            [
                "crypto::library::Library::{builder,properties,providers}",
                "crypto::library::LibraryBuilder::{provider,module,config,properties,build}",
            ],
            {
                let directory = tempfile::tempdir().unwrap();
                let config = directory.path().join("openssl.cnf");
                std::fs::write(&config, "openssl_conf = init\n[init]\n").unwrap();
                let modules = directory.path().to_owned();
                move || -> Outcome {
                    let _kept = &directory;
                    // `module` takes a provider's file; a missing one is refused before any use.
                    assert!(Library::builder().module(modules.join("none.so")).build().is_err());
                    let library = Library::builder()
                        .provider("default")
                        .config(&config)
                        .properties("?fips=no")
                        .build()?;
                    let names: Vec<&str> = library.providers().collect();
                    Ok(format!("{names:?} {:?}", library.properties()).into_bytes())
                }
            }
        ),
        row!(
            "the origin of an algorithm",
            [
                "crypto::library::Provided::{origin,origin_in}",
                "crypto::library::Origin::{provider,is_fips}",
            ],
            {
                let library = Library::new().unwrap();
                move || -> Outcome {
                    let ours = Sha256::origin()?;
                    let theirs = Sha256::origin_in(&library)?;
                    assert!(!ours.is_fips() && !theirs.is_fips());
                    // The origin alone may need no memory: a digest does.
                    let digest = Sha256::digest(b"abc")?;
                    Ok(same(&[
                        ours.provider().as_bytes(),
                        theirs.provider().as_bytes(),
                        digest.as_bytes(),
                    ]))
                }
            }
        ),
    ]
}
