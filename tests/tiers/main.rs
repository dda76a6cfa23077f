//! Says which tiers `cargo test` did not run.
#![allow(clippy::print_stdout, reason = "it is all that this does")]

fn main() {
    // nextest asks every binary for its tests; there is none here.
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    println!(
        "Not run by this: judged (cargo test -p judged; needs Go, Python 3, Chromium, systemd), \
         soak (cargo test -p soak; takes minutes). Everything: .ci/run"
    );
}
