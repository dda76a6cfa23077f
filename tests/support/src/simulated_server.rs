//! A simulated API on a socket.

use std::sync::{Arc, Mutex};

use vcc_net::clock::{Clock, SystemClock};
use vcc_simulator::{HOUR_MS, Simulator, SimulatorConfig, serve};

/// Serves a busy centre for as long as the test runs; where it is.
pub async fn api() -> String {
    let world = SimulatorConfig {
        start_ms: SystemClock.local_ms() - HOUR_MS,
        per_hour: 600.0,
        day_length_ms: 0,
        ..SimulatorConfig::default()
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let simulator = Arc::new(Mutex::new(Simulator::new(world)));
    tokio::spawn(serve(listener, simulator, std::future::pending()));
    url
}
