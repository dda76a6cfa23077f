//! Everything that is exported, from the start of the process to its end.

use std::sync::Arc;

use opentelemetry_proto::tonic::resource::v1::Resource;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::client::Client;
use super::collect::Collected;
use super::interactions::Delivery;
use super::push::Push;
use super::resource::resource;
use super::target::Signal;
use super::traces::Shipping;
use crate::clock::Clock;
use crate::config;
use crate::exporter::ExporterView;

/// What is exported; nothing by default.
#[derive(Debug, Default)]
pub struct Outlets {
    push: Option<Push>,
    delivery: Option<Delivery>,
    traces: Option<(Client, Resource)>,
    spans: Option<Collected>,
}

impl Outlets {
    /// Prepares what the configuration asks for; nothing is sent yet.
    ///
    /// # Errors
    /// In words, if the state has no identifier to be had, or a client cannot be prepared.
    pub fn prepare(
        config: &config::Otlp,
        site: &Arc<ExporterView>,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, String> {
        if config.metrics.is_none() && config.traces.is_none() {
            return Ok(Outlets::default());
        }
        let id = site
            .store
            .instance_id()
            .map_err(|error| error.to_string())?;
        let resource = resource(&id, &config.resource);
        let client =
            |signal, target| Client::new(signal, target, Arc::clone(clock), site.health.exports());
        let push = match &config.metrics {
            None => None,
            Some(metrics) => Some(Push {
                site: Arc::clone(site) as _,
                resource: resource.clone(),
                client: client(Signal::Metrics, &metrics.target)?,
                interval: metrics.interval,
                clock: Arc::clone(clock),
            }),
        };
        let interactions = config
            .traces
            .as_ref()
            .filter(|it| it.interactions.is_some());
        let delivery = match interactions {
            None => None,
            Some(traces) => Some(Delivery {
                store: Arc::clone(&site.store),
                publisher: Arc::clone(&site.publisher),
                health: Arc::clone(&site.health),
                resource: resource.clone(),
                client: client(Signal::Traces, &traces.target)?,
                clock: Arc::clone(clock),
            }),
        };
        let traces = config.traces.as_ref().filter(|traces| traces.exporter);
        let traces = match traces {
            None => None,
            Some(traces) => Some((client(Signal::Traces, &traces.target)?, resource)),
        };
        Ok(Outlets {
            push,
            delivery,
            traces,
            spans: None,
        })
    }

    /// Takes the spans that are to be exported.
    pub fn trace(&mut self, spans: Option<Collected>) {
        self.spans = spans;
    }

    /// Begins to export.
    pub fn start(self) -> Running {
        let (ended, mut tasks) = (CancellationToken::new(), JoinSet::new());
        if let Some(push) = self.push {
            tasks.spawn(push.run(ended.clone()));
        }
        if let Some(delivery) = self.delivery {
            tasks.spawn(delivery.run(ended.clone()));
        }
        if let (Some((client, resource)), Some(collected)) = (self.traces, self.spans) {
            let shipping = Shipping {
                collected,
                resource,
                client,
            };
            tasks.spawn(shipping.run(ended.clone()));
        }
        Running { ended, tasks }
    }
}

/// What is being exported.
#[derive(Debug)]
pub struct Running {
    ended: CancellationToken,
    tasks: JoinSet<()>,
}

impl Running {
    /// Exports what is left, for a bounded time. Nothing changes any more.
    pub async fn finish(mut self) {
        self.ended.cancel();
        while let Some(ended) = self.tasks.join_next().await {
            if let Err(error) = ended {
                tracing::error!(
                    "this is a bug in the exporter, and it ended the export of one signal over \
                     OTLP; counting goes on: {error}"
                );
            }
        }
    }
}
