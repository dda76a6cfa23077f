//! Assembles a page of interactions, with the faults that spoil it.
use std::time::Duration;

use serde_json::json;

use super::faults::Faults;
use super::query::{Paging, Query};
use super::reply::{Delivery, Reply};
use crate::rng::SimRng;
use crate::time::stamp;
use crate::timeline::{Include, Timeline};

/// A page to assemble. Each method draws random numbers, so the order of the calls decides the result.
pub(super) struct Page<'a> {
    pub(super) timeline: &'a Timeline,
    pub(super) faults: &'a Faults,
    pub(super) rng: &'a mut SimRng,
    pub(super) paging: Paging,
    pub(super) now_ms: i64,
}

impl Page<'_> {
    /// The page of a window.
    pub(super) fn interactions(mut self, query: Query) -> Reply {
        let found = self
            .timeline
            .window(query.include, query.start_ms, query.end_ms);
        let places = self.paging.places(found.len());
        let first = places.start;
        let mut items = self.items(&found[places]);
        if self.rng.chance(self.faults.duplicate_items) && !items.is_empty() {
            let before = first.checked_sub(1).map(|index| found[index]);
            self.duplicate_item(&mut items, before);
        }
        if self.rng.chance(self.faults.unreadable_item) {
            items.push(unreadable_item(self.rng, &stamp(self.now_ms, 3)));
        }
        let sticks = sticks(self.faults, query, &items);
        if self.rng.chance(self.faults.malformed_item) || sticks {
            self.malform(&mut items);
        }
        let body = self.envelope(found.len(), &items);
        self.deliver(body)
    }

    /// The page of the ongoing interactions.
    pub(super) fn ongoing(mut self) -> Reply {
        let found = self.timeline.ongoing();
        let items = self.items(&found[self.paging.places(found.len())]);
        let body = self.envelope(found.len(), &items);
        self.deliver(body)
    }

    fn items(&self, ids: &[u64]) -> Vec<String> {
        let items = ids.iter().filter_map(|id| self.timeline.item(*id));
        items.collect()
    }

    /// Puts one of the items, or the last item of the page before, in front of them.
    fn duplicate_item(&mut self, items: &mut Vec<String>, before: Option<u64>) {
        let before = before.and_then(|id| self.timeline.item(id));
        let twice = items[self.rng.index(items.len())].clone();
        let before = before.filter(|_| self.rng.chance(0.5));
        items.insert(0, before.unwrap_or(twice));
    }

    /// Breaks one item as the published example is broken: a key's closing quote is an exclamation mark.
    fn malform(&mut self, items: &mut Vec<String>) {
        let sticky = self.faults.sticky_malformed.as_ref();
        let guid = sticky.and_then(|sticky| sticky.guid.as_ref());
        let named = guid.and_then(|guid| items.iter().position(|item| item.contains(guid)));
        let index = named.unwrap_or_else(|| self.rng.index(items.len()));
        match items.get_mut(index) {
            Some(item) => *item = item.replacen("\"guid\":", "\"guid!:", 1),
            None => items.push("{\"guid!:null}".to_owned()),
        }
    }

    fn envelope(&mut self, found: usize, items: &[String]) -> String {
        let (mut total, mut pages) = (found, found.div_ceil(self.paging.limit));
        if self.rng.chance(self.faults.lying_meta) {
            match self.rng.index(5) {
                0 => total = 0,
                1 => total = total.saturating_sub(1),
                2 => total += 1,
                3 => pages = 0,
                _ => pages += 1,
            }
        }
        let mut body = format!(
            r#"{{"meta":{{"page":{},"count":{},"pageCount":{pages},"totalCount":{total}}},"items":[{}]"#,
            self.paging.page,
            items.len(),
            items.join(",")
        );
        if !self.rng.chance(self.faults.missing_up_to) {
            body.push_str(&format!(r#","upTo":"{}""#, stamp(self.now_ms, 3)));
        }
        let latest = self
            .timeline
            .latest_update_ms()
            .filter(|_| !self.rng.chance(self.faults.missing_latest_update));
        if let Some(latest) = latest {
            body.push_str(&format!(r#","latestUpdate":"{}""#, stamp(latest, 3)));
        }
        body.push('}');
        body
    }

    /// The reply with this body, unless it is replaced, delayed or truncated.
    fn deliver(&mut self, body: String) -> Reply {
        if self.rng.chance(self.faults.not_json) {
            let page = "<!DOCTYPE html><html><head><title>Maintenance</title></head><body>Back soon</body></html>";
            let mut reply = Reply::json(200, page);
            reply.headers = vec![("content-type", "text/html".to_owned())];
            return reply;
        }
        let length = body.len();
        let mut reply =
            Reply::json(200, body).with("cache-control", "max-age=5, must-revalidate, private");
        if self.rng.chance(self.faults.slow_body) {
            reply.delivery = Delivery::Delayed(Duration::from_millis(self.faults.slow_body_ms));
        }
        if self.rng.chance(self.faults.cut_off) {
            reply.delivery = Delivery::Truncated(self.rng.index(length));
        }
        reply
    }
}

/// Whether the sticky fault malforms this page.
fn sticks(faults: &Faults, query: Query, items: &[String]) -> bool {
    let Some(sticky) = &faults.sticky_malformed else {
        return false;
    };
    let on_page = |guid: &String| {
        let guid = format!("\"guid\":\"{guid}\"");
        items.iter().any(|item| item.contains(&guid))
    };
    let overlaps = |(from, to): (i64, i64)| from < query.end_ms && query.start_ms < to;
    sticky.guid.as_ref().is_some_and(on_page) || sticky.window_ms.is_some_and(overlaps)
}

/// An item that is JSON but no interaction: a reader can only reject it.
fn unreadable_item(rng: &mut SimRng, now: &str) -> String {
    let guid = rng.guid();
    let mut item = json!({"status": "Completed", "start": now, "duration": 1000, "channels": []});
    let fault = rng.index(6);
    if fault > 0 {
        item["guid"] = json!(guid);
    }
    match fault {
        0 => item["medium"] = json!("Phone"),
        1 => item["start"] = json!(17),
        2 => item["start"] = json!("garbage"),
        3 => item["channels"] = json!("none"),
        4 => item["guid"] = json!(""),
        _ => item = json!("not even an object"),
    }
    item.to_string()
}

/// Processes some items of the window again between two of its pages; an older item may join the window.
pub(super) fn drift(timeline: &mut Timeline, rng: &mut SimRng, query: Query, now_ms: i64) {
    let here = timeline.window(Include::Processed, query.start_ms, query.end_ms);
    for _ in 0..rng.between(1, 3) {
        if let Some(id) = here.get(rng.index(here.len())) {
            timeline.process(*id, now_ms.max(query.end_ms));
        }
    }
    // A window in the past grows only where processed times lie before the moment of becoming visible.
    let joins_at = if query.end_ms > now_ms {
        Some(now_ms)
    } else if !timeline.config().assumptions.past_end_harmless && now_ms - query.end_ms < 60_000 {
        Some(query.end_ms - 1)
    } else {
        None
    };
    let older = timeline.window(
        Include::Processed,
        query.start_ms - 3_600_000,
        query.start_ms,
    );
    if let (Some(at_ms), Some(id)) = (joins_at, older.get(rng.index(older.len())))
        && at_ms >= query.start_ms
    {
        timeline.process(*id, at_ms);
    }
}
