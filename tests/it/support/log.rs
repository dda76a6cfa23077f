//! Makes what tests listen to in the log be said.

use std::sync::OnceLock;

/// Must be called before a test listens with a subscriber of its own.
///
/// Whether anybody wants to hear of a place in the code is remembered for the whole process. A
/// thread without a subscriber that comes by first would have it remembered that nobody does, so
/// every thread gets one that wants to hear of everything, and forgets it.
pub fn wanted() {
    static GLOBAL: OnceLock<()> = OnceLock::new();
    GLOBAL.get_or_init(|| {
        let forgetful = tracing_subscriber::registry();
        tracing::subscriber::set_global_default(forgetful).expect("nobody else sets one");
    });
}
