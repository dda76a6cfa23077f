//! Readiness and watchdog notifications by systemd's protocol, `sd_notify(3)`. Without a listening
//! service manager nothing is sent.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use vcc_net::log_throttle::LogThrottle;
use vcc_net::log_throttled;

/// The interval of the timer where the unit sets no watchdog.
const NO_WATCHDOG: Duration = Duration::from_secs(24 * 3_600);

/// Notifies that the exporter serves, so that units which wait for it may start; then, twice per
/// `WatchdogSec=` of the unit, that the runtime is alive; and in the end that it stops.
pub async fn run_watchdog(stop: CancellationToken) {
    let mut repeats = LogThrottle::default();
    let mut notify = |state| notify(state, &mut repeats);
    notify(NotifyState::Ready);
    let watchdog = sd_notify::watchdog_enabled();
    let mut ticks = tokio::time::interval(watchdog.map_or(NO_WATCHDOG, |within| within / 2));
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = ticks.tick() => notify(NotifyState::Watchdog),
        }
    }
    notify(NotifyState::Stopping);
}

fn notify(state: NotifyState<'_>, repeats: &mut LogThrottle) {
    let Err(error) = sd_notify::notify(&[state]) else {
        repeats.record_success(Instant::now());
        return;
    };
    let consequence =
        "the service manager cannot be told how the exporter is, and may take it for dead";
    log_throttled!(
        repeats.record_failure("notify", Instant::now()), warn, { %error },
        first: "{consequence}",
        repeated(times): "{consequence}: {times}",
    );
}
