//! The series of a queue that are created together.

use crate::catalogue::{Family, Label};
use crate::labels::LabelSet;
use crate::vocabulary::{Category, Timing};

use super::context::FactEvaluator;

/// The results that every queue has series for from its first entry on.
const MAIN_RESULTS: [&str; 2] = ["Delivered", "HangUp"];

/// Creates the series of a queue's main results, all timings and three categories together, so that
/// no ratio lacks its numerator.
pub(super) fn init_queue_series(
    eval: &mut FactEvaluator<'_, '_, '_>,
    set: &LabelSet,
    exits: Family,
    waits: Family,
) {
    for (place, result) in MAIN_RESULTS.into_iter().enumerate() {
        let set = set.with(
            Label::QueueResult,
            eval.label_or_none(Label::QueueResult, Some(result)),
        );
        // If the first one exists, so do the others.
        if place == 0
            && eval
                .delta
                .exists(exits, &set.with(Label::Timing, Timing::Within))
        {
            return;
        }
        for timing in [
            Timing::Within,
            Timing::Late,
            Timing::NoTarget,
            Timing::Short,
        ] {
            // Only a hang-up can be short.
            if timing != Timing::Short || result == "HangUp" {
                eval.delta
                    .ensure_exists(exits, &set.with(Label::Timing, timing));
            }
        }
    }
    for category in [Category::Answered, Category::Abandoned, Category::Breakout] {
        eval.delta
            .ensure_exists(waits, &set.with(Label::Category, category));
    }
}
