//! Twin of `escape_without_inlining.go`.

/// Where a value lives is in the program, not in what the optimiser makes of it: `Box` is the heap,
/// and without one a reference ends with its variable, inlined or not.
///
/// ```compile_fail,E0597
/// let area: &i32;
/// {
///     let n = 9;
///     area = &n;
/// }
/// assert_eq!(*area, 9);
/// ```
///
/// With an owner outside it compiles:
///
/// ```
/// let area: Box<i32>;
/// {
///     let n = 9;
///     area = Box::new(n);
/// }
/// assert_eq!(*area, 9);
/// ```
pub fn twin() -> ffence::Result<()> {
    let mut n = 0;
    let shape: Box<dyn Shape> = Box::new(Square(3));
    shape.area(&mut n);
    assert_eq!(n, 9);
    Ok(())
}

trait Shape {
    fn area(&self, to: &mut i32);
}

struct Square(i32);

impl Shape for Square {
    fn area(&self, to: &mut i32) {
        *to = self.0 * self.0;
    }
}
