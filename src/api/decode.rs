//! From the bytes of a page to interactions: what can be read is, and what cannot is rejected
//! with a reason, alone.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use serde_json::error::Category;

use super::gather::{Events, Item, Items};
use super::wire;
use crate::interaction::{
    ASSISTANT_RESULTS, Channel, Event, EventKind, Guid, Interaction, MAX_PARTS, Page,
    QUEUE_RESULTS, QueueDetails, Role, Status, stable_hash,
};
use crate::vocabulary::RecordRejectReason;

/// The magnitude of an offset that is believed, in milliseconds: two years. It keeps sums of
/// offsets and durations far from overflowing.
const MAX_OFFSET_MS: i64 = 2 * 366 * 24 * 3_600 * 1_000;

/// The body is not the JSON of a page, so nothing is known about what it left out.
#[derive(Debug)]
pub struct NotAPage {
    /// Where reading stopped and why, without any of the content.
    pub problem: String,
}

/// Reads a page.
///
/// # Errors
/// If the body is not JSON, or not an object that could be an envelope.
pub fn decode(body: &[u8]) -> Result<Page<'_>, NotAPage> {
    let read: Result<wire::Page<'_, Items<'_>>, _> = match std::str::from_utf8(body) {
        // Checked as a whole, UTF-8 is checked many times faster than string by string.
        Ok(text) => serde_json::from_str(text),
        // The flaw may be in what is skipped, so each string that is kept is checked by itself.
        Err(_) => serde_json::from_slice(body),
    };
    match read {
        Ok(page) => Ok(Page {
            interactions: page.items.interactions,
            rejected: page.items.rejected,
            ..envelope(page.meta, page.up_to, page.latest_update)
        }),
        // Some value has the wrong shape, or is no value at all (a number out of range, half a
        // surrogate pair): read the items one by one, so that only its own fails.
        Err(error) => decode_each(body).ok_or_else(|| not_a_page(&error)),
    }
}

fn decode_each(body: &[u8]) -> Option<Page<'_>> {
    let page = serde_json::from_slice::<wire::RawPage<'_>>(body).ok()?;
    let mut out = envelope(page.meta, page.up_to, page.latest_update);
    for raw in page.items.0 {
        take_text(&mut out, raw.get());
    }
    Some(out)
}

/// Reads one item's text into a page, or rejects it.
pub(super) fn take_text<'a>(out: &mut Page<'a>, text: &'a str) {
    match serde_json::from_str::<Item<'a>>(text).map(interaction) {
        Ok(Ok(interaction)) => out.interactions.push(interaction),
        Ok(Err(rejected)) => out.rejected.push(rejected),
        Err(_) if !text.trim_start().starts_with('{') => {
            out.rejected.push((RecordRejectReason::NotAnObject, None))
        }
        Err(error) if error.classify() == Category::Data => {
            out.rejected
                .push((RecordRejectReason::WrongType, guid_of(text)));
        }
        Err(_) => out.rejected.push((RecordRejectReason::Malformed, None)),
    }
}

fn guid_of(text: &str) -> Option<Guid> {
    #[derive(serde::Deserialize)]
    struct OnlyGuid<'a> {
        #[serde(borrow)]
        guid: Option<wire::Str<'a>>,
    }
    let item: OnlyGuid<'_> = serde_json::from_str(text).ok()?;
    Guid::parse(&item.guid?.0)
}

/// The message names a line and a column; serde_json's texts for syntax hold no content.
fn not_a_page(error: &serde_json::Error) -> NotAPage {
    let problem = match error.classify() {
        Category::Data => {
            format!(
                "its envelope has the wrong shape at line {} column {}",
                error.line(),
                error.column()
            )
        }
        _ => error.to_string(),
    };
    NotAPage { problem }
}

fn envelope<'a>(
    meta: Option<wire::Meta>,
    up_to: Option<wire::Str<'_>>,
    latest_update: Option<wire::Str<'_>>,
) -> Page<'a> {
    let meta = meta.unwrap_or_default();
    Page {
        up_to_ms: up_to.and_then(|text| parse_time(&text.0)),
        latest_update_ms: latest_update.and_then(|text| parse_time(&text.0)),
        count: meta.count.map(|n| n.0),
        page_count: meta.page_count.map(|n| n.0),
        total_count: meta.total_count.map(|n| n.0),
        interactions: Vec::new(),
        rejected: Vec::new(),
    }
}

