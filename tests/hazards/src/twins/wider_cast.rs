//! Twin of `wider_cast.go`.

/// A slice becomes an array of its own length, and of no other.
pub fn twin() -> ffence::Result<()> {
    let mut narrow = [0_i64; 14];
    let same = <&mut [i64; 14]>::try_from(&mut narrow[..]).expect("as long as the array");
    same.fill(1);
    let wide = <&mut [i64; 28]>::try_from(&mut narrow[..]).expect("longer than the array");
    wide.fill(-1);
    Ok(())
}
