//! What a service manager is told, by systemd's protocol: sd_notify(3). Nothing happens where none
//! listens.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::log_throttled;
use crate::net::log_throttle::LogThrottle;

/// How often a watchdog that nobody set is looked after: hardly ever.
const NO_WATCHDOG: Duration = Duration::from_secs(24 * 3_600);

/// Says that the exporter serves, so that units which wait for it may start; then, twice in the
/// time that the unit sets (`WatchdogSec=`), that it still gets to do its work; and when it begins
/// to end.
pub async fn attend(stop: CancellationToken) {
    let mut repeats = LogThrottle::default();
    let mut tell = |state| tell(state, &mut repeats);
    tell(NotifyState::Ready);
    let watchdog = sd_notify::watchdog_enabled();
    let mut ticks = tokio::time::interval(watchdog.map_or(NO_WATCHDOG, |within| within / 2));
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = ticks.tick() => tell(NotifyState::Watchdog),
        }
    }
    tell(NotifyState::Stopping);
}

fn tell(state: NotifyState<'_>, repeats: &mut LogThrottle) {
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
