//! What another process of the same user may ask of a running exporter: over HTTP on a socket in
//! the directory of its state, which nobody else may open.
//!
//! The state has one reader and writer, the exporter; so a copy of it, or what is in it, can be had
//! from the exporter alone while it runs.

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

use crate::store::{Store, backup};

/// The socket's name within the state directory.
pub const SOCKET: &str = "control.sock";

/// What is answered: a text for people, or why not.
type Answer = Result<String, (StatusCode, String)>;

/// Listens in the directory of a state that is open: a socket found there is what a killed exporter
/// left behind.
///
/// # Errors
/// If the file system has no room for it, or no such thing.
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

/// Answers until stopped.
///
/// # Errors
/// If the socket fails.
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

async fn info(State(store): State<Arc<Store>>) -> Answer {
    apart(move || store.info().map(|info| info.to_string())).await
}

/// The body says where to.
async fn copy(State(store): State<Arc<Store>>, to: String) -> Answer {
    apart(move || backup(&store, Path::new(&to)).map(|path| path.display().to_string())).await
}

/// Does what takes long where it holds nobody up.
async fn apart<E: std::fmt::Display>(
    work: impl FnOnce() -> Result<String, E> + Send + 'static,
) -> Answer {
    let failed = |text: String| (StatusCode::INTERNAL_SERVER_ERROR, text);
    let done = tokio::task::spawn_blocking(move || work().map_err(|error| error.to_string())).await;
    done.map_err(|error| failed(error.to_string()))?
        .map_err(failed)
}

/// Asks the exporter that runs on a state for what is in it.
///
/// # Errors
/// In words, also if none runs there.
pub async fn ask_info(directory: &Path) -> Result<String, String> {
    let client = client(directory)?;
    ask(client.get("http://exporter/info")).await
}

/// Asks the exporter that runs on a state for a copy. Returns the file it wrote.
///
/// # Errors
/// In words, also if none runs there.
pub async fn ask_backup(directory: &Path, to: &Path) -> Result<String, String> {
    // The exporter has a working directory of its own.
    let to = std::path::absolute(to).map_err(|error| error.to_string())?;
    let to = to.to_str().ok_or("its name is not UTF-8")?.to_owned();
    let client = client(directory)?;
    ask(client.post("http://exporter/backup").body(to)).await
}

fn client(directory: &Path) -> Result<reqwest::Client, String> {
    let client = reqwest::Client::builder().unix_socket(directory.join(SOCKET));
    client.no_proxy().build().map_err(|error| error.to_string())
}

async fn ask(request: reqwest::RequestBuilder) -> Result<String, String> {
    let answer = request.send().await.map_err(|error| {
        let causes = crate::net::http::causes(&error);
        format!("the exporter that runs on it does not answer on {SOCKET}: {causes}")
    })?;
    let status = answer.status();
    let text = answer.text().await.map_err(|error| error.to_string())?;
    if status.is_success() {
        Ok(text)
    } else {
        Err(text)
    }
}
