//! The closed vocabularies: every label value of the exporter's own, one enumeration for each.
//!
//! The texts are a contract with dashboards, rules and stored series. Where the ledger creates
//! several series together, they stand on `/metrics` in the order of their values here.

/// A value of a closed vocabulary.
pub trait ClosedValue: Copy + 'static {
    /// The vocabulary it belongs to.
    const VOCABULARY: Vocabulary;

    /// Its position in [`Vocabulary::texts`].
    fn index(self) -> u8;
}

macro_rules! vocabularies {
    ($($(#[$doc:meta])* $name:ident { $($id:ident $text:literal)* })*) => {
        /// One of the vocabularies.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Vocabulary { $($(#[$doc])* $name,)* }

        impl Vocabulary {
            /// Every vocabulary.
            pub const ALL: &'static [Vocabulary] = &[$(Vocabulary::$name,)*];

            /// The texts of its values, in their order.
            pub const fn texts(self) -> &'static [&'static str] {
                match self { $(Vocabulary::$name => &[$($text,)*],)* }
            }
        }

        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
            #[repr(u8)]
            #[allow(missing_docs, reason = "each value is documented by its text")]
            pub enum $name { $($id,)* }

            impl $name {
                /// Every value, in order.
                pub const ALL: &'static [$name] = &[$($name::$id,)*];

                /// The value on `/metrics`.
                pub const fn as_str(self) -> &'static str {
                    match self { $($name::$id => $text,)* }
                }
            }

            impl ClosedValue for $name {
                const VOCABULARY: Vocabulary = Vocabulary::$name;

                fn index(self) -> u8 {
                    self as u8
                }
            }
        )*
    };
}

vocabularies! {
    /// How an interaction went.
    Path {
        Handled "handled" Abandoned "abandoned" Breakout "breakout"
        AgentUnanswered "agent_unanswered" Unconnected "unconnected" SelfService "self_service"
        Failed "failed" Unknown "unknown"
    }
    /// How a wait in a queue ended.
    Category {
        Abandoned "abandoned" Breakout "breakout" Unknown "unknown" Answered "answered"
        Agent "agent"
    }
    /// A wait compared with its target.
    Timing { Short "short" Within "within" Late "late" NoTarget "no_target" }
    /// The result of an offer to an agent.
    OfferResult { CallerLeft "caller_left" Unanswered "unanswered" Answered "answered" }
    /// The result of dialling an outside party.
    AttemptResult { Unconnected "unconnected" Connected "connected" }
    /// What followed the last virtual assistant of an interaction.
    AssistantOutcome { Contained "contained" Queued "queued" Agent "agent" }
    /// The kind of a transfer between agents.
    TransferKind { Consult "consult" Transfer "transfer" }
    /// The present state of an ongoing interaction.
    State {
        SelfService "self_service" Queued "queued" Ringing "ringing" Connected "connected"
        Wrap "wrap"
    }
    /// A fact that is counted once.
    Fact {
        Started "started" Conversation "conversation" Ended "ended" Duration "duration"
        Talk "talk" Handle "handle" Categorized "categorized"
        QueueEntry "queue_entry" QueueExit "queue_exit" Wait "wait" Skill "skill"
        AgentQueueExit "agent_queue_exit" AgentQueueWait "agent_queue_wait"
        Offer "offer" Ring "ring" AgentHandle "agent_handle" AgentWrap "agent_wrap" Hold "hold"
        OutboundAttempt "outbound_attempt" ChannelEnd "channel_end" Disposition "disposition"
        Rating "rating" Monitoring "monitoring" AudioProblem "audio_problem"
        DeliveryFailure "delivery_failure" AssistantSession "assistant_session"
        AssistantTime "assistant_time" AssistantMessages "assistant_messages" Applet "applet"
        Plan "plan" Recording "recording" Voicemail "voicemail" DataValue "data_value"
        Event "event"
    }
    /// The reason why a fact is rejected.
    RejectReason {
        TooOld "too_old" Negative "negative" Absurd "absurd" UnreadableTime "unreadable_time"
    }
    /// The reason why an item of a page is rejected.
    RecordRejectReason {
        NotAnObject "not_an_object" WrongType "wrong_type" MissingGuid "missing_guid"
        BadGuid "bad_guid" MissingStart "missing_start" BadStart "bad_start"
        Malformed "malformed" TooManyParts "too_many_parts"
    }
    /// A contradiction in the envelope of a page, or something it lacks.
    MetaMismatch {
        TotalCount "total_count" PageCount "page_count" Count "count"
        LatestUpdateMissing "latest_update_missing" WindowNotWhole "window_not_whole"
    }
}

impl Vocabulary {
    /// The position of a text.
    pub fn position(self, text: &str) -> Option<u8> {
        let found = self.texts().iter().position(|known| *known == text)?;
        u8::try_from(found).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_where_its_value_is() {
        for vocabulary in Vocabulary::ALL {
            for (index, text) in vocabulary.texts().iter().enumerate() {
                assert_eq!(vocabulary.position(text), Some(index as u8), "{text}");
            }
            assert_eq!(vocabulary.position("nothing"), None);
        }
        for fact in Fact::ALL {
            let position = Fact::VOCABULARY.position(fact.as_str());
            assert_eq!(position, Some(fact.index()));
        }
        assert_eq!(Fact::ALL.len(), 34);
    }
}
