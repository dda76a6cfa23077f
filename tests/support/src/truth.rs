//! Holding what is shown against the simulator's truth.

use vcc_simulator::Truth;

use super::exposition::Exposition;

const CONVERSATIONS: &str = "vcc_conversations_started_total";

/// Where something shown is not true.
#[derive(Debug)]
pub struct Untrue(Vec<String>);

/// Compares every business series. Conversations are compared as a sum: each counts under the
/// labels of the interaction seen first, which depends on the order of arrival.
pub fn untrue(shown: &Exposition, truth: &Truth) -> Untrue {
    let mut found = shown.differences(truth, &[CONVERSATIONS]);
    let (want, have) = (
        truth.count(CONVERSATIONS, &[]) as f64,
        shown.sum(CONVERSATIONS, &[]),
    );
    if want != have {
        found.push(format!("{CONVERSATIONS}: truth {want}, shown {have}"));
    }
    Untrue(found)
}

impl Untrue {
    /// Fails if there is any difference.
    pub fn none(self) {
        let Untrue(found) = self;
        let some = found[..found.len().min(12)].join("\n");
        assert!(
            found.is_empty(),
            "{} series are not true:\n{some}",
            found.len()
        );
    }
}
