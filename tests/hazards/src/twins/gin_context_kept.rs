//! Twin of `gin_context_kept.go`.

use std::thread::{self, JoinHandle};

use http::Request;

/// A handler is lent its request, and a thread that outlives the call cannot have it.
///
/// ```compile_fail,E0521
/// use std::thread::{self, JoinHandle};
/// fn handler(request: &http::Request<String>) -> JoinHandle<usize> {
///     thread::spawn(move || request.body().len())
/// }
/// # assert!(handler(&http::Request::new(String::new())).join().is_ok());
/// ```
///
/// What it needs of it, it can:
///
/// ```
/// use std::thread::{self, JoinHandle};
/// fn handler(request: &http::Request<String>) -> JoinHandle<usize> {
///     let body = request.body().clone();
///     thread::spawn(move || body.len())
/// }
/// # assert!(handler(&http::Request::new(String::new())).join().is_ok());
/// ```
pub fn twin() -> ffence::Result<()> {
    // As gin does, one request's place is the next one's.
    let mut request = Request::new("alice".to_owned());
    let of_alice = handler(&request);
    "bob".clone_into(request.body_mut());
    assert_eq!(handler(&request).join().ok().as_deref(), Some("works for bob"));
    assert_eq!(of_alice.join().ok().as_deref(), Some("works for alice"));
    Ok(())
}

fn handler(request: &Request<String>) -> JoinHandle<String> {
    let user = request.body().clone();
    thread::spawn(move || format!("works for {user}"))
}
