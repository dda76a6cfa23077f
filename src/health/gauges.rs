//! The gauges of one account.

use std::borrow::Cow;

use super::account::AccountHealth;
use vcc_core::catalogue::Family;
use vcc_core::ledger::AccountView;
use vcc_core::series::Gauge;
use vcc_vonage::Operation;

impl AccountHealth {
    /// The gauges of this moment, of the account and, once it was read, of its ledger.
    pub fn gauges(&self, view: Option<&AccountView>) -> Vec<Gauge> {
        let mut out = Gauges {
            account: self.name.to_string(),
            gauges: Vec::new(),
        };
        let lag_ms = self.lag_ms();
        let seen = self.observed();
        out.time(Family::ApiLag, lag_ms);
        out.time(Family::ApiLatestUpdate, seen.latest_update_ms);
        out.time(Family::ApiClockSkew, seen.skew_ms);
        out.time(Family::ApiTokenExpiry, seen.token_expiry_ms);
        for (operation, up) in &seen.up {
            out.labelled(Family::Up, "operation", operation, f64::from(u8::from(*up)));
        }
        for (operation, at_ms) in &seen.success_ms {
            out.labelled(
                Family::PollLastSuccess,
                "operation",
                operation,
                seconds(*at_ms),
            );
        }
        let live_interval = seen.live_interval;
        drop(seen);
        let intervals = [
            (Operation::Interactions, Some(self.schedule.interval)),
            (Operation::Ongoing, live_interval),
        ];
        for (operation, interval) in intervals {
            if let Some(interval) = interval {
                let (name, seconds) = (operation.as_str(), interval.as_secs_f64());
                out.labelled(Family::PollInterval, "operation", name, seconds);
            }
        }
        if let Some(view) = view {
            self.ledger_gauges(&mut out, view);
        }
        out.gauges
    }

    fn ledger_gauges(&self, out: &mut Gauges, view: &AccountView) {
        let catching_up = self.is_catching_up(view.meta.cursor_ms);
        out.value(
            Family::CatchupInProgress,
            catching_up.map(|yes| f64::from(u8::from(yes))),
        );
        if let (Some(false), Some(live)) = (catching_up, self.fresh_live()) {
            out.gauges.extend(live.gauges(&self.name, view));
        }
        out.time(Family::CursorTimestamp, Some(view.meta.cursor_ms));
        out.time(Family::Epoch, Some(view.meta.counting_since_ms));
        out.value(
            Family::UnreadWindows,
            Some(view.meta.unread_windows.len() as f64),
        );
        out.value(Family::LedgerInteractions, Some(view.meta.rows as f64));
        out.value(Family::OpenInteractions, Some(view.open as f64));
    }
}

fn seconds(ms: i64) -> f64 {
    ms as f64 / 1_000.0
}

struct Gauges {
    account: String,
    gauges: Vec<Gauge>,
}

impl Gauges {
    fn value(&mut self, family: Family, value: Option<f64>) {
        let labels = vec![("account", Cow::Owned(self.account.clone()))];
        self.gauges.extend(value.map(|value| Gauge {
            family,
            labels,
            value,
        }));
    }

    fn time(&mut self, family: Family, ms: Option<i64>) {
        self.value(family, ms.map(seconds));
    }

    fn labelled(&mut self, family: Family, label: &'static str, text: &'static str, value: f64) {
        let labels = vec![
            ("account", self.account.clone().into()),
            (label, text.into()),
        ];
        self.gauges.push(Gauge {
            family,
            labels,
            value,
        });
    }
}
