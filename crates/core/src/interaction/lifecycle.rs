//! Whether an interaction and its channels have ended, and when.

use super::{Channel, Interaction, MAX_DURATION_MS, Status};

impl Interaction<'_> {
    /// Forgets what an ongoing version says of durations that may still be running. Nothing says
    /// whether they do, so only what has an end beside it is kept: a channel's end reason, an
    /// event's result.
    pub fn drop_running_values(&mut self) {
        if self.status != Status::Ongoing {
            return;
        }
        (self.duration_ms, self.handle_ms, self.talk_ms) = (None, None, None);
        for channel in &mut self.channels {
            let ended = channel.end_reason.is_some();
            if !ended {
                (channel.duration_ms, channel.handle_ms) = (None, None);
            }
            for event in &mut channel.events {
                let finished = event.kind.has_result() && event.value.is_some();
                if !(ended || finished) {
                    event.duration_ms = None;
                }
            }
        }
    }

    /// Whether this version says that it is over. An absent or unknown status leaves the word to
    /// the duration.
    pub fn is_final(&self) -> bool {
        match self.status {
            Status::Completed | Status::InternalError => true,
            Status::Unknown => self.duration_ms.is_some(),
            Status::Ongoing => false,
        }
    }

    /// Whether a channel has ended. While the interaction is ongoing, a duration may still grow, so it does not end the channel.
    pub fn has_ended(&self, channel: &Channel<'_>) -> bool {
        channel.end_reason.is_some()
            || (self.status != Status::Ongoing && channel.duration_ms.is_some())
    }

    /// Whether nothing more is to come but ratings and the like: it is over, its duration is
    /// known and every channel has ended.
    pub fn is_complete(&self) -> bool {
        self.is_final()
            && self.duration_ms.is_some()
            && self.channels.iter().all(|channel| self.has_ended(channel))
    }

    /// When it ended: start and duration, or failing a usable duration the last channel's end.
    pub fn end_ms(&self) -> i64 {
        let last_channel = || {
            let ends = self
                .channels
                .iter()
                .map(|c| c.offset_ms.saturating_add(c.duration_ms.unwrap_or(0)));
            ends.max().unwrap_or(0).clamp(0, MAX_DURATION_MS)
        };
        let usable = self
            .duration_ms
            .filter(|ms| (0..=MAX_DURATION_MS).contains(ms));
        self.start_ms
            .saturating_add(usable.unwrap_or_else(last_channel))
    }
}
