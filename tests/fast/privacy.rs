//! Nothing that belongs to a person leaves: numbers, names, e-mail addresses and guids are planted
//! in every string field of a record, and looked for in everything the program says or stores.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::{get, post};
use opentelemetry_proto::tonic::trace::v1::Span;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use vcc_test_support::dump::dump;
use vcc_test_support::item::{agent, begun, call, event, numbered, queue, time};
use vcc_test_support::process::{Process, program, write_config};
use vcc_test_support::tracing::receive;

const NUMBER: &str = "+44 20 7946 0018";
const EMAIL: &str = "zara.quill@example.org";
const GUID: &str = "c0ffee00-1234-4abc-9def-00000badf00d";
const NAME: &str = "Zara Quillfeather";

/// What must be found nowhere, in lower case: the planted values, parts of them, and the guids of
/// the records themselves.
const NEEDLES: [&str; 8] = [
    "7946", "0018", "zara", "quill", "c0ffee00", "badf00d", "6b1f0c52", "b2d7a7c4",
];

/// Fields that name things and not people: a queue's name is shown, so no person's name is planted
/// there. What looks like a number, an address or a guid must not be shown even there.
const NAMES_OF_THINGS: [&str; 17] = [
    "medium",
    "mediumManager",
    "direction",
    "outcome",
    "reportingGroup",
    "name",
    "result",
    "type",
    "disposition",
    "classification",
    "appletType",
    "virtualQueues",
    "virtualQueue",
    "presentedSkills",
    "endReason",
    "integrationType",
    "role",
];

/// A record with every documented event and property.
fn rich() -> Value {
    let with = |kind: &str, name: Value, properties: Value| json!({ "type": kind, "offset": 20_000, "name": name, "duration": 100, "properties": properties });
    let mut item = call();
    item["connectToKey"] = json!("key");
    item["connectFromKey"] = json!("key");
    item["categorizedAt"] = json!("2026-02-04T10:00:00Z");
    item["channels"][0]["integrationType"] = json!("Salesforce");
    item["channels"][0]["party"]["touchpointKey"] = json!("key");
    let mut agent_queue = queue(
        20_000,
        Some(100),
        Some("Delivered"),
        &["Orders"],
        Some(20_000),
    );
    agent_queue["type"] = json!("AgentQueue");
    let events = [
        with(
            "InteractionPlan",
            json!("Plan"),
            json!({ "reportingGroup": "North" }),
        ),
        with("Applet", json!("Welcome"), json!({ "appletType": "Menu" })),
        with(
            "Held",
            json!("x"),
            json!({ "type": "Held", "initiatingAgentId": "07" }),
        ),
        with("CallRecording", json!("x"), json!(null)),
        with("Disposition", json!("x"), json!({ "disposition": "Sale" })),
        with("CallRating", json!("x"), json!({ "classification": "3" })),
        with(
            "AudioProblemReported",
            json!("x"),
            json!({ "classification": "Echo" }),
        ),
        with(
            "DataSourceValueAcquired",
            json!("Account"),
            json!({ "value": "A-1" }),
        ),
        with(
            "DeliveryFailed",
            json!("x"),
            json!({ "type": "ConnectionUnavailable" }),
        ),
        with("Monitoring", json!("x"), json!({ "type": "Coach" })),
        with(
            "VirtualAssistant",
            json!("Bot"),
            json!({ "result": "Resolved", "messageCount": "4" }),
        ),
        with(
            "VoicemailRecording",
            json!("x"),
            json!({ "appletType": "VoiceMail" }),
        ),
        with("SomethingNew", json!("x"), json!({ "what": "ever" })),
        agent_queue,
        event("Wrap", 20_000, 100),
    ];
    let list = item["channels"][0]["events"].as_array_mut().unwrap();
    list.extend(events);
    let monitor = agent("09", 13_000, 14_000, 1_000);
    item["channels"].as_array_mut().unwrap().push(monitor);
    item["channels"][2]["party"]["role"] = json!("Monitor");
    item
}

/// The pointers of every string in a record.
fn strings(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::String(_) => found.push(at),
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                strings(value, format!("{at}/{index}"), found);
            }
        }
        Value::Object(map) => {
            for (key, value) in map {
                strings(value, format!("{at}/{key}"), found);
            }
        }
        _ => {}
    }
}

