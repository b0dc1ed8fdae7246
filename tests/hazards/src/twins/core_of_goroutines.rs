//! Twin of `core_of_goroutines.go`.

use std::sync::mpsc;
use std::{fs, thread};

/// What waits in Rust is a thread of the system's, with a name and a stack that every debugger shows:
/// here it is found by the name, as gdb would.
pub fn twin() -> ffence::Result<()> {
    let (ready, is_ready) = mpsc::channel();
    let (word, words) = mpsc::channel::<()>();
    let waits = thread::Builder::new()
        .name("hz-waits".to_owned())
        .spawn(move || ready.send(()).is_ok() && words.recv().is_ok());
    let waits = waits.expect("a thread");
    is_ready.recv().expect("it is there");
    let names = names_of_threads();
    assert!(names.is_none_or(|all| all.iter().any(|it| it == "hz-waits")), "not among the threads");
    word.send(()).expect("it waits");
    assert!(waits.join().is_ok_and(|it| it));
    Ok(())
}

/// As the kernel has them; nothing where it has no such list.
fn names_of_threads() -> Option<Vec<String>> {
    let tasks = fs::read_dir("/proc/self/task").ok()?;
    let name = |task: fs::DirEntry| fs::read_to_string(task.path().join("comm")).ok();
    Some(tasks.flatten().filter_map(name).map(|it| it.trim_end().to_owned()).collect())
}
