//! What happens in the history: the contact centres, the phases in which they are looked at, and
//! what goes wrong when.

use std::time::Duration;

use secrecy::SecretString;
use url::Url;
use vcc_core::catalogue::{Family, Label};
use vcc_exporter::config::Config;
use vcc_exporter::poller::StartFrom;
use vcc_net::secret::SecretSource;
use vcc_simulator::{DAY_MS, Faults, HOUR_MS, SimulatorConfig, Starvation, Truth};
use vcc_vonage::{Credentials, Endpoints};

use crate::simulated_api::{self, SimulatedApi};

/// The virtual present: Wednesday, 2026-06-17T16:30:00Z.
pub const NOW_MS: i64 = TODAY_MS + 16 * HOUR_MS + 30 * MINUTE_MS;

/// When the day began that dashboards call today.
pub const TODAY_MS: i64 = 1_781_654_400_000;

/// When everything began: before the same weekday last week.
pub(super) const BEGIN_MS: i64 = TODAY_MS - 7 * DAY_MS - HOUR_MS;

const MINUTE_MS: i64 = 60_000;

/// A contact centre.
pub struct Account {
    /// The value of the label `account`.
    pub name: &'static str,
    /// Mean number of arrivals per hour.
    per_hour: f64,
    queues: u32,
    groups: u32,
    agents: u32,
    seed: u64,
}

/// Two contact centres of different size. The second has a queue whose name needs escaping.
pub const ACCOUNTS: [Account; 2] = [
    Account {
        name: "acme",
        per_hour: 60.0,
        queues: 4,
        groups: 2,
        agents: 12,
        seed: 11,
    },
    Account {
        name: "globex",
        per_hour: 6.0,
        queues: 2,
        groups: 1,
        agents: 3,
        seed: 12,
    },
];

/// A stretch of time in which the exporter runs with one configuration.
pub(super) struct Phase {
    /// The last scrape.
    pub until_ms: i64,
    /// From one scrape to the next, and from one poll to the next of both kinds.
    pub interval: Duration,
}

/// The interval of the days that are looked at closely.
pub const INTERVAL: Duration = Duration::from_secs(120);

/// Last week's day and today are looked at closely; what lies between only keeps the counters
/// going, for it is seen in sums over days at most.
pub(super) const PHASES: [Phase; 3] = [
    Phase {
        until_ms: NOW_MS - 7 * DAY_MS + HOUR_MS,
        interval: INTERVAL,
    },
    Phase {
        until_ms: TODAY_MS - HOUR_MS,
        interval: Duration::from_secs(1_800),
    },
    Phase {
        until_ms: NOW_MS,
        interval: INTERVAL,
    },
];

/// The world behind an account.
pub(super) fn world(account: &Account) -> SimulatorConfig {
    SimulatorConfig {
        seed: account.seed,
        start_ms: BEGIN_MS,
        per_hour: account.per_hour,
        queues: account.queues,
        groups: account.groups,
        agents: account.agents,
        starvations: vec![lunch(TODAY_MS)],
        // What is never heard of again would seem to wait for ever, and hide who really waits.
        losses: false,
        ..SimulatorConfig::default()
    }
}

/// At lunch too few are there for one queue, though most callers come then.
fn lunch(day_ms: i64) -> Starvation {
    Starvation {
        queue: "Billing Queue".to_owned(),
        from_ms: day_ms + 11 * HOUR_MS + 45 * MINUTE_MS,
        to_ms: Some(day_ms + 13 * HOUR_MS),
    }
}

/// The host an account's API answers at.
pub(super) fn host(account: &Account) -> String {
    format!("{}.simulated", account.name)
}

/// The exporter's configuration in a phase.
pub(super) fn config(phase: &Phase) -> Config {
    let mut config = simulated_api::config(phase.interval, 1_000, StartFrom::At(BEGIN_MS));
    let url = |account, path| Url::parse(&format!("http://{}/{path}", host(account))).unwrap();
    config.accounts = (ACCOUNTS.iter())
        .map(|account| vcc_exporter::config::Account {
            name: account.name.to_owned(),
            endpoints: Endpoints {
                api_url: url(account, ""),
                token_url: url(account, "Auth/connect/token"),
            },
            credentials: Credentials {
                client_id: "simulated".to_owned(),
                secret: SecretSource::Value(SecretString::from("simulated")),
            },
        })
        .collect();
    config.poll.ongoing_interval = phase.interval;
    // So that every scrape sees a new series at 0 first.
    config.rules.warmup = phase.interval + Duration::from_secs(5);
    config.rules.family_options.off.clear();
    // What no panel and no rule asks for makes most of a page's length.
    let kept = [Label::Medium, Label::VirtualQueue, Label::ReportingGroup];
    let dropped = |family: Family| {
        let five = family.info().labels.iter().copied();
        let five = five.filter(|label| Label::FIVE.contains(label));
        five.filter(|label| !kept.contains(label)).collect()
    };
    config.rules.family_options.dropped = [
        Family::InteractionDuration,
        Family::InteractionHandle,
        Family::InteractionTalk,
        Family::QueueWait,
        Family::AcdQueueWait,
        Family::AgentQueueWait,
        Family::AgentHandle,
        Family::AgentWrap,
        Family::Hold,
    ]
    .map(|family| (family, dropped(family)))
    .into();
    config
}

/// What goes wrong at a moment.
pub(super) fn faults(_account: &Account, now_ms: i64) -> Faults {
    let today = |hour: i64, minute: i64| TODAY_MS + hour * HOUR_MS + minute * MINUTE_MS;
    let everyday = Faults {
        api_lag_ms: 4_000,
        throttle_429: 0.001,
        error_503: 0.001,
        unreadable_item: 0.000_5,
        ..Faults::default()
    };
    match now_ms {
        // The API is gone for twenty minutes, and what it missed is read afterwards.
        _ if (today(9, 40)..today(10, 0)).contains(&now_ms) => Faults {
            error_503: 1.0,
            ..everyday
        },
        // Reports arrive late for half an hour.
        _ if (today(14, 10)..today(14, 40)).contains(&now_ms) => Faults {
            api_lag_ms: 150_000,
            ..everyday
        },
        _ => everyday,
    }
}

/// What is true now of a centre, since everything began.
pub(super) fn truth(centre: &SimulatedApi) -> Truth {
    centre.truth(BEGIN_MS)
}
