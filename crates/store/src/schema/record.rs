//! A row of the ledger as it is stored.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::codes::{Coded, decoded, each_fact, facts, label_code, label_value};
use super::interaction::{StoredInteraction, interaction};
use super::{EncodingError, from_bytes, to_buffer};
use vcc_core::ledger::{ChannelRecord, EventRecord, FinalLabels, Phase, Record};

/// What a row begins with, so that a scan reads no more of it.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct StoredRowHeader {
    pub(super) phase: u8,
    pub(super) news_s: u32,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct StoredRecord<'a> {
    pub(super) header: StoredRowHeader,
    pub(super) start_ms: i64,
    pub(super) horizon_ms: Option<i64>,
    pub(super) settled: u8,
    pub(super) frozen: Option<StoredFinalLabels>,
    pub(super) counted: StoredCounted,
    pub(super) channels: Vec<StoredChannelRecord>,
    pub(super) fingerprints: Cow<'a, [u32]>,
    pub(super) first_final_ms: Option<i64>,
    pub(super) open: Option<StoredInteraction<'a>>,
}

/// Label values, as numbers: see `codes`.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct StoredFinalLabels {
    pub(super) medium: u32,
    pub(super) direction: u32,
    pub(super) outcome: u32,
    pub(super) virtual_queue: u32,
    pub(super) reporting_group: u32,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct StoredCounted {
    pub(super) duration_ms: Option<i64>,
    pub(super) talk_ms: Option<i64>,
    pub(super) handle_ms: Option<i64>,
    pub(super) categorized_ms: Option<i64>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct StoredChannelRecord {
    pub(super) channel: u32,
    pub(super) settled: u8,
    pub(super) end_reason: u16,
    pub(super) handle: u16,
    pub(super) events: Vec<StoredEventRecord>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct StoredEventRecord {
    pub(super) kind: u8,
    pub(super) settled: u8,
    pub(super) place: u16,
    pub(super) value: u16,
    pub(super) duration: u16,
}

pub(crate) fn encode_record<'b>(
    record: &Record,
    buffer: &'b mut Vec<u8>,
) -> Result<&'b [u8], EncodingError> {
    let [duration_ms, talk_ms, handle_ms, categorized_ms] = record.counted;
    let stored = StoredRecord {
        header: StoredRowHeader {
            phase: record.phase.code(),
            news_s: record.news_s,
        },
        start_ms: record.start_ms,
        horizon_ms: record.eviction_watermark_ms,
        settled: facts(|fact| record.is_processed(fact)),
        frozen: record.final_labels.as_ref().map(final_labels).transpose()?,
        counted: StoredCounted {
            duration_ms,
            talk_ms,
            handle_ms,
            categorized_ms,
        },
        channels: record.channels.iter().map(Into::into).collect(),
        fingerprints: Cow::Borrowed(record.fingerprints()),
        first_final_ms: record.first_final_ms,
        open: record.open.as_deref().map(Into::into),
    };
    to_buffer(&stored, buffer)
}

pub(crate) fn decode_record(bytes: &[u8]) -> Result<Record, EncodingError> {
    let stored: StoredRecord<'_> = from_bytes(bytes)?;
    let mut record = Record::new(stored.start_ms, stored.horizon_ms);
    record.phase = decoded(stored.header.phase)?;
    record.news_s = stored.header.news_s;
    each_fact(stored.settled, |fact| record.mark_processed(fact))?;
    record.final_labels = stored.frozen.map(FinalLabels::try_from).transpose()?;
    let counted = stored.counted;
    record.counted = [
        counted.duration_ms,
        counted.talk_ms,
        counted.handle_ms,
        counted.categorized_ms,
    ];
    let channels = stored.channels.into_iter().map(ChannelRecord::try_from);
    record.channels = channels.collect::<Result<_, _>>()?;
    record.set_fingerprints(stored.fingerprints.into_owned());
    record.first_final_ms = stored.first_final_ms;
    record.open = stored.open.map(interaction).transpose()?.map(Box::new);
    Ok(record)
}

/// A row's phase, and the time of its last news in milliseconds.
pub(crate) fn decode_header(bytes: &[u8]) -> Result<(Phase, i64), EncodingError> {
    let (header, _) = postcard::take_from_bytes::<StoredRowHeader>(bytes)?;
    Ok((decoded(header.phase)?, i64::from(header.news_s) * 1_000))
}

fn final_labels(labels: &FinalLabels) -> Result<StoredFinalLabels, EncodingError> {
    Ok(StoredFinalLabels {
        medium: label_code(labels.medium)?,
        direction: label_code(labels.direction)?,
        outcome: label_code(labels.outcome)?,
        virtual_queue: label_code(labels.virtual_queue)?,
        reporting_group: label_code(labels.reporting_group)?,
    })
}

impl TryFrom<StoredFinalLabels> for FinalLabels {
    type Error = EncodingError;

    fn try_from(stored: StoredFinalLabels) -> Result<Self, EncodingError> {
        Ok(FinalLabels {
            medium: label_value(stored.medium)?,
            direction: label_value(stored.direction)?,
            outcome: label_value(stored.outcome)?,
            virtual_queue: label_value(stored.virtual_queue)?,
            reporting_group: label_value(stored.reporting_group)?,
        })
    }
}

impl From<&ChannelRecord> for StoredChannelRecord {
    fn from(record: &ChannelRecord) -> Self {
        StoredChannelRecord {
            channel: record.channel,
            settled: facts(|fact| record.is_processed(fact)),
            end_reason: record.end_reason,
            handle: record.handle,
            events: record.events.iter().map(Into::into).collect(),
        }
    }
}

impl TryFrom<StoredChannelRecord> for ChannelRecord {
    type Error = EncodingError;

    fn try_from(stored: StoredChannelRecord) -> Result<Self, EncodingError> {
        let mut record = ChannelRecord::new(stored.channel);
        each_fact(stored.settled, |fact| record.mark_processed(fact))?;
        record.end_reason = stored.end_reason;
        record.handle = stored.handle;
        let events = stored.events.into_iter().map(EventRecord::try_from);
        record.events = events.collect::<Result<_, _>>()?;
        Ok(record)
    }
}

impl From<&EventRecord> for StoredEventRecord {
    fn from(record: &EventRecord) -> Self {
        StoredEventRecord {
            kind: record.kind.code(),
            settled: facts(|fact| record.is_processed(fact)),
            place: record.place,
            value: record.value,
            duration: record.duration,
        }
    }
}

impl TryFrom<StoredEventRecord> for EventRecord {
    type Error = EncodingError;

    fn try_from(stored: StoredEventRecord) -> Result<Self, EncodingError> {
        let mut record = EventRecord::new(decoded(stored.kind)?, stored.place);
        each_fact(stored.settled, |fact| record.mark_processed(fact))?;
        record.value = stored.value;
        record.duration = stored.duration;
        Ok(record)
    }
}
