//! The loop that serves connections, each within bounds.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::{BoxError, Router};
use hyper::body::{Frame, Incoming, SizeHint};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulConnection, GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::access::{Access, Terms};
use super::connections::{Busy, Connection, Connections};
use super::guard::guard;
use crate::log_throttled;
use crate::net::log_throttle::LogThrottle;

/// How long connections may take to finish after a stop: a client that keeps its connection open
/// must not keep the process.
const DRAIN: Duration = Duration::from_secs(5);

/// The pause after a connection could not be accepted, most likely for want of file descriptors.
const PAUSE: Duration = Duration::from_millis(500);

/// The largest head of a request. A scraper's is below 1 KiB.
const MAX_HEAD_BYTES: usize = 32 << 10;

/// The most requests at once on one connection of HTTP/2.
const MAX_STREAMS: u32 = 32;

/// What a client may send on a connection of HTTP/2 before it is read. Nobody reads bodies here.
const WINDOW_BYTES: u32 = 64 << 10;

/// The answers to those who were not let in, or not now.
const UNSERVED: [StatusCode; 4] = [
    StatusCode::UNAUTHORIZED,
    StatusCode::TOO_MANY_REQUESTS,
    StatusCode::MISDIRECTED_REQUEST,
    StatusCode::SERVICE_UNAVAILABLE,
];

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
    /// How long a client may take to have its answer: a scraper gives up after ten seconds.
    pub answer: Duration,
    /// The pause between two readings of the web configuration.
    pub reread: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            connections: 500,
            head: Duration::from_secs(75),
            handshake: Duration::from_secs(10),
            answer: Duration::from_secs(60),
            reread: Duration::from_secs(1),
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
    tokio::spawn(Arc::clone(&access).attend(limits.reread, stop.clone()));
    let guarded = from_fn_with_state(Arc::clone(&access), guard);
    let server = Arc::new(Server {
        routes: routes.layer(guarded),
        access,
        limits,
        connections: Connections::new(limits.connections),
    });
    let graceful = GracefulShutdown::new();
    let mut trouble = LogThrottle::default();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                trouble.record_success(Instant::now());
                let (server, watcher) = (Arc::clone(&server), graceful.watcher());
                let connection = server.connections.admit();
                tokio::spawn(async move { server.attend(stream, connection, watcher).await });
            }
            Err(error) if is_of_the_client(&error) => {}
            Err(error) => {
                say_nobody_is_accepted(&error, &mut trouble);
                stop.run_until_cancelled(sleep(PAUSE)).await;
            }
        }
    }
    drop(listener);
    let _ = timeout(DRAIN, graceful.shutdown()).await;
}

fn say_nobody_is_accepted(error: &io::Error, trouble: &mut LogThrottle) {
    let consequence = "no connection can be accepted, so nobody can scrape; it is tried again";
    log_throttled!(
        trouble.record_failure("accept", Instant::now()), warn, { %error },
        first: "{consequence}",
        repeated(times): "{consequence}: {times}",
    );
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
            let terms = self.access.terms();
            let Some(tls) = &terms.tls else {
                let conversation = self.converse(stream, false, terms, connection);
                return watch(watcher.watch(conversation)).await;
            };
            let acceptor = TlsAcceptor::from(Arc::clone(tls));
            match timeout(self.limits.handshake, acceptor.accept(stream)).await {
                Ok(Ok(stream)) => {
                    let agreed = stream.get_ref().1.alpn_protocol();
                    let is_http2 = agreed == Some(b"h2");
                    let conversation = self.converse(stream, is_http2, terms, connection);
                    watch(watcher.watch(conversation)).await;
                }
                Ok(Err(error)) => tracing::debug!(%error, "no agreement on TLS"),
                Err(_) => tracing::debug!("no agreement on TLS in time"),
            }
        };
        tokio::select! {
            () = conversation => {}
            () = gone.cancelled() => {
                tracing::debug!("a connection made room for another, or did not take its answer");
            }
        }
    }

    fn converse<S>(
        &self,
        stream: S,
        is_http2: bool,
        terms: Arc<Terms>,
        connection: Connection,
    ) -> impl GracefulConnection<Error = BoxError> + use<S>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (routes, patience) = (self.routes.clone(), self.limits.answer);
        let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
            let (routes, busy) = (routes.clone(), connection.request());
            request.extensions_mut().insert(Arc::clone(&terms));
            tokio::spawn(hasten(busy.answered(), connection.gone(), patience));
            async move {
                let response = routes.oneshot(request).await?;
                if !UNSERVED.contains(&response.status()) {
                    busy.granted();
                }
                Ok::<_, Infallible>(response.map(|body| Answer { body, _busy: busy }))
            }
        });
        let conversation = self.builder(is_http2);
        let conversation = conversation.serve_connection(TokioIo::new(stream), service);
        conversation.into_owned()
    }

    /// HTTP/2 is for those who agreed on it under TLS, as with all exporters.
    fn builder(&self, is_http2: bool) -> auto::Builder<TokioExecutor> {
        let builder = auto::Builder::new(TokioExecutor::new());
        let mut builder = match is_http2 {
            true => builder.http2_only(),
            false => builder.http1_only(),
        };
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.head)
            .max_buf_size(MAX_HEAD_BYTES);
        builder
            .http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(self.limits.head)
            .initial_connection_window_size(WINDOW_BYTES)
            .initial_stream_window_size(WINDOW_BYTES)
            .max_concurrent_streams(MAX_STREAMS)
            .max_header_list_size(MAX_HEAD_BYTES as u32);
        builder
    }
}

async fn watch(conversation: impl Future<Output = Result<(), BoxError>>) {
    if let Err(error) = conversation.await {
        tracing::debug!(%error, "a connection broke");
    }
}

/// Ends a connection whose client does not take its answer.
async fn hasten(answered: CancellationToken, gone: CancellationToken, patience: Duration) {
    if timeout(patience, answered.cancelled()).await.is_err() {
        gone.cancel();
    }
}

/// The body of an answer, which is being answered for as long as it is here.
struct Answer {
    body: Body,
    _busy: Busy,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
