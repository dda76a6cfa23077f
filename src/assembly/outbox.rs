use std::sync::Arc;

use vcc_otlp::{OutboxError, QueuedTraces, TraceOutbox};
use vcc_store::{Store, StoreError};

/// The outbox of traces in the state.
#[derive(Debug)]
pub struct StoreOutbox(pub Arc<Store>);

fn storage(error: StoreError) -> OutboxError {
    OutboxError::Storage(Box::new(error))
}

impl TraceOutbox for StoreOutbox {
    fn expire(&self, before_ms: i64) -> Result<u64, OutboxError> {
        self.0.expire(before_ms).map_err(storage)
    }

    fn oldest(&self, limit: usize) -> Result<QueuedTraces, OutboxError> {
        let waiting = self.0.queued_traces(limit).map_err(storage)?;
        let waiting = waiting.into_iter().map(|it| (it.key, it.trace));
        let (places, traces): (Vec<_>, Vec<_>) = waiting.unzip();
        let store = Arc::clone(&self.0);
        let remove = Box::new(move || store.remove_traces(&places).map_err(storage));
        Ok(QueuedTraces { traces, remove })
    }
}
