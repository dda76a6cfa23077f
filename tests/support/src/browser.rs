//! Chromium, spoken to by the `DevTools` protocol over a pair of pipes: no driver, no port.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

/// Many times what an answer takes on a busy machine.
const DEADLINE: Duration = Duration::from_secs(60);

/// The protocol's pipes are descriptors 3 and 4, and ours are 0 and 1.
const LAUNCH: &str = r#"exec chromium "$@" 3<&0 4>&1 </dev/null >/dev/null 2>&1"#;

/// A browser with one tab.
#[derive(Debug)]
pub struct Browser {
    child: Child,
    send: ChildStdin,
    received: Receiver<Value>,
    session: Option<String>,
    calls: u64,
    /// What it told without being asked.
    pub events: Vec<Value>,
    _profile: TempDir,
}

impl Browser {
    /// Starts it with an empty tab.
    pub fn start() -> Self {
        let profile = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        command.args([
            "-c",
            LAUNCH,
            "sh",
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
        ]);
        command.args([
            "--disable-dev-shm-usage",
            "--remote-debugging-pipe",
            "about:blank",
        ]);
        command.arg(format!("--user-data-dir={}", profile.path().display()));
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (send, answers) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (sender, received) = channel();
        std::thread::spawn(move || {
            for message in BufReader::new(answers).split(0).map_while(Result::ok) {
                let message = serde_json::from_slice(&message).unwrap();
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        let mut browser = Browser {
            child,
            send,
            received,
            session: None,
            calls: 0,
            events: Vec::new(),
            _profile: profile,
        };
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = browser.call("Target.attachToTarget", attach);
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Log", "Runtime", "Accessibility"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        browser
    }

    /// Calls a method and returns its result.
    pub fn call(&mut self, method: &str, params: Value) -> Value {
        self.calls += 1;
        let id = self.calls;
        let mut message = json!({ "id": id, "method": method, "params": params });
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        // If it is not there it says so by ending, below.
        let _ = write!(self.send, "{message}\0").and_then(|()| self.send.flush());
        loop {
            let message = self.receive(method);
            if message["id"] == id {
                assert!(message["error"].is_null(), "{method}: {}", message["error"]);
                return message["result"].clone();
            }
            self.events.push(message);
        }
    }

    fn receive(&mut self, waiting_for: &str) -> Value {
        self.received.recv_timeout(DEADLINE).unwrap_or_else(|_| {
            let _ = self.child.kill();
            let ended = self.child.wait();
            panic!(
                "this test needs Chromium, which did not answer {waiting_for} ({ended:?}). Install \
                 the package chromium"
            )
        })
    }

    /// Opens a page and waits until it is loaded.
    pub fn open(&mut self, url: &str) {
        self.events.clear();
        let opened = self.call("Page.navigate", json!({ "url": url }));
        assert!(opened["errorText"].is_null(), "{url}: {opened}");
        let is_loaded = |event: &Value| method(event) == "Page.loadEventFired";
        while !self.events.iter().any(is_loaded) {
            let event = self.receive(url);
            self.events.push(event);
        }
    }

    /// Shows pages as on a screen of this width, to somebody who likes them light or dark.
    pub fn looks(&mut self, width: u32, scheme: &str) {
        let size =
            json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", size);
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.call(
            "Emulation.setEmulatedMedia",
            json!({ "features": features }),
        );
    }

    /// The value of an expression in the page.
    pub fn evaluate(&mut self, expression: &str) -> Value {
        let params = json!({ "expression": expression, "returnByValue": true });
        let outcome = self.call("Runtime.evaluate", params);
        let exception = &outcome["exceptionDetails"];
        assert!(exception.is_null(), "{exception}");
        outcome["result"]["value"].clone()
    }

    /// What the browser complained of since the page was opened. Nobody promised it the icon that
    /// it looks for everywhere.
    pub fn complaints(&self) -> Vec<&Value> {
        let is_complaint = |event: &&Value| {
            let url = event["params"]["entry"]["url"].as_str().unwrap_or_default();
            ["Log.entryAdded", "Runtime.exceptionThrown"].contains(&method(event))
                && !url.ends_with("/favicon.ico")
        };
        self.events.iter().filter(is_complaint).collect()
    }
}

fn method(event: &Value) -> &str {
    event["method"].as_str().unwrap_or_default()
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It ends its helpers with itself, if it is asked to.
        let _ = write!(
            self.send,
            "{}\0",
            json!({ "id": 0, "method": "Browser.close" })
        );
        let _ = self.send.flush();
        while self.received.recv_timeout(DEADLINE).is_ok() {}
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
