//! Sequences of calls on a thread that owns a vector: the model is another vector.
#![no_main]

use arbitrary::Arbitrary;
use ffence::ErrorKind;
use ffence::thread::{OnPanic, PinnedThread};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
enum Call {
    Run(u8),
    Send(u8),
    TrySend(u8),
    Async(u8),
    AsyncDropped,
    Panic,
    Look,
    Reopen,
}

fn open(poison: bool) -> PinnedThread<Vec<u8>> {
    let on_panic = if poison { OnPanic::Poison } else { OnPanic::Survive };
    PinnedThread::builder("fuzz")
        .queue(64)
        .on_panic(on_panic)
        .spawn(|_| Ok(Vec::new()))
        .expect("a thread")
}

/// A panic of the target's own kind is part of the game; libFuzzer's hook would end the process.
fn expect_panics() {
    let others = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !panic.payload().is::<u8>() {
            others(panic);
        }
    }));
}

fuzz_target!(init: expect_panics(), |input: (bool, Vec<Call>)| {
    let (poison, calls) = input;
    let mut thread = open(poison);
    let (mut model, mut poisoned) = (Vec::new(), false);
    for call in calls.into_iter().take(64) {
        let outcome = match call {
            Call::Run(byte) => thread.run(|state| state.push(byte)).map(|()| model.push(byte)),
            Call::Send(byte) => {
                thread.send(move |state| state.push(byte)).map(|()| model.push(byte))
            }
            Call::TrySend(byte) => match thread.try_send(move |state| state.push(byte)) {
                Err(error) if error.kind() == ErrorKind::Full => continue,
                outcome => outcome.map(|()| model.push(byte)),
            },
            Call::Async(byte) => {
                let task = thread.run_async(move |state| state.push(byte));
                block_on(task).map(|()| model.push(byte))
            }
            // It may have begun, or not.
            Call::AsyncDropped => {
                drop(thread.run_async(|_| ()));
                continue;
            }
            Call::Panic => {
                let error = thread.run(|_| std::panic::panic_any(7_u8)).expect_err("it panics");
                let expected = if poisoned { ErrorKind::Poisoned } else { ErrorKind::Panicked };
                assert_eq!(error.kind(), expected);
                poisoned |= poison;
                continue;
            }
            Call::Look => thread.run(|state| state.clone()).map(|state| assert_eq!(state, model)),
            Call::Reopen => {
                let _ = thread.close();
                thread = open(poison);
                (model, poisoned) = (Vec::new(), false);
                continue;
            }
        };
        match outcome {
            Ok(()) => assert!(!poisoned),
            Err(error) => {
                assert!(poisoned, "{error}");
                assert_eq!(error.kind(), ErrorKind::Poisoned);
            }
        }
    }
    if !poisoned {
        assert_eq!(thread.run(|state| state.clone()).expect("it works"), model);
    }
    let _ = thread.close();
});

/// Waits for a future on this thread.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: std::sync::Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = std::sync::Arc::new(Unpark(std::thread::current())).into();
    let mut context = std::task::Context::from_waker(&waker);
    let mut future = std::pin::pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            std::task::Poll::Ready(value) => return value,
            std::task::Poll::Pending => std::thread::park(),
        }
    }
}
