//! The web surface from outside: who is let in, over what, and what it bears.

mod bounds;
mod clients;
mod http;
mod reload;
mod toolkit;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use vcc_exporter::web::{Access, Limits, serve};

use crate::support::tools;

/// A server of one word, on the terms of a web configuration. It ends when this is dropped.
struct Served {
    address: SocketAddr,
    access: Arc<Access>,
    _stop: DropGuard,
}

impl Served {
    async fn on(access: Access, limits: Limits) -> Self {
        Served::these(
            Router::new().route("/", get(|| async { "word" })),
            access,
            limits,
        )
        .await
    }

    async fn these(routes: Router, access: Access, limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let access = Arc::new(access);
        let serving = serve(listener, routes, Arc::clone(&access), limits, stop.clone());
        tokio::spawn(serving);
        Served {
            address,
            access,
            _stop: stop.drop_guard(),
        }
    }

    /// On the terms of a file, which must be right.
    async fn by(file: &Path) -> Self {
        Served::on(Access::of_file(file).unwrap(), Limits::default()).await
    }

    fn url(&self, scheme: &str, path: &str) -> String {
        format!("{scheme}://localhost:{}{path}", self.address.port())
    }

    /// Asks over TLS as Go does, and says what came of it.
    async fn asked(&self, arguments: &[&str]) -> Value {
        ask(&self.url("https", "/"), arguments).await
    }
}

/// Asks an address as Go does.
async fn ask(url: &str, arguments: &[&str]) -> Value {
    let output = tokio::process::Command::new(tools::tls_client())
        .args(["-url", url])
        .args(arguments)
        .output()
        .await
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}
