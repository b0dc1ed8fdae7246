//! What a failed build says: what is missing, and what to type.

/// The packages that bring headers, libraries and a C compiler.
const PACKAGES: &str = "\
  Debian, Ubuntu:   apt install build-essential pkg-config libssl-dev libcurl4-openssl-dev
  Fedora, RHEL:     dnf install gcc pkgconf-pkg-config openssl-devel libcurl-devel
  Alpine:           apk add build-base pkgconf openssl-dev curl-dev
  macOS (Homebrew): xcode-select --install; brew install pkgconf openssl@3 curl

or build both libraries from source: cargo add ffence --features vendored
(it needs a C compiler, make and perl).";

pub fn missing(library: &str) -> String {
    format!(
        "ffence: {library} was not found (its headers, or its pkg-config file). Install it:\n\n{PACKAGES}"
    )
}

pub fn too_old(library: &str, found: &str, floor: &str) -> String {
    format!(
        "ffence: {library} {found} is too old, {floor} is the oldest that works. Install a newer one:\n\n{PACKAGES}"
    )
}

pub fn not_openssl(found: &str) -> String {
    format!(
        "ffence: openssl-sys found {found}; OpenSSL 3.0 or newer is needed. Install it:\n\n{PACKAGES}"
    )
}

pub fn no_compiler(reason: &str) -> String {
    format!("ffence: no C compiler could build csrc/shim.c ({reason}). Install one:\n\n{PACKAGES}")
}

#[cfg(feature = "bindgen")]
pub fn no_libclang(reason: &str) -> String {
    format!(
        "ffence: the feature `bindgen` could not generate the bindings ({reason}).\n\
         Install libclang (Debian, Ubuntu: libclang-dev), or leave the feature off:\n\
         the checked-in bindings need none."
    )
}
