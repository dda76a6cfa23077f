//! What the ledger remembers of one interaction: which of its facts were counted, and the values
//! they were counted with.

use crate::interaction::{Channel, EventKind, Interaction};
use crate::labels::LabelId;

use super::fingerprint::fact_code;

/// How many contradictions and rejections of one interaction are told apart; more of them are no
/// longer counted. A row must stay small whatever the API does.
const MAX_DISPUTES: usize = 64;

/// How far an interaction is, in the ledger's eyes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It has not ended.
    Open,
    /// It has ended; only late facts can follow.
    Closed,
    /// Without news for too long. It may still end.
    Expired,
}

/// A fact of the interaction as a whole; each is settled at most once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum InteractionFact {
    /// It started.
    Started,
    /// It was the first seen of its conversation, or not.
    Conversation,
    /// It ended.
    Ended,
    /// Its duration was observed.
    Duration,
    /// Its talk time was observed.
    Talk,
    /// Its handle time was observed.
    Handle,
    /// It was categorised.
    Categorized,
    /// It expired.
    Expired,
}

/// A fact of a channel; each is settled at most once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ChannelFact {
    /// It ended.
    End,
    /// That end counted, so that a contradiction of it is one.
    EndCounted,
    /// The interaction was offered to an agent, with this or that result.
    Offer,
    /// The agent's handle time was observed.
    Handle,
    /// That handle time counted.
    HandleCounted,
    /// An outside party was dialled.
    Attempt,
}

/// A fact of an event; each is settled at most once. Which an event has depends on its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum EventFact {
    /// It happened: a queue was entered, an applet ran, a rating was given.
    Seen,
    /// That counted, so that a contradiction of it is one.
    SeenCounted,
    /// It has its result: a queue was left, a session finished.
    Done,
    /// That counted.
    DoneCounted,
    /// Its duration was observed.
    Measured,
    /// That counted.
    MeasuredCounted,
    /// What it lists was counted: a queue's skills, an assistant's messages.
    Extra,
    /// It finished, as an event like any other.
    Finished,
}

/// The labels of an interaction, frozen when it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FinalLabels {
    /// Medium.
    pub medium: LabelId,
    /// Direction.
    pub direction: LabelId,
    /// Outcome.
    pub outcome: LabelId,
    /// The interaction's own virtual queue.
    pub virtual_queue: LabelId,
    /// Reporting group.
    pub reporting_group: LabelId,
}

/// A channel as it was counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelRecord {
    /// The channel's hash.
    pub channel: u32,
    processed: u8,
    /// A print of its end reason, once its end counted with one; else 0.
    pub end_reason: u16,
    /// A print of its handle time, once that counted; else 0.
    pub handle: u16,
    /// Its events.
    pub events: Vec<EventRecord>,
}

/// An event as it was counted. Prints stand for values, because all a row must tell is whether a
/// later version says something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRecord {
    /// What kind of event.
    pub kind: EventKind,
    processed: u8,
    /// A print of where it stands: its offset and its name.
    pub place: u16,
    /// A print of its value, once it counted with one; else 0.
    pub value: u16,
    /// A print of its duration, once that counted; else 0.
    pub duration: u16,
}

/// A short stand-in for a value, never 0: a row has dozens, for weeks. One in 65,536 contradictions
/// has the print of what it contradicts and is not seen as one; no count depends on it.
pub(super) fn fingerprint(value: u64) -> u16 {
    let mixed = (value ^ value >> 31).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((mixed >> 48) as u16).max(1)
}

/// The ledger's row of one interaction.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// How far it is.
    pub phase: Phase,
    /// Server time of the last news, in seconds, rounded up.
    pub news_s: u32,
    /// Its start as first seen, Unix milliseconds.
    pub start_ms: i64,
    /// The ledger's horizon when the row was born: what happened no later may have been counted in
    /// an earlier row of this interaction.
    pub eviction_watermark_ms: Option<i64>,
    processed: u8,
    /// Its labels, once it has ended.
    pub final_labels: Option<FinalLabels>,
    /// Duration, talk time, handle time and time of categorisation as counted, in milliseconds.
    pub counted: [Option<i64>; 4],
    /// Its channels.
    pub channels: Vec<ChannelRecord>,
    disputes: Vec<u32>,
    /// While it is open: when a final status was first seen.
    pub first_final_ms: Option<i64>,
    /// While it is open: the join of its versions. Boxed, because most rows have none and are moved
    /// about while a page is planned.
    pub open: Option<Box<Interaction<'static>>>,
}

