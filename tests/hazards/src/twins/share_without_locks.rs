//! Twin of `share_without_locks.go`.

use std::panic::resume_unwind;
use std::thread;

use ffence::curl::{Easy, List, Share, option};

/// Nobody gives the share a lock, and it has them: a `Share` registers them before libcurl is told
/// what to share, and there is no share without.
pub fn twin() -> ffence::Result<()> {
    let share = Share::builder().names().build()?;
    thread::scope(|scope| {
        let all: Vec<_> = (0..4).map(|_| scope.spawn(|| remember_names(&share))).collect();
        all.into_iter().try_for_each(|it| it.join().unwrap_or_else(|it| resume_unwind(it)))
    })
}

/// Puts the same names into the share's cache again and again, as the Go program does.
fn remember_names(share: &Share) -> ffence::Result<()> {
    let mut easy = Easy::new()?;
    easy.share(share)?.set(option::Url("file:///dev/null"))?;
    for _ in 0..50 {
        let mut names = List::new();
        for host in 0..64 {
            names.push(&format!("host{host}.test:80:127.0.0.1"))?;
        }
        easy.set(option::Resolve(names))?.perform()?;
    }
    Ok(())
}
