//! Stored passwords: the strings, who may come in, and that no stored string can do harm.

use ffence::ErrorKind;
use ffence::crypto::kdf::{Argon2Cost, Iterations, ScryptCost};
use ffence::crypto::password::{PasswordHash, PasswordLimits, PasswordScheme};

fn cheap_scrypt() -> PasswordScheme {
    PasswordScheme::Scrypt(ScryptCost::new(4, 8, 1).unwrap())
}

fn cheap_pbkdf2() -> PasswordScheme {
    PasswordScheme::Pbkdf2Sha256(Iterations::new(1000).unwrap())
}

fn kind(stored: &str) -> Option<ErrorKind> {
    stored.parse::<PasswordHash>().err().map(|error| error.kind())
}

#[test]
fn what_was_stored_lets_the_password_in_and_no_other() {
    for scheme in [cheap_scrypt(), cheap_pbkdf2()] {
        for password in
            [&b""[..], b"correct horse", "pässwörd\0 with a NUL".as_bytes(), &[255; 500]]
        {
            let hash = PasswordHash::with(scheme, password).unwrap();
            let stored = hash.to_string();
            let read: PasswordHash = stored.parse().unwrap();
            assert_eq!(read.to_string(), stored);
            assert_eq!(read.scheme(), scheme);
            for hash in [&hash, &read] {
                hash.verify(password).unwrap();
                for wrong in [&b"x"[..], b"correct horsf", &[password, b"x"].concat()] {
                    let error = hash.verify(wrong).unwrap_err();
                    assert_eq!(error.kind(), ErrorKind::Authentication);
                    assert_eq!(error.to_string(), "the password is wrong");
                }
            }
        }
    }
}

#[test]
fn the_default_is_owasps_and_salts_differ() {
    let hash = PasswordHash::new(b"correct horse").unwrap();
    let stored = hash.to_string();
    assert!(stored.starts_with("$scrypt$ln=17,r=8,p=1$"), "{stored}");
    assert_eq!(stored.len(), "$scrypt$ln=17,r=8,p=1$".len() + 22 + 1 + 43);
    stored.parse::<PasswordHash>().unwrap().verify(b"correct horse").unwrap();
    let salts: std::collections::HashSet<_> = (0..50)
        .map(|_| {
            let stored = PasswordHash::with(cheap_scrypt(), b"same").unwrap().to_string();
            stored.split('$').nth(3).unwrap().to_owned()
        })
        .collect();
    assert_eq!(salts.len(), 50);
}

/// Strings that other programs wrote: of scrypt from RFC 7914's vectors (shortened to what a string
/// may hold), of PBKDF2 from the same.
#[test]
fn strings_of_others_verify() {
    let scrypt = "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$\
                  cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofLVQylVYT8Pz2LUlwUkKpr55h6F3A1lHkDfzwF7RVdYhw";
    scrypt.parse::<PasswordHash>().unwrap().verify(b"pleaseletmein").unwrap();
    let few = "$pbkdf2-sha256$i=1,l=32$c2FsdHNhbHQ$";
    let hash = PasswordHash::parse(
        &format!("{few}AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        PasswordLimits::default(),
    );
    let hash = hash.unwrap(); // too few iterations are read, to be replaced
    assert_eq!(hash.verify(b"password").unwrap_err().kind(), ErrorKind::Authentication);
    assert!(hash.needs_rehash(cheap_pbkdf2()));
}

#[test]
fn a_rehash_is_due_when_the_wanted_scheme_is_another() {
    let hash = PasswordHash::with(cheap_scrypt(), b"p").unwrap();
    assert!(!hash.needs_rehash(cheap_scrypt()));
    assert!(hash.needs_rehash(cheap_pbkdf2()));
    assert!(hash.needs_rehash(PasswordScheme::default()));
    assert!(hash.needs_rehash(PasswordScheme::Scrypt(ScryptCost::new(4, 8, 2).unwrap())));
    // The same cost, and a salt or a hash that is shorter than those made here.
    for stored in [
        "$scrypt$ln=4,r=8,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$scrypt$ln=4,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
    ] {
        assert!(stored.parse::<PasswordHash>().unwrap().needs_rehash(cheap_scrypt()));
    }
}

#[test]
fn argon2id_strings_are_read_everywhere_and_verified_where_openssl_has_it() {
    // The reference implementation's test suite: "password", "somesalt", 256 KiB, 2 passes.
    let stored =
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
    let hash: PasswordHash = stored.parse().unwrap();
    assert_eq!(hash.scheme(), PasswordScheme::Argon2id(Argon2Cost::new(256, 2, 1).unwrap()));
    assert_eq!(hash.to_string(), stored);
    match hash.verify(b"password") {
        Ok(()) => {
            let error = hash.verify(b"passwort").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Authentication);
            let scheme = PasswordScheme::Argon2id(Argon2Cost::RFC_9106_LOW_MEMORY);
            let hash = PasswordHash::with(scheme, b"p").unwrap();
            hash.to_string().parse::<PasswordHash>().unwrap().verify(b"p").unwrap();
        }
        Err(error) => assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}"),
    }
}

