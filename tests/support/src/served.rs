//! The web surface alone, on the terms of a web configuration.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use vcc_web::{Limits, WebSettingsWatcher, serve};

/// A server of one word, on the terms of a web configuration. It ends when this is dropped.
pub struct Served {
    pub address: SocketAddr,
    pub access: Arc<WebSettingsWatcher>,
    _stop: DropGuard,
}

impl Served {
    pub async fn on(access: WebSettingsWatcher, limits: Limits) -> Self {
        Served::these(
            Router::new().route("/", get(|| async { "word" })),
            access,
            limits,
        )
        .await
    }

    pub async fn these(routes: Router, access: WebSettingsWatcher, limits: Limits) -> Self {
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
    pub async fn by(file: &Path) -> Self {
        Served::on(
            WebSettingsWatcher::from_file(file).unwrap(),
            Limits::default(),
        )
        .await
    }

    pub fn url(&self, scheme: &str, path: &str) -> String {
        format!("{scheme}://localhost:{}{path}", self.address.port())
    }
}
