//! What stands between the exporter and the API.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

/// A forward proxy that brings whoever asks for any host to one address.
pub struct Proxy {
    pub url: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    pub async fn to(address: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let noted = Arc::clone(&heads);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (address, noted) = (address.clone(), Arc::clone(&noted));
                // Who hangs up is not the test's trouble.
                tokio::spawn(async move { forward(stream, &address, &noted).await.ok() });
            }
        });
        Proxy { url, heads }
    }

    /// The heads of all requests so far.
    pub fn seen(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    /// The hosts that were asked for.
    pub fn hosts(&self) -> BTreeSet<String> {
        let host = |head: &String| {
            let target = head.split(' ').nth(1).unwrap();
            let target = target.trim_start_matches("http://");
            target.split('/').next().unwrap().to_owned()
        };
        self.seen().iter().map(host).collect()
    }
}

async fn forward(
    mut client: TcpStream,
    address: &str,
    noted: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let (head, rest) = head(&mut client).await?;
    noted.lock().unwrap().push(head.clone());
    let mut server = TcpStream::connect(address).await?;
    if head.starts_with("CONNECT ") {
        client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    } else {
        // One request a connection, so that each head is seen; the server takes the whole address.
        let head = head.replacen("\r\n", "\r\nConnection: close\r\n", 1);
        server.write_all(head.as_bytes()).await?;
        server.write_all(&rest).await?;
    }
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}

/// Reads the head of a request, and what came with it.
async fn head(stream: &mut TcpStream) -> std::io::Result<(String, Vec<u8>)> {
    let mut read = Vec::new();
    loop {
        if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            let rest = read.split_off(end + 4);
            return Ok((String::from_utf8_lossy(&read).into_owned(), rest));
        }
        if stream.read_buf(&mut read).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
}

/// Speaks TLS with whoever comes and passes it on to an address; where that is.
pub async fn terminate_tls((certificate, key): (String, String), address: String) -> String {
    let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, address) = (acceptor.clone(), address.clone());
            tokio::spawn(async move {
                let mut client = acceptor.accept(stream).await.ok()?;
                let mut server = TcpStream::connect(address).await.ok()?;
                copy_bidirectional(&mut client, &mut server).await.ok()
            });
        }
    });
    own
}
