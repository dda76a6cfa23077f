//! `state`: care of the ledger, most of it while no exporter runs on it.

use std::path::Path;

use super::{Failure, say};
use crate::cli::StateCommand;
use crate::control;
use crate::progress::Progress;
use crate::store::{FILE_NAME, OpenError, Reader, Store, Verified, backup, compact, new_epoch, verify};

pub(super) async fn state(command: StateCommand) -> Result<(), Failure> {
    let (StateCommand::Info(_, path)) = command;
    Ok(())
}
