//! The number of every enumeration's variants in stored bytes.
//!
//! A number is never used for another variant and never changed: `tests.rs` holds the list. What
//! the compiler demands is that a new variant gets one. 0 is left out where a number stands alone,
//! so that zeroed bytes are an error; places in a byte of facts begin at 0.

use std::borrow::Cow;

use super::EncodingError;
use vcc_core::interaction::{EventKind, Role, Status};
use vcc_core::labels::LabelId;
use vcc_core::ledger::{ChannelFact, EventFact, InteractionFact, Phase};
use vcc_core::trace::Kind;

/// An enumeration that is stored as a number.
pub(super) trait Coded: Copy + 'static {
    /// What it is, for errors.
    const WHAT: &'static str;
    const ALL: &'static [Self];

    fn code(self) -> u8;
    fn by_code(code: u8) -> Option<Self>;
}

/// The value of a stored number.
pub(super) fn decoded<T: Coded>(code: u8) -> Result<T, EncodingError> {
    T::by_code(code).ok_or_else(|| unknown(T::WHAT, code))
}

fn unknown(what: &'static str, code: u8) -> EncodingError {
    let code = code.into();
    EncodingError::UnknownCode { what, code }
}

macro_rules! codes {
    ($type:ident $what:literal: $($variant:ident $code:literal),* $(,)?) => {
        impl Coded for $type {
            const WHAT: &'static str = $what;
            const ALL: &'static [Self] = &[$($type::$variant),*];

            fn code(self) -> u8 {
                match self { $($type::$variant => $code,)* }
            }

            #[deny(unreachable_patterns, reason = "no two variants have one number")]
            fn by_code(code: u8) -> Option<Self> {
                match code {
                    $($code => Some($type::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

codes! { Phase "phase": Open 1, Closed 2, Expired 3 }

codes! { Status "status": Ongoing 1, Completed 2, InternalError 3, Unknown 4 }

codes! { Kind "span kind": Internal 1, Server 2, Client 3 }

codes! { EventKind "event kind":
    Ringing 1, Connected 2, Held 3, Wrap 4, InteractionPlan 5, Applet 6, Queue 7, AgentQueue 8,
    CallRecording 9, Disposition 10, CallRating 11, AudioProblemReported 12,
    DataSourceValueAcquired 13, DeliveryFailed 14, Monitoring 15, VirtualAssistant 16,
    VoicemailRecording 17, Other 255,
}

codes! { InteractionFact "fact of an interaction":
    Started 0, Conversation 1, Ended 2, Duration 3, Talk 4, Handle 5, Categorized 6, Expired 7,
}

codes! { ChannelFact "fact of a channel":
    End 0, EndCounted 1, Offer 2, Handle 3, HandleCounted 4, Attempt 5,
}

codes! { EventFact "fact of an event":
    Seen 0, SeenCounted 1, Done 2, DoneCounted 3, Measured 4, MeasuredCounted 5, Extra 6,
    Finished 7,
}

/// A set of facts as a byte, each at its place.
pub(super) fn facts<T: Coded>(has: impl Fn(T) -> bool) -> u8 {
    let settled = T::ALL.iter().filter(|fact| has(**fact));
    settled.fold(0, |byte, fact| byte | 1 << fact.code())
}

/// Calls `settle` for each fact in a byte.
pub(super) fn each_fact<T: Coded>(
    byte: u8,
    mut settle: impl FnMut(T),
) -> Result<(), EncodingError> {
    for place in (0..8).filter(|place| byte & 1 << place != 0) {
        settle(decoded(place)?);
    }
    Ok(())
}

/// The role that carries a text.
const OTHER_ROLE: u8 = 4;

/// A role's number, and its text if it is one the documentation does not have.
pub(super) fn role_code<'a>(role: &'a Role<'_>) -> (u8, Option<&'a str>) {
    match role {
        Role::External => (1, None),
        Role::Agent => (2, None),
        Role::Monitor => (3, None),
        Role::Other(text) => (OTHER_ROLE, Some(text)),
        Role::Absent => (5, None),
    }
}

pub(super) fn role(code: u8, text: Option<String>) -> Result<Role<'static>, EncodingError> {
    match (code, text) {
        (1, None) => Ok(Role::External),
        (2, None) => Ok(Role::Agent),
        (3, None) => Ok(Role::Monitor),
        (OTHER_ROLE, Some(text)) => Ok(Role::Other(Cow::Owned(text))),
        (5, None) => Ok(Role::Absent),
        (code, _) => Err(unknown("role", code)),
    }
}

/// The number of the first admitted label value.
const ADMITTED: u32 = 4;

/// A label value's number. The exporter's own values are stored by name only.
pub(super) fn label_code(id: LabelId) -> Result<u32, EncodingError> {
    match id {
        LabelId::NONE => Ok(0),
        LabelId::OTHER => Ok(1),
        LabelId::REDACTED => Ok(2),
        LabelId::DROPPED => Ok(3),
        id => {
            let index = id.admitted_index().ok_or(EncodingError::OwnLabelValue)?;
            Ok(ADMITTED + index)
        }
    }
}

pub(super) fn label_value(code: u32) -> Result<LabelId, EncodingError> {
    match code {
        0 => Ok(LabelId::NONE),
        1 => Ok(LabelId::OTHER),
        2 => Ok(LabelId::REDACTED),
        3 => Ok(LabelId::DROPPED),
        code => LabelId::admitted(code - ADMITTED).ok_or(EncodingError::UnknownCode {
            what: "label value",
            code: code.into(),
        }),
    }
}
