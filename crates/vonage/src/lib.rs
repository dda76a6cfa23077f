//! The client of the Insights Stats API: fetches pages and decodes them.
//!
//! In the order of a request: its parameters ([`query`]), the client with its token and retries
//! ([`client`], [`token`]), the rate-limited and instrumented transport ([`metered`]), one exchange
//! ([`transport`], over the network [`http`]). What can fail is in [`error`], what an error's body
//! says in `error_response`. A page is borrowed as it is ([`wire`]) and decoded to interactions
//! ([`decode()`]) or, if it is broken, to what can be recovered of it ([`salvage()`]).
#![warn(missing_docs)]

pub mod client;
mod decode;
pub mod error;
mod error_response;
pub mod http;
pub mod metered;
pub mod query;
mod salvage;
pub mod token;
pub mod transport;
pub mod wire;

pub use client::{ApiClient, Endpoints, FetchedPage, RetrySettings};
pub use decode::{InvalidPage, decode, parse_time};
pub use error::{FetchError, FetchErrorKind, FetchErrorReason};
pub use http::HttpTransport;
pub use metered::{ClientDeps, Observer};
pub use query::{OngoingQuery, PageQuery};
pub use salvage::salvage;
pub use token::Credentials;
pub use transport::{Operation, Request, RequestTarget, Response, Transport, TransportError};
