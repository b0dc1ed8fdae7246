//! Twin of `cancel_in_middleware.go`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::Request;

/// A guard cancels when its scope ends, which is after the handler, as in Go; what the request
/// carries is the request's, and ends with it.
pub fn twin() -> ffence::Result<()> {
    let cancelled = Cancelled::default();
    let mut request = Request::new(());
    request.extensions_mut().insert("bob");
    request.extensions_mut().insert(cancelled.clone());
    let during = limited(&request, &cancelled, |request| {
        request.extensions().get::<Cancelled>().is_some_and(Cancelled::is_set)
    });
    assert!(!during, "not before the handler's end");
    assert!(cancelled.is_set(), "but then");
    assert_eq!(request.extensions().get::<&str>(), Some(&"bob"));
    Ok(())
}

#[derive(Clone, Default)]
struct Cancelled(Arc<AtomicBool>);

impl Cancelled {
    fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Cancels when it goes.
struct Guard<'a>(&'a Cancelled);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Release);
    }
}

/// The middleware.
fn limited<T>(
    request: &Request<()>,
    cancelled: &Cancelled,
    next: impl FnOnce(&Request<()>) -> T,
) -> T {
    let _guard = Guard(cancelled);
    next(request)
}
