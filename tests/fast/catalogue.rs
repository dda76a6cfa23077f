//! `catalogue`: the document, and that nothing the API documents is missing in it.

use std::collections::BTreeSet;

use vcc_core::catalogue::{Family, Feeds, Label, OURS, Origin, Sizes, field_coverage, markdown};
use vcc_core::interaction::EventKind;

use vcc_test_support::committed::assert_committed;
use vcc_test_support::process::{ended, text};

/// Every field of an interaction the documentation names or its example shows.
const FIELDS: &[&str] = &[
    "status",
    "medium",
    "mediumManager",
    "guid",
    "conversationGuid",
    "start",
    "duration",
    "handleTime",
    "talkTime",
    "direction",
    "serviceName",
    "connectTo",
    "connectToKey",
    "connectFrom",
    "connectFromKey",
    "categorizedAt",
    "outcome",
    "interactionPlanMapping.addressName",
    "interactionPlanMapping.mappingName",
    "interactionPlanMapping.interactionPlanName",
    "interactionPlanMapping.reportingGroup",
    "channels[].guid",
    "channels[].offset",
    "channels[].duration",
    "channels[].handleTime",
    "channels[].endReason",
    "channels[].integrationType",
    "channels[].party.id",
    "channels[].party.role",
    "channels[].party.touchpoint",
    "channels[].party.touchpointKey",
    "channels[].events[].type",
    "channels[].events[].offset",
    "channels[].events[].name",
    "channels[].events[].duration",
];

/// Every property of an event.
const PROPERTIES: &[&str] = &[
    "Held.type",
    "Held.initiatingAgentId",
    "InteractionPlan.reportingGroup",
    "Applet.appletType",
    "Queue.interactionPlan",
    "Queue.interactionPlanName",
    "Queue.presentedSkills",
    "Queue.virtualQueues",
    "Queue.targets[].virtualQueue",
    "Queue.targets[].targetTimeToAnswer",
    "Queue.result",
    "AgentQueue.interactionPlan",
    "AgentQueue.interactionPlanName",
    "AgentQueue.presentedSkills",
    "AgentQueue.virtualQueues",
    "AgentQueue.targets[].virtualQueue",
    "AgentQueue.targets[].targetTimeToAnswer",
    "AgentQueue.result",
    "Disposition.disposition",
    "CallRating.classification",
    "AudioProblemReported.classification",
    "DataSourceValueAcquired.value",
    "DeliveryFailed.type",
    "Monitoring.type",
    "VirtualAssistant.result",
    "VirtualAssistant.messageCount",
    "VoicemailRecording.appletType",
];

/// The envelope.
const ENVELOPE: &[&str] = &[
    "meta.page",
    "meta.count",
    "meta.pageCount",
    "meta.totalCount",
    "items[]",
    "upTo",
    "latestUpdate",
];

fn paths() -> Vec<&'static str> {
    field_coverage().iter().map(|(path, _)| *path).collect()
}

#[test]
fn everything_the_documentation_names_is_in_the_coverage_table_once() {
    let paths = paths();
    let distinct: BTreeSet<_> = paths.iter().collect();
    assert_eq!(distinct.len(), paths.len(), "a path is there twice");
    let fields = FIELDS.iter().map(|field| format!("items[].{field}"));
    let kinds = EventKind::DOCUMENTED
        .iter()
        .map(|kind| kind.name().to_owned());
    let others = PROPERTIES
        .iter()
        .chain(ENVELOPE)
        .map(|path| (*path).to_owned());
    for path in fields.chain(kinds).chain(others) {
        assert!(paths.contains(&path.as_str()), "{path} is not covered");
    }
}

