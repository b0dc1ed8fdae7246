//! Servers that are programs of the system: found, started with a configuration of their own on a
//! port that was free, and ended.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Where a program lies. A missing one is a skip that says so, and a failure where `REQUIRE` names it.
pub fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .chain(["/usr/sbin", "/usr/local/sbin", "/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|file| file.is_file());
    if found.is_none() {
        skipped(name, "is not installed; scripts/setup takes it along");
    }
    found
}

/// Says that a test did not run; fails where `REQUIRE` has it that it must.
pub fn skipped(name: &str, reason: &str) {
    let required = std::env::var("REQUIRE").unwrap_or_default();
    assert!(!required.split(',').any(|it| it == name), "{name} is required, but {reason}");
    eprintln!("skipped: {name} {reason}");
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("a bound socket has an address").port()
}

/// A running program, with a folder of its own. Both are gone when it is dropped.
pub struct Program {
    child: Child,
    folder: tempfile::TempDir,
}

impl Program {
    /// Starts what `command` makes of the folder and the ports, and waits until each port answers.
    ///
    /// Another process may take a port before the program does, so that it ends: then with others.
    pub fn start<const N: usize>(
        name: &str,
        command: impl Fn(&Path, [u16; N]) -> Command,
    ) -> (Self, [u16; N]) {
        let mut log = String::new();
        for _ in 0..5 {
            let folder = tempfile::tempdir().expect("a folder");
            let ports = [(); N].map(|()| free_port());
            let output = std::fs::File::create(folder.path().join("output")).expect("a file");
            let child = command(folder.path(), ports)
                .stdin(Stdio::null())
                .stdout(output.try_clone().expect("a file can be doubled"))
                .stderr(output)
                .spawn()
                .unwrap_or_else(|error| panic!("{name} does not start: {error}"));
            let mut program = Self { child, folder };
            if ports.into_iter().all(|port| program.answers(port)) {
                return (program, ports);
            }
            log = program.log();
        }
        panic!("{name} does not run:\n{log}");
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What it wrote.
    pub fn log(&self) -> String {
        std::fs::read(self.folder.path().join("output"))
            .map(|text| String::from_utf8_lossy(&text).into_owned())
            .unwrap_or_default()
    }

    /// Waits until somebody listens on the port; `false` when the program ended instead.
    fn answers(&mut self, port: u16) -> bool {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let deadline = Instant::now() + Duration::from_secs(20);
        while Instant::now() < deadline {
            if TcpStream::connect(address).is_ok() {
                return true;
            }
            if !matches!(self.child.try_wait(), Ok(None)) {
                return false;
            }
            // A program cannot tell us when it listens.
            std::thread::sleep(Duration::from_millis(3));
        }
        false
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
