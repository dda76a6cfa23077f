//! The naive script beside, fed page by page so that it meets the same noise.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A running `naive.py`.
#[derive(Debug)]
pub struct Python {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Python {
    /// Starts it; `None` where there is no python3.
    pub fn start() -> Option<Python> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/naive.py");
        let mut child = Command::new("python3")
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        let input = child.stdin.take()?;
        let output = BufReader::new(child.stdout.take()?);
        Some(Python {
            child,
            input,
            output,
        })
    }

    /// The seconds it needs for the page in a file.
    pub fn take(&mut self, page: &Path) -> f64 {
        writeln!(self.input, "{}", page.display()).unwrap();
        let mut answer = String::new();
        self.output.read_line(&mut answer).unwrap();
        answer.trim().parse().expect("seconds")
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        // It has nothing to lose and would otherwise wait for its input for ever.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
