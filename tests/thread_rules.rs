//! What the table in `ffence::thread` says: of the types, of CPUs, and of what libcrypto keeps for a
//! thread.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::mpsc::{self, Sender};
use std::thread;

use ffence::ErrorKind;
use ffence::thread::{Pinned, PinnedThread};

/// The table of `ffence::thread`, asked of the types.
#[cfg(all(feature = "crypto", feature = "http"))]
mod table {
    use super::*;
    use ffence::crypto::kdf::Prk;
    use ffence::crypto::unauthenticated::{
        self, Aes256Cbc, Aes256Ctr, Aes256Kwp, Aes256Xts, CbcDecryptor, CbcEncryptor, Keystream,
        SectorDecryptor, SectorEncryptor, Unwrapper, Wrapper,
    };
    use ffence::crypto::{
        Aes256, Aes256Gcm, Cmac, Gmac, Hasher, Hmac, Key, Kmac256, Library, Opener, Poly1305,
        Sealer, Sha256, Shake256, SipHash64, Squeezer, StreamKey, Xof, hazmat,
    };
    use ffence::curl::{Easy, LocalEasy, LocalShare, Multi, Share, Url, Waker};
    use ffence::pool::Pool;
    use ffence::thread::{OnThread, RunAsync};

    /// `T::SEND` and `T::SYNC` are `true` where the inherent constant exists, which comes before the
    /// trait's.
    struct Of<T>(std::marker::PhantomData<T>);
    trait No {
        const SEND: bool = false;
        const SYNC: bool = false;
    }
    impl<T> No for Of<T> {}
    struct Yes<T>(std::marker::PhantomData<T>);
    impl<T: Send> Of<T> {
        const SEND: bool = true;
    }
    impl<T: Sync> Yes<T> {
        const SYNC: bool = true;
    }
    impl<T> No for Yes<T> {}

    /// Takes no callback, and holds something.
    struct Handles<T>(std::marker::PhantomData<T>);
    impl<T> ffence::curl::Handler for Handles<T> {
        const CALLBACKS: ffence::curl::Callbacks = ffence::curl::Callbacks::WRITE;
    }

    macro_rules! rule {
        ($type:ty, $send:literal, $sync:literal) => {
            assert_eq!(<Of<$type>>::SEND, $send, "{}: Send", stringify!($type));
            assert_eq!(<Yes<$type>>::SYNC, $sync, "{}: Sync", stringify!($type));
        };
    }

