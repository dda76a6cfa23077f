//! A listener whose connections can be told to break in the middle of an answer.
//!
//! An HTTP server takes care never to send less than it announced, so a body is cut off below it.
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

/// The value that means: do not cut.
const WHOLE: usize = usize::MAX;

/// Tells one connection where to break its next answer.
#[derive(Debug, Clone)]
pub(super) struct Scissors(Arc<AtomicUsize>);

impl Scissors {
    /// The connection ends after this many bytes of the next body.
    pub(super) fn cut_after(&self, bytes: usize) {
        self.0.store(bytes, Ordering::Release);
    }
}

impl Connected<IncomingStream<'_, CutListener>> for Scissors {
    fn connect_info(stream: IncomingStream<'_, CutListener>) -> Self {
        stream.io().scissors.clone()
    }
}

/// Listens like the listener it is made from.
#[derive(Debug)]
pub(super) struct CutListener(pub(super) TcpListener);

impl Listener for CutListener {
    type Io = CutStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        let scissors = Scissors(Arc::new(AtomicUsize::new(WHOLE)));
        (
            CutStream {
                stream,
                scissors,
                left: None,
            },
            address,
        )
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

/// A connection that may break.
#[derive(Debug)]
pub(super) struct CutStream {
    stream: TcpStream,
    scissors: Scissors,
    /// How many bytes may still be sent, once it is decided.
    left: Option<usize>,
}

impl AsyncRead for CutStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for CutStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let body = self.scissors.0.load(Ordering::Acquire);
        if body != WHOLE && self.left.is_none() {
            // The head of the answer comes first and in one piece.
            let head = buf
                .windows(4)
                .position(|it| it == b"\r\n\r\n")
                .map_or(0, |at| at + 4);
            self.left = Some(head.saturating_add(body));
        }
        let Some(left) = self.left else {
            return Pin::new(&mut self.stream).poll_write(cx, buf);
        };
        if left == 0 {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        let allowed = &buf[..buf.len().min(left)];
        let written = Pin::new(&mut self.stream).poll_write(cx, allowed);
        if let Poll::Ready(Ok(count)) = written {
            self.left = Some(left - count);
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