/// What an item says, or why it is rejected.
pub(super) fn interaction(
    item: Item<'_>,
) -> Result<Interaction<'_>, (RecordRejectReason, Option<Guid>)> {
    let guid = item
        .guid
        .filter(|text| !text.0.is_empty())
        .ok_or((RecordRejectReason::MissingGuid, None))?;
    let guid = Guid::parse(&guid.0).ok_or((RecordRejectReason::BadGuid, None))?;
    let start = item
        .start
        .ok_or((RecordRejectReason::MissingStart, Some(guid)))?;
    let start_ms = parse_time(&start.0).ok_or((RecordRejectReason::BadStart, Some(guid)))?;
    let channels = item.channels.unwrap_or_default();
    if channels.parts > MAX_PARTS {
        return Err((RecordRejectReason::TooManyParts, Some(guid)));
    }
    Ok(Interaction {
        guid,
        conversation: item.conversation_guid.and_then(|text| Guid::parse(&text.0)),
        status: item.status.map_or(Status::Unknown, |text| status(&text.0)),
        start_ms,
        duration_ms: item.duration.map(|n| n.0),
        handle_ms: item.handle_time.map(|n| n.0),
        talk_ms: item.talk_time.map(|n| n.0),
        categorized: item
            .categorized_at
            .filter(|text| !text.0.is_empty())
            .map(|text| parse_time(&text.0).ok_or(())),
        medium: text(item.medium),
        medium_manager: text(item.medium_manager),
        direction: text(item.direction).map(canonical_direction),
        outcome: text(item.outcome),
        reporting_group: item
            .interaction_plan_mapping
            .and_then(|plan| text(plan.reporting_group)),
        channels: channels.list,
    })
}

/// How much an event holds: itself, and what is listed in it.
pub(super) fn parts_of(event: &wire::Event<'_>) -> usize {
    event.properties.as_ref().map_or(1, |lists| {
        1 + lists.virtual_queues.0.len() + lists.presented_skills.0.len() + lists.targets.0.len()
    })
}

/// An empty string says as little as null.
fn text(value: Option<wire::Str<'_>>) -> Option<Cow<'_, str>> {
    value.map(|text| text.0).filter(|text| !is_blank(text))
}

fn is_blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}

fn status(text: &str) -> Status {
    match text {
        t if t.eq_ignore_ascii_case("Completed") => Status::Completed,
        t if t.eq_ignore_ascii_case("Ongoing") => Status::Ongoing,
        t if t.eq_ignore_ascii_case("InternalError") => Status::InternalError,
        _ => Status::Unknown,
    }
}

