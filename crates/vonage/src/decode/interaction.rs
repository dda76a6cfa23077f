//! Interactions, decoded while they are parsed.

use super::super::wire::{
    self,
    seq::{Seq, SeqSink},
};
use super::channel::Channels;
use super::text::{canonical, text};
use super::time::parse_time;
use vcc_core::interaction::{Guid, Interaction, MAX_PARTS, Status};
use vcc_core::vocabulary::RecordRejectReason;

/// The most items of a page: twice what the API returns at most. A body of nothing but commas and
/// zeros must not become gigabytes.
pub(crate) const MAX_ITEMS: usize = 10_000;

const DIRECTIONS: [&str; 3] = ["Inbound", "Outbound", "Internal"];

/// An item whose channels are decoded already.
pub(super) type Item<'a> = wire::Item<'a, Seq<Channels<'a>>>;

/// The interactions of a page, and why the others were rejected.
#[derive(Debug, Default)]
pub(super) struct Items<'a> {
    pub(super) interactions: Vec<Interaction<'a>>,
    pub(super) rejected: Vec<(RecordRejectReason, Option<Guid>)>,
}

impl<'de: 'a, 'a> SeqSink<'de> for Items<'a> {
    type Element = Item<'a>;

    fn push(&mut self, item: Item<'a>) {
        match interaction(item) {
            Ok(interaction) => self.interactions.push(interaction),
            Err(rejected) => self.rejected.push(rejected),
        }
    }

    fn has_room(&self) -> bool {
        self.interactions.len() + self.rejected.len() < MAX_ITEMS
    }
}

/// The interaction of an item, or why it is rejected.
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
    let channels = item.channels.unwrap_or_default().0;
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
        direction: text(item.direction).map(|text| canonical(text, &DIRECTIONS)),
        outcome: text(item.outcome),
        reporting_group: item
            .interaction_plan_mapping
            .and_then(|plan| text(plan.reporting_group)),
        channels: channels.list,
    })
}

fn status(text: &str) -> Status {
    match text {
        t if t.eq_ignore_ascii_case("Completed") => Status::Completed,
        t if t.eq_ignore_ascii_case("Ongoing") => Status::Ongoing,
        t if t.eq_ignore_ascii_case("InternalError") => Status::InternalError,
        _ => Status::Unknown,
    }
}
