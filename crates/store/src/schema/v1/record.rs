//! Rows of version 1.

use serde::Deserialize;

use super::interaction::{Interaction, interaction};
use super::{EncodingError, code, event_kind, from_bytes, to_buffer};
use crate::schema::record::{
    StoredChannelRecord, StoredCounted, StoredEventRecord, StoredFinalLabels, StoredRecord,
    StoredRowHeader,
};

#[derive(Deserialize)]
struct Record<'a> {
    phase: u32,
    news_s: u32,
    start_ms: i64,
    horizon_ms: Option<i64>,
    settled: u8,
    /// Label values, numbered as in version 2.
    frozen: Option<[u32; 5]>,
    counted: [Option<i64>; 4],
    channels: Vec<ChannelMark>,
    disputes: Vec<u32>,
    first_final_ms: Option<i64>,
    #[serde(borrow)]
    open: Option<Interaction<'a>>,
}

#[derive(Deserialize)]
struct ChannelMark {
    channel: u32,
    settled: u8,
    end_reason: u16,
    handle: u16,
    events: Vec<Mark>,
}

#[derive(Deserialize)]
struct Mark {
    kind: u32,
    settled: u8,
    place: u16,
    value: u16,
    duration: u16,
}

/// A row of version 1 in version 2.
pub(in crate::schema) fn record<'b>(
    bytes: &[u8],
    buffer: &'b mut Vec<u8>,
) -> Result<&'b [u8], EncodingError> {
    let record: Record<'_> = from_bytes(bytes)?;
    let [duration_ms, talk_ms, handle_ms, categorized_ms] = record.counted;
    let frozen = record.frozen.map(
        |[medium, direction, outcome, virtual_queue, reporting_group]| StoredFinalLabels {
            medium,
            direction,
            outcome,
            virtual_queue,
            reporting_group,
        },
    );
    let channels = record.channels.into_iter().map(channel_record);
    let stored = StoredRecord {
        header: StoredRowHeader {
            phase: code("phase", record.phase, 3)?,
            news_s: record.news_s,
        },
        start_ms: record.start_ms,
        horizon_ms: record.horizon_ms,
        settled: record.settled,
        frozen,
        counted: StoredCounted {
            duration_ms,
            talk_ms,
            handle_ms,
            categorized_ms,
        },
        channels: channels.collect::<Result<_, _>>()?,
        fingerprints: record.disputes.into(),
        first_final_ms: record.first_final_ms,
        open: record.open.map(interaction).transpose()?,
    };
    to_buffer(&stored, buffer)
}

fn channel_record(mark: ChannelMark) -> Result<StoredChannelRecord, EncodingError> {
    let events = mark.events.into_iter().map(|mark| {
        Ok::<_, EncodingError>(StoredEventRecord {
            kind: event_kind(mark.kind)?,
            settled: mark.settled,
            place: mark.place,
            value: mark.value,
            duration: mark.duration,
        })
    });
    Ok(StoredChannelRecord {
        channel: mark.channel,
        settled: mark.settled,
        end_reason: mark.end_reason,
        handle: mark.handle,
        events: events.collect::<Result<_, _>>()?,
    })
}
