//! An executable of its own, started 40 times: `main` returns while its threads work in libcrypto.
//!
//! OpenSSL's clean-up at exit would free what they use; this crate switches it off.

use std::process::Command;
use std::sync::mpsc;

use ffence::crypto::{Aes256Gcm, Key, RandomNonce, Sha256};

const CHILD: &str = "FFENCE_EXIT_CHILD";
const RUNS: usize = 40;

fn main() {
    if std::env::var_os(CHILD).is_some() {
        return child();
    }
    let program = std::env::current_exe().expect("this program has a path");
    for run in 1..=RUNS {
        let output = Command::new(&program).env(CHILD, "1").output().expect("the child starts");
        assert!(
            output.status.success(),
            "run {run} of {RUNS}: {}\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    }
    println!("running 1 test\ntest main_returns_while_threads_work ... ok ({RUNS} runs)\n");
    println!("test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n");
}

/// Returns from `main` when all threads are known to be at work.
fn child() {
    let (sender, working) = mpsc::channel();
    for _ in 0..4 {
        let sender = sender.clone();
        std::thread::spawn(move || {
            let mut announce = Some(sender);
            loop {
                // Fresh objects and fetched algorithms: what the clean-up would take away.
                let key = Key::<Aes256Gcm>::generate().expect("a key");
                let mut sealer = key.sealer(RandomNonce).expect("a sealer");
                let sealed = sealer.seal(b"", b"text").expect("sealed");
                Sha256::digest(&sealed).expect("a digest");
                if let Some(sender) = announce.take() {
                    sender.send(()).expect("main waits");
                }
            }
        });
    }
    for _ in 0..4 {
        working.recv().expect("a thread works");
    }
}
