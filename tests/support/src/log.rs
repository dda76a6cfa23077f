//! Makes what tests listen to in the log be said, and listens.

use std::io;
use std::sync::{Arc, Mutex, OnceLock};

use tracing::subscriber::DefaultGuard;

/// Must be called before a test listens with a subscriber of its own.
///
/// Whether anybody wants to hear of a place in the code is remembered for the whole process. A
/// thread without a subscriber that comes by first would have it remembered that nobody does, so
/// every thread gets one that wants to hear of everything, and forgets it.
pub fn wanted() {
    static GLOBAL: OnceLock<()> = OnceLock::new();
    GLOBAL.get_or_init(|| {
        let forgetful = tracing_subscriber::registry();
        tracing::subscriber::set_global_default(forgetful).expect("nobody else sets one");
    });
}

/// What is logged on this thread at info and above.
#[derive(Debug, Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Listens for as long as the guard is kept.
    pub fn listen() -> (Self, DefaultGuard) {
        wanted();
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_max_level(tracing::Level::INFO)
            .with_writer(move || writer.clone())
            .finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    /// The lines with this text.
    pub fn lines(&self, text: &str) -> Vec<String> {
        let log = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let lines = log.lines().filter(|line| line.contains(text));
        lines.map(str::to_owned).collect()
    }
}
