//! A receiver of traces over the network that takes everything.

use std::io::Read;

use axum::Router;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::routing::post;
use flate2::read::GzDecoder;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use tokio::net::TcpListener;

/// Starts one that hands over each span it is sent; the base of its address. Bodies are gzip, as
/// they are by default.
pub async fn receive(take: impl Fn(Span) + Clone + Send + Sync + 'static) -> String {
    let unpack = move |body: Bytes| {
        let mut plain = Vec::new();
        GzDecoder::new(&body[..]).read_to_end(&mut plain).unwrap();
        let request = ExportTraceServiceRequest::decode(&*plain).unwrap();
        let scopes = request.resource_spans.into_iter();
        let scopes = scopes.flat_map(|of| of.scope_spans);
        scopes.flat_map(|of| of.spans).for_each(&take);
        async {}
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new()
        .route("/v1/traces", post(unpack))
        .layer(DefaultBodyLimit::disable());
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}
