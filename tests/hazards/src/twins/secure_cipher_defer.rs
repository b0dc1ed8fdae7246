//! Twin of `secure_cipher_defer.go`.

use ffence::crypto::{Aes256Gcm, Key, RandomNonce};
use ffence::unwind::{Slot, guard};
use ffence::{ErrorKind, Result};

use crate::fixtures::HzBox;

/// A constructor has nothing to clean up by hand: what it made is freed where it leaves early, by
/// an error or a panic, and is moved out where it succeeds. No `defer` has to find out which.
pub fn twin() -> Result<()> {
    // The article's cipher: after success it is there, and works.
    let key = Key::<Aes256Gcm>::generate()?;
    let sealed = key.sealer(RandomNonce)?.seal(b"", b"hello")?;
    assert_eq!(key.opener()?.open(b"", &sealed)?.as_slice(), b"hello");

    // The three ways out of such a constructor, on an object that counts.
    let built = construct(|| Ok(()))?;
    assert_eq!(HzBox::live(), 1);
    drop(built);
    assert_eq!(HzBox::live(), 0);

    let refused = construct(|| Key::<Aes256Gcm>::from_slice(&[0; 31]).map(drop));
    assert_eq!(refused.map(drop).map_err(|error| error.kind()), Err(ErrorKind::Length));
    assert_eq!(HzBox::live(), 0);

    let mut slot = Slot::new();
    guard(&mut slot, (), || drop(construct(|| panic!("init exploded"))));
    let panic = slot.take();
    assert_eq!(panic.as_ref().and_then(|it| it.message()), Some("init exploded"));
    assert_eq!(HzBox::live(), 0);
    Ok(())
}

/// The shape of the article's `NewSecureCipher`: make the object, then the step that can fail.
fn construct(init: impl FnOnce() -> Result<()>) -> Result<HzBox> {
    let made = HzBox::new(c"context");
    init()?;
    Ok(made)
}
