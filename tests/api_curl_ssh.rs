//! Files over SSH, and who the host is: looked up in a file, or known by the handler; and that a panic
//! there is its own transfer's, alone and in a multi.
#![cfg(all(feature = "http", unix))]

mod common;

use common::program::Program;
use common::protocols::{At, Log, goes_off, speaks};
use common::server::bytes;
use common::services;
use ffence::curl::{Callbacks, Easy, Handler, KnownHostAnswer, option};

fn sftp<const OWN_KEY: bool>(easy: &mut Easy<Log<OWN_KEY>>, server: &(Program, u16)) {
    easy.set(option::NoProxy("*")).unwrap();
    easy.set(option::Url(format!("sftp://127.0.0.1:{}/small", server.1))).unwrap();
    easy.set(option::Username("user")).unwrap().set(option::Password("secret")).unwrap();
    easy.handler_mut().key = host_key(&server.0);
}

/// `ecdsa-sha2-nistp256 BASE64`
fn host_key(server: &Program) -> Vec<u8> {
    let text = std::fs::read_to_string(server.folder().join("key")).unwrap();
    openssl::base64::decode_block(text.split_whitespace().nth(1).unwrap()).unwrap()
}

#[test]
fn a_host_is_looked_up_in_the_file_of_known_ones() {
    if !speaks("sftp") {
        return;
    }
    let Some(server) = services::ssh() else { return };
    let file = server.0.folder().join("known_hosts");
    let known = file.clone();
    let prepare = |easy: &mut Easy<Log>| {
        sftp(easy, &server);
        easy.set(option::SshKnownHosts(&known)).unwrap();
    };
    let attempt = |answer| {
        let mut easy = Easy::with(Log::new()).unwrap();
        prepare(&mut easy);
        easy.handler_mut().answer = answer;
        let outcome = easy.perform().map(drop);
        let Log { said, body, .. } = easy.into_handler();
        (outcome.map(|()| body).map_err(|error| error.code()), said)
    };
    std::fs::write(&file, "").unwrap();
    let refused = Err(Some(60)); // CURLE_PEER_FAILED_VERIFICATION
    let small = || Ok(b"small\n".to_vec());
    assert_eq!(attempt(KnownHostAnswer::Refuse), (refused.clone(), "Missing;".into()));
    assert_eq!(attempt(KnownHostAnswer::Accept), (small(), "Missing;".into()));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "", "that was for once");
    assert_eq!(attempt(KnownHostAnswer::AcceptAndAdd), (small(), "Missing;".into()));
    assert!(std::fs::read_to_string(&file).unwrap().contains("127.0.0.1"));
    assert_eq!(attempt(KnownHostAnswer::Accept), (small(), "Same;".into()));

    // Another server's key.
    let Some(other) = services::ssh() else { return };
    let of_other = std::fs::read_to_string(other.0.folder().join("key")).unwrap();
    std::fs::write(&file, format!("127.0.0.1 {}\n", of_other.trim())).unwrap();
    assert_eq!(attempt(KnownHostAnswer::Refuse), (refused, "Other;".into()));

    goes_off(At::KnownHost, 0, prepare);
    // Not the first connection, but the next one.
    goes_off(At::KnownHost, 1, |easy: &mut Easy<Log>| {
        prepare(easy);
        easy.handler_mut().answer = KnownHostAnswer::Accept;
        easy.set(option::FreshConnect(true)).unwrap();
        easy.perform().unwrap();
    });
}

#[test]
fn a_handler_may_know_the_host_itself() {
    if !speaks("sftp") {
        return;
    }
    let can = ffence::capabilities().unwrap();
    let new = match Easy::with(Log::<true>::new()) {
        Ok(easy) => easy,
        Err(error) => {
            assert_eq!(error.since(), Some(ffence::capabilities::Version::new(7, 84, 0)));
            assert!(can.libcurl().number() < error.since().unwrap());
            return;
        }
    };
    let Some(server) = services::ssh() else { return };
    let mut easy = new;
    sftp(&mut easy, &server);
    easy.perform().unwrap();
    assert_eq!(easy.handler().body, b"small\n");

    // Another one is refused.
    let mut easy = Easy::with(Log::<true>::new()).unwrap();
    sftp(&mut easy, &server);
    easy.handler_mut().key.push(0);
    assert_eq!(easy.perform().unwrap_err().code(), Some(60)); // CURLE_PEER_FAILED_VERIFICATION
    goes_off(At::HostKey, 0, |easy: &mut Easy<Log<true>>| sftp(easy, &server));
    goes_off(At::HostKey, 1, |easy: &mut Easy<Log<true>>| {
        sftp(easy, &server);
        easy.set(option::FreshConnect(true)).unwrap();
        easy.perform().unwrap();
    });
}

#[test]
fn files_go_both_ways_over_sftp_and_scp() {
    /// Uploads what it holds.
    struct Up(Vec<u8>);

    impl Handler for Up {
        const CALLBACKS: Callbacks = Callbacks::READ;

        fn read(&mut self, out: &mut ffence::curl::Upload<'_>) -> ffence::curl::Read {
            let taken = out.append(&self.0);
            self.0.drain(..taken);
            ffence::curl::Read::Sent
        }
    }

    if !speaks("sftp") {
        return;
    }
    let Some((server, port)) = services::ssh() else { return };
    let known = server.folder().join("known_hosts");
    let key = std::fs::read_to_string(server.folder().join("key")).unwrap();
    std::fs::write(&known, format!("127.0.0.1 {}\n", key.trim())).unwrap();
    let content = bytes(300_000);
    for scheme in ["sftp", "scp"] {
        let url = format!("{scheme}://127.0.0.1:{port}/{scheme}");
        let prepare = |easy: &mut Easy<Up>| {
            easy.set(option::Url(&url)).unwrap().set(option::NoProxy("*")).unwrap();
            easy.set(option::Username("user")).unwrap().set(option::Password("secret")).unwrap();
            easy.set(option::SshKnownHosts(&known)).unwrap();
        };
        let mut easy = Easy::with(Up(content.clone())).unwrap();
        prepare(&mut easy);
        easy.set(option::Upload(true)).unwrap();
        easy.set(option::InFileSizeLarge(Some(300_000))).unwrap();
        easy.perform().unwrap();
        assert!(std::fs::read(server.folder().join("files").join(scheme)).unwrap() == content);

        let mut easy = Easy::with(Up(Vec::new())).unwrap();
        prepare(&mut easy);
        let mut body = Vec::new();
        easy.perform_into(&mut body).unwrap();
        assert!(body == content, "{scheme}");
        easy.set(option::Password("wrong")).unwrap().set(option::FreshConnect(true)).unwrap();
        assert_eq!(easy.perform().unwrap_err().code(), Some(67)); // CURLE_LOGIN_DENIED
    }
    // Nobody knows the host: nothing is sent to it.
    std::fs::write(&known, "").unwrap();
    let mut easy = Easy::new().unwrap();
    easy.set(option::Url(format!("sftp://127.0.0.1:{port}/small"))).unwrap();
    easy.set(option::Username("user")).unwrap().set(option::Password("secret")).unwrap();
    easy.set(option::SshKnownHosts(&known)).unwrap().set(option::NoProxy("*")).unwrap();
    assert_eq!(easy.perform().unwrap_err().code(), Some(60)); // CURLE_PEER_FAILED_VERIFICATION
}
