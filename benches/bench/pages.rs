//! Pages as a catch-up reads them: every interaction over and complete, every guid new.
//!
//! The simulator tells its stories once; after that only identities and dates are replaced, so
//! that making a page costs a fraction of taking it in.

use std::io::Write;

use bytes::Bytes;
use chrono::{DateTime, Days, NaiveDate};
use vcc_core::interaction::Guid;
use vcc_simulator::{DAY_MS, HOUR_MS, Include, SimulatorConfig, Timeline};
use vcc_vonage::decode;

/// Items a page: the most the API gives.
pub const PAGE: usize = 5_000;

/// When the stories of the first round begin: 2026-01-01.
pub const START_MS: i64 = 1_767_225_600_000;

/// Later than anything in any page.
pub const UP_TO_MS: i64 = START_MS + 3_000 * DAY_MS;

/// What differs from round to round.
#[derive(Debug)]
enum Hole {
    Guid(Guid),
    Conversation(Guid),
    Date(NaiveDate),
}

#[derive(Debug)]
struct Template {
    parts: Vec<(String, Hole)>,
    tail: String,
}

/// An endless supply of pages.
#[derive(Debug)]
pub struct Pages {
    templates: Vec<Template>,
    next: usize,
}

impl Pages {
    /// Pages out of this many different stories.
    pub fn new(stories: usize) -> Self {
        let defaults = SimulatorConfig::default();
        let mut timeline = Timeline::new(SimulatorConfig {
            start_ms: START_MS,
            stop_ms: Some(START_MS + 8 * HOUR_MS),
            // More than are needed, because some stories never complete.
            per_hour: stories as f64 / 8.0 * 1.5,
            day_length_ms: 0,
            queues: super::knob("VCC_BENCH_QUEUES", defaults.queues),
            ..defaults
        });
        timeline.settle(START_MS + 40 * DAY_MS);
        let ids = timeline.window(Include::Started, 0, i64::MAX);
        let templates: Vec<_> = (ids.iter())
            .filter_map(|id| Template::new(&timeline.item(*id)?))
            .take(stories)
            .collect();
        assert_eq!(templates.len(), stories, "the timeline is too small");
        Pages { templates, next: 0 }
    }

    /// The next page.
    pub fn page(&mut self) -> Bytes {
        let mut out = Vec::with_capacity(PAGE * 4_000);
        out.extend_from_slice(b"{\"meta\":{\"page\":1,\"count\":5000,\"pageCount\":1,");
        out.extend_from_slice(b"\"totalCount\":5000},\"items\":[");
        for index in 0..PAGE {
            if index > 0 {
                out.push(b',');
            }
            let round = self.next / self.templates.len();
            self.templates[self.next % self.templates.len()].write(&mut out, round as u64);
            self.next += 1;
        }
        let up_to = DateTime::from_timestamp_millis(UP_TO_MS).unwrap();
        let up_to = up_to.format("%Y-%m-%dT%H:%M:%S%.3fZ");
        write!(out, "],\"upTo\":\"{up_to}\",\"latestUpdate\":\"{up_to}\"}}").unwrap();
        out.into()
    }
}

impl Template {
    /// A template of an item that is complete; of others none.
    fn new(item: &str) -> Option<Template> {
        let page = format!("{{\"items\":[{item}]}}");
        let page = decode(page.as_bytes()).ok()?;
        let known = page.interactions.first().filter(|it| it.is_complete())?;
        let conversation = known.conversation?;
        let mut template = Template {
            parts: Vec::new(),
            tail: item.to_owned(),
        };
        // Always the leftmost hole, so that what is before it is final.
        while let Some((at, length, hole)) = next_hole(&template.tail, known.guid, conversation) {
            let rest = template.tail.split_off(at + length);
            template.tail.truncate(at);
            template
                .parts
                .push((std::mem::replace(&mut template.tail, rest), hole));
        }
        Some(template)
    }

    /// Each round is a day later than the one before.
    fn write(&self, out: &mut Vec<u8>, round: u64) {
        for (text, hole) in &self.parts {
            out.extend_from_slice(text.as_bytes());
            match hole {
                // The API's guids begin with 48 bits of time.
                Hole::Guid(guid) => {
                    let days = u128::from(round * DAY_MS as u64);
                    write!(out, "{}", Guid(guid.0 + (days << 80)))
                }
                // Conversations' guids are random from the first digit on.
                Hole::Conversation(guid) => {
                    let mixed = (round + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                    write!(out, "{}", Guid(guid.0 ^ u128::from(mixed) << 64))
                }
                Hole::Date(date) => write!(out, "{}", *date + Days::new(round)),
            }
            .unwrap();
        }
        out.extend_from_slice(self.tail.as_bytes());
    }
}

fn next_hole(text: &str, guid: Guid, conversation: Guid) -> Option<(usize, usize, Hole)> {
    let guids = [
        (guid, Hole::Guid as fn(Guid) -> Hole),
        (conversation, Hole::Conversation),
    ];
    let guids = guids.into_iter().filter_map(|(guid, hole)| {
        let shown = guid.to_string();
        Some((text.find(&shown)?, shown.len(), hole(guid)))
    });
    let dates = ["\"start\":\"", "\"categorizedAt\":\""];
    let dates = dates.into_iter().filter_map(|key| {
        let at = text.find(key)? + key.len();
        let date = NaiveDate::parse_from_str(&text[at..at + 10], "%Y-%m-%d").unwrap();
        Some((at, 10, Hole::Date(date)))
    });
    guids.chain(dates).min_by_key(|(at, _, _)| *at)
}
