//! A listener whose connections can be closed in the middle of a response.
//!
//! An HTTP server never sends less than it announced, so the body is truncated below it.
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

const WHOLE: usize = usize::MAX;

/// Where one connection is closed: shared by the connection and the handlers of its requests.
#[derive(Debug, Clone)]
pub(super) struct Truncation(Arc<AtomicUsize>);

impl Truncation {
    /// Closes the connection after this many bytes of the next body.
    pub(super) fn truncate_after(&self, bytes: usize) {
        self.0.store(bytes, Ordering::Release);
    }
}

impl Connected<IncomingStream<'_, TruncatingListener>> for Truncation {
    fn connect_info(stream: IncomingStream<'_, TruncatingListener>) -> Self {
        stream.io().truncation.clone()
    }
}

#[derive(Debug)]
pub(super) struct TruncatingListener(pub(super) TcpListener);

impl Listener for TruncatingListener {
    type Io = TruncatingStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        let truncation = Truncation(Arc::new(AtomicUsize::new(WHOLE)));
        (
            TruncatingStream {
                stream,
                truncation,
                remaining: None,
            },
            address,
        )
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

#[derive(Debug)]
pub(super) struct TruncatingStream {
    stream: TcpStream,
    truncation: Truncation,
    /// How many bytes may still be sent, once the head of the truncated response is written.
    remaining: Option<usize>,
}

impl AsyncRead for TruncatingStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for TruncatingStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let body = self.truncation.0.load(Ordering::Acquire);
        if body != WHOLE && self.remaining.is_none() {
            // The head of the response is in the first write, as a whole.
            let head = buf
                .windows(4)
                .position(|it| it == b"\r\n\r\n")
                .map_or(0, |at| at + 4);
            self.remaining = Some(head.saturating_add(body));
        }
        let Some(remaining) = self.remaining else {
            return Pin::new(&mut self.stream).poll_write(cx, buf);
        };
        if remaining == 0 {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        let allowed = &buf[..buf.len().min(remaining)];
        let written = Pin::new(&mut self.stream).poll_write(cx, allowed);
        if let Poll::Ready(Ok(count)) = written {
            self.remaining = Some(remaining - count);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
