//! `state`: care of the ledger while no exporter runs on it.

use std::path::Path;

use super::{Failure, say};
use crate::cli::StateCommand;
use crate::store::{FILE_NAME, Store, backup, new_epoch};

pub(super) fn state(command: StateCommand) -> Result<(), Failure> {
    match command {
        StateCommand::Backup(args) => {
            let written = backup(&open(&args.state_path)?, &args.to).map_err(Failure::run)?;
            say(&format!(
                "Copied to {}.\nIt is marked as a copy: opened by an exporter, every counter begins \
                 at 0 again and nothing already counted counts twice.",
                written.display()
            ));
        }
        StateCommand::NewEpoch(args) => {
            let store = open(&args.state_path)?;
            let accounts = new_epoch(&store, args.account.as_deref()).map_err(Failure::run)?;
            if accounts.is_empty() {
                return Err(Failure::Run("the state has no such account".to_owned()));
            }
            say(&format!(
                "Every counter of {} begins at 0 again.",
                accounts.join(", ")
            ));
        }
    }
    Ok(())
}

/// Opens a state that must exist: a mistyped path must not make a new one.
fn open(path: &Path) -> Result<Store, Failure> {
    if !path.join(FILE_NAME).is_file() {
        return Err(Failure::Run(format!(
            "there is no {FILE_NAME} in {}",
            path.display()
        )));
    }
    Store::open(path).map_err(Failure::run)
}
