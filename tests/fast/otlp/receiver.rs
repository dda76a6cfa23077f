//! A receiver behind the client's road: no sockets, so that time can be paused.

use std::collections::VecDeque;
use std::io::Read;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use flate2::read::GzDecoder;
use opentelemetry_proto::tonic::collector::metrics::v1::{
    ExportMetricsPartialSuccess, ExportMetricsServiceRequest, ExportMetricsServiceResponse,
};
use opentelemetry_proto::tonic::metrics::v1::{Metric, metric, number_data_point};
use prost::Message;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::Instant;
use vcc_otlp::Target;
use vcc_otlp::target::ResolvedHeader;
use vcc_otlp::transport::{
    EncodedRequest, HttpResponse, OtlpTransport, ResponseFuture, TransportError,
};

/// What a receiver does with a request.
#[derive(Debug, Clone)]
pub enum Reply {
    Answer(HttpResponse),
    Nothing(TransportError),
    /// It never answers.
    Silence,
}

/// An answer that it took all metrics but so many, and why.
pub fn leaves_out(rejected: i64, why: &str) -> Reply {
    let response = ExportMetricsServiceResponse {
        partial_success: Some(ExportMetricsPartialSuccess {
            rejected_data_points: rejected,
            error_message: why.to_owned(),
        }),
    };
    Reply::Answer(HttpResponse {
        status: 200,
        body: response.encode_to_vec().into(),
        ..HttpResponse::default()
    })
}

/// An answer with a status alone.
pub fn status(status: u16) -> Reply {
    Reply::Answer(HttpResponse {
        status,
        ..HttpResponse::default()
    })
}

/// The request in a parcel.
pub fn unpacked(parcel: &EncodedRequest) -> ExportMetricsServiceRequest {
    ExportMetricsServiceRequest::decode(&*plain(&parcel.body, parcel.gzip)).unwrap()
}

/// A body as it was before it was compressed.
pub fn plain(body: &[u8], gzip: bool) -> Vec<u8> {
    if !gzip {
        return body.to_vec();
    }
    let mut plain = Vec::new();
    GzDecoder::new(body).read_to_end(&mut plain).unwrap();
    plain
}

/// The metrics of a request.
pub fn metrics(request: &ExportMetricsServiceRequest) -> &[Metric] {
    &request.resource_metrics[0].scope_metrics[0].metrics
}

/// The sum of a metric's numbers; its gauges and counters only.
pub fn sum(request: &ExportMetricsServiceRequest, name: &str, value: &str) -> f64 {
    let mut found = metrics(request).iter().filter(|metric| metric.name == name);
    let points = match found.next().and_then(|metric| metric.data.as_ref()) {
        Some(metric::Data::Sum(sum)) => &sum.data_points[..],
        Some(metric::Data::Gauge(gauge)) => &gauge.data_points[..],
        _ => &[],
    };
    let has = |point: &&opentelemetry_proto::tonic::metrics::v1::NumberDataPoint| {
        value.is_empty() || format!("{:?}", point.attributes).contains(&format!("{value:?}"))
    };
    points
        .iter()
        .filter(has)
        .map(|point| match point.value {
            Some(number_data_point::Value::AsInt(value)) => value as f64,
            Some(number_data_point::Value::AsDouble(value)) => value,
            None => f64::NAN,
        })
        .sum()
}

/// A request that arrived, and when.
#[derive(Debug)]
pub struct Post {
    pub at: Instant,
    pub parcel: EncodedRequest,
    pub headers: Vec<String>,
}

/// The road, which replies in order and then with 200.
#[derive(Debug)]
pub struct Receiver {
    replies: Mutex<VecDeque<Reply>>,
    posts: UnboundedSender<Post>,
}

impl Receiver {
    pub fn new(replies: impl IntoIterator<Item = Reply>) -> (Arc<Self>, UnboundedReceiver<Post>) {
        let (posts, arrived) = unbounded_channel();
        let replies = Mutex::new(replies.into_iter().collect());
        (Arc::new(Receiver { replies, posts }), arrived)
    }
}

impl OtlpTransport for Receiver {
    fn post(&self, parcel: EncodedRequest, headers: Vec<ResolvedHeader>) -> ResponseFuture<'_> {
        let headers = headers.iter().map(|it| it.name.to_string()).collect();
        let at = Instant::now();
        self.posts
            .send(Post {
                at,
                parcel,
                headers,
            })
            .unwrap_or_default();
        let reply = self.replies.lock().unwrap().pop_front();
        Box::pin(async move {
            match reply.unwrap_or_else(|| status(200)) {
                Reply::Answer(answer) => Ok(answer),
                Reply::Nothing(error) => Err(error),
                Reply::Silence => std::future::pending().await,
            }
        })
    }
}

/// Somewhere to send to.
pub fn target(url: &str) -> Target {
    Target {
        url: url.parse().unwrap(),
        headers: Vec::new(),
        gzip: true,
        timeout: Duration::from_secs(10),
        ca_file: None,
    }
}
