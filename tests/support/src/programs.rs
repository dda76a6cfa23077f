//! Programs that end with the test.

use std::net::{SocketAddr, TcpListener};
use std::process::Stdio;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// Starts a process that ends with the test, however the test ends.
pub fn start(command: &mut Command) -> Child {
    command.kill_on_drop(true).spawn().unwrap()
}

/// Starts a process and reads what it prints until a line holds each of these texts; the answer
/// is what follows each, up to the next white space.
pub async fn start_and_read(command: &mut Command, after: &[&str]) -> (Child, Vec<String>) {
    let mut child = start(command.stdout(Stdio::piped()));
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut found = Vec::new();
    while let Some(text) = after.get(found.len()) {
        let line = lines.next_line().await.unwrap();
        let line = line.unwrap_or_else(|| panic!("it ended without printing {text:?}"));
        if let Some((_, rest)) = line.split_once(text) {
            found.push(
                rest.split_whitespace()
                    .next()
                    .unwrap_or_default()
                    .to_owned(),
            );
        }
    }
    (child, found)
}

/// An address that is free, for programs that cannot say which one they got or that are started
/// there again. It lies below the ports the system hands out by itself, so that no other test gets
/// it meanwhile.
pub fn free_address() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 20_000 + (std::process::id() % 5_000) as u16;
    loop {
        let port = first + NEXT.fetch_add(1, Ordering::Relaxed);
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}

/// Tries something again and again until it works. Nothing is said about how long it may take on
/// a slow machine: the number of tries only keeps a test that cannot succeed from lasting for ever.
pub async fn eventually<T>(what: &str, mut attempt: impl AsyncFnMut() -> Result<T, String>) -> T {
    const TRIES: u32 = 600;
    let mut trouble = String::new();
    for _ in 0..TRIES {
        match attempt().await {
            Ok(value) => return value,
            Err(error) => trouble = error,
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    panic!("after {TRIES} tries still not {what}: {trouble}");
}
