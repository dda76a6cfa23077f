//! The exporter's own log: one line per event on standard error.

use std::io;

use clap::ValueEnum;
use tracing::{Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{
    Layer,
    filter::Targets,
    fmt::{self, MakeWriter},
    layer::SubscriberExt,
    registry::Registry,
};

/// The target of everything this crate logs, in the library and in the binary.
const OURS: &str = "vcc_exporter";

/// How much is logged; each level includes the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Level {
    /// Only what failed and needs somebody.
    Error,
    /// Also what went wrong and was helped.
    Warn,
    /// Also starts, stops and changes of state.
    Info,
    /// Also what each step did.
    Debug,
    /// Everything.
    Trace,
}

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// `key=value` pairs.
    Logfmt,
    /// A JSON object.
    Json,
}

/// A layer that receives the spans; the log has none of them.
pub type Spans = Box<dyn Layer<Registry> + Send + Sync>;

/// Starts the log of the process, and the export of spans if there is one.
///
/// Further calls change nothing, because tests share one process.
pub fn start(level: Level, format: Format, spans: Option<Spans>) {
    // The only error is that a log exists already.
    tracing::subscriber::set_global_default(subscriber(level, format, spans, io::stderr)).ok();
}

fn subscriber<W>(
    level: Level,
    format: Format,
    spans: Option<Spans>,
    to: W,
) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = filter(level);
    let lines: Spans = match format {
        Format::Logfmt => {
            let lines = tracing_logfmt::builder()
                .with_target(false)
                .layer()
                .with_writer(to);
            lines.with_filter(filter).boxed()
        }
        Format::Json => {
            let lines = fmt::layer()
                .json()
                .flatten_event(true)
                .with_target(false)
                .with_ansi(false)
                .with_writer(to);
            lines.with_filter(filter).boxed()
        }
    };
    // A list, because `None` as a layer would enable every span.
    let layers: Vec<_> = [lines].into_iter().chain(spans).collect();
    Box::new(Registry::default().with(layers))
}

/// Our events at the configured level; of dependencies only warnings, because HTTP libraries log
/// requests, and the request for a token contains the secret. Our spans are below warnings too.
fn filter(level: Level) -> Targets {
    let level = match level {
        Level::Error => LevelFilter::ERROR,
        Level::Warn => LevelFilter::WARN,
        Level::Info => LevelFilter::INFO,
        Level::Debug => LevelFilter::DEBUG,
        Level::Trace => LevelFilter::TRACE,
    };
    Targets::new()
        .with_target(OURS, level)
        .with_default(level.min(LevelFilter::WARN))
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What is logged by one event of ours and three of a dependency.
    fn logged(level: Level, format: Format) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = subscriber(level, format, None, move || writer.clone());
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(account = "acme", rows = 3, "page \"read\"");
            tracing::info!(target: "hyper", "not wanted");
            tracing::warn!(target: "hyper", "pool is full");
            tracing::error!(target: "hyper", "gone");
        });
        String::from_utf8(lines.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn logfmt_has_time_level_message_and_fields() {
        let text = logged(Level::Info, Format::Logfmt);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 3, "{text}");
        let (time, rest) = lines[0].split_once(' ').unwrap();
        let time = time.strip_prefix("ts=").unwrap();
        assert!(chrono::DateTime::parse_from_rfc3339(time).is_ok(), "{time}");
        assert_eq!(
            rest,
            r#"level=info message="page \"read\"" account=acme rows=3"#
        );
        assert!(lines[1].ends_with(r#"level=warn message="pool is full""#));
    }

    #[test]
    fn json_has_time_level_message_and_fields() {
        let text = logged(Level::Debug, Format::Json);
        let lines: Vec<serde_json::Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.len(), 3, "{text}");
        let time = lines[0]["timestamp"].as_str().unwrap();
        assert!(chrono::DateTime::parse_from_rfc3339(time).is_ok(), "{time}");
        assert_eq!(lines[0]["level"], "INFO");
        assert_eq!(lines[0]["message"], "page \"read\"");
        assert_eq!(lines[0]["account"], "acme");
        assert_eq!(lines[0]["rows"], 3);
        assert!(lines[0].get("target").is_none());
    }

    #[test]
    fn at_error_dependencies_are_no_louder_than_we_are() {
        let text = logged(Level::Error, Format::Logfmt);
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(text.trim_end().ends_with("message=gone"), "{text}");
    }

    #[test]
    fn spans_go_their_own_way_and_leave_the_log_as_it_is() {
        use crate::ops::self_tracing;

        for format in [Format::Logfmt, Format::Json] {
            let said = |layer: Option<Spans>| {
                let (lines, exported) = (Lines::default(), layer.is_some());
                let writer = lines.clone();
                let subscriber = subscriber(Level::Trace, format, layer, move || writer.clone());
                tracing::subscriber::with_default(subscriber, || {
                    let poll = self_tracing::poll("acme", "interactions");
                    assert_eq!(poll.is_disabled(), !exported);
                    poll.in_scope(|| tracing::info!(rows = 3, "read"));
                });
                let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
                // All but the time.
                let start = text.find("level").unwrap();
                text[start..].to_owned()
            };
            let (layer, collected) = vcc_otlp::collect(self_tracing::TARGET);
            assert_eq!(said(Some(layer)), said(None));
            assert_eq!(collected.take(9).len(), 1);
        }
    }

    #[test]
    fn starting_twice_is_harmless() {
        start(Level::Error, Format::Logfmt, None);
        start(Level::Error, Format::Json, None);
    }
}
