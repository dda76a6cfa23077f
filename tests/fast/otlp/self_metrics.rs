//! What the log says of a receiver that is away, or does not take everything: it once, and then how
//! often.

use std::sync::Arc;

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use vcc_exporter::health::Health;
use vcc_net::clock::SystemClock;
use vcc_otlp::transport::EncodedRequest;
use vcc_otlp::{Client, Signal};

use super::receiver::{Receiver, Reply, leaves_out, status, target};
use vcc_test_support::fake_api::pass;
use vcc_test_support::log::Log;

/// An hour of exports, one each quarter of a minute, which are answered like this; then one that
/// goes well. What was warned of, and what was said in the end.
async fn hour_of(reply: Reply) -> (Vec<String>, Vec<String>) {
    const EXPORTS: usize = 240;
    let (log, _listening) = Log::listen();
    let (wire, _arrived) = Receiver::new(std::iter::repeat_n(reply, EXPORTS));
    let health = Health::new(0).unwrap();
    let (target, exports) = (target("http://127.0.0.1:1/"), health.otlp_metrics());
    let clock = Arc::new(SystemClock);
    let client = Client::over(wire, Signal::Metrics, &target, clock, exports);
    let parcel = EncodedRequest::new(&ExportMetricsServiceRequest::default(), false);
    for _ in 0..EXPORTS {
        // What came of it is in the log.
        let _ = client.export(parcel.clone()).await;
        pass(15).await;
    }
    client.export(parcel).await.unwrap();
    (log.lines(" WARN "), log.lines(" INFO "))
}

#[tokio::test(start_paused = true)]
async fn an_outage_of_an_hour_is_a_few_lines_and_the_last_says_how_long_it_was() {
    let (warned, said) = hour_of(status(503)).await;
    assert_eq!(warned.len(), 6, "{warned:#?}");
    assert!(
        warned[0].contains("the receiver's figures are old"),
        "{}",
        warned[0]
    );
    assert!(
        warned[5].contains("40 times in the last 10m"),
        "{}",
        warned[5]
    );
    assert_eq!(said.len(), 1, "{said:#?}");
    assert!(said[0].contains("failures=240 lasted=1h"), "{}", said[0]);
}

#[tokio::test(start_paused = true)]
async fn a_receiver_that_leaves_something_out_each_time_is_told_of_now_and_then() {
    let partial = leaves_out(7, "too old");
    let (warned, said) = hour_of(partial).await;
    assert_eq!(warned.len(), 6, "{warned:#?}");
    assert!(warned[0].contains("rejected=7") && warned[0].contains("not sent again: too old"));
    assert!(
        warned[1].contains("40 times in the last 10m"),
        "{}",
        warned[1]
    );
    assert!(said.is_empty(), "{said:#?}");
}
