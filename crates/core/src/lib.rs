//! The rules of counting, as pure functions: no I/O, no clock, no errors. Time and stored rows are
//! arguments; the result of a page is a [`ledger::Commit`].
//!
//! In reading order, each room above the next:
//!
//! * [`vocabulary`]: the closed label values, one enumeration each;
//! * [`catalogue`]: every metric family with its name, HELP, type, labels and buckets, as data;
//! * [`interaction`]: an interaction with its channels and events, and the join of its versions;
//! * [`labels`]: label values from outside, interned, bounded and redacted;
//! * [`series`]: what a series holds, classic and exponential histograms among them;
//! * [`delta`]: what one page adds to the series;
//! * [`trace`] and [`exemplars`]: an interaction as a trace, and the traces that series refer to;
//! * [`ledger`]: which facts are final, which of them count, and the commit of a page.
#![warn(missing_docs)]

pub mod catalogue;
pub mod delta;
pub mod exemplars;
pub mod interaction;
pub mod labels;
pub mod ledger;
pub mod series;
pub mod trace;
pub mod vocabulary;
