//! An API of items that a test moves about between two requests, which the simulator cannot do.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;
use vcc_net::clock::Clock;
use vcc_vonage::transport::ResponseFuture;
use vcc_vonage::{Operation, Request, Response, Transport, TransportError, parse_time};

use super::item::time;

/// What a request for a page asked, and when.
#[derive(Debug, Clone)]
pub struct Asked {
    pub host: String,
    pub start_ms: i64,
    /// The end of the window; the probe for the API's clock has none.
    pub end_ms: Option<i64>,
    pub page: usize,
    pub limit: usize,
    pub at_ms: i64,
    /// How many requests for pages came before it.
    pub number: usize,
}

impl Asked {
    pub fn of(request: &Request, at_ms: i64, number: usize) -> Self {
        let value = |wanted: &str| {
            let mut pairs = request.url.query_pairs();
            pairs.find_map(|(name, value)| (name == wanted).then(|| value.into_owned()))
        };
        Asked {
            host: request.url.host_str().unwrap().to_owned(),
            start_ms: parse_time(&value("start").unwrap()).unwrap(),
            end_ms: value("end").map(|end| parse_time(&end).unwrap()),
            page: value("page").unwrap().parse().unwrap(),
            limit: value("limit").unwrap().parse().unwrap(),
            at_ms,
            number,
        }
    }
}

pub type Answer = Result<Response, TransportError>;

/// An answer with this status and body.
pub fn answer(status: u16, body: impl Into<bytes::Bytes>) -> Answer {
    Ok(Response {
        status,
        body: body.into(),
        ..Response::default()
    })
}

/// Items by the time they were processed at, as the API keeps them.
#[derive(Debug, Default)]
pub struct ItemStore {
    items: Vec<(i64, Value)>,
    /// What `latestUpdate` says; absent until it is set.
    pub latest_ms: Option<i64>,
}

impl ItemStore {
    /// An item is processed, perhaps anew: then it leaves its older place.
    pub fn put(&mut self, processed_ms: i64, item: &Value) {
        self.items
            .retain(|(_, known)| known["guid"] != item["guid"]);
        self.items.push((processed_ms, item.clone()));
        self.items
            .sort_by_key(|(_, item)| item["start"].to_string());
    }

    /// The page that was asked for.
    pub fn page(&self, asked: &Asked) -> Value {
        let window = asked.start_ms..asked.end_ms.unwrap_or(i64::MAX);
        let found: Vec<_> = self
            .items
            .iter()
            .filter(|(at, _)| window.contains(at))
            .collect();
        let items: Vec<_> = found
            .chunks(asked.limit)
            .nth(asked.page - 1)
            .into_iter()
            .flatten()
            .map(|(_, item)| item)
            .collect();
        json!({
            "meta": {
                "page": asked.page, "count": items.len(),
                "pageCount": found.len().div_ceil(asked.limit), "totalCount": found.len(),
            },
            "items": items,
            "upTo": time(asked.at_ms),
            "latestUpdate": self.latest_ms.map(time),
        })
    }
}

/// What happens when a page is asked for: the items may change before the answer, and the answer
/// may be another one than theirs.
pub type Hook = Box<dyn FnMut(&Asked, &mut ItemStore) -> Option<Answer> + Send>;

/// An API that serves these items, and the time in which it is asked.
pub struct FakeApi {
    pub items: Mutex<ItemStore>,
    hook: Mutex<Hook>,
    start_ms: i64,
    began: Instant,
    /// How far the API's clock is ahead of ours.
    pub skew_ms: AtomicI64,
    /// Every request for a page.
    pub asked: Mutex<Vec<Asked>>,
    /// How many tokens were given out.
    pub tokens: AtomicI64,
    /// The answers to requests for what is going on now, by page; without any, an empty page.
    pub ongoing: Mutex<Vec<Answer>>,
}

impl std::fmt::Debug for FakeApi {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FakeApi").finish_non_exhaustive()
    }
}

impl FakeApi {
    /// An API whose time begins here.
    pub fn new(start_ms: i64) -> Arc<Self> {
        Arc::new(FakeApi {
            items: Mutex::default(),
            hook: Mutex::new(Box::new(|_, _| None)),
            start_ms,
            began: Instant::now(),
            skew_ms: AtomicI64::new(0),
            asked: Mutex::default(),
            tokens: AtomicI64::new(0),
            ongoing: Mutex::default(),
        })
    }

    pub fn hook(
        &self,
        hook: impl FnMut(&Asked, &mut ItemStore) -> Option<Answer> + Send + 'static,
    ) {
        *self.hook.lock().unwrap() = Box::new(hook);
    }

    pub fn put(&self, processed_ms: i64, item: &Value) {
        self.items.lock().unwrap().put(processed_ms, item);
    }

    pub fn now_ms(&self) -> i64 {
        self.start_ms + self.began.elapsed().as_millis() as i64
    }

    /// The requests of windows so far; the probe is none.
    pub fn windows(&self) -> Vec<Asked> {
        let asked = self.asked.lock().unwrap();
        asked
            .iter()
            .filter(|asked| asked.end_ms.is_some())
            .cloned()
            .collect()
    }

    fn answer(&self, request: &Request) -> Answer {
        if request.operation == Operation::Token {
            let number = self.tokens.fetch_add(1, Ordering::Relaxed);
            return answer(
                200,
                format!(r#"{{"access_token":"t{number}","expires_in":86400}}"#),
            );
        }
        if request.operation == Operation::Ongoing {
            let mut pairs = request.url.query_pairs();
            let page = pairs.find_map(|(name, value)| (name == "page").then(|| value.parse()));
            let page: usize = page.unwrap().unwrap();
            let answers = self.ongoing.lock().unwrap();
            let empty = || answer(200, r#"{"meta":{"pageCount":0},"items":[]}"#);
            return answers.get(page - 1).cloned().unwrap_or_else(empty);
        }
        let mut list = self.asked.lock().unwrap();
        let at_ms = self.now_ms() + self.skew_ms.load(Ordering::Relaxed);
        let asked = Asked::of(request, at_ms, list.len());
        list.push(asked.clone());
        drop(list);
        let mut items = self.items.lock().unwrap();
        let other = (self.hook.lock().unwrap())(&asked, &mut items);
        other.unwrap_or_else(|| answer(200, items.page(&asked).to_string()))
    }
}

impl Clock for FakeApi {
    fn local_ms(&self) -> i64 {
        self.now_ms()
    }
}

/// The transport to a fake API.
#[derive(Debug)]
pub struct FakeTransport(pub Arc<FakeApi>);

impl Transport for FakeTransport {
    fn send(&self, request: Request) -> ResponseFuture<'_> {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(40)).await;
            self.0.answer(&request)
        })
    }
}

/// Time passes.
pub async fn pass(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}
