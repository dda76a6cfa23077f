//! What every network client of the exporter needs, whichever service it talks to.
//!
//! Building an HTTP client and reading a bounded body ([`http`]), secrets from files ([`secret`]),
//! when to retry ([`backoff`]), how fast to send ([`rate_limit`]), what a repeated failure may log
//! ([`log_throttle`]), text from outside made safe to show ([`sanitize`]), the local clock and the
//! server's ([`clock`]), and the trace span of one request ([`span`]).
#![warn(missing_docs)]

pub mod backoff;
pub mod clock;
pub mod http;
pub mod log_throttle;
pub mod rate_limit;
pub mod sanitize;
pub mod secret;
pub mod span;
