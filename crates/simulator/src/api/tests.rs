use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::*;
use crate::time::stamp;
use crate::{HOUR_MS, Include};

const V3: &str = "application/vnd.newvoicemedia.v3+json";

struct Reader {
    simulator: Simulator,
    now_ms: i64,
    authorization: String,
}

impl Reader {
    /// A reader with a token, six hours after the start.
    fn new(config: SimulatorConfig) -> Self {
        let now_ms = config.start_ms + 6 * HOUR_MS;
        let mut reader = Self {
            simulator: Simulator::new(config),
            now_ms,
            authorization: String::new(),
        };
        reader.renew();
        reader
    }

    fn renew(&mut self) {
        let reply = self.post(
            "grant_type=client_credentials&client_id=simulated&client_secret=simulated&scope=stats",
        );
        let token = json(&reply)["access_token"]
            .as_str()
            .expect("a token")
            .to_owned();
        self.authorization = format!("bearer {token}");
    }

    fn post(&mut self, body: &str) -> Reply {
        let call = Call {
            method: "POST",
            path: "/Auth/connect/token",
            query: "",
            accept: None,
            authorization: None,
            content_type: Some("application/x-www-form-urlencoded"),
            body: body.as_bytes(),
        };
        self.simulator.answer(&call, self.now_ms)
    }

    fn ask(
        &mut self,
        path: &str,
        query: &str,
        accept: Option<&str>,
        authorization: Option<&str>,
    ) -> Reply {
        let call = Call {
            method: "GET",
            path,
            query,
            accept,
            authorization,
            content_type: None,
            body: b"",
        };
        self.simulator.answer(&call, self.now_ms)
    }

    fn get(&mut self, query: &str) -> Reply {
        let authorization = self.authorization.clone();
        self.ask("/stats/interactions", query, Some(V3), Some(&authorization))
    }

    /// The window from the start until now.
    fn whole(&self) -> String {
        let start = stamp(self.simulator.timeline.config().start_ms, 3);
        let end = stamp(self.now_ms, 3);
        format!("include=Processed&start={start}&end={end}")
    }

    fn guids(&mut self, query: &str) -> Vec<String> {
        let page = json(&self.get(query));
        let items = page["items"].as_array().expect("items");
        items
            .iter()
            .map(|item| item["guid"].as_str().expect("a guid").to_owned())
            .collect()
    }
}

fn json(reply: &Reply) -> Json {
    serde_json::from_slice(&reply.body).expect("JSON")
}

fn busy() -> SimulatorConfig {
    SimulatorConfig {
        per_hour: 300.0,
        ..SimulatorConfig::default()
    }
}

