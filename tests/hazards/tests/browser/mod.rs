//! Chromium without a window, spoken to over a pipe: the `DevTools` protocol, one JSON text after the
//! other, each ended by NUL.

use std::ffi::OsString;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;
use std::{env, fs, thread};

use serde_json::{Value, json};

pub type Failure = Box<dyn std::error::Error>;

/// A start from a cold disk on a busy machine takes a while.
const PATIENCE: Duration = Duration::from_secs(60);

/// A browser with one page.
pub struct Browser {
    process: Child,
    requests: ChildStdin,
    replies: Receiver<Vec<u8>>,
    profile: PathBuf,
    session: Option<String>,
    number: u64,
    complaints: Vec<String>,
    asked_for: Vec<String>,
    loaded: bool,
}

fn program() -> Option<OsString> {
    env::var_os("FFENCE_CHROMIUM").or_else(|| {
        let names = ["chromium", "chromium-browser", "google-chrome"];
        let path = env::var_os("PATH")?;
        let here = |name: &&str| env::split_paths(&path).any(|it| it.join(name).is_file());
        names.into_iter().find(here).map(OsString::from)
    })
}

impl Browser {
    /// Starts it, or answers `None` when there is none.
    pub fn start() -> Result<Option<Self>, Failure> {
        let Some(program) = program() else { return Ok(None) };
        let profile = Path::new(env!("CARGO_TARGET_TMPDIR")).join("chromium");
        // A profile that was left behind would be asked about.
        if profile.exists() {
            fs::remove_dir_all(&profile)?;
        }
        // The protocol is spoken on the descriptors 3 and 4.
        let mut command = Command::new("sh");
        command.args(["-c", "exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1", "sh"]);
        command.arg(program).args([
            "--headless",
            "--remote-debugging-pipe",
            // The page is ours, and a container has no namespaces to give.
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--window-size=1600,1000",
        ]);
        command.arg(format!("--user-data-dir={}", profile.display())).arg("about:blank");
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let requests = process.stdin.take().ok_or("no pipe")?;
        let answers = process.stdout.take().ok_or("no pipe")?;
        let (heard, replies) = mpsc::channel();
        thread::spawn(move || {
            for one in BufReader::new(answers).split(0) {
                let Ok(one) = one else { return };
                if heard.send(one).is_err() {
                    return;
                }
            }
        });
        let mut it = Self {
            process,
            requests,
            replies,
            profile,
            session: None,
            number: 0,
            complaints: Vec::new(),
            asked_for: Vec::new(),
            loaded: false,
        };
        let target = it.ask("Target.createTarget", &json!({ "url": "about:blank" }))?;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = it.ask("Target.attachToTarget", &attach)?;
        it.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            it.ask(&format!("{domain}.enable"), &json!({}))?;
        }
        Ok(Some(it))
    }

    /// Loads a page, and waits until it is there.
    pub fn open(&mut self, url: &str) -> Result<(), Failure> {
        self.loaded = false;
        self.ask("Page.navigate", &json!({ "url": url }))?;
        while !self.loaded {
            self.hear()?;
        }
        Ok(())
    }

    /// Runs a line of JavaScript in the page.
    pub fn run(&mut self, script: &str) -> Result<Value, Failure> {
        let script = json!({ "expression": script, "returnByValue": true });
        let mut answer = self.ask("Runtime.evaluate", &script)?;
        if let Some(wrong) = answer.get("exceptionDetails") {
            return Err(format!("{script}: {wrong}").into());
        }
        Ok(answer["result"]["value"].take())
    }

    pub fn number(&mut self, script: &str) -> Result<usize, Failure> {
        let value = self.run(script)?;
        Ok(usize::try_from(value.as_u64().ok_or("not a number")?)?)
    }

    pub fn text(&mut self, script: &str) -> Result<String, Failure> {
        let value = self.run(script)?;
        Ok(value.as_str().ok_or("not a text")?.to_owned())
    }

    /// Fills in a field, as a person does.
    pub fn set(&mut self, field: &str, value: &str) -> Result<(), Failure> {
        let field = format!("document.getElementById({})", json!(field));
        let value = json!(value);
        self.run(&format!(
            "{field}.value = {value}; {field}.dispatchEvent(new Event('input', {{ bubbles: true }}))"
        ))?;
        let set = self.text(&format!("{field}.value"))?;
        if json!(set) != value {
            return Err(format!("{field} does not offer {value}").into());
        }
        Ok(())
    }

    /// Keeps what the page looks like.
    pub fn screenshot(&mut self, path: &Path) -> Result<(), Failure> {
        let shot = self.ask("Page.captureScreenshot", &json!({ "format": "png" }))?;
        let png = from_base64(shot["data"].as_str().ok_or("no picture")?)?;
        assert!(png.starts_with(b"\x89PNG"), "not a picture");
        Ok(fs::write(path, png)?)
    }

    /// Ends it, and answers what it complained of and what it asked for.
    pub fn close(mut self) -> Result<(Vec<String>, Vec<String>), Failure> {
        // It may be gone before it has answered.
        let _ = self.send("Browser.close", &json!({}));
        while self.hear().is_ok() {}
        self.process.wait()?;
        Ok((self.complaints.split_off(0), self.asked_for.split_off(0)))
    }

    fn send(&mut self, method: &str, params: &Value) -> Result<u64, Failure> {
        self.number += 1;
        let mut request = json!({ "id": self.number, "method": method, "params": params });
        if let Some(session) = &self.session {
            request["sessionId"] = json!(session);
        }
        self.requests.write_all(&[request.to_string().as_bytes(), b"\0"].concat())?;
        self.requests.flush()?;
        Ok(self.number)
    }

    fn ask(&mut self, method: &str, params: &Value) -> Result<Value, Failure> {
        let number = self.send(method, params)?;
        loop {
            let mut it = self.hear()?;
            if it["id"] == number {
                let wrong = it.get("error").map(|wrong| format!("{method}: {wrong}"));
                return wrong.map_or_else(|| Ok(it["result"].take()), |it| Err(it.into()));
            }
        }
    }

    /// One message; what happens in the page is noted.
    fn hear(&mut self) -> Result<Value, Failure> {
        let it: Value = serde_json::from_slice(&self.replies.recv_timeout(PATIENCE)?)?;
        let params = &it["params"];
        match it["method"].as_str() {
            Some("Page.loadEventFired") => self.loaded = true,
            Some("Runtime.exceptionThrown" | "Log.entryAdded") => {
                self.complaints.push(params.to_string());
            }
            Some("Runtime.consoleAPICalled") if params["type"] != "log" => {
                self.complaints.push(params.to_string());
            }
            Some("Network.requestWillBeSent") => {
                let url = params["request"]["url"].as_str().unwrap_or_default();
                self.asked_for.push(url.to_owned());
            }
            _ => {}
        }
        Ok(it)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.profile);
    }
}

fn from_base64(text: &str) -> io::Result<Vec<u8>> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0_usize, 0);
    for it in text.trim_end_matches('=').bytes() {
        let value = ALPHABET.iter().position(|known| *known == it);
        bits = (bits << 6 | value.ok_or(io::ErrorKind::InvalidData)?) & 0xFF_FFFF;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xFF).unwrap_or_default());
        }
    }
    Ok(bytes)
}
