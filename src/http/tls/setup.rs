//! What each TLS context of a client is told.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use super::certificates::Source;
use super::system::Places;
use super::{Identity, KeyLog, Tls};
use crate::curl::{Probe, TlsContext, TrustStore};
use crate::error::{Error, ErrorKind, Result};
use crate::sync::{Mutex, OnceLock};

/// All that is told to a context beside libcurl's options: parsed once, shared by all connections.
pub(in crate::http) struct Setup {
    /// Where the system's certificates are, if they count.
    system: Option<Places>,
    own: Vec<Source>,
    store: OnceLock<Arc<TrustStore>>,
    identity: Option<Identity>,
    key_log: Option<KeyLog>,
}

impl Setup {
    /// Looks at everything that OpenSSL could refuse later.
    ///
    /// # Errors
    /// As for [`Identity`]; [`ErrorKind::Malformed`] for certificates, [`ErrorKind::System`] for files;
    /// [`ErrorKind::Parameter`] for the rest.
    pub(super) fn new(tls: &Tls) -> Result<Self> {
        let system = if tls.without_system { None } else { Some(Places::find()?) };
        let own = alone(&tls.own)?;
        let store = OnceLock::new();
        if system.is_none() {
            let _ = store.set(Arc::new(own));
        }
        try_out(tls)?;
        let (identity, key_log) = (tls.identity.clone(), tls.key_log.clone());
        Ok(Self { system, own: tls.own.clone(), store, identity, key_log })
    }

    /// Tells a context.
    pub(in crate::http) fn tell(&self, context: &mut TlsContext<'_>) -> Result<()> {
        context.trust_store(self.store()?);
        if let Some(identity) = &self.identity {
            context.credentials(&identity.credentials)?;
        }
        match &self.key_log {
            Some(log) => context.key_log(log),
            None => Ok(()),
        }
    }

    /// The system's certificates are parsed when the first connection needs them.
    fn store(&self) -> Result<&TrustStore> {
        let store = self.store.get_or_try_init(|| match &self.system {
            None => alone(&self.own).map(Arc::new),
            Some(places) if self.own.is_empty() => of_system(places),
            Some(places) => {
                let mut store = read(places)?;
                add(&mut store, &self.own)?;
                Ok(Arc::new(store))
            }
        })?;
        Ok(store)
    }
}

/// A store of these alone.
fn alone(own: &[Source]) -> Result<TrustStore> {
    let mut store = TrustStore::new()?;
    add(&mut store, own)?;
    Ok(store)
}

fn add(store: &mut TrustStore, own: &[Source]) -> Result<()> {
    for source in own {
        store.add(&source.bytes()?).map_err(|error| named(source, ErrorKind::Malformed, &error))?;
    }
    Ok(())
}

fn named(what: impl std::fmt::Display, kind: ErrorKind, error: &Error) -> Error {
    let kind = if error.kind() == ErrorKind::OutOfMemory { error.kind() } else { kind };
    Error::ours(kind, format!("{what}: {error}"))
}

/// Lets a context that nobody uses refuse what one of libcurl's would refuse.
fn try_out(tls: &Tls) -> Result<()> {
    let Tls { identity, ciphers, suites, groups, .. } = tls;
    if identity.is_none() && ciphers.is_none() && suites.is_none() && groups.is_none() {
        return Ok(());
    }
    let mut probe = Probe::new()?;
    let wrong = |what: &str| {
        let what = what.to_owned();
        move |error: Error| named(what, ErrorKind::Parameter, &error)
    };
    if let Some(list) = ciphers {
        probe.ciphers(list).map_err(wrong("the list of ciphers"))?;
    }
    if let Some(list) = suites {
        probe.suites(list).map_err(wrong("the list of cipher suites"))?;
    }
    if let Some(list) = groups {
        probe.groups(list).map_err(wrong("the list of groups"))?;
    }
    if let Some(identity) = identity {
        identity.credentials.check_time()?;
        let shown = probe.context().credentials(&identity.credentials);
        shown.map_err(wrong("the client's certificate"))?;
    }
    Ok(())
}

fn read(places: &Places) -> Result<TrustStore> {
    if places.file.is_none() && places.folder.is_none() {
        let text = "the system's certificates are nowhere that libcurl or this crate knows of";
        return Err(Error::ours(ErrorKind::Tls, text));
    }
    let mut store = TrustStore::new()?;
    let wrong = |error: Error| named("the system's certificates", ErrorKind::Tls, &error);
    if let Some(file) = &places.file {
        store.add_file(file).map_err(wrong)?;
    }
    if let Some(folder) = &places.folder {
        store.add_folder(folder).map_err(wrong)?;
    }
    Ok(store)
}

/// The file with the system's certificates, as it was.
#[derive(PartialEq)]
struct Stamp {
    file: Option<PathBuf>,
    changed: Option<SystemTime>,
    len: Option<u64>,
}

/// The system's store: all clients of the process share one, until its file changes.
fn of_system(places: &Places) -> Result<Arc<TrustStore>> {
    static KEPT: Mutex<Option<(Stamp, Arc<TrustStore>)>> = Mutex::new(None);

    let about = places.file.as_ref().and_then(|file| fs::metadata(file).ok());
    let stamp = Stamp {
        file: places.file.clone(),
        changed: about.as_ref().and_then(|it| it.modified().ok()),
        len: about.as_ref().map(fs::Metadata::len),
    };
    // Whoever finds it locked reads the file: in a forked process it may stay locked for ever.
    let Some(mut kept) = KEPT.try_lock() else { return read(places).map(Arc::new) };
    if let Some((of, store)) = &*kept
        && *of == stamp
    {
        return Ok(Arc::clone(store));
    }
    let store = Arc::new(read(places)?);
    *kept = Some((stamp, Arc::clone(&store)));
    Ok(store)
}
