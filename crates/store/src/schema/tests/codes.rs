//! The number of every variant.

use std::fmt::Debug;

use crate::schema::EncodingError;
use crate::schema::codes::{
    Coded, decoded, each_fact, facts, label_code, label_value, role, role_code,
};
use vcc_core::interaction::{EventKind, Role, Status};
use vcc_core::labels::LabelId;
use vcc_core::ledger::{ChannelFact, EventFact, InteractionFact, Phase};
use vcc_core::trace::Kind;
use vcc_core::vocabulary::Fact;

/// Every variant has its number, and no number stands for anything else.
fn assert_codes<T: Coded + Debug + PartialEq>(wanted: &[(T, u8)]) {
    assert_eq!(wanted.len(), T::ALL.len(), "{}: all are listed", T::WHAT);
    for (value, code) in wanted {
        assert_eq!(value.code(), *code, "{value:?}");
    }
    for code in 0..=u8::MAX {
        let listed = wanted.iter().find(|(_, known)| *known == code);
        assert_eq!(T::by_code(code).as_ref(), listed.map(|(value, _)| value));
        let Err(error) = decoded::<T>(code) else {
            continue;
        };
        let words = format!("an unknown {} {code}", T::WHAT);
        assert_eq!(error.to_string(), words);
    }
}

#[test]
fn every_variant_keeps_its_number() {
    assert_codes(&[(Phase::Open, 1), (Phase::Closed, 2), (Phase::Expired, 3)]);
    assert_codes(&[
        (Status::Ongoing, 1),
        (Status::Completed, 2),
        (Status::InternalError, 3),
        (Status::Unknown, 4),
    ]);
    assert_codes(&[(Kind::Internal, 1), (Kind::Server, 2), (Kind::Client, 3)]);
    assert_codes(&[
        (EventKind::Ringing, 1),
        (EventKind::Connected, 2),
        (EventKind::Held, 3),
        (EventKind::Wrap, 4),
        (EventKind::InteractionPlan, 5),
        (EventKind::Applet, 6),
        (EventKind::Queue, 7),
        (EventKind::AgentQueue, 8),
        (EventKind::CallRecording, 9),
        (EventKind::Disposition, 10),
        (EventKind::CallRating, 11),
        (EventKind::AudioProblemReported, 12),
        (EventKind::DataSourceValueAcquired, 13),
        (EventKind::DeliveryFailed, 14),
        (EventKind::Monitoring, 15),
        (EventKind::VirtualAssistant, 16),
        (EventKind::VoicemailRecording, 17),
        (EventKind::Other, 255),
    ]);
    assert_codes(&[
        (InteractionFact::Started, 0),
        (InteractionFact::Conversation, 1),
        (InteractionFact::Ended, 2),
        (InteractionFact::Duration, 3),
        (InteractionFact::Talk, 4),
        (InteractionFact::Handle, 5),
        (InteractionFact::Categorized, 6),
        (InteractionFact::Expired, 7),
    ]);
    assert_codes(&[
        (ChannelFact::End, 0),
        (ChannelFact::EndCounted, 1),
        (ChannelFact::Offer, 2),
        (ChannelFact::Handle, 3),
        (ChannelFact::HandleCounted, 4),
        (ChannelFact::Attempt, 5),
    ]);
    assert_codes(&[
        (EventFact::Seen, 0),
        (EventFact::SeenCounted, 1),
        (EventFact::Done, 2),
        (EventFact::DoneCounted, 3),
        (EventFact::Measured, 4),
        (EventFact::MeasuredCounted, 5),
        (EventFact::Extra, 6),
        (EventFact::Finished, 7),
    ]);
}

#[test]
fn every_documented_event_kind_has_a_number() {
    for kind in EventKind::DOCUMENTED {
        assert_eq!(EventKind::by_code(kind.code()), Some(*kind));
        assert_ne!(kind.code(), EventKind::Other.code());
    }
}

#[test]
fn every_role_keeps_its_number() {
    let text = || Some("Observer".to_owned());
    let roles = [
        (Role::External, 1, None),
        (Role::Agent, 2, None),
        (Role::Monitor, 3, None),
        (Role::Other("Observer".into()), 4, text()),
        (Role::Absent, 5, None),
    ];
    for (value, code, text) in roles {
        assert_eq!(role_code(&value), (code, text.as_deref()));
        assert_eq!(role(code, text).unwrap(), value);
    }
    for (code, text) in [(0, None), (4, None), (6, None), (1, text())] {
        let error = role(code, text).unwrap_err().to_string();
        assert_eq!(error, format!("an unknown role {code}"));
    }
}

#[test]
fn facts_have_their_places_in_a_byte() {
    let settled = [ChannelFact::EndCounted, ChannelFact::Attempt];
    let byte = facts(|fact: ChannelFact| settled.contains(&fact));
    assert_eq!(byte, 0b10_0010);
    let mut read = Vec::new();
    each_fact(byte, |fact: ChannelFact| read.push(fact)).unwrap();
    assert_eq!(read, settled);
    let unknown = each_fact(1 << 6, |_: ChannelFact| {}).unwrap_err();
    assert_eq!(unknown.to_string(), "an unknown fact of a channel 6");
}

#[test]
fn label_values_keep_their_numbers() {
    let admitted = |index| LabelId::admitted(index).unwrap();
    let values = [
        (LabelId::NONE, 0),
        (LabelId::OTHER, 1),
        (LabelId::REDACTED, 2),
        (LabelId::DROPPED, 3),
        (admitted(0), 4),
        (admitted(1_000), 1_004),
    ];
    for (value, code) in values {
        assert_eq!(label_code(value).unwrap(), code);
        assert_eq!(label_value(code).unwrap(), value);
    }
    let own = label_code(LabelId::from(Fact::Ended));
    assert!(matches!(own, Err(EncodingError::OwnLabelValue)), "{own:?}");
    let unknown = label_value(u32::MAX).unwrap_err().to_string();
    assert_eq!(unknown, "an unknown label value 4294967295");
}
