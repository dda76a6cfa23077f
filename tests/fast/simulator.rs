//! The simulator behind a real socket.
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;
use vcc_simulator::{Faults, HOUR_MS, Simulator, SimulatorConfig, serve};

struct Running {
    base: String,
    client: reqwest::Client,
    token: String,
}

/// Runs a test against a simulator whose world began three hours ago.
fn with_server<T: Future<Output = ()>>(test: impl FnOnce(Running) -> T) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(async {
        let start_ms = chrono::Utc::now().timestamp_millis() - 3 * HOUR_MS;
        let config = SimulatorConfig {
            start_ms,
            per_hour: 120.0,
            day_length_ms: 0,
            ..SimulatorConfig::default()
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let simulator = Arc::new(Mutex::new(Simulator::new(config)));
        let server = tokio::spawn(serve(listener, simulator, async move {
            stopped.await.expect("the test says when to stop");
        }));
        let client = reqwest::Client::builder()
            .pool_max_idle_per_host(0)
            .build()
            .expect("a client");
        let form =
            "grant_type=client_credentials&client_id=simulated&client_secret=simulated&scope=stats";
        let reply = client
            .post(format!("{base}/Auth/connect/token"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form)
            .send();
        let reply = reply.await.expect("a reply").text().await.expect("a body");
        let reply: Value = serde_json::from_str(&reply).expect("JSON");
        let token = reply["access_token"].as_str().expect("a token").to_owned();
        test(Running {
            base,
            client,
            token,
        })
        .await;
        stop.send(()).expect("the server still runs");
        server.await.expect("no panic").expect("no error");
    });
}

impl Running {
    /// The first page of today's window. Its end lies ahead: one that is now would leave out what
    /// was processed in the very millisecond of the request.
    async fn page(&self) -> Result<Value, String> {
        let hours = |hours| {
            (chrono::Utc::now() + chrono::TimeDelta::hours(hours)).format("%Y-%m-%dT%H:%M:%S%.3fZ")
        };
        let (start, end) = (hours(-4), hours(1));
        let request = self
            .client
            .get(format!(
                "{}/stats/interactions?include=Processed&limit=200&start={start}&end={end}",
                self.base
            ))
            .header("accept", "application/vnd.newvoicemedia.v3+json")
            .bearer_auth(&self.token);
        let reply = request.send().await.map_err(|error| format!("{error:?}"))?;
        let body = reply.bytes().await.map_err(|error| format!("{error:?}"))?;
        serde_json::from_slice(&body).map_err(|error| error.to_string())
    }

    async fn control(&self, request: reqwest::RequestBuilder) -> String {
        let reply = request.send().await.expect("a reply");
        assert!(reply.status().is_success(), "{}", reply.status());
        reply.text().await.expect("a body")
    }

    async fn put_faults(&self, faults: &Faults) {
        let body = serde_json::to_string(faults).expect("JSON");
        self.control(
            self.client
                .put(format!("{}/-/faults", self.base))
                .body(body),
        )
        .await;
        let now = self
            .control(self.client.get(format!("{}/-/faults", self.base)))
            .await;
        assert_eq!(
            &serde_json::from_str::<Faults>(&now).expect("faults"),
            faults
        );
    }

    async fn started(&self) -> u64 {
        let truth = self
            .control(
                self.client
                    .get(format!("{}/-/truth?epoch=2020-01-01", self.base)),
            )
            .await;
        let truth: Value = serde_json::from_str(&truth).expect("JSON");
        let series = truth["series"].as_array().expect("series");
        let started = series
            .iter()
            .filter(|it| it["family"] == "vcc_interactions_started_total");
        started.filter_map(|it| it["value"].as_u64()).sum()
    }
}

#[test]
fn pages_and_controls_are_served() {
    with_server(|server| async move {
        let page = server.page().await.expect("a page");
        assert_eq!(page["items"].as_array().expect("items").len(), 200);
        let healthy = server.client.get(format!("{}/-/healthy", server.base));
        assert_eq!(server.control(healthy).await, "ok\n");
        let refused = server
            .client
            .get(format!("{}/-/truth?epoch=soon", server.base))
            .send()
            .await;
        assert_eq!(refused.expect("a reply").status(), 400);
    });
}

#[test]
fn traffic_stops_and_settles() {
    with_server(|server| async move {
        let stop = server.client.post(format!(
            "{}/-/traffic?running=false&settle=true",
            server.base
        ));
        server.control(stop).await;
        let page = server.page().await.expect("a page");
        let total = page["meta"]["totalCount"].as_u64().expect("a number");
        assert!(total > 200);
        assert!(server.started().await >= total);
        let again = server.page().await.expect("a page");
        assert_eq!(again["items"], page["items"]);
    });
}

#[test]
fn a_queue_is_starved_and_fed_while_the_simulator_runs() {
    with_server(|server| async move {
        let starved = format!("{}/-/starved", server.base);
        let put = |queues: &'static str| server.client.put(&starved).body(queues);
        server.control(put(r#"["Billing Queue"]"#)).await;
        let now = server.control(server.client.get(&starved)).await;
        assert_eq!(now, r#"["Billing Queue"]"#);
        for (queues, complaint) in [("[\"Bill\"]", "Billing Queue"), ("{}", "expected")] {
            let refused = put(queues).send().await.expect("a reply");
            assert_eq!(refused.status(), 400);
            let said = refused.text().await.expect("a body");
            assert!(said.contains(complaint), "{said}");
        }
        assert_eq!(server.control(server.client.get(&starved)).await, now);
        server.control(put("[]")).await;
        assert_eq!(server.control(server.client.get(&starved)).await, "[]");
    });
}

#[test]
fn what_the_simulator_says_it_can_be_told_it_can_be_told() {
    with_server(|server| async move {
        let page = format!("{}/-/", server.base);
        let said = server.control(server.client.get(page)).await;
        let controls = said.split_whitespace().filter_map(|word| {
            let path = word.trim_matches('\'').strip_prefix("SIMULATOR")?;
            Some(path.split_once('?').map_or(path, |(path, _)| path))
        });
        let controls: std::collections::BTreeSet<_> = controls.collect();
        assert!(controls.len() >= 5, "{controls:?}");
        for path in controls {
            let reply = server.client.get(format!("{}{path}", server.base));
            // What can only be posted exists too.
            let status = reply.send().await.expect("a reply").status();
            assert!(status.is_success() || status == 405, "{path}: {status}");
        }
    });
}

#[test]
fn bodies_are_really_cut_off_and_really_late() {
    with_server(|server| async move {
        server
            .put_faults(&Faults {
                cut_off: 1.0,
                ..Faults::default()
            })
            .await;
        let error = server.page().await.expect_err("the body ends early");
        assert!(
            error.contains("IncompleteBody") || error.contains("IncompleteMessage"),
            "{error}"
        );
        server
            .put_faults(&Faults {
                slow_body: 1.0,
                slow_body_ms: 300,
                ..Faults::default()
            })
            .await;
        let begun = Instant::now();
        server.page().await.expect("a page");
        assert!(begun.elapsed() >= Duration::from_millis(300));
        server.put_faults(&Faults::default()).await;
        server.page().await.expect("a page again");
    });
}
