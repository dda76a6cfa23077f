#![allow(
    missing_docs,
    reason = "the errors that are passed on say what they are"
)]

use thiserror::Error;
use tokio::task::JoinError;

use crate::poller::{LoadError, PollError};
use vcc_store::StoreError;

/// Why the exporter cannot start or go on.
#[derive(Debug, Error)]
pub enum StartError {
    /// Two instruments have one name: a bug in the catalogue.
    #[error(transparent)]
    Instruments(#[from] prometheus::Error),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The transport to the API cannot be made, or a file it needs cannot be read.
    #[error("{0}")]
    Transport(String),
    /// The exports over OTLP cannot be prepared.
    #[error(transparent)]
    Otlp(#[from] vcc_otlp::ClientError),
    /// An account cannot be polled any more.
    #[error(transparent)]
    Poll(#[from] PollError),
    #[error("this is a bug: {0}")]
    Panicked(#[from] JoinError),
}
