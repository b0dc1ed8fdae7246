//! Servers of other protocols than HTTP.

use std::process::Command;

use super::program::{Program, find};

/// pyftpdlib: anybody may read and write in the folder `files`.
pub fn ftp() -> Option<(Program, String)> {
    let python = find("python3")?;
    // The system's own, which has the package.
    let python = ["/usr/bin/python3".into(), python].into_iter().find(|python| {
        Command::new(python)
            .args(["-c", "import pyftpdlib"])
            .output()
            .is_ok_and(|it| it.status.success())
    });
    let Some(python) = python else {
        super::program::skipped("pyftpdlib", "is not installed; scripts/setup takes it along");
        return None;
    };
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
