//! The loop that serves connections, each within bounds.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::middleware::from_fn_with_state;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::access::{Access, Terms};
use super::connections::{Connection, Connections};
use super::guard::guard;

/// How long connections may take to finish after a stop: a client that keeps its connection open
/// must not keep the process.
const DRAIN: Duration = Duration::from_secs(5);

/// The pause after a connection could not be accepted, most likely for want of file descriptors.
const PAUSE: Duration = Duration::from_millis(500);

/// The largest head of a request. A scraper's is below 1 KiB.
const MAX_HEAD_BYTES: usize = 32 << 10;

/// The most requests at once on one connection of HTTP/2.
const MAX_STREAMS: u32 = 32;

/// What a client may take up.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How many connections are open at once. Half of the 1,024 file descriptors that are common
    /// stay for the API and the state.
    pub connections: usize,
    /// How long a client may take for a request's head, or be silent between two requests: longer
    /// than a minute, so that a scraper that comes once a minute finds its connection open.
    pub head: Duration,
    /// How long a client may take to agree on TLS.
    pub handshake: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            connections: 500,
            head: Duration::from_secs(75),
            handshake: Duration::from_secs(10),
        }
    }
}

/// Serves until stopped, and then for a moment those who are being answered.
pub async fn serve(
    listener: TcpListener,
    routes: Router,
    access: Arc<Access>,
    limits: Limits,
    stop: CancellationToken,
) {
    let guarded = from_fn_with_state(Arc::clone(&access), guard);
    let server = Arc::new(Server {
        routes: routes.layer(guarded),
        access,
        limits,
        connections: Connections::new(limits.connections),
    });
    let graceful = GracefulShutdown::new();
    let mut is_failing = false;
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                is_failing = false;
                let (server, watcher) = (Arc::clone(&server), graceful.watcher());
                let connection = server.connections.admit();
                tokio::spawn(async move { server.attend(stream, connection, watcher).await });
            }
            Err(error) if is_of_the_client(&error) => {}
            Err(error) => {
                if !is_failing {
                    tracing::warn!(
                        %error, "no connection can be accepted, so nobody can scrape; it is tried \
                        again and again"
                    );
                }
                is_failing = true;
                sleep(PAUSE).await;
            }
        }
    }
    drop(listener);
    let _ = timeout(DRAIN, graceful.shutdown()).await;
}

/// Who hung up before being attended to is no trouble of ours.
fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}

struct Server {
    routes: Router,
    access: Arc<Access>,
    limits: Limits,
    connections: Connections,
}

impl Server {
    /// Attends to one connection until it ends or has to make room.
    async fn attend(&self, stream: TcpStream, connection: Connection, watcher: Watcher) {
        // Answers are written whole; waiting for more to send would only delay them.
        let _ = stream.set_nodelay(true);
        let gone = connection.gone();
        let conversation = async {
            let terms = self.access.terms().await;
            match &terms.tls {
                None => self.converse(stream, &terms, connection, watcher).await,
                Some(tls) => {
                    let acceptor = TlsAcceptor::from(Arc::clone(tls));
                    let agreed = timeout(self.limits.handshake, acceptor.accept(stream)).await;
                    match agreed {
                        Ok(Ok(stream)) => self.converse(stream, &terms, connection, watcher).await,
                        Ok(Err(error)) => tracing::debug!(%error, "no agreement on TLS"),
                        Err(_) => tracing::debug!("no agreement on TLS in time"),
                    }
                }
            }
        };
        tokio::select! {
            () = conversation => {}
            () = gone.cancelled() => {
                tracing::debug!("a connection without a request made room for another");
            }
        }
    }

    async fn converse<S>(&self, stream: S, terms: &Terms, connection: Connection, watcher: Watcher)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let routes = self.routes.clone();
        let service = hyper::service::service_fn(move |request: Request<Incoming>| {
            let (routes, busy) = (routes.clone(), connection.request());
            async move {
                let response = routes.oneshot(request).await;
                drop(busy);
                response
            }
        });
        let builder = self.builder(terms);
        let conversation = builder.serve_connection(TokioIo::new(stream), service);
        if let Err(error) = watcher.watch(conversation.into_owned()).await {
            tracing::debug!(%error, "a connection broke");
        }
    }

    /// HTTP/2 is for those who agreed on it under TLS, as with all exporters.
    fn builder(&self, terms: &Terms) -> auto::Builder<TokioExecutor> {
        let mut builder = auto::Builder::new(TokioExecutor::new());
        if terms.tls.is_none() || !terms.file.http2 {
            builder = builder.http1_only();
        }
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.head)
            .max_buf_size(MAX_HEAD_BYTES);
        builder
            .http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(self.limits.head)
            .max_concurrent_streams(MAX_STREAMS)
            .max_header_list_size(MAX_HEAD_BYTES as u32);
        builder
    }
}
