//! What the figures were measured on, and what the system says of a process.

use std::path::{Path, PathBuf};

/// A line about this machine.
pub fn describe() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = (info.lines().find(|line| line.starts_with("model name")))
        .and_then(|line| line.split(": ").nth(1))
        .unwrap_or("unknown processor");
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default();
    format!("Machine: {cores} cores, {model}; load when this began: {load}.")
}

/// A field of `/proc/<process>/status` in bytes.
pub fn memory(process: &str, field: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap();
    let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib * 1024
}

/// Seconds of processor time a process has used.
pub fn cpu_seconds(process: &str) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    // The name, in parentheses, may hold spaces; user and system time are the 14th and 15th field.
    let fields: Vec<_> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    // Linux shows these times in hundredths of a second on every architecture.
    ticks as f64 / 100.0
}

/// A new folder for a state. Not in /tmp, which is often memory, where durability costs nothing.
pub fn folder() -> tempfile::TempDir {
    let parent = std::env::var_os("VCC_BENCH_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")), PathBuf::from);
    tempfile::Builder::new()
        .prefix("bench-")
        .tempdir_in(parent)
        .unwrap()
}

pub fn file_bytes(path: &Path) -> u64 {
    std::fs::metadata(path).unwrap().len()
}
