//! The project's tests, which the sanitizers' job runs under each detector.

use sanitized_project::{bug, copy, count, is_even, sum};

fn main() {
    let numbers = vec![1, 2, 3];
    let total = sum(&numbers);
    assert!(total == 6 || bug().as_bytes() == b"overflow");
    assert_eq!(copy(c"a note"), "a note");
    let counted = count(2);
    assert!(counted == 2000 || bug().as_bytes() == b"race");
    assert!(is_even(4) || bug().as_bytes() == b"uninitialised");
    println!("the project works");
}