const SALT: &str = "AAAAAAAAAAAAAAAAAAAAAA";
const HASH: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

#[test]
fn malformed_strings_are_refused() {
    let whole = format!("$scrypt$ln=4,r=8,p=1${SALT}${HASH}");
    assert_eq!(kind(&whole), None);
    let costs = [
        "",
        "ln=4",
        "ln=4,r=8",
        "ln=4,r=8,p=1,",
        "ln=4,r=8,p=1,x=1",
        "r=8,ln=4,p=1",
        "ln=4,r=8,p=",
        "ln=4,r=8,p=+1",
        "ln=4,r=8,p=-1",
        "ln=4,r=8,p=01",
        "ln=4,r=8,p=1 ",
        " ln=4,r=8,p=1",
        "ln=4,r=8,p=0x1",
        "ln=4,r=8,p=4294967296",
        "ln=4,r=8,p=99999999999999999999999",
        "LN=4,r=8,p=1",
        "ln=4;r=8;p=1",
        "ln=4,r=8,p=1\0",
        "ln=4,r=8,p=\u{0661}",
        "ln4,r8,p1",
        "ln==4,r=8,p=1",
        ",,,",
        "i=1000,l=32",
        "v=19",
    ];
    for cost in costs {
        let stored = format!("$scrypt${cost}${SALT}${HASH}");
        assert_eq!(kind(&stored), Some(ErrorKind::Malformed), "{stored:?}");
    }
    let salts = [
        "",
        "A",
        "AAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAAAA==",
        "AAAAAAAAAAAAAAAAAAAAAB",
        "AAAAAAAAAAAAAAAAAAAAA_",
        "AAAAAAAAAAAAAAAAAAAAA ",
        "AAAAAAAAAAAAAAAAAAAAA\n",
        "äAAAAAAAAAAAAAAAAAAA",
    ];
    let too_long = "A".repeat(88);
    for salt in salts.into_iter().chain([&*too_long]) {
        let stored = format!("$scrypt$ln=4,r=8,p=1${salt}${HASH}");
        assert_eq!(kind(&stored), Some(ErrorKind::Malformed), "{stored:?}");
        let stored = format!("$scrypt$ln=4,r=8,p=1${SALT}${salt}");
        let same = salt.len() == 22 && salt.ends_with('A');
        assert_eq!(kind(&stored), (!same).then_some(ErrorKind::Malformed), "{stored:?}");
    }
    let others = [
        String::new(),
        "$".to_owned(),
        "$$$$$$$$".to_owned(),
        "password".to_owned(),
        "scrypt".to_owned(),
        "$scrypt".to_owned(),
        whole[1..].to_owned(),
        format!("x{whole}"),
        format!("{whole}$"),
        format!("{whole}$extra"),
        format!("{whole}\n"),
        format!(" {whole}"),
        whole.replace("scrypt", "SCRYPT"),
        whole.replace("scrypt", "bcrypt"),
        whole.replace("scrypt", "scrypt "),
        whole.replace("$ln", "$v=19$ln"),
        "$2b$12$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZabcde".to_owned(),
        format!("$argon2id$m=256,t=2,p=1${SALT}${HASH}"),
        format!("$argon2id$v=16$m=256,t=2,p=1${SALT}${HASH}"),
        format!("$argon2i$v=19$m=256,t=2,p=1${SALT}${HASH}"),
        format!("$argon2id$v=19$m=256,t=2,p=1,keyid=AAAA${SALT}${HASH}"),
        format!("$pbkdf2-sha256$i=1000${SALT}${HASH}"),
        format!("$pbkdf2-sha256$i=1000,l=31${SALT}${HASH}"),
        format!("$pbkdf2-sha256$i=0,l=32${SALT}${HASH}"),
        format!("$pbkdf2-sha512$i=1000,l=32${SALT}${HASH}"),
        "$scrypt$".repeat(100_000),
    ];
    for stored in others {
        assert_eq!(kind(&stored), Some(ErrorKind::Malformed), "{stored:.100?}");
    }
}

