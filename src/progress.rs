//! Long work shows itself: a bar on a terminal, a line now and then where there is none.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Where nobody watches a bar, a line is written each time so much more is done, in per cent.
const STEP: u64 = 10;

/// How often a bar is drawn: often enough to look alive.
const REDRAWN: Duration = Duration::from_millis(100);

/// How far something long is, shown on standard error.
#[derive(Debug)]
pub struct Progress {
    what: &'static str,
    /// Where it is drawn on a terminal.
    bar: Option<ProgressBar>,
    /// Per cent that were said.
    said: u64,
}

impl Progress {
    /// Begins to show it; `what` is counted, in the plural.
    pub fn of(what: &'static str) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(0);
            let template = "{wide_bar} {human_pos} of {human_len} {msg}, {eta} to go";
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            bar.set_message(what);
            bar.enable_steady_tick(REDRAWN);
            bar
        });
        Progress { what, bar, said: 0 }
    }

    /// Shows that so many are done of so many.
    pub fn at(&mut self, done: u64, all: u64) {
        match &self.bar {
            Some(bar) => {
                bar.set_length(all.max(done));
                bar.set_position(done);
            }
            None => self.say(done, all),
        }
    }

    /// Writes something else meanwhile, without the bar getting in its way.
    pub fn beside(&self, write: impl FnOnce()) {
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    fn say(&mut self, done: u64, all: u64) {
        let percent = done.saturating_mul(100) / all.max(1);
        if percent >= self.said + STEP && done < all {
            self.said = percent - percent % STEP;
            let what = self.what;
            let line = format!("{done} of {all} {what}");
            let _ = writeln!(std::io::stderr(), "{line}");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
