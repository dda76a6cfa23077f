//! Medians and how figures are written.

use std::time::{Duration, Instant};

/// Runs something on this thread; what it gave and the seconds it took.
///
/// Time in which the thread was ready but other programs had the processor is taken off, because
/// it says nothing about the work; waiting for the disk stays in.
pub fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let (queued, began) = (queued_seconds(), Instant::now());
    let value = work();
    let took = began.elapsed().as_secs_f64();
    (value, took - (queued_seconds() - queued))
}

/// How long this thread was ready without running; 0 where Linux does not say.
fn queued_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split(' ').nth(1).and_then(|text| text.parse().ok());
    nanoseconds.unwrap_or(0.0) / 1e9
}

/// The value below which this share of the samples lies.
pub fn quantile(samples: &[f64], share: f64) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = (sorted.len() - 1) as f64 * share;
    sorted[place.round() as usize]
}

pub fn median(samples: &[f64]) -> f64 {
    quantile(samples, 0.5)
}

/// Medians taken apart hide that a page was slow for both; the median of the ratios does not.
pub fn median_ratio(over: &[f64], under: &[f64]) -> f64 {
    let ratios: Vec<_> = over.iter().zip(under).map(|(a, b)| a / b).collect();
    median(&ratios)
}

pub fn seconds(duration: Duration) -> f64 {
    duration.as_secs_f64()
}

/// Seconds with a unit that leaves three digits.
pub fn time(seconds: f64) -> String {
    match seconds {
        s if s < 1e-3 => format!("{:.1} µs", s * 1e6),
        s if s < 1.0 => format!("{:.2} ms", s * 1e3),
        s => format!("{s:.2} s"),
    }
}

pub fn mib(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}
