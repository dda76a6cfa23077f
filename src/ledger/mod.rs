//! The ledger: what has been counted, and the pure rules by which a page changes it.
//!
//! Nothing here does I/O or reads a clock. A page and what the ledger holds give a [`Commit`];
//! once that is durable, [`Account::apply`] makes it the present.

mod account;
mod assess;
mod classify;
mod events;
mod explain;
mod happening;
mod known;
mod legs;
mod plan;
mod queues;
mod record;
mod retention;
mod rules;
mod timers;
mod traces;

pub use account::{Account, Commit, FamilySeries, Hole, Meta};
pub use assess::Moment;
pub use explain::{Explained, Line, explain_page};
pub use known::{DueRows, Known};
pub use plan::{Advance, Clocks, conversations_of, open_conversation, plan_page, plan_release};
pub use record::{Age, ChannelMark, Frozen, Mark, Once, OnceChannel, OnceEvent, Phase, Record};
pub use retention::{Scanned, plan_retention, stretch};
pub use rules::{MAX_OPEN, Rules, SETTLE_MS, TraceRules};
pub use timers::{due, plan_due};
pub use traces::{MAX_AGE_MS, MAX_LINKS};