/// The names the reader of pages gives to fields, as JSON spells them.
#[test]
fn every_field_that_is_read_is_in_the_coverage_table() {
    let source = include_str!("../../crates/vonage/src/wire/mod.rs");
    let segments: BTreeSet<_> = (paths().into_iter())
        .flat_map(|path| path.split('.'))
        .map(|segment| segment.trim_end_matches("[]"))
        .collect();
    let mut seen = 0;
    for line in source.lines() {
        let Some((name, _)) = (line.strip_prefix("    pub ")).and_then(|line| line.split_once(':'))
        else {
            continue;
        };
        let mut parts = name.split('_');
        let mut json = parts.next().unwrap().to_owned();
        for part in parts {
            json.push_str(&part[..1].to_uppercase());
            json.push_str(&part[1..]);
        }
        // `properties` holds what each event's lines name; `kind` is `type` in JSON.
        let json = if json == "kind" {
            "type".to_owned()
        } else {
            json
        };
        if json != "properties" {
            assert!(
                segments.contains(json.as_str()),
                "{json} is read and not covered"
            );
            seen += 1;
        }
    }
    assert!(seen > 30, "the fields were not found in the source");
}

#[test]
fn every_family_of_the_ledger_is_fed_by_the_response_or_is_our_own() {
    let fed: BTreeSet<_> = (field_coverage().iter())
        .filter_map(|(_, feeds)| match feeds {
            Feeds::Families(families) => Some(families.iter()),
            Feeds::Reason(_) => None,
        })
        .flatten()
        .collect();
    for family in Family::ALL {
        let name = family.info().name;
        if family.info().origin == Origin::Ledger {
            let ours = OURS.contains(family);
            assert!(
                fed.contains(family) != ours,
                "{name}: fed, or ours, and not both"
            );
        }
    }
    for (path, feeds) in field_coverage() {
        match feeds {
            Feeds::Families(families) => assert!(!families.is_empty(), "{path}"),
            Feeds::Reason(reason) => assert!(reason.len() > 10, "{path}"),
        }
    }
}

#[test]
fn a_ceiling_has_room_for_every_reason_a_poll_can_fail_for() {
    let reasons = vcc_exporter::poller::PollError::reasons().count() as u64;
    assert!(reasons <= Sizes::default().of(Family::PollFailures, Label::Reason));
}

#[test]
fn the_committed_page_is_what_the_command_prints() {
    assert_committed("docs/metrics.md", &markdown(None), "catalogue");
}

#[tokio::test]
async fn the_command_prints_markdown_or_json_and_computes_what_numbers_lead_to() {
    let output = ended(&["catalogue"]).await;
    assert!(output.status.success());
    assert_eq!(text(&output.stdout), markdown(None));

    let args = [
        "catalogue",
        "--format=json",
        "--queues",
        "80",
        "--groups=30",
        "--media=5",
    ];
    let output = ended(&args).await;
    assert!(output.status.success(), "{}", text(&output.stderr));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let families = json["families"].as_array().unwrap();
    assert_eq!(families.len(), Family::COUNT);
    let of = |name: &str| {
        families
            .iter()
            .find(|family| family["name"] == name)
            .unwrap()
    };
    // 5 media, 3 directions, 80 queues and 30 groups are 36,000, and the limit is 20,000.
    assert_eq!(of("vcc_queue_entries_total")["series"], 20_000);
    // 5 media and 3 directions; 20 buckets and three more samples.
    let time = of("vcc_interaction_time_to_agent_seconds");
    assert_eq!(
        (&time["series"], &time["samples"]),
        (&15.into(), &(15 * 23).into())
    );
    let total: u64 = families
        .iter()
        .map(|family| family["series"].as_u64().unwrap())
        .sum();
    assert_eq!(json["ceiling"]["series"], total);
    assert_eq!(json["ceiling"]["given"]["outcomes"], 10);

    let output = ended(&["catalogue", "--queues", "80"]).await;
    let said = text(&output.stdout);
    assert!(
        said.contains("With queues 80, groups 5, media 3,"),
        "{said}"
    );
    assert!(said.contains("| **in total** |"), "{said}");
    assert_eq!(
        ended(&["catalogue", "--queues", "many"])
            .await
            .status
            .code(),
        Some(64)
    );
}