/// Documented words keep their documented spelling whatever their letter case, so that they stay
/// one label value.
fn canonical<'a>(text: Cow<'a, str>, documented: &[&'static str]) -> Cow<'a, str> {
    match documented
        .iter()
        .find(|word| text.eq_ignore_ascii_case(word))
    {
        Some(word) => Cow::Borrowed(word),
        None => text,
    }
}

fn canonical_direction(text: Cow<'_, str>) -> Cow<'_, str> {
    canonical(text, &["Inbound", "Outbound", "Internal"])
}

/// The channel at this place of its interaction.
pub(super) fn channel<'a>(index: usize, channel: wire::Channel<'a, Events<'a>>) -> Channel<'a> {
    let (party_id, role) = channel
        .party
        .map_or((None, None), |party| (text(party.id), text(party.role)));
    Channel {
        // A channel without a guid is known by its place.
        id: channel
            .guid
            .map_or(index as u64, |guid| stable_hash(&guid.0)),
        role: role.map_or(Role::Absent, |text| match &*text {
            t if t.eq_ignore_ascii_case("External") => Role::External,
            t if t.eq_ignore_ascii_case("Agent") => Role::Agent,
            t if t.eq_ignore_ascii_case("Monitor") => Role::Monitor,
            _ => Role::Other(text),
        }),
        party: party_id.as_deref().map(stable_hash),
        party_id,
        offset_ms: offset(channel.offset),
        duration_ms: channel.duration.map(|n| n.0),
        handle_ms: channel.handle_time.map(|n| n.0),
        end_reason: text(channel.end_reason),
        integration: loose(channel.integration_type),
        events: channel.events.unwrap_or_default().list,
    }
}

fn offset(offset: Option<wire::Int>) -> i64 {
    offset.map_or(0, |n| n.0.clamp(-MAX_OFFSET_MS, MAX_OFFSET_MS))
}

/// The event, with the one property that something is counted by.
pub(super) fn event(event: wire::Event<'_>) -> Event<'_> {
    let kind_text = text(event.kind);
    let kind = kind_text.as_deref().map_or(EventKind::Other, kind_of);
    let properties = event.properties.unwrap_or_default();
    let value = match kind {
        EventKind::Queue | EventKind::AgentQueue => {
            loose(properties.result).map(|text| canonical(text, &QUEUE_RESULTS))
        }
        EventKind::VirtualAssistant => {
            loose(properties.result).map(|text| canonical(text, &ASSISTANT_RESULTS))
        }
        EventKind::Held | EventKind::Monitoring | EventKind::DeliveryFailed => {
            loose(properties.kind)
        }
        EventKind::Disposition => loose(properties.disposition),
        EventKind::CallRating | EventKind::AudioProblemReported => loose(properties.classification),
        EventKind::Applet | EventKind::VoicemailRecording => loose(properties.applet_type),
        EventKind::InteractionPlan => loose(properties.reporting_group),
        EventKind::Other => kind_text,
        EventKind::Ringing
        | EventKind::Connected
        | EventKind::Wrap
        | EventKind::CallRecording
        | EventKind::DataSourceValueAcquired => None,
    };
    let queued = matches!(kind, EventKind::Queue | EventKind::AgentQueue);
    Event {
        kind,
        offset_ms: offset(event.offset),
        duration_ms: event.duration.map(|n| n.0),
        name: text(event.name),
        value,
        messages: loose(properties.message_count).and_then(|text| text.trim().parse().ok()),
        queue: queued.then(|| {
            Box::new(queue_details(
                properties.virtual_queues,
                properties.targets,
                properties.presented_skills,
            ))
        }),
    }
}

/// Types are compared without their letter case: relatives of this API write them in lower case.
fn kind_of(text: &str) -> EventKind {
    let documented = EventKind::DOCUMENTED.iter().copied();
    // Almost all are spelt as documented, and that is quicker to see.
    documented
        .clone()
        .find(|kind| kind.name() == text)
        .or_else(|| {
            documented
                .clone()
                .find(|kind| kind.name().eq_ignore_ascii_case(text))
        })
        .unwrap_or(EventKind::Other)
}

fn loose(value: wire::Loose<'_>) -> Option<Cow<'_, str>> {
    value.0.filter(|text| !is_blank(text))
}

fn queue_details<'a>(
    virtual_queues: wire::List<wire::Str<'a>>,
    targets: wire::List<wire::Target<'a>>,
    skills: wire::List<wire::Str<'a>>,
) -> QueueDetails<'a> {
    let texts = |list: wire::List<_>| list.0.into_iter().filter_map(|t| text(Some(t))).collect();
    let mut queues: Vec<Cow<'_, str>> = texts(virtual_queues);
    // One wait counts once per distinct queue it names.
    let mut seen = 0;
    while seen < queues.len() {
        if queues[..seen].contains(&queues[seen]) {
            queues.remove(seen);
        } else {
            seen += 1;
        }
    }
    QueueDetails {
        virtual_queues: queues,
        targets: (targets.0.into_iter())
            .filter_map(|t| Some((text(t.virtual_queue)?, t.target_time_to_answer?.0)))
            .collect(),
        skills: texts(skills),
    }
}

/// Reads a time as the API and its relatives write it: ISO 8601 with 0 to 9 fractional digits,
/// with `Z`, an offset or nothing (taken as UTC), or a date alone. Unix milliseconds.
pub fn parse_time(text: &str) -> Option<i64> {
    let text = text.trim();
    let ms = if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        time.timestamp_millis()
    } else if let Ok(time) = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f") {
        time.and_utc().timestamp_millis()
    } else {
        let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
        date.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis()
    };
    BELIEVED_MS.contains(&ms).then_some(ms)
}

/// Times from 1970 to 2200; others are errors, and sums with them could overflow.
const BELIEVED_MS: std::ops::Range<i64> = 0..7_258_118_400_000;

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str =
        r#"{"guid":"016f7e44-7525-4e37-b0db-5dd09afe592e","start":"2020-01-07T12:48:48.023Z"}"#;

    #[test]
    fn a_value_that_is_none_costs_its_record_and_no_neighbour() {
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        for (value, reason) in [
            ("1e999", RecordRejectReason::Malformed),
            (r#""\ud800""#, RecordRejectReason::Malformed),
            ("{}", RecordRejectReason::WrongType),
            ("true", RecordRejectReason::WrongType),
            (deep.as_str(), RecordRejectReason::WrongType),
        ] {
            let value = value.replace("\\\\", "\\");
            let bad = GOOD.replace("\"start\"", &format!("\"duration\":{value},\"start\""));
            let body =
                format!(r#"{{"items":[{GOOD},{bad},{GOOD}],"upTo":"2020-01-07T13:00:00Z"}}"#);
            let page = decode(body.as_bytes()).unwrap();
            assert_eq!(page.interactions.len(), 2, "{value}");
            assert_eq!(page.rejected[0].0, reason, "{value}");
        }
    }

    #[test]
    fn times_are_read_in_every_spelling() {
        let expected = Some(1_578_401_328_000);
        for text in [
            "2020-01-07T12:48:48Z",
            "2020-01-07T12:48:48.0000000Z",
            "2020-01-07T12:48:48",
            "2020-01-07T12:48:48.000",
            "2020-01-07T13:48:48+01:00",
            " 2020-01-07T12:48:48Z ",
        ] {
            assert_eq!(parse_time(text), expected, "{text}");
        }
        assert_eq!(parse_time("2020-01-07"), Some(1_578_355_200_000));
        for text in [
            "",
            "yesterday",
            "0001-01-01T00:00:00Z",
            "9999-12-31T00:00:00Z",
            "2020-13-01",
        ] {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }
}
