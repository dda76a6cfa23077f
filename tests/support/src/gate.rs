//! A gate before a server: each request waits in it until the test lets it through.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};

/// Nothing here takes that long: a test that waits longer has hung.
const HUNG: Duration = Duration::from_secs(120);

/// The gate.
#[derive(Debug)]
pub struct Gate {
    /// Where to send requests to.
    pub url: String,
    arrivals: mpsc::UnboundedReceiver<Arrival>,
}

/// A request that waits.
#[derive(Debug)]
pub struct Arrival {
    /// Its first line.
    pub line: String,
    go: oneshot::Sender<()>,
}

impl Arrival {
    /// Lets it through. One that is dropped instead never arrives.
    pub fn let_through(self) {
        // Whoever sent it may have died meanwhile.
        let _ = self.go.send(());
    }
}

impl Gate {
    /// A gate before this server.
    pub async fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, arrivals) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(connection(client, server, sender.clone()));
            }
        });
        Gate { url, arrivals }
    }

    /// The next request.
    pub async fn next(&mut self) -> Arrival {
        let arrival = tokio::time::timeout(HUNG, self.arrivals.recv()).await;
        arrival.expect("a request in time").expect("an open gate")
    }

    /// Lets everything through that waits; how many requests that were.
    pub fn let_all_through(&mut self) -> u32 {
        let waiting = std::iter::from_fn(|| self.arrivals.try_recv().ok());
        waiting.map(Arrival::let_through).count() as u32
    }

    /// Forgets the requests of a client that has died.
    pub fn forget(&mut self) {
        while self.arrivals.try_recv().is_ok() {}
    }
}

async fn connection(
    client: TcpStream,
    server: SocketAddr,
    arrivals: mpsc::UnboundedSender<Arrival>,
) -> Option<()> {
    let (mut requests, mut answers) = client.into_split();
    let server = TcpStream::connect(server).await.ok()?;
    let (mut from_server, mut to_server) = server.into_split();
    tokio::spawn(async move { copy(&mut from_server, &mut answers).await });
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count = requests
            .read(&mut buffer)
            .await
            .ok()
            .filter(|count| *count > 0)?;
        let bytes = &buffer[..count];
        // A client writes the head of a request in one piece; the rest, if any, is its body.
        if bytes.windows(4).any(|end| end == b"\r\n\r\n") {
            let line = bytes.split(|byte| *byte == b'\r').next()?;
            let line = String::from_utf8_lossy(line).into_owned();
            let (go, gone) = oneshot::channel();
            arrivals.send(Arrival { line, go }).ok()?;
            gone.await.ok()?;
        }
        to_server.write_all(bytes).await.ok()?;
    }
}
