//! The error queue of OpenSSL is the thread's: whoever asks it in a second call may ask another
//! thread's. No call of ours does, on an executor that moves tasks least of all.
//!
//! What raw calls do is shown first, on the same executor, so that the test is known to see.

#![cfg(feature = "crypto")]
#![allow(unsafe_code)] // raw calls, which have to lose their errors here

use std::ffi::CStr;
use std::ptr;
use std::sync::{LazyLock, mpsc};
use std::task::Poll;
use std::thread::{self, ThreadId};

use ffence::ErrorKind;
use ffence::crypto::unauthenticated::{Aes256Cbc, Key, Padding};
use ffence::crypto::{Aes256Gcm, Key as CipherKey, Library, RandomNonce, Sha256};
use openssl_sys as ffi;
use tokio::runtime::{Builder, Runtime};

/// How often the executor may keep a task where it is before the test gives up.
const TRIES: usize = 1_000;

fn executor() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).build().unwrap()
}

/// Lets another worker go on with this task, by keeping the present one busy; tells whether it did.
///
/// The busy task is let go by the sender that comes back.
async fn move_on() -> (mpsc::Sender<()>, ThreadId, bool) {
    let before = thread::current().id();
    let (release, held) = mpsc::channel::<()>();
    tokio::spawn(async move {
        let _ = held.recv(); // blocks its worker until the sender is gone
    });
    // Not `yield_now`, which waits until the worker has nothing else to do.
    let mut asked = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut asked, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
    (release, before, thread::current().id() != before)
}

/// What this thread's queue holds, oldest first; it is empty afterwards.
fn drained() -> Vec<u64> {
    // SAFETY: ERR_get_error takes nothing and touches only this thread's queue.
    std::iter::from_fn(|| Some(unsafe { ffi::ERR_get_error() }).filter(|code| *code != 0)).collect()
}

/// Raises a record, as a call of somebody else's that failed.
fn raise() {
    const NAME: &CStr = c"NO-SUCH-DIGEST";
    // SAFETY: the name ends in NUL; NULL stands for the default context and properties.
    let digest = unsafe { ffi::EVP_MD_fetch(ptr::null_mut(), NAME.as_ptr(), ptr::null()) };
    assert!(digest.is_null());
}

/// A decryption that OpenSSL refuses with a record: the padding is wrong. The record is no part of
/// the error, which does not tell one fault of a padding from another.
fn malformed() -> ffence::Error {
    let key = Key::<Aes256Cbc>::from_bytes(&[7; 32]).unwrap();
    let mut encryptor = key.cbc_encryptor(&[9; 16], Padding::None).unwrap();
    let mut sealed = Vec::new();
    encryptor.update(&[0; 16], &mut sealed).unwrap();
    encryptor.finish(&mut sealed).unwrap();

    let mut decryptor = key.cbc_decryptor(&[9; 16], Padding::Pkcs7).unwrap();
    let mut text = Vec::new();
    decryptor.update(&sealed, &mut text).unwrap();
    decryptor.finish(&mut text).unwrap_err()
}

/// An algorithm that no provider of a library offers, as a record says.
fn unsupported() -> ffence::Error {
    static NOTHING: LazyLock<Library> =
        LazyLock::new(|| Library::builder().provider("null").build().unwrap());
    let key = CipherKey::<Aes256Gcm>::from_bytes_in(&NOTHING, &[7; 32]);
    key.sealer(RandomNonce).unwrap_err()
}

/// Each error says what its own call left, and nothing else.
fn check(malformed: &ffence::Error, unsupported: &ffence::Error) {
    assert_eq!(malformed.kind(), ErrorKind::Malformed);
    assert_eq!(malformed.records().len(), 0, "{malformed:?}");
    assert_eq!(unsupported.kind(), ErrorKind::Unsupported);
    let text = unsupported.to_string();
    assert!(text.contains("AES-256-GCM"), "{text}");
    assert!(text.contains("EVP_CIPHER_fetch failed: 0308010C"), "{text}");
}

#[test]
fn raw_calls_lose_their_error_and_an_innocent_task_finds_it() {
    let lost = executor().block_on(async {
        for _ in 0..TRIES {
            let task = tokio::spawn(async {
                raise();
                let (release, home, moved) = move_on().await;
                let found = drained();
                (release, home, moved, found)
            });
            let (release, home, moved, found) = task.await.unwrap();
            if !moved {
                assert_eq!(found.len(), 1, "on its own thread the error is found");
                continue;
            }
            assert!(found.is_empty(), "on another thread there is nothing to find");
            drop(release);
            return Some(innocent(home).await);
        }
        None
    });
    let found = lost.expect("in a thousand tries the executor moved no task");
    assert_eq!(found.len(), 1, "whoever comes to that thread next is told of a failure of others");
}

/// What a task that called nothing finds in the queue of the worker `home`.
async fn innocent(home: ThreadId) -> Vec<u64> {
    for _ in 0..TRIES {
        let task = tokio::spawn(async {
            let (release, _, _) = move_on().await;
            let here = thread::current().id();
            drop(release);
            (here, drained())
        });
        let (here, found) = task.await.unwrap();
        if here == home {
            return found;
        }
    }
    panic!("no task came to the worker that holds the error");
}

#[test]
fn an_error_of_ours_is_whole_wherever_its_task_goes() {
    let moves = executor().block_on(async {
        let mut moves = 0;
        for _ in 0..TRIES {
            let task = tokio::spawn(async {
                assert!(drained().is_empty());
                let errors = (malformed(), unsupported());
                // Made in the call that failed: here there is nothing left ...
                assert!(drained().is_empty());
                let (release, _, moved) = move_on().await;
                // ... and there nothing appears.
                assert!(drained().is_empty());
                drop(release);
                (errors, moved)
            });
            let ((malformed, unsupported), moved) = task.await.unwrap();
            check(&malformed, &unsupported);
            moves += usize::from(moved);
            if moves == 16 {
                break;
            }
        }
        moves
    });
    assert_eq!(moves, 16, "in a thousand tries the executor moved no sixteen tasks");
}

#[test]
fn what_others_left_in_the_queue_is_still_there() {
    assert!(drained().is_empty());
    raise();
    // SAFETY: ERR_peek_last_error takes nothing and touches only this thread's queue.
    let foreign = unsafe { ffi::ERR_peek_last_error() };
    assert_ne!(foreign, 0);

    check(&malformed(), &unsupported());
    // What succeeds leaves it alone as well.
    Sha256::digest(b"abc").unwrap();
    assert_eq!(drained(), [foreign]);
}
