//! The API's edge: how a page is asked for, and how it is read.
//!
//! The files stand in the order a request passes them: what is asked ([`query`]), how fast
//! ([`pace`]), by which road ([`transport`], for real [`http`], counted and budgeted by [`mod@line`]),
//! with which token ([`token`]), and the whole errand with its retries ([`client`]). What can go
//! wrong is the closed list in [`error`]. What comes back is borrowed as it is ([`wire`]) and
//! turned into interactions ([`decode()`]), or, if it is broken, into what can be saved of it
//! ([`salvage()`]).

mod advice;
pub mod client;
mod decode;
pub mod error;
mod gather;
pub mod http;
pub mod line;
pub mod pace;
pub mod query;
pub mod refusal;
mod salvage;
pub mod token;
pub mod transport;
pub mod wire;

pub use client::{ApiClient, Body, Endpoints, RetrySettings};
pub use decode::{NotAPage, decode, parse_time};
pub use error::{FetchError, Place};
pub use http::{HttpSettings, HttpTransport};
pub use line::Observer;
pub use query::{OngoingQuery, PageQuery};
pub use salvage::salvage;
pub use token::{Credentials, SecretSource};
pub use transport::{Operation, Request, Response, Transport, TransportError};
