//! The smallest HTTP client that can tell how long an answer took: one connection, kept alive.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use super::stats::seconds;

/// One connection.
#[derive(Debug)]
pub struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Client {
    pub fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Client {
            stream,
            buffer: vec![0; 1 << 20],
        }
    }

    /// Asks for a path and reads the whole answer; the seconds that took and the body's length.
    pub fn get(&mut self, path: &str, gzip: bool) -> (f64, usize) {
        let coding = if gzip { "gzip" } else { "identity" };
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: bench\r\naccept-encoding: {coding}\r\n\r\n");
        let began = Instant::now();
        self.stream.write_all(request.as_bytes()).unwrap();
        let mut filled = 0;
        let (head, length) = loop {
            filled += self.read(filled);
            if let Some(found) = head(&self.buffer[..filled]) {
                break found;
            }
        };
        let mut read = filled - head;
        while read < length {
            read += self.read(0);
        }
        (seconds(began.elapsed()), length)
    }

    fn read(&mut self, from: usize) -> usize {
        let read = self.stream.read(&mut self.buffer[from..]).unwrap();
        assert!(read > 0, "the server hung up");
        read
    }

    /// Asks again and again for a while; the seconds of each answer.
    pub fn repeat(&mut self, path: &str, gzip: bool, during: Duration) -> Vec<f64> {
        let began = Instant::now();
        let mut all = Vec::new();
        while began.elapsed() < during || all.len() < 5 {
            all.push(self.get(path, gzip).0);
        }
        all
    }
}

/// Where the head ends and how long the body is, once the head is there.
fn head(answer: &[u8]) -> Option<(usize, usize)> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&answer[..end]).unwrap();
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    let length = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .expect("a length");
    Some((end, length.trim().parse().unwrap()))
}
