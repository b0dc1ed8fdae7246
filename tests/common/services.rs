//! Servers of other protocols than HTTP.

use std::path::PathBuf;
use std::process::Command;

use super::program::{Program, find};

/// A Python with this package: the system's own first, whose packages scripts/setup takes along.
fn python_with(package: &str) -> Option<PathBuf> {
    let python = ["/usr/bin/python3".into(), find("python3")?].into_iter().find(|python| {
        Command::new(python)
            .args(["-W", "ignore", "-c", &format!("import {package}")])
            .output()
            .is_ok_and(|it| it.status.success())
    });
    if python.is_none() {
        super::program::skipped(package, "is not installed; scripts/setup takes it along");
    }
    python
}

/// pyftpdlib: anybody may read and write in the folder `files`.
pub fn ftp() -> Option<(Program, String)> {
    let python = python_with("pyftpdlib")?;
    let (program, [port]) = Program::start("pyftpdlib", |folder, [port]| {
        std::fs::create_dir(folder.join("files")).expect("a folder");
        std::fs::write(folder.join("files/small"), "small\n").expect("a file can be written");
        let mut command = Command::new(&python);
        command.args(["-W", "ignore", "-m", "pyftpdlib", "-w", "-i", "127.0.0.1", "-p"]);
        command.arg(port.to_string()).arg("-d").arg(folder.join("files"));
        command
    });
    Some((program, format!("ftp://127.0.0.1:{port}")))
}

/// asyncssh: `user` with `secret` may read and write in the folder `files`, over SFTP and SCP. The
/// server's public key is in the file `key`.
pub fn ssh() -> Option<(Program, u16)> {
    let python = python_with("asyncssh")?;
    let (program, [port]) = Program::start("asyncssh", |folder, [port]| {
        std::fs::create_dir(folder.join("files")).expect("a folder");
        std::fs::write(folder.join("files/small"), "small\n").expect("a file can be written");
        std::fs::write(folder.join("server.py"), include_str!("sftp.py")).expect("a file");
        let mut command = Command::new(&python);
        command.args(["-W", "ignore"]).arg(folder.join("server.py")).arg(folder.join("files"));
        command.arg(port.to_string()).arg(folder.join("key"));
        command
    });
    Some((program, port))
}

/// mosquitto; its log names what is published.
pub fn mqtt() -> Option<(Program, String)> {
    let mosquitto = find("mosquitto")?;
    let (program, [port]) = Program::start("mosquitto", |folder, [port]| {
        let file = folder.join("mosquitto.conf");
        let text = format!(
            "listener {port} 127.0.0.1\nallow_anonymous true\nlog_dest stderr\nlog_type all\n"
        );
        std::fs::write(&file, text).expect("a file can be written");
        let mut command = Command::new(&mosquitto);
        command.arg("-c").arg(file);
        command
    });
    Some((program, format!("mqtt://127.0.0.1:{port}")))
}
