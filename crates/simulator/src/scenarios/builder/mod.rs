//! Builds a script along one moving clock: channels open and close, events begin and end.
use super::names::Names;
use crate::rng::SimRng;
use crate::script::{
    Channel, Detail, Event, Known, Mapping, NEVER, Role, ScenarioKind, Script, StatusStyle,
};
use crate::settings::SimulatorConfig;

mod waits;

/// The duration of an event that has not ended yet.
const OPEN: i64 = -1;

pub(super) struct ScriptBuilder<'a> {
    pub(super) rng: SimRng,
    pub(super) names: Names<'a>,
    pub(super) script: Script,
    /// The clock, in milliseconds after the start of the interaction.
    pub(super) now: i64,
    time_scale: f64,
    /// The virtual queues that have hardly any agents when this interaction arrives.
    starved: Vec<String>,
    /// The queue of the next wait; `None` draws one.
    pub(super) next_queue: Option<usize>,
    last_queue: usize,
    /// Number of waits so far.
    waits: u32,
    /// The wait in which agents are offered the interaction now.
    pub(super) offering: Option<u32>,
}

impl<'a> ScriptBuilder<'a> {
    /// Begins an inbound interaction of this medium, without any channel.
    pub(super) fn begin(
        config: &'a SimulatorConfig,
        mut rng: SimRng,
        kind: ScenarioKind,
        start_ms: i64,
        medium: usize,
    ) -> Self {
        let names = Names(config);
        let starved = config.starved_queues(start_ms);
        let digits = rng.weighted(&[(45, 3), (1, 0), (1, 1), (1, 2), (1, 4), (1, 6), (2, 7)]);
        // A start written with fewer digits is rounded up to one that they can express.
        let grain = [1000, 100, 10, 1][digits.min(3)];
        let start_ms = start_ms + (grain - start_ms.rem_euclid(grain)) % grain;
        let high = u64::try_from(start_ms).unwrap_or_default() & 0xFFFF_FFFF_FFFF;
        let group = names.group(&mut rng);
        let script = Script {
            kind,
            guid: rng.guid_from(high),
            conversation: rng.guid(),
            start_ms,
            fraction_digits: digits,
            status: StatusStyle::Usual,
            medium: Known::new(Some(names.medium(medium)), 0),
            manager: Some("VCC"),
            direction: Known::new(Some("Inbound"), 0),
            outcome: Known::new(None, 0),
            mapping: Some(Mapping {
                address: "Main Support Number".to_owned(),
                mapping: "Mapping1".to_owned(),
                plan: format!("{group} Plan"),
            }),
            group: Known::new(Some(group), 0),
            connect_to: Some("0123456789".to_owned()),
            connect_from: Some(format!("0987{:06}", rng.between(0, 999_999))),
            touchpoint_key: None,
            duration: Known::new(0, NEVER),
            handle: None,
            talk: None,
            categorized: None,
            channels: Vec::new(),
            unknown_field: rng.chance(0.03),
            contradiction: None,
            callback_after: None,
            versions: Vec::new(),
        };
        Self {
            rng,
            names,
            script,
            now: 0,
            time_scale: config.time_scale,
            starved,
            next_queue: None,
            last_queue: 0,
            waits: 0,
            offering: None,
        }
    }

    /// A random duration between these many milliseconds, scaled.
    pub(super) fn span(&mut self, low: i64, high: i64) -> i64 {
        let drawn = self.rng.between(low, high);
        self.scaled(drawn)
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "durations are far below 2^52"
    )]
    fn scaled(&self, milliseconds: i64) -> i64 {
        (milliseconds as f64 * self.time_scale) as i64
    }

    /// Advances the clock by a random duration between these many milliseconds, scaled.
    pub(super) fn pass(&mut self, low: i64, high: i64) {
        self.now += self.span(low, high);
    }

    /// Opens a channel now, and returns its index. The first one has the interaction's own guid.
    pub(super) fn open(&mut self, role: Role, party: Option<String>) -> usize {
        let guid = if self.script.channels.is_empty() {
            self.script.guid.clone()
        } else {
            self.rng.guid()
        };
        let touchpoint = match role {
            Role::External => self.script.connect_from.clone(),
            Role::Agent | Role::Monitor => Some("01122334455".to_owned()),
            Role::Bot => None,
        };
        self.script.channels.push(Channel {
            guid,
            offset: self.now,
            role,
            odd_case: false,
            party,
            touchpoint,
            end_reason: "Released",
            integration: None,
            duration: Known::new(0, NEVER),
            offered_by: if role == Role::Agent {
                self.offering
            } else {
                None
            },
            handle: Some(None),
            events: Vec::new(),
        });
        self.script.channels.len() - 1
    }

    /// Adds an event that begins now and ends after `duration`; the clock does not move.
    pub(super) fn event(
        &mut self,
        channel: usize,
        detail: Detail,
        name: Option<String>,
        duration: i64,
    ) {
        let settled = if duration == OPEN {
            NEVER
        } else {
            self.now + duration
        };
        let event = Event {
            offset: self.now,
            seen: self.now,
            name,
            duration,
            settled,
            detail,
        };
        self.script.channels[channel].events.push(event);
    }

    /// Adds an event that begins now and ends when [`stop`](Self::stop) is called for its channel.
    pub(super) fn lasting(&mut self, channel: usize, detail: Detail, name: Option<String>) {
        self.event(channel, detail, name, OPEN);
    }

    /// Ends a channel's open events now.
    pub(super) fn stop(&mut self, channel: usize) {
        for event in &mut self.script.channels[channel].events {
            if event.duration == OPEN {
                event.duration = self.now - event.offset;
                event.settled = self.now;
            }
        }
    }

    /// Ends a channel and its open events now.
    pub(super) fn close(&mut self, channel: usize) {
        self.stop(channel);
        let now = self.now;
        let channel = &mut self.script.channels[channel];
        channel.duration = Known::new(now - channel.offset, now);
    }

    /// The customer arrives, is connected at once, and the interaction plan starts. Returns the channel.
    pub(super) fn arrive(&mut self) -> usize {
        let external = self.open(Role::External, None);
        self.event(external, Detail::Ringing, None, 0);
        self.lasting(external, Detail::Connected, None);
        self.pass(50, 700);
        let (plan, group) = (
            self.script.mapping.as_ref().map(|it| it.plan.clone()),
            self.script.group.value.clone(),
        );
        self.lasting(external, Detail::Plan { group }, plan);
        external
    }

    /// The interaction plan runs an applet.
    pub(super) fn applet(&mut self, channel: usize, kind: &'static str, name: &str) {
        self.pass(60, 900);
        self.event(channel, Detail::Applet { kind }, Some(name.to_owned()), 0);
    }

    pub(super) fn menu(&mut self, channel: usize) {
        self.applet(channel, "Announcement", "Welcome");
        self.pass(1_000, 6_000);
        self.applet(channel, "Menu", "MainMenu1");
        self.pass(1_500, 12_000);
        if self.rng.chance(0.4) {
            self.applet(channel, "SkillTagger", "SkillTag1");
        }
    }

    /// Delays the channel's last event: it is reported at `seen`, and its value at `settled`.
    pub(super) fn report_at(&mut self, channel: usize, seen: i64, settled: i64) {
        if let Some(event) = self.script.channels[channel].events.last_mut() {
            event.seen = seen;
            event.settled = settled;
        }
    }

    pub(super) fn outcome(&mut self, outcome: &'static str) {
        self.script.outcome = Known::new(Some(outcome), 0);
    }
}
