//! The configuration file: what it may say, and the settings it gives each part of the exporter.
//!
//! `keys` declares the keys with their documentation and ranges; `validate` reads them into the
//! settings that the parts own (`poller::Settings`, `ledger::Rules` and so on). A value out of range
//! is an error and never moved into the range, because a setting that silently means something else
//! is noticed too late.

mod accounts;
mod api;
mod checked;
mod env;
mod keys;
mod metrics;
mod otlp;
pub mod reference;
mod validate;
pub(crate) mod values;

pub use self::accounts::Account;
pub use self::api::Api;
pub use self::checked::{Config, Overrides, Web};
pub use self::otlp::otlp_from_env;
pub(crate) use self::values::{is_loopback, telemetry_path};
