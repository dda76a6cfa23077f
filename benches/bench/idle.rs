//! What the binary costs while nothing happens: it polls, and every answer is empty.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::runtime::Runtime;
use vcc_net::clock::{Clock, SystemClock};
use vcc_simulator::{Simulator, SimulatorConfig, serve};

use super::client::Client;
use super::machine;
use super::stats::mib;

const BINARY: &str = env!("CARGO_BIN_EXE_vcc-exporter");

/// By then the first poll is over.
const START: Duration = Duration::from_secs(5);

pub fn run(watched_s: u64) {
    let runtime = Runtime::new().unwrap();
    let api = runtime.block_on(quiet_api());
    let folder = machine::folder();
    let address = free_address();
    let mut exporter = start(folder.path(), api, address);
    std::thread::sleep(START);
    let process = exporter.id().to_string();
    let before = machine::cpu_seconds(&process);
    std::thread::sleep(Duration::from_secs(watched_s));
    let used = machine::cpu_seconds(&process) - before;
    let quiet = machine::memory(&process, "VmRSS");
    let mut client = Client::connect(address);
    (0..100).for_each(|_| {
        client.get("/metrics", true);
    });
    let scraped = machine::memory(&process, "VmRSS");
    let hundred = machine::cpu_seconds(&process) - before - used;
    exporter.kill().unwrap();
    exporter.wait().unwrap();
    // The system counts processor time in hundredths of a second.
    let cpu = |seconds: f64| match seconds {
        s if s < 0.01 => "less than 0.01 s".to_owned(),
        s => format!("{s:.2} s"),
    };
    println!("## Idle\n\n| | |\n|---|---|");
    println!(
        "| RSS after {watched_s} s of polling every 15 s | {} |",
        mib(quiet)
    );
    println!("| RSS after 100 scrapes more | {} |", mib(scraped));
    println!("| processor time in these {watched_s} s | {} |", cpu(used));
    println!("| processor time of 100 scrapes | {} |", cpu(hundred));
    println!(
        "| binary | {} |\n",
        mib(machine::file_bytes(Path::new(BINARY)))
    );
}

/// The simulated API without any traffic.
async fn quiet_api() -> SocketAddr {
    let now_ms = SystemClock.local_ms();
    let mut simulator = Simulator::new(SimulatorConfig {
        start_ms: now_ms,
        ..SimulatorConfig::default()
    });
    simulator.set_running(false, now_ms);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let simulator = Arc::new(Mutex::new(simulator));
    tokio::spawn(serve(listener, simulator, std::future::pending()));
    address
}

fn start(folder: &Path, api: SocketAddr, listen: SocketAddr) -> Child {
    let file = folder.join("config.yaml");
    let text = format!(
        "accounts:\n  - name: idle\n    api_url: http://{api}\n    \
         token_url: http://{api}/Auth/connect/token\n    client_id: simulated\n    \
         client_secret_env: VCC_SECRET\n"
    );
    std::fs::write(&file, text).unwrap();
    Command::new(BINARY)
        .args(["run", "--log.level", "error", "--config.file"])
        .arg(&file)
        .arg("--state.path")
        .arg(folder.join("state"))
        .args(["--web.listen-address", &listen.to_string()])
        .env("VCC_SECRET", "simulated")
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// An address that was free a moment ago.
fn free_address() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}