#[test]
fn errors_have_the_documented_shapes() {
    let mut reader = Reader::new(busy());
    let good = reader.authorization.clone();
    let whole = reader.whole();
    let mut body = |path: &str, query: &str, accept, authorization| {
        let reply = reader.ask(path, query, accept, authorization);
        (
            reply.status,
            String::from_utf8(reply.body.to_vec()).expect("text"),
        )
    };
    let interactions = "/stats/interactions";
    let invalid_accept =
        r#"{"statusCode":400,"error":"Bad Request","message":"Invalid Accept header!"}"#;
    assert_eq!(
        body(interactions, &whole, None, Some(&good)),
        (400, invalid_accept.to_owned())
    );
    assert_eq!(
        body(interactions, &whole, Some("*/*"), Some(&good)),
        (400, invalid_accept.to_owned())
    );
    let version = r#"{"statusCode":400,"error":"Bad Request","message":"Invalid api-version! Valid values: 2,3"}"#;
    let v4 = Some("application/vnd.newvoicemedia.v4+json");
    assert_eq!(
        body(interactions, &whole, v4, Some(&good)),
        (400, version.to_owned())
    );
    let size = r#"{"message":"Request window size limit exceeded 31 days"}"#;
    let long = "start=2025-01-01&end=2025-02-02";
    assert_eq!(
        body(interactions, long, Some(V3), Some(&good)),
        (400, size.to_owned())
    );
    let unauthorized = (401, r#"{"message":"Unauthorized"}"#.to_owned());
    assert_eq!(body(interactions, &whole, Some(V3), None), unauthorized);
    assert_eq!(
        body(interactions, &whole, Some(V3), Some("Bearer wrong")),
        unauthorized
    );
    assert_eq!(body("/stats/nothing", "", Some(V3), Some(&good)).0, 404);
    let v2 = Some("application/vnd.newvoicemedia.v2+json");
    assert_eq!(
        body(
            interactions,
            &whole,
            v2,
            Some(&good.replace("bearer", "BEARER"))
        )
        .0,
        200
    );
    reader.now_ms += 7_200_000;
    assert_eq!(reader.get(&whole).status, 401, "a token lives two hours");
}

#[test]
fn the_envelope_is_the_documented_one() {
    let mut reader = Reader::new(busy());
    let whole = reader.whole();
    let reply = reader.get(&whole);
    let page = json(&reply);
    assert_eq!(
        (
            page["meta"]["page"].as_u64(),
            page["meta"]["count"].as_u64()
        ),
        (Some(1), Some(25))
    );
    let total = page["meta"]["totalCount"].as_u64().expect("a number");
    assert_eq!(page["meta"]["pageCount"].as_u64(), Some(total.div_ceil(25)));
    assert_eq!(page["upTo"], stamp(reader.now_ms, 3));
    assert!(page["latestUpdate"].as_str() < page["upTo"].as_str());
    assert!(reply.headers.contains(&(
        "cache-control",
        "max-age=5, must-revalidate, private".to_owned()
    )));
    let empty = json(&reader.get("start=2019-01-01&end=2019-01-02"));
    assert_eq!(
        (
            empty["meta"]["pageCount"].as_u64(),
            empty["meta"]["totalCount"].as_u64()
        ),
        (Some(0), Some(0))
    );
}

#[test]
fn pages_hold_every_item_once_in_order_of_start_when_nothing_moves() {
    let mut reader = Reader::new(busy());
    let whole = reader.whole();
    let in_one = reader.guids(&format!("{whole}&limit=5000"));
    let paged: Vec<String> = (1..=in_one.len().div_ceil(40))
        .flat_map(|page| reader.guids(&format!("{whole}&limit=40&page={page}")))
        .collect();
    assert!(paged.len() > 200);
    assert_eq!(paged, in_one);
    assert_eq!(paged.iter().collect::<BTreeSet<_>>().len(), paged.len());
    let starts: Vec<String> = paged.iter().map(|guid| guid[..13].to_owned()).collect();
    assert!(starts.is_sorted(), "a guid begins with its start");
}

#[test]
fn adjoining_windows_hold_every_item_exactly_once_unless_older_windows_keep_them() {
    for leaves in [true, false] {
        let mut config = busy();
        config.assumptions.reprocessed_leaves_window = leaves;
        let mut reader = Reader::new(config);
        let (start, end) = (reader.now_ms - 6 * HOUR_MS, reader.now_ms);
        let timeline = reader.simulator.timeline();
        timeline.advance(end);
        let parts: Vec<u64> = (0..360)
            .flat_map(|part| {
                timeline.window(
                    Include::Processed,
                    start + part * 60_000,
                    start + (part + 1) * 60_000,
                )
            })
            .collect();
        let distinct = parts.iter().collect::<BTreeSet<_>>().len();
        assert_eq!(
            distinct,
            timeline.window(Include::Processed, start, end).len()
        );
        assert_eq!(parts.len() == distinct, leaves);
    }
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "it bounds the real time: a search of everything would take minutes"
)]
fn a_window_of_a_large_timeline_is_found_quickly() {
    let config = SimulatorConfig {
        per_hour: 40_000.0,
        day_length_ms: 0,
        ..SimulatorConfig::default()
    };
    let mut timeline = Timeline::new(config.clone());
    let now = config.start_ms + 5 * HOUR_MS / 2;
    timeline.advance(now);
    assert!(timeline.len() > 90_000);
    let begun = std::time::Instant::now();
    for second in 0..200 {
        let at = config.start_ms + HOUR_MS + second * 1_000;
        for id in timeline.window(Include::Processed, at, at + 1_000) {
            assert!(timeline.item(id).is_some());
        }
    }
    assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
}

mod faults;