/// Every cut, every altered byte and many made-up strings: an error or a hash, never a panic.
#[test]
fn no_string_makes_it_panic() {
    let whole = [
        format!("$scrypt$ln=4,r=8,p=1${SALT}${HASH}"),
        format!("$argon2id$v=19$m=256,t=2,p=1${SALT}${HASH}"),
        format!("$pbkdf2-sha256$i=1000,l=32${SALT}${HASH}"),
    ];
    let (mut tried, mut read) = (0, 0);
    let mut attempt = |stored: &str| {
        tried += 1;
        if let Ok(hash) = stored.parse::<PasswordHash>() {
            read += 1;
            assert_eq!(hash.to_string(), stored, "one spelling for each hash");
        }
    };
    for whole in &whole {
        for at in 0..whole.len() {
            attempt(&whole[..at]);
            attempt(&whole[at..]);
            for byte in 0..=127_u8 {
                let mut altered = whole.clone().into_bytes();
                altered[at] = byte;
                attempt(std::str::from_utf8(&altered).unwrap());
                altered.insert(at, byte);
                attempt(std::str::from_utf8(&altered).unwrap());
            }
        }
    }
    let parts =
        ["$", "scrypt", "argon2id", "v=19", "ln=", "4", ",", "r=8", "p=1", SALT, "\u{1F511}", "="];
    for number in 0..200_000_usize {
        let mut rest = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut stored = String::new();
        for _ in 0..number % 14 {
            stored.push_str(parts[rest % parts.len()]);
            rest /= parts.len();
        }
        attempt(&stored);
    }
    println!("{tried} strings, of which {read} are hashes");
    assert!(tried > 250_000 && read > 3000);
}

#[test]
fn a_stored_string_cannot_cost_more_than_allowed() {
    let greedy = [
        "$scrypt$ln=18,r=16,p=1$", // 512 MiB and some blocks
        "$scrypt$ln=30,r=8,p=1$",
        "$scrypt$ln=14,r=8,p=200$", // little memory, long time
        "$scrypt$ln=20,r=8,p=1$",
        "$scrypt$ln=63,r=1000000,p=1$",
        "$argon2id$v=19$m=4294967295,t=1,p=1$",
        "$argon2id$v=19$m=256,t=4294967295,p=1$",
        "$pbkdf2-sha256$i=10000001,l=32$",
        "$pbkdf2-sha256$i=4294967295,l=32$",
        // No cost at all of the scheme.
        "$scrypt$ln=0,r=8,p=1$",
        "$scrypt$ln=64,r=8,p=1$",
        "$scrypt$ln=300,r=8,p=1$",
        "$scrypt$ln=10,r=0,p=1$",
        "$scrypt$ln=10,r=8,p=4294967295$",
        "$argon2id$v=19$m=0,t=1,p=1$",
        "$argon2id$v=19$m=256,t=0,p=1$",
        "$argon2id$v=19$m=256,t=1,p=33$",
    ];
    for stored in greedy {
        let stored = format!("{stored}{SALT}${HASH}");
        assert_eq!(kind(&stored), Some(ErrorKind::Parameter), "{stored}");
    }
    let stored = format!("$scrypt$ln=10,r=8,p=1${SALT}${HASH}");
    let memory = ScryptCost::new(10, 8, 1).unwrap().memory();
    let limits = PasswordLimits::default();
    assert!(PasswordHash::parse(&stored, limits.memory(memory)).is_ok());
    assert!(PasswordHash::parse(&stored, limits.memory(memory - 1)).is_err());
    assert!(PasswordHash::parse(&stored, limits.filled(memory - 1)).is_err());
    let stored = format!("$pbkdf2-sha256$i=2000,l=32${SALT}${HASH}");
    assert!(PasswordHash::parse(&stored, limits.iterations(2000)).is_ok());
    assert!(PasswordHash::parse(&stored, limits.iterations(1999)).is_err());
}

#[test]
fn an_error_and_debug_quote_nothing_of_the_hash() {
    let hash = PasswordHash::with(cheap_scrypt(), b"p").unwrap();
    let stored = hash.to_string();
    let (salt, secret) = (stored.split('$').nth(3).unwrap(), stored.split('$').nth(4).unwrap());
    let debug = format!("{hash:?}");
    assert!(debug.contains("Scrypt") && !debug.contains(salt) && !debug.contains(secret));
    let error = format!("{stored}$x").parse::<PasswordHash>().unwrap_err().to_string();
    assert!(error.starts_with("this is no password hash"), "{error}");
    assert!(!error.contains(salt) && !error.contains(secret));
}
