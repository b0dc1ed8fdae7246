//! Every C allocation has an owner: each constructor, reference and clean-up function that
//! `src/ffi` declares is either in the table of `src/ctypes.rs` or in the list below, with a reason.

use std::collections::BTreeMap;
use std::path::Path;

/// What has no owner, and why it needs none.
const EXCLUDED: &[(&str, &str)] = &[
    (
        "curl_global_init",
        "once a process, in src/init.rs; nothing is freed before the process ends",
    ),
    (
        "curl_free",
        "frees blocks of bytes, not objects: the allocator `CurlMemory` in src/ctypes.rs",
    ),
    (
        "CRYPTO_secure_free",
        "frees blocks, not objects: CBuf<SecureHeap> in src/crypto/held/heap.rs calls it",
    ),
    (
        "CRYPTO_secure_malloc_init",
        "once a process, in src/init.rs; nothing is freed before the process ends",
    ),
    (
        "OPENSSL_init_crypto",
        "once a process, in src/init.rs; nothing is freed before the process ends",
    ),
];

const ENDINGS: &[&str] = &[
    "_new",
    "_dup",
    "_duphandle",
    "_up_ref",
    "_free",
    "_free_all",
    "_init",
    "_init_crypto",
    "_cleanup",
    "_fetch",
    "_load",
    "_append",
];

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The functions that src/ffi names: re-exported ones and generated ones.
fn declared() -> Vec<String> {
    let mut names = Vec::new();
    for file in ["src/ffi/openssl.rs", "src/ffi/curl.rs"] {
        let text = read(file);
        for list in text.split("_sys::{").skip(1) {
            let list = list.split('}').next().unwrap();
            names.extend(list.split(',').map(|name| name.trim().to_owned()));
        }
    }
    for file in ["src/ffi/openssl_bindings.rs", "src/ffi/curl_bindings.rs"] {
        let text = read(file);
        names.extend(text.match_indices("pub fn ").map(|(at, word)| {
            text[at + word.len()..].split('(').next().unwrap().trim().to_owned()
        }));
    }
    names
}

/// Type → free function, from `c_type!(ffi::TYPE, ffi::function);`.
fn owners() -> BTreeMap<String, String> {
    read("src/ctypes.rs")
        .lines()
        .filter_map(|line| line.trim().strip_prefix("c_type!("))
        .map(|arguments| {
            let (of, free) = arguments.trim_end_matches(");").split_once(", ").unwrap();
            (of.replace("ffi::", ""), free.replace("ffi::", ""))
        })
        .collect()
}

/// Whether `function` makes, counts or frees an object of a type that has an owner.
fn is_owned(function: &str, owners: &BTreeMap<String, String>) -> bool {
    owners.iter().any(|(of, free)| {
        function == free
            || ENDINGS.iter().any(|ending| {
                function.strip_suffix(ending).is_some_and(|stem| {
                    // OpenSSL names functions after the type; libcurl after the type or the module.
                    let kin = free
                        .trim_end_matches("_free_all")
                        .trim_end_matches("_free")
                        .trim_end_matches("_cleanup");
                    stem == of || stem == kin
                })
            })
    })
}

#[test]
fn every_constructor_has_an_owner_or_a_reason() {
    let (declared, owners) = (declared(), owners());
    assert!(declared.len() > 30 && owners.len() >= 6, "the tables were read");
    let mut seen = 0;
    for function in &declared {
        if !ENDINGS.iter().any(|ending| function.ends_with(ending)) {
            continue;
        }
        seen += 1;
        let excluded = EXCLUDED.iter().find(|(name, _)| name == function);
        let owned = is_owned(function, &owners);
        assert!(
            owned != excluded.is_some(),
            "{function}: give its type an owner in src/ctypes.rs, or a reason here (not both)"
        );
        if let Some((name, reason)) = excluded {
            assert!(reason.len() > 20, "{name}: a real reason");
        }
    }
    assert!(seen > 12, "constructors were found: {seen}");
    for (name, _) in EXCLUDED {
        assert!(
            declared.iter().any(|function| function == name),
            "{name} is not declared any more"
        );
    }
}

#[test]
fn every_owner_frees_by_a_function_that_is_declared() {
    let declared = declared();
    for (of, free) in owners() {
        assert!(
            declared.contains(&free),
            "{of} is freed by {free}, which src/ffi does not declare"
        );
    }
}

#[test]
fn a_constructor_without_an_owner_would_be_noticed() {
    let owners = owners();
    assert!(is_owned("EVP_MD_fetch", &owners));
    assert!(is_owned("OSSL_PROVIDER_load", &owners));
    assert!(is_owned("curl_slist_append", &owners));
    assert!(!is_owned("X509_STORE_CTX_new", &owners));
    assert!(!is_owned("EVP_PKEY_CTX_new", &owners));
}
