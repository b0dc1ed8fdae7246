//! What this build script does:
//!
//! 1. Takes the OpenSSL version from openssl-sys and the libcurl version from the headers that
//!    curl-sys found, and stops with one message when a library is missing or too old.
//! 2. Turns the versions into cfgs (`openssl_since = "3.2"`, `curl_since = "8.12.1"`), so that what
//!    a newer library adds can be gated.
//! 3. Warns when the program would hold two copies of libcrypto.
//! 4. Compiles `csrc/shim.c` (libcurl's variadic functions) with the system's C compiler.
//! 5. Takes the checked-in bindings, or generates them anew (feature `bindgen`).

#[cfg(feature = "bindgen")]
#[path = "build/bindings.rs"]
mod bindings;
#[path = "build/find.rs"]
mod find;
#[path = "build/message.rs"]
mod message;

use find::Version;

/// The versions from which on something that we gate exists.
const OPENSSL_STEPS: &[Version] = &[Version(3, 2, 0), Version(3, 5, 0), Version(4, 0, 0)];
const CURL_STEPS: &[Version] = &[
    Version(7, 77, 0),
    Version(7, 80, 0),
    Version(7, 83, 0),
    Version(7, 84, 0),
    Version(7, 86, 0),
    Version(8, 12, 0),
    Version(8, 12, 1),
    Version(8, 17, 0),
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=csrc");
    announce("openssl_since", OPENSSL_STEPS);
    announce("curl_since", CURL_STEPS);
    println!("cargo::rustc-check-cfg=cfg(curl_is_static)");

    let outcome = run();
    if let Err(text) = outcome {
        // Cargo shows a failing build script's standard error as it is.
        eprintln!("\n{text}\n");
        std::process::exit(1);
    }
}

fn run() -> Result<(), String> {
    if has("CRYPTO") {
        let version = find::openssl()?;
        enable("openssl_since", OPENSSL_STEPS, version);
    }
    if has("HTTP") {
        let curl = find::curl(has("VENDORED"))?;
        enable("curl_since", CURL_STEPS, curl.version);
        if has("CRYPTO") && !curl.is_static && find::openssl_is_vendored() {
            println!(
                "cargo::warning=openssl-sys builds its own libcrypto, but libcurl is the system's \
                 and brings another: OpenSSL objects will not be handed to libcurl (see \
                 ffence::capabilities). Enable ffence's `vendored` feature, or build neither."
            );
        }
        if curl.is_static {
            println!("cargo::rustc-cfg=curl_is_static");
        }
        compile_shim(&curl)?;
    }
    #[cfg(feature = "bindgen")]
    generate_bindings()?;
    Ok(())
}

fn has(feature: &str) -> bool {
    std::env::var_os(format!("CARGO_FEATURE_{feature}")).is_some()
}

fn announce(name: &str, steps: &[Version]) {
    let values: Vec<_> = steps.iter().map(|step| format!("\"{step}\"")).collect();
    println!("cargo::rustc-check-cfg=cfg({name}, values({}))", values.join(", "));
}

fn enable(name: &str, steps: &[Version], linked: Version) {
    for step in steps.iter().filter(|step| **step <= linked) {
        println!("cargo::rustc-cfg={name}=\"{step}\"");
    }
}

fn compile_shim(curl: &find::Curl) -> Result<(), String> {
    cc::Build::new()
        .file("csrc/shim.c")
        .includes(&curl.include_dirs)
        .std("c11")
        .warnings(true)
        .extra_warnings(true)
        .try_compile("ffence_shim")
        .map_err(|error| message::no_compiler(&error.to_string()))
}

#[cfg(feature = "bindgen")]
fn generate_bindings() -> Result<(), String> {
    let root = std::path::PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let out = std::path::PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default());
    for (wanted, file, variable) in [
        (has("CRYPTO"), bindings::OPENSSL, "DEP_OPENSSL_INCLUDE"),
        (has("HTTP"), bindings::CURL, "DEP_CURL_INCLUDE"),
    ] {
        if !wanted {
            continue;
        }
        let include: Vec<_> = std::env::var(variable).into_iter().collect();
        // bindgen panics where it cannot load libclang, and cargo would show a backtrace.
        std::panic::set_hook(Box::new(|_| {}));
        let generated = std::panic::catch_unwind(|| file.generate(&root, &include));
        drop(std::panic::take_hook());
        let text = generated
            .unwrap_or_else(|_| Err("libclang could not be loaded".to_owned()))
            .map_err(|error| message::no_libclang(&error))?;
        let name = std::path::Path::new(file.checked_in).file_name().unwrap_or_default();
        std::fs::write(out.join(name), text).map_err(|error| error.to_string())?;
    }
    Ok(())
}
