//! The program itself, as a process of its own.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStderr, Command};

use super::binary::binary;
use super::exposition::Exposition;

/// How often a condition is looked at before it is given up, and the pause between two looks.
const TRIES: u32 = 1_200;
const PAUSE: Duration = Duration::from_millis(50);

/// The program with arguments, not started yet.
pub fn program(args: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command.args(args).kill_on_drop(true).stdin(Stdio::null());
    command
}

/// Runs the program to its end.
pub async fn ended(args: &[&str]) -> Output {
    program(args).output().await.unwrap()
}

/// Sends a process a signal by its name.
pub async fn signal(child: &Child, name: &str) {
    let id = child.id().unwrap().to_string();
    let sent = Command::new("kill").args(["-s", name, &id]).status();
    assert!(sent.await.unwrap().success());
}

/// Standard output or error as text.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A program that serves.
#[derive(Debug)]
pub struct Process {
    child: Child,
    pub address: SocketAddr,
}

impl Process {
    /// Runs an exporter and waits until it says where it listens.
    pub async fn run(config_file: &Path) -> Self {
        Process::run_with(config_file, &[]).await
    }

    /// The same with more flags.
    pub async fn run_with(config_file: &Path, flags: &[&str]) -> Self {
        let (process, mut log) = Process::listen_with(config_file, flags).await;
        // What it says later must not fill the pipe and stop it.
        tokio::spawn(async move { tokio::io::copy(&mut log, &mut tokio::io::sink()).await });
        process
    }

    /// The same, with the rest of its log for whoever wants to read it.
    pub async fn run_and_listen(config_file: &Path) -> (Self, BufReader<ChildStderr>) {
        Process::listen_with(config_file, &[]).await
    }

    async fn listen_with(config_file: &Path, flags: &[&str]) -> (Self, BufReader<ChildStderr>) {
        let args = ["run", "--config.file", config_file.to_str().unwrap()];
        let mut command = program(&args);
        let mut child = command.args(flags).stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut said = Vec::new();
        let address = loop {
            let mut line = String::new();
            if log.read_line(&mut line).await.unwrap() == 0 {
                panic!("it ended with {:?}: {said:?}", child.wait().await);
            }
            let listen = line
                .trim_end()
                .split(' ')
                .find_map(|word| word.strip_prefix("listen="));
            if let Some(address) = listen.map(|text| text.trim_matches('"').parse()) {
                break address.unwrap();
            }
            said.push(line);
        };
        (Process { child, address }, log)
    }

    /// Runs the demonstration and waits until it says where the metrics are; also what it said.
    pub async fn demo() -> (Self, String) {
        let args = ["demo", "--web.listen-address", "127.0.0.1:0"];
        let mut command = program(&args);
        // It needs nothing of the machine it runs on, not even authorities for TLS.
        command.env("SSL_CERT_FILE", "/nonexistent");
        command.env("SSL_CERT_DIR", "/nonexistent");
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = String::new();
        while let Some(line) = lines.next_line().await.unwrap() {
            said += &(line + "\n");
            if said.contains("Ctrl-C") {
                break;
            }
        }
        let metrics = said
            .split_whitespace()
            .find(|word| word.ends_with("/metrics"));
        let address = metrics.and_then(|url| url.strip_prefix("http://")?.strip_suffix("/metrics"));
        let address = address.unwrap_or_else(|| panic!("no address in {said}"));
        let address = address.parse().unwrap();
        (Process { child, address }, said)
    }

    /// Ends it without asking.
    pub async fn kill(mut self) {
        self.child.start_kill().unwrap();
        self.child.wait().await.unwrap();
    }

    /// Sends it a signal by its name.
    pub async fn send(&self, name: &str) {
        signal(&self.child, name).await;
    }

    /// Sends it a signal by its name and waits until it has ended.
    pub async fn signalled(mut self, name: &str) -> ExitStatus {
        self.send(name).await;
        self.child.wait().await.unwrap()
    }

    /// What it answers to a path: the status and the body.
    pub async fn get(&self, path: &str) -> (u16, String) {
        let answer = self.ask("GET", path).await;
        (answer.status, answer.body)
    }

    /// What it answers to a request.
    pub async fn ask(&self, method: &str, path: &str) -> Answer {
        let head = format!("{method} {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
        Answer::read(&self.told(head.as_bytes()).await)
    }

    /// Everything it says to these bytes before it closes the connection.
    pub async fn told(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).await.unwrap();
        said
    }

    /// What it shows.
    pub async fn scrape(&self) -> Exposition {
        let (status, body) = self.get("/metrics").await;
        assert_eq!(status, 200);
        Exposition::parse(&body)
    }

    /// Looks at what it shows until a condition holds.
    pub async fn until(&self, condition: impl Fn(&Exposition) -> bool) -> Exposition {
        for _ in 0..TRIES {
            let shown = self.scrape().await;
            if condition(&shown) {
                return shown;
            }
            tokio::time::sleep(PAUSE).await;
        }
        panic!("what was waited for did not happen");
    }
}

/// An answer over HTTP.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// By their names in small letters.
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Answer {
    fn read(said: &str) -> Self {
        let (head, body) = said.split_once("\r\n\r\n").unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap();
        let headers = lines.map(|line| line.split_once(':').unwrap());
        let headers = headers.map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()));
        Answer {
            status: status.parse().unwrap(),
            headers: headers.collect(),
            body: body.to_owned(),
        }
    }
}

/// Writes the configuration of an exporter that reads this API, and the secret beside it.
pub fn write_config(directory: &Path, api_url: &str, more: &str) -> PathBuf {
    let (secret, state) = (directory.join("secret"), directory.join("state"));
    std::fs::write(&secret, "simulated\n").unwrap();
    let text = format!(
        "accounts:\n  - name: acme\n    api_url: {api_url}\n    \
         token_url: {api_url}/Auth/connect/token\n    client_id: simulated\n    \
         client_secret_file: {}\nstate:\n  path: {}\nweb:\n  listen_address: 127.0.0.1:0\n\
         metrics:\n  new_series_hold: 0s\n{more}",
        secret.display(),
        state.display()
    );
    let file = directory.join("exporter.yml");
    std::fs::write(&file, text).unwrap();
    file
}
