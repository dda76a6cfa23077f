//! Puts a page of interactions together, and spoils it where the faults say so.
use serde_json::json;

use super::dice::Dice;
use super::faults::Faults;
use super::query::{Paging, Query};
use super::reply::{Delivery, Reply};
use super::shelf::Include;
use super::time::stamp;
use super::world::World;

/// The page this query asks for, at this server time.
pub(super) fn answer(
    world: &World,
    faults: &Faults,
    dice: &mut Dice,
    query: Query,
    now_ms: i64,
) -> Reply {
    let found = world.window(query.include, query.start_ms, query.end_ms);
    let places = query.paging.places(found.len());
    let first = places.start;
    let mut items = items(world, &found[places]);
    if dice.chance(faults.duplicate_items) && !items.is_empty() {
        let before = first
            .checked_sub(1)
            .and_then(|index| world.item(found[index]));
        let twice = items[dice.index(items.len())].clone();
        items.insert(0, before.filter(|_| dice.chance(0.5)).unwrap_or(twice));
    }
    if dice.chance(faults.unreadable_item) {
        items.push(unreadable(dice, &stamp(now_ms, 3)));
    }
    let clings = faults.sticky_malformed.as_ref().is_some_and(|sticky| {
        let names = |guid: &String| {
            items
                .iter()
                .any(|item| item.contains(&format!("\"guid\":\"{guid}\"")))
        };
        let overlaps = |(from, to): (i64, i64)| from < query.end_ms && query.start_ms < to;
        sticky.guid.as_ref().is_some_and(names) || sticky.window_ms.is_some_and(overlaps)
    });
    if dice.chance(faults.malformed_item) || clings {
        malform(&mut items, faults, dice);
    }
    let body = envelope(
        world,
        faults,
        dice,
        query.paging,
        found.len(),
        &items,
        now_ms,
    );
    travel(body, faults, dice)
}

/// The page of what is going on now that this asks for.
pub(super) fn ongoing(
    world: &World,
    faults: &Faults,
    dice: &mut Dice,
    paging: Paging,
    now_ms: i64,
) -> Reply {
    let found = world.ongoing();
    let items = items(world, &found[paging.places(found.len())]);
    let body = envelope(world, faults, dice, paging, found.len(), &items, now_ms);
    travel(body, faults, dice)
}

fn items(world: &World, ids: &[u64]) -> Vec<String> {
    ids.iter().filter_map(|id| world.item(*id)).collect()
}

fn envelope(
    world: &World,
    faults: &Faults,
    dice: &mut Dice,
    paging: Paging,
    found: usize,
    items: &[String],
    now_ms: i64,
) -> String {
    let (mut total, mut pages) = (found, found.div_ceil(paging.limit));
    if dice.chance(faults.lying_meta) {
        match dice.index(5) {
            0 => total = 0,
            1 => total = total.saturating_sub(1),
            2 => total += 1,
            3 => pages = 0,
            _ => pages += 1,
        }
    }
    let mut body = format!(
        r#"{{"meta":{{"page":{},"count":{},"pageCount":{pages},"totalCount":{total}}},"items":[{}]"#,
        paging.page,
        items.len(),
        items.join(",")
    );
    if !dice.chance(faults.missing_up_to) {
        body.push_str(&format!(r#","upTo":"{}""#, stamp(now_ms, 3)));
    }
    let latest = world
        .latest_update_ms()
        .filter(|_| !dice.chance(faults.missing_latest_update));
    if let Some(latest) = latest {
        body.push_str(&format!(r#","latestUpdate":"{}""#, stamp(latest, 3)));
    }
    body.push('}');
    body
}

/// What happens to a finished body on its way.
fn travel(body: String, faults: &Faults, dice: &mut Dice) -> Reply {
    if dice.chance(faults.not_json) {
        let page = "<!DOCTYPE html><html><head><title>Maintenance</title></head><body>Back soon</body></html>";
        let mut reply = Reply::json(200, page);
        reply.headers = vec![("content-type", "text/html".to_owned())];
        return reply;
    }
    let length = body.len();
    let mut reply =
        Reply::json(200, body).with("cache-control", "max-age=5, must-revalidate, private");
    if dice.chance(faults.slow_body) {
        reply.delivery = Delivery::Delayed(std::time::Duration::from_millis(faults.slow_body_ms));
    }
    if dice.chance(faults.cut_off) {
        reply.delivery = Delivery::CutOff(dice.index(length));
    }
    reply
}

/// Breaks one item as the published example is broken: a key's closing quote is an exclamation mark.
fn malform(items: &mut Vec<String>, faults: &Faults, dice: &mut Dice) {
    let named = faults
        .sticky_malformed
        .as_ref()
        .and_then(|sticky| sticky.guid.as_ref());
    let named = named.and_then(|guid| items.iter().position(|item| item.contains(guid)));
    let victim = named.unwrap_or_else(|| dice.index(items.len()));
    match items.get_mut(victim) {
        Some(item) => *item = item.replacen("\"guid\":", "\"guid!:", 1),
        None => items.push("{\"guid!:null}".to_owned()),
    }
}

/// JSON, but no interaction; whoever reads it can only reject it.
fn unreadable(dice: &mut Dice, now: &str) -> String {
    let guid = dice.guid();
    let item = match dice.index(6) {
        0 => {
            json!({"status": "Completed", "medium": "Phone", "start": now, "duration": 1000, "channels": []})
        }
        1 => {
            json!({"guid": guid, "status": "Completed", "start": 17, "duration": 1000, "channels": []})
        }
        2 => {
            json!({"guid": guid, "status": "Completed", "start": "garbage", "duration": 1000, "channels": []})
        }
        3 => {
            json!({"guid": guid, "status": "Completed", "start": now, "duration": 1000, "channels": "none"})
        }
        4 => {
            json!({"guid": "", "status": "Completed", "start": now, "duration": 1000, "channels": []})
        }
        _ => json!("not even an object"),
    };
    item.to_string()
}

/// Between two pages of a window, some of its items are processed anew, and an older one may join them.
pub(super) fn drift(world: &mut World, dice: &mut Dice, query: Query, now_ms: i64) {
    let here = world.window(Include::Processed, query.start_ms, query.end_ms);
    for _ in 0..dice.between(1, 3) {
        if let Some(id) = here.get(dice.index(here.len())) {
            world.process(*id, now_ms.max(query.end_ms));
        }
    }
    // A window that is over grows only where processed times lie before the moment of becoming visible.
    let joins_at = if query.end_ms > now_ms {
        Some(now_ms)
    } else if !world.config().premises.past_end_harmless && now_ms - query.end_ms < 60_000 {
        Some(query.end_ms - 1)
    } else {
        None
    };
    let older = world.window(
        Include::Processed,
        query.start_ms - 3_600_000,
        query.start_ms,
    );
    if let (Some(at_ms), Some(id)) = (joins_at, older.get(dice.index(older.len())))
        && at_ms >= query.start_ms
    {
        world.process(*id, at_ms);
    }
}
