//! What knows no library, or only asks about it: measured to ask C for nothing, or combined with what
//! does.

use std::io::Read as _;

use ffence::crypto::{Hasher, Sha256};
use ffence::pool::Pool;
use ffence::secret::{Secret, SecretBytes};
use ffence::thread::{OnDrop, OnPanic, Pinned, PinnedThread};
use ffence::{Error, cstr, unwind};

use crate::row::{Outcome, Row, row};

pub fn rows() -> Vec<Row> {
    vec![
        row!("a pool of hashers", ["pool::Pool::{new,take,idle}"], {
            || -> Outcome {
                let pool = Pool::new(Hasher::<Sha256>::new)?;
                for _ in 0..2 {
                    let mut hasher = pool.take()?;
                    hasher.update(b"abc")?;
                }
                assert!(pool.idle() <= 1);
                let mut hasher = pool.take()?;
                hasher.update(b"abc")?;
                Ok(hasher.finish_reset()?.as_bytes().to_vec())
            }
        }),
        row!(
            "a hasher on a thread of its own",
            [
                "thread::PinnedThread::{spawn,builder,run,run_async,send,try_send,close,name,cpus,is_here}",
                "thread::Builder::{cpus,queue,stack_size,on_drop,on_panic,spawn}",
                "thread::Pinned::new",
            ],
            {
                || -> Outcome {
                    let thread = PinnedThread::builder("torture")
                        .cpus(ffence::thread::cpus()?)
                        .queue(4)
                        .stack_size(1 << 20)
                        .on_drop(OnDrop::Drain)
                        .on_panic(OnPanic::Survive)
                        .spawn(|_| Hasher::<Sha256>::new())?;
                    assert!(thread.name() == "torture" && !thread.is_here());
                    assert!(!thread.cpus()?.is_empty());
                    thread.send(|hasher| drop(hasher.update(b"a")))?;
                    thread.try_send(|hasher| drop(hasher.update(b"b")))?;
                    thread.run(|hasher| *Pinned::new(7, hasher))?;
                    drop(thread.run_async(|_| ()));
                    let digest = thread.run(|hasher| {
                        hasher.finish_reset()?;
                        hasher.update(b"abc")?;
                        hasher.finish_reset()
                    })??;
                    thread.close()?;
                    let other = PinnedThread::spawn(|_| Hasher::<Sha256>::new())?;
                    let again = other.run(|hasher| {
                        hasher.update(b"abc")?;
                        hasher.finish_reset()
                    })??;
                    assert_eq!(digest, again);
                    Ok(digest.as_bytes().to_vec())
                }
            }
        ),
        row!(
            "secrets",
            nothing,
            [
                "secret::{Secret,SecretBytes}::{fill_with,try_fill_with,take_from,sealed_at_rest}",
                "secret::{Secret,SecretBytes}::{expose,expose_mut,ct_eq,is_locked,protection}",
                "secret::SecretBytes::{len,is_empty}",
            ],
            {
                || -> Outcome {
                    let mut secret = Secret::<4>::fill_with(|bytes| bytes.fill(7))?;
                    secret.expose_mut(|bytes| bytes[0] = 1)?;
                    let _ = (secret.is_locked(), secret.protection());
                    assert!(secret.ct_eq(&[1, 7, 7, 7])?);
                    let taken = Secret::<4>::take_from(&mut [2; 4])?.sealed_at_rest()?;
                    let tried = Secret::<4>::try_fill_with::<Error>(|bytes| {
                        bytes.fill(3);
                        Ok(())
                    })?;
                    let mut sized = SecretBytes::fill_with(4, |bytes| bytes.fill(7))?;
                    sized.expose_mut(|bytes| bytes[0] = 1)?;
                    let _ = (sized.is_locked(), sized.protection());
                    assert!(sized.ct_eq(&[1, 7, 7, 7])? && sized.len() == 4 && !sized.is_empty());
                    let other = SecretBytes::take_from(&mut [2; 4])?.sealed_at_rest()?;
                    let more = SecretBytes::try_fill_with::<Error>(4, |bytes| {
                        bytes.fill(3);
                        Ok(())
                    })?;
                    Ok([
                        secret.expose(|bytes| bytes.to_vec())?,
                        taken.expose(|bytes| bytes.to_vec())?,
                        tried.expose(|bytes| bytes.to_vec())?,
                        sized.expose(<[u8]>::to_vec)?,
                        other.expose(<[u8]>::to_vec)?,
                        more.expose(<[u8]>::to_vec)?,
                    ]
                    .concat())
                }
            }
        ),
        row!(
            "threads and callbacks",
            nothing,
            [
                "thread::cpus",
                "unwind::guard",
                "unwind::Slot::{new,take}",
                "unwind::Panic::message",
                "cstr::lend",
            ],
            {
                || -> Outcome {
                    let mut slot = unwind::Slot::new();
                    let value = unwind::guard(&mut slot, 0, || 7);
                    assert!(slot.take().is_none_or(|panic| panic.message().is_none()));
                    let text = cstr::lend("text", "a text").expect("there is no NUL");
                    let cpus = ffence::thread::cpus()?.len();
                    let mut bytes = Vec::new();
                    text.as_bytes().read_to_end(&mut bytes)?;
                    Ok([&bytes[..], &[value, u8::from(cpus > 0)]].concat())
                }
            }
        ),
        row!(
            "capabilities",
            nothing,
            [
                "capabilities",
                "capabilities::capabilities",
                "capabilities::Capabilities::{libcurl,openssl,shared_libcrypto}",
                "capabilities::Libcurl::{http2,number,speaks,thread_safe_init,tls_backend,version}",
                "capabilities::OpenSsl::{exit_is_safe,number,secure_heap,version}",
                "capabilities::Version::new",
            ],
            {
                || -> Outcome {
                    let can = ffence::capabilities()?;
                    let (openssl, libcurl) = (can.openssl(), can.libcurl());
                    let _ = (can.shared_libcrypto(), libcurl.http2(), libcurl.thread_safe_init());
                    assert!(libcurl.speaks("http") && openssl.secure_heap().is_none());
                    assert!(openssl.number() >= ffence::capabilities::Version::new(3, 0, 0));
                    Ok(format!(
                        "{} {} {} {:?} {:?}",
                        openssl.version(),
                        openssl.exit_is_safe(),
                        libcurl.version(),
                        libcurl.tls_backend(),
                        libcurl.number(),
                    )
                    .into_bytes())
                }
            }
        ),
        row!(
            "an error's parts",
            nothing,
            [
                "error::Error::{code,function,kind,library,records,transfer}",
                "error::ErrorKind::help",
            ],
            {
                let error = ffence::curl::Url::parse("http://a b").unwrap_err();
                move || -> Outcome {
                    let help = error.kind().help();
                    assert!(error.transfer().is_none() && error.records().is_empty());
                    Ok(format!(
                        "{:?} {:?} {:?} {help}",
                        error.code(),
                        error.function(),
                        error.library()
                    )
                    .into_bytes())
                }
            }
        ),
    ]
}