    #[test]
    fn the_types_say_what_the_table_says() {
        // An error is nobody's thread-local state.
        rule!(ffence::Error, true, true);
        // Contexts move between calls and are used by one thread at a time.
        rule!(Sealer<Aes256Gcm>, true, false);
        rule!(Opener<Aes256Gcm>, true, false);
        rule!(hazmat::Sealer<Aes256Gcm>, true, false);
        rule!(Hasher<Sha256>, true, false);
        rule!(Xof<Shake256>, true, false);
        rule!(Squeezer<Shake256>, true, false);
        rule!(Hmac<Sha256>, true, false);
        rule!(Cmac<Aes256>, true, false);
        rule!(Gmac<Aes256>, true, false);
        rule!(Kmac256<32>, true, false);
        rule!(SipHash64, true, false);
        rule!(Poly1305, true, false);
        rule!(Keystream<Aes256Ctr>, true, false);
        rule!(CbcEncryptor<Aes256Cbc>, true, false);
        rule!(CbcDecryptor<Aes256Cbc>, true, false);
        rule!(SectorEncryptor<Aes256Xts>, true, false);
        rule!(SectorDecryptor<Aes256Xts>, true, false);
        rule!(Wrapper<Aes256Kwp>, true, false);
        rule!(Unwrapper<Aes256Kwp>, true, false);
        // A pool of them is shared.
        rule!(Pool<Hasher<Sha256>>, true, true);
        // Libraries and keys are shared once built, and so is the client.
        rule!(Library, true, true);
        rule!(Key<Aes256Gcm>, true, true);
        rule!(unauthenticated::Key<Aes256Ctr>, true, true);
        rule!(StreamKey<Aes256Gcm>, true, true);
        rule!(Prk<Sha256>, true, true);
        rule!(ffence::http::Client, true, true);
        // A handle moves if what takes its callbacks does; a multi with all of its handles.
        rule!(Easy, true, false);
        rule!(Easy<Handles<u8>>, true, false);
        rule!(Easy<Handles<Rc<u8>>>, false, false);
        rule!(Multi, true, false);
        rule!(Multi<Handles<Rc<u8>>>, false, false);
        rule!(Multi<(), LocalShare>, false, false);
        rule!(Waker, true, true);
        rule!(Share, true, true);
        rule!(Url, true, true);
        // What no lock makes safe across threads stays.
        rule!(LocalShare, false, false);
        rule!(LocalEasy, false, false);
        rule!(ffence::http::CancelHandle, true, true);
        rule!(ffence::http::Sending<Vec<u8>>, true, false);
        rule!(ffence::http::Body, true, false);
        rule!(ffence::http::BodyReader, true, false);
        // A pinned thread is anybody's, whatever its state is; what it pins is its own.
        rule!(PinnedThread<Rc<u8>>, true, true);
        rule!(RunAsync<Rc<u8>, u8>, true, false);
        rule!(Pinned<u8>, false, false);
        rule!(OnThread<'static, u8>, false, false);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_thread_is_bound_to_the_cpus_that_it_names() {
    let all = thread_cpus();
    for &cpu in &all {
        let thread = PinnedThread::builder("bound").cpus([cpu]).spawn(|_| Ok(())).unwrap();
        assert_eq!(thread.cpus().unwrap(), [cpu]);
        assert_eq!(thread.run(|_| thread_cpus()).unwrap(), [cpu]);
    }
    let free = PinnedThread::spawn(|_| Ok(())).unwrap();
    assert_eq!(free.cpus().unwrap(), all);
}

#[cfg(target_os = "linux")]
fn thread_cpus() -> Vec<usize> {
    ffence::thread::cpus().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn a_cpu_that_is_not_there_is_an_error() {
    let here = thread_cpus()[0];
    for cpus in [vec![], vec![60_000], vec![here, 1_000], vec![usize::MAX]] {
        let builder = PinnedThread::builder("nowhere").cpus(cpus.clone());
        let error = builder.spawn(|_| Ok(())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Parameter, "{cpus:?}: {error}");
    }
    let builder = PinnedThread::builder("nowhere").cpus([here, 1_000]);
    let error = builder.spawn(|_| Ok(())).unwrap_err();
    assert!(error.to_string().starts_with("CPU 1000 does not exist"), "{error}");
}

/// What libcrypto keeps for a thread is freed before the thread's own destructors run, which see an
/// empty queue where there was a record.
#[cfg(feature = "crypto")]
#[test]
fn libcrypto_forgets_the_thread() {
    struct Looks(Sender<std::ffi::c_ulong>);
    impl Drop for Looks {
        fn drop(&mut self) {
            let _ = self.0.send(newest());
        }
    }
    thread_local! {
        static LOOKS: Cell<Option<Looks>> = const { Cell::new(None) };
    }
    fn newest() -> std::ffi::c_ulong {
        // SAFETY: takes nothing, and touches only this thread's queue.
        unsafe { openssl_sys::ERR_peek_last_error() }
    }
    fn raise() -> std::ffi::c_ulong {
        // SAFETY: an unknown name is refused, with a record.
        let md = unsafe {
            openssl_sys::EVP_MD_fetch(std::ptr::null_mut(), c"NONE".as_ptr(), std::ptr::null())
        };
        assert!(md.is_null());
        newest()
    }

    ffence::init().unwrap();
    let (sender, seen) = mpsc::channel();
    let other = sender.clone();
    let thread = PinnedThread::spawn(|_| Ok(())).unwrap();
    thread
        .run(move |_| {
            assert_ne!(raise(), 0);
            LOOKS.set(Some(Looks(sender)));
        })
        .unwrap();
    drop(thread);
    assert_eq!(seen.recv().unwrap(), 0);

    // An ordinary thread leaves it to libcrypto, whose destructor comes after Rust's.
    let raised = thread::spawn(move || {
        let raised = raise();
        LOOKS.set(Some(Looks(other)));
        raised
    });
    assert_eq!(seen.recv().unwrap(), raised.join().unwrap(), "or this test could not fail");
}
