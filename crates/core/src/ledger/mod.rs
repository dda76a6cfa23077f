//! The ledger: what has been counted, and the pure rules by which a page changes it.
//!
//! Nothing here does I/O or reads a clock. A page and what the ledger holds give a [`Commit`];
//! once that is durable, [`Account::apply`] makes it the present.

mod account;
mod account_view;
mod channels;
mod classify;
mod commit;
mod context;
mod evaluate;
mod event_ref;
mod events;
mod explain;
mod fingerprint;
mod interaction_facts;
mod page;
mod plan;
mod prefetched;
mod queue_series;
mod queues;
mod record;
mod retention;
mod rules;
mod timers;
mod traces;

pub use account::{Account, FamilySeries};
pub use account_view::AccountView;
pub use commit::{AccountMeta, Commit, CommitTime, MAX_LINKS, UnreadWindow, WindowProgress};
pub use context::EvalContext;
pub use explain::{Explained, ExplainedSeries, explain_page};
pub use plan::{conversations_of, open_conversation, plan_page, plan_release};
pub use prefetched::{DueRows, PrefetchedRows};
pub use record::{
    ChannelFact, ChannelRecord, EventFact, EventRecord, FinalLabels, InteractionFact, Phase, Record,
};
pub use retention::{EvictionScan, plan_retention, scan_budget};
pub use rules::{FINAL_STATUS_TIMEOUT_MS, MAX_OPEN, Rules, TraceRules};
pub use timers::{due, plan_due};
pub use traces::MAX_AGE_MS;
