//! A receiver of traces that takes everything and remembers which there were.

use std::collections::BTreeSet;
use std::io::Read;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::routing::post;
use flate2::read::GzDecoder;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use tokio::net::TcpListener;

use super::server::Stored;

pub struct Tracing {
    pub url: String,
    traces: Arc<Mutex<BTreeSet<String>>>,
}

impl Tracing {
    pub async fn start() -> Self {
        let traces = Arc::new(Mutex::new(BTreeSet::new()));
        let known = Arc::clone(&traces);
        let take = move |body: Bytes| {
            let mut plain = Vec::new();
            GzDecoder::new(&body[..]).read_to_end(&mut plain).unwrap();
            let request = ExportTraceServiceRequest::decode(&*plain).unwrap();
            let scopes = request.resource_spans.iter().flat_map(|of| &of.scope_spans);
            let mut known = known.lock().unwrap();
            for span in scopes.flat_map(|of| &of.spans) {
                let hex = span.trace_id.iter().map(|byte| format!("{byte:02x}"));
                known.insert(hex.collect());
            }
            async {}
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new()
            .route("/v1/traces", post(take))
            .layer(DefaultBodyLimit::disable());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Tracing { url, traces }
    }

    /// Prometheus has exemplars, and each leads to a trace that was taken here.
    pub async fn assert_exemplars_lead_to_traces(&self, stored: &Stored<'_>) {
        let exemplars = stored.exemplars().await;
        assert!(exemplars.len() > 10, "{}: {exemplars:?}", stored.job.name);
        let traces = self.traces.lock().unwrap();
        for (trace, value) in &exemplars {
            assert!(traces.contains(trace), "{trace} of {value} s is not there");
        }
        println!("{}: {} exemplars", stored.job.name, exemplars.len());
    }
}
