//! The web surface of whichever exporter runs now: when the configuration is read again, another
//! one takes its place while the port stays open.

use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::routing::post;
use tokio::sync::{mpsc, oneshot};
use tower::ServiceExt;

/// A wish to have the configuration read again, and where to say what came of it.
pub type Reload = oneshot::Sender<Result<(), String>>;

/// What is shown now.
#[derive(Debug, Clone)]
pub struct Shown(Arc<ArcSwap<Router>>);

impl Shown {
    /// Shows these routes at first.
    pub fn new(routes: Router) -> Self {
        Shown(Arc::new(ArcSwap::from_pointee(routes)))
    }

    /// Shows these routes from now on.
    pub fn show(&self, routes: Router) {
        self.0.store(Arc::new(routes));
    }

    /// What serves them, with a route that wishes for a reload if there is somebody to fulfil it.
    pub fn service(&self, reloads: Option<mpsc::Sender<Reload>>) -> Router {
        let shown = Arc::clone(&self.0);
        let current = move |request: Request| {
            let routes = Router::clone(&shown.load());
            async move { routes.oneshot(request).await }
        };
        let service = Router::new().fallback(current);
        match reloads {
            None => service,
            Some(wishes) => service.merge(
                Router::new()
                    .route("/-/reload", post(reload))
                    .with_state(wishes),
            ),
        }
    }
}

async fn reload(State(wishes): State<mpsc::Sender<Reload>>) -> (StatusCode, String) {
    let (wish, outcome) = oneshot::channel();
    let stopping = "the exporter is stopping".to_owned();
    if wishes.send(wish).await.is_err() {
        return (StatusCode::SERVICE_UNAVAILABLE, stopping);
    }
    match outcome.await {
        Ok(Ok(())) => (
            StatusCode::OK,
            "The configuration was taken over.\n".to_owned(),
        ),
        Ok(Err(problem)) => (StatusCode::INTERNAL_SERVER_ERROR, problem + "\n"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, stopping),
    }
}