impl Record {
    /// The row of an interaction seen for the first time.
    pub fn new(start_ms: i64, horizon_ms: Option<i64>) -> Self {
        Record {
            eviction_watermark_ms: horizon_ms,
            phase: Phase::Open,
            news_s: 0,
            start_ms,
            processed: 0,
            final_labels: None,
            counted: [None; 4],
            channels: Vec::new(),
            disputes: Vec::new(),
            first_final_ms: None,
            open: None,
        }
    }

    /// The place of a channel's mark, which it gets if it has none.
    pub fn record_of(&mut self, channel: &Channel<'_>) -> usize {
        let id = channel.id as u32;
        let known = self.channels.iter().position(|mark| mark.channel == id);
        known.unwrap_or_else(|| {
            self.channels.push(ChannelRecord::new(id));
            self.channels.len() - 1
        })
    }

    /// Whether a fact is settled: counted, or found not to count.
    pub fn is_processed(&self, fact: InteractionFact) -> bool {
        self.processed & (1 << fact as u8) != 0
    }

    /// Settles a fact.
    pub fn mark_processed(&mut self, fact: InteractionFact) {
        self.processed |= 1 << fact as u8;
    }

    /// Remembers a contradiction or rejection, of which fact or for which reason; whether it is a
    /// new one.
    pub fn record_correction(&mut self, fact: &str, detail: u64) -> bool {
        // 32 bits tell a handful of values of one interaction apart.
        let mixed = (detail ^ fact_code(fact) << 56).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let print = (mixed >> 32) as u32;
        if self.disputes.len() >= MAX_DISPUTES || self.disputes.contains(&print) {
            return false;
        }
        self.disputes.push(print);
        true
    }

    /// The contradictions and rejections remembered, each as a number.
    pub fn fingerprints(&self) -> &[u32] {
        &self.disputes
    }

    /// Remembers these contradictions and rejections.
    pub fn set_fingerprints(&mut self, fingerprints: Vec<u32>) {
        self.disputes = fingerprints;
    }

    /// Notes when something new was heard.
    pub fn touch(&mut self, now_ms: i64) {
        let seconds = now_ms.max(0).div_euclid(1_000) + 1;
        self.news_s = self.news_s.max(u32::try_from(seconds).unwrap_or(u32::MAX));
    }

    /// The time of the last news, in milliseconds.
    pub fn last_update_ms(&self) -> i64 {
        i64::from(self.news_s) * 1_000
    }
}

impl ChannelRecord {
    /// A channel seen for the first time.
    pub fn new(channel: u32) -> Self {
        ChannelRecord {
            channel,
            processed: 0,
            end_reason: 0,
            handle: 0,
            events: Vec::new(),
        }
    }

    /// Whether a fact is settled.
    pub fn is_processed(&self, fact: ChannelFact) -> bool {
        self.processed & (1 << fact as u8) != 0
    }

    /// Settles a fact.
    pub fn mark_processed(&mut self, fact: ChannelFact) {
        self.processed |= 1 << fact as u8;
    }
}

impl EventRecord {
    /// An event seen for the first time.
    pub fn new(kind: EventKind, place: u16) -> Self {
        EventRecord {
            kind,
            processed: 0,
            place,
            value: 0,
            duration: 0,
        }
    }

    /// Whether a fact is settled.
    pub fn is_processed(&self, fact: EventFact) -> bool {
        self.processed & (1 << fact as u8) != 0
    }

    /// Settles a fact.
    pub fn mark_processed(&mut self, fact: EventFact) {
        self.processed |= 1 << fact as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dispute_counts_once_and_their_number_is_bounded() {
        let mut record = Record::new(0, None);
        assert!(record.record_correction("ended", 7));
        assert!(!record.record_correction("ended", 7));
        assert!(record.record_correction("wait", 7));
        let more = (0..100)
            .filter(|n| record.record_correction("duration", *n))
            .count();
        assert_eq!(more, MAX_DISPUTES - 2);
    }

    #[test]
    fn news_is_rounded_up_so_that_it_is_never_before_the_fact() {
        let mut record = Record::new(0, None);
        record.touch(1_001);
        assert!(record.last_update_ms() > 1_001);
        record.touch(500);
        assert_eq!(record.last_update_ms(), 2_000);
    }
}