/// One record for each string field and each kind of personal value in it.
fn planted() -> Vec<Value> {
    // What ended more than a day ago is not sent as a trace.
    let rich = begun(&rich(), chrono::Utc::now().timestamp_millis() - 600_000);
    let mut fields = Vec::new();
    strings(&rich, String::new(), &mut fields);
    assert!(fields.len() > 80, "{fields:?}");
    let mut items = Vec::new();
    for field in fields {
        let mut keys = field.rsplit('/').filter(|key| key.parse::<u32>().is_err());
        let key = keys.next().unwrap();
        for value in [NUMBER, EMAIL, GUID, NAME] {
            if value == NAME && NAMES_OF_THINGS.contains(&key) {
                continue;
            }
            let mut item = numbered(&rich, items.len() as u32);
            *item.pointer_mut(&field).unwrap() = json!(value);
            items.push(item);
        }
    }
    items
}

/// An API that always answers with these items.
async fn api(items: Vec<Value>) -> String {
    let page = move || {
        let items = items.clone();
        async move {
            let meta = json!({ "page": 1, "count": items.len(), "pageCount": 1, "totalCount": items.len() });
            let now = time(chrono::Utc::now().timestamp_millis());
            json!({ "meta": meta, "items": items, "upTo": now, "latestUpdate": now }).to_string()
        }
    };
    let token = async || r#"{"access_token":"t","expires_in":7200,"token_type":"Bearer"}"#;
    let app = Router::new()
        .route("/Auth/connect/token", post(token))
        .route("/stats/interactions", get(page.clone()))
        .route("/stats/interactions/ongoing", get(page));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}")
}

/// A receiver of traces, and what it was sent, as text; of interactions and conversations a trace
/// may hold the guids, in attributes of their own.
async fn receiver() -> (String, Arc<Mutex<String>>) {
    let received = Arc::new(Mutex::new(String::new()));
    let sent = Arc::clone(&received);
    let take = move |mut span: Span| {
        span.attributes
            .retain(|attribute| !attribute.key.ends_with(".guid"));
        // Times and identifiers are long numbers, in which any four digits may stand.
        let mut said = format!("{} {:?} {:?}", span.name, span.attributes, span.status);
        for event in &span.events {
            said += &format!(" {} {:?}", event.name, event.attributes);
        }
        *sent.lock().unwrap() += &(said + "\n");
    };
    let url = receive(take).await;
    (url, received)
}

fn assert_private(what: &str, text: &str) {
    let lower = text.to_lowercase();
    for needle in NEEDLES {
        if let Some(at) = lower.find(needle) {
            let bytes = &lower.as_bytes()[at.saturating_sub(120)..(at + 80).min(lower.len())];
            panic!(
                "{needle} is in {what}: …{}…",
                String::from_utf8_lossy(bytes)
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_planted_in_any_field_comes_out_nowhere() {
    let items = planted();
    let count = items.len() as f64;
    let api_url = api(items).await;
    let directory = tempfile::tempdir().unwrap();
    let (receiver, received) = receiver().await;
    let more = format!(
        "poll: {{ start_from: 2026-01-01T00:00:00Z, page_size: 5000 }}\n\
         otlp: {{ traces_endpoint: {receiver}/v1/traces, \
         traces: {{ interactions: true }} }}\n"
    );
    let file = write_config(directory.path(), &api_url, &more);
    let config = file.to_str().unwrap();

    let check = program(&["check", "--live", "--config.file", config])
        .output()
        .await
        .unwrap();
    for said in [&check.stdout, &check.stderr] {
        assert_private("what check says", &String::from_utf8_lossy(said));
    }

    let (exporter, mut log) = Process::run_and_listen(&file).await;
    let shown = exporter
        .until(|shown| shown.sum("vcc_records_received_total", &[]) >= count)
        .await;
    // What cannot be read at all is rejected; everything else counts.
    assert!(shown.sum("vcc_interactions_total", &[]) > count * 0.9);
    assert!(shown.sum("vcc_exporter_label_redacted_total", &[]) > 50.0);
    exporter
        .until(|shown| shown.sum("vcc_exporter_outbox_items", &[]) == 0.0)
        .await;
    for path in ["/metrics", "/", "/api/status", "/-/healthy", "/-/ready"] {
        let (_, body) = exporter.get(path).await;
        assert_private(path, &body);
    }
    assert_eq!(exporter.signalled("TERM").await.code(), Some(0));
    let received = received.lock().unwrap().clone();
    let spans = received.matches("vcc.service_level.missed").count();
    assert!(spans as f64 > count * 0.9, "{spans} traces");
    assert_private("the traces", &received);
    let mut said = String::new();
    log.read_to_string(&mut said).await.unwrap();
    assert_private("the log", &said);

    let database = redb::Database::open(directory.path().join("state/ledger.redb")).unwrap();
    let stored: Vec<_> = (dump(&database).into_iter())
        .filter(|line| line.starts_with("LABELS") || line.starts_with("SERIES"))
        .collect();
    assert!(stored.len() > 100);
    assert_private("the state's label values", &stored.join("\n"));
}
