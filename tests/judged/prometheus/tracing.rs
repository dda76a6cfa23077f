//! A receiver of traces that takes everything and remembers which there were.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use opentelemetry_proto::tonic::trace::v1::Span;

use super::server::Stored;
use vcc_test_support::tracing::receive;

pub struct Tracing {
    pub url: String,
    traces: Arc<Mutex<BTreeSet<String>>>,
}

impl Tracing {
    pub async fn start() -> Self {
        let traces = Arc::new(Mutex::new(BTreeSet::new()));
        let known = Arc::clone(&traces);
        let take = move |span: Span| {
            let hex = span.trace_id.iter().map(|byte| format!("{byte:02x}"));
            known.lock().unwrap().insert(hex.collect::<String>());
        };
        let url = receive(take).await;
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
