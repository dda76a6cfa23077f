//! `simulate`: the simulated API as a server of its own.

use std::sync::{Arc, Mutex};

use super::{CommandError, bind, print_stdout, stop_on_signals};
use crate::cli::SimulateArgs;
use vcc_net::clock::{Clock, SystemClock};
use vcc_simulator::{DAY_MS, Simulator, SimulatorConfig, serve};

pub(super) async fn simulate(args: SimulateArgs) -> Result<(), CommandError> {
    let simulated = SimulatorConfig {
        seed: args.seed,
        per_hour: f64::from(args.per_hour),
        day_length_ms: args.day_length.as_millis() as i64,
        start_ms: args
            .start_unix_ms
            .unwrap_or_else(|| SystemClock.local_ms() - DAY_MS),
        ..SimulatorConfig::default()
    };
    let (id, secret) = (simulated.client_id.clone(), simulated.client_secret.clone());
    let listener = bind(args.listen_address).await?;
    let base = format!(
        "http://{}",
        listener.local_addr().map_err(CommandError::run)?
    );
    print_stdout(&format!(
        "A simulated VCC Insights Stats API is at {base}\n\
         \n  accounts:\n    - name: simulated\n      api_url: {base}\n      \
         token_url: {base}/Auth/connect/token\n      client_id: {id}\n      \
         client_secret_env: VCC_SECRET    # {secret}\n\
         \n  what really happened:  curl '{base}/-/truth'\n  \
         let its API stall, revoke its secret, starve its queues, stop its traffic:\n                         \
         curl '{base}/-/' says how\n\
         \nCtrl-C ends it."
    ));
    let stop = stop_on_signals()?;
    let simulator = Arc::new(Mutex::new(Simulator::new(simulated)));
    serve(listener, simulator, stop.cancelled_owned())
        .await
        .map_err(CommandError::run)
}
