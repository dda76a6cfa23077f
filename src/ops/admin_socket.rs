//! Administration of a running exporter by other processes of the same user: HTTP on a Unix socket in
//! the state directory, which no other user can open.
//!
//! While the exporter runs it is the only reader and writer of the state, so a backup and figures of
//! the state can only come from it.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use tokio::net::UnixListener;
use tokio_util::sync::CancellationToken;

use vcc_net::http::causes;
use vcc_store::{Store, backup};

/// The socket's name within the state directory.
pub const SOCKET: &str = "control.sock";

type Response = Result<String, (StatusCode, String)>;

/// Listens in the directory of a state that is open: an existing socket was left behind by a killed
/// exporter.
///
/// # Errors
/// The file system is full, or does not support sockets.
pub fn listen(directory: &Path) -> io::Result<UnixListener> {
    let path = directory.join(SOCKET);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Serves until stopped.
///
/// # Errors
/// The socket fails.
pub async fn serve(
    listener: UnixListener,
    store: Arc<Store>,
    stop: CancellationToken,
) -> io::Result<()> {
    let router = Router::new()
        .route("/info", get(info))
        .route("/backup", post(copy))
        .with_state(store);
    axum::serve(listener, router)
        .with_graceful_shutdown(stop.cancelled_owned())
        .await
}

async fn info(State(store): State<Arc<Store>>) -> Response {
    run_blocking(move || store.info().map(|info| info.to_string())).await
}

/// The body is the directory to copy to.
async fn copy(State(store): State<Arc<Store>>, to: String) -> Response {
    run_blocking(move || backup(&store, Path::new(&to)).map(|path| path.display().to_string()))
        .await
}

/// Runs slow work off the threads that serve.
async fn run_blocking<E: std::fmt::Display>(
    work: impl FnOnce() -> Result<String, E> + Send + 'static,
) -> Response {
    let failed = |text: String| (StatusCode::INTERNAL_SERVER_ERROR, text);
    let done = tokio::task::spawn_blocking(move || work().map_err(|error| error.to_string())).await;
    done.map_err(|error| failed(error.to_string()))?
        .map_err(failed)
}

/// Why the exporter that runs on a state did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// The path of the copy cannot be made absolute.
    #[error("{0}")]
    Path(#[source] io::Error),
    /// The path of the copy cannot be sent.
    #[error("its name is not UTF-8")]
    NotUtf8,
    /// The HTTP client cannot be made.
    #[error("{0}")]
    Client(#[source] reqwest::Error),
    /// No exporter listens on the socket.
    #[error("the exporter that runs on it does not answer on {SOCKET}: {}", causes(.0))]
    NoResponse(#[source] reqwest::Error),
    /// The connection broke during the response.
    #[error("{0}")]
    Interrupted(#[source] reqwest::Error),
    /// The exporter reports an error, in its words.
    #[error("{0}")]
    Failed(String),
}

/// Requests the figures of a state from the exporter that runs on it.
///
/// # Errors
/// See [`AdminError`].
pub async fn request_info(directory: &Path) -> Result<String, AdminError> {
    let client = client(directory)?;
    send(client.get("http://exporter/info")).await
}

/// Requests a copy of a state from the exporter that runs on it. Returns the file it wrote.
///
/// # Errors
/// See [`AdminError`].
pub async fn request_backup(directory: &Path, to: &Path) -> Result<String, AdminError> {
    // The exporter has a working directory of its own.
    let to = std::path::absolute(to).map_err(AdminError::Path)?;
    let to = to.to_str().ok_or(AdminError::NotUtf8)?.to_owned();
    let client = client(directory)?;
    send(client.post("http://exporter/backup").body(to)).await
}

fn client(directory: &Path) -> Result<reqwest::Client, AdminError> {
    let client = reqwest::Client::builder().unix_socket(directory.join(SOCKET));
    client.no_proxy().build().map_err(AdminError::Client)
}

async fn send(request: reqwest::RequestBuilder) -> Result<String, AdminError> {
    let response = request.send().await.map_err(AdminError::NoResponse)?;
    let status = response.status();
    let text = response.text().await.map_err(AdminError::Interrupted)?;
    if status.is_success() {
        Ok(text)
    } else {
        Err(AdminError::Failed(text))
    }
}
