//! Custom accept loop: limits the number of connections and the time of every step.

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

use super::auth::{WebSecurity, WebSettingsWatcher, authenticate};
use super::connections::{Connection, Connections, RequestGuard};
use vcc_net::log_throttle::LogThrottle;
use vcc_net::log_throttled;

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

/// The responses after which a connection does not count as authenticated.
const REJECTIONS: [StatusCode; 4] = [
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

/// Serves until stopped, then gives open requests a moment to finish.
pub async fn serve(
    listener: TcpListener,
    routes: Router,
    settings: Arc<WebSettingsWatcher>,
    limits: Limits,
    stop: CancellationToken,
) {
    tokio::spawn(Arc::clone(&settings).watch(limits.reread, stop.clone()));
    let authenticated = from_fn_with_state(Arc::clone(&settings), authenticate);
    let server = Arc::new(Server {
        routes: routes.layer(authenticated),
        settings,
        limits,
        connections: Connections::new(limits.connections),
    });
    let graceful = GracefulShutdown::new();
    let mut failures = LogThrottle::default();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                failures.record_success(Instant::now());
                let (server, watcher) = (Arc::clone(&server), graceful.watcher());
                let connection = server.connections.admit();
                tokio::spawn(async move { server.handle(stream, connection, watcher).await });
            }
            Err(error) if is_of_the_client(&error) => {}
            Err(error) => {
                log_accept_failure(&error, &mut failures);
                stop.run_until_cancelled(sleep(PAUSE)).await;
            }
        }
    }
    drop(listener);
    let _ = timeout(DRAIN, graceful.shutdown()).await;
}

fn log_accept_failure(error: &io::Error, failures: &mut LogThrottle) {
    let consequence = "no connection can be accepted, so nobody can scrape; it is tried again";
    log_throttled!(
        failures.record_failure("accept", Instant::now()), warn, { %error },
        first: "{consequence}",
        repeated(times): "{consequence}: {times}",
    );
}

/// The client hung up before its connection was accepted.
fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}

struct Server {
    routes: Router,
    settings: Arc<WebSettingsWatcher>,
    limits: Limits,
    connections: Connections,
}

impl Server {
    /// Serves one connection until it ends or is evicted.
    async fn handle(&self, stream: TcpStream, connection: Connection, watcher: Watcher) {
        // Answers are written whole; waiting for more to send would only delay them.
        let _ = stream.set_nodelay(true);
        let evicted = connection.evict_token();
        let serving = async {
            let security = self.settings.current();
            let Some(tls) = &security.tls else {
                let serving = self.serve_connection(stream, false, security, connection);
                return log_broken(watcher.watch(serving)).await;
            };
            let acceptor = TlsAcceptor::from(Arc::clone(tls));
            match timeout(self.limits.handshake, acceptor.accept(stream)).await {
                Ok(Ok(stream)) => {
                    let agreed = stream.get_ref().1.alpn_protocol();
                    let is_http2 = agreed == Some(b"h2");
                    let serving = self.serve_connection(stream, is_http2, security, connection);
                    log_broken(watcher.watch(serving)).await;
                }
                Ok(Err(error)) => tracing::debug!(%error, "no agreement on TLS"),
                Err(_) => tracing::debug!("no agreement on TLS in time"),
            }
        };
        tokio::select! {
            () = serving => {}
            () = evicted.cancelled() => {
                tracing::debug!("a connection made room for another, or did not take its answer");
            }
        }
    }

    fn serve_connection<S>(
        &self,
        stream: S,
        is_http2: bool,
        security: Arc<WebSecurity>,
        connection: Connection,
    ) -> impl GracefulConnection<Error = BoxError> + use<S>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (routes, deadline) = (self.routes.clone(), self.limits.answer);
        let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
            let (routes, guard) = (routes.clone(), connection.request());
            request.extensions_mut().insert(Arc::clone(&security));
            tokio::spawn(enforce_response_deadline(
                guard.answered(),
                connection.evict_token(),
                deadline,
            ));
            async move {
                let response = routes.oneshot(request).await?;
                if !REJECTIONS.contains(&response.status()) {
                    guard.mark_authenticated();
                }
                Ok::<_, Infallible>(response.map(|body| GuardedBody {
                    body,
                    _guard: guard,
                }))
            }
        });
        let builder = self.builder(is_http2);
        builder
            .serve_connection(TokioIo::new(stream), service)
            .into_owned()
    }

    /// HTTP/2 is for clients that negotiated it under TLS, as with all exporters.
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

async fn log_broken(serving: impl Future<Output = Result<(), BoxError>>) {
    if let Err(error) = serving.await {
        tracing::debug!(%error, "a connection broke");
    }
}

/// Closes a connection whose client does not read its response.
async fn enforce_response_deadline(
    answered: CancellationToken,
    evict: CancellationToken,
    deadline: Duration,
) {
    if timeout(deadline, answered.cancelled()).await.is_err() {
        evict.cancel();
    }
}

/// The body of a response. The request counts as being answered until it is dropped.
struct GuardedBody {
    body: Body,
    _guard: RequestGuard,
}

impl HttpBody for GuardedBody {
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
