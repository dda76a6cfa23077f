//! The routes of the running exporter, replaced when the configuration is reloaded while the port
//! stays open.

use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::routing::post;
use tokio::sync::{mpsc, oneshot};
use tower::ServiceExt;

/// A request to reload the configuration: the sender of its outcome.
pub type ReloadRequest = oneshot::Sender<Result<(), ReloadError>>;

/// Why the configuration was not reloaded.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct ReloadError(#[from] pub Box<dyn std::error::Error + Send + Sync>);

/// A router whose routes can be replaced while it serves.
#[derive(Debug, Clone)]
pub struct HotRouter(Arc<ArcSwap<Router>>);

impl HotRouter {
    /// Serves these routes first.
    pub fn new(routes: Router) -> Self {
        HotRouter(Arc::new(ArcSwap::from_pointee(routes)))
    }

    /// Serves these routes from the next request on.
    pub fn replace(&self, routes: Router) {
        self.0.store(Arc::new(routes));
    }

    /// Serves the routes of the moment, and `POST /-/reload` if there is a receiver for it.
    pub fn service(&self, reloads: Option<mpsc::Sender<ReloadRequest>>) -> Router {
        let routes = Arc::clone(&self.0);
        let current = move |request: Request| {
            let routes = Router::clone(&routes.load());
            async move { routes.oneshot(request).await }
        };
        let service = Router::new().fallback(current);
        match reloads {
            None => service,
            Some(requests) => service.merge(
                Router::new()
                    .route("/-/reload", post(reload))
                    .with_state(requests),
            ),
        }
    }
}

async fn reload(State(requests): State<mpsc::Sender<ReloadRequest>>) -> (StatusCode, String) {
    let (request, outcome) = oneshot::channel();
    let stopping = "the exporter is stopping".to_owned();
    if requests.send(request).await.is_err() {
        return (StatusCode::SERVICE_UNAVAILABLE, stopping);
    }
    match outcome.await {
        Ok(Ok(())) => (
            StatusCode::OK,
            "The configuration was taken over.\n".to_owned(),
        ),
        Ok(Err(error)) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, stopping),
    }
}
