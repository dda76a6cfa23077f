//! `state`: care of the ledger.

use std::path::Path;

use super::{Failure, say};
use crate::cli::{BackupArgs, NewEpochArgs, StateCommand};
use crate::control;
use crate::progress::Progress;
use crate::store::{FILE_NAME, OpenError, Reader, Store, backup, compact, new_epoch, verify};

pub(super) async fn state(command: StateCommand) -> Result<(), Failure> {
    match command {
        StateCommand::Info(args) => info(&args.state_path).await,
        StateCommand::Verify(args) => check(&args.state_path),
        StateCommand::Compact(args) => squeeze(&args.state_path),
        StateCommand::Backup(args) => copy(args).await,
        StateCommand::NewEpoch(args) => restart(args),
    }
}

/// Says what is in a state; while an exporter runs on it, the exporter says it.
async fn info(path: &Path) -> Result<(), Failure> {
    must_exist(path)?;
    let text = match Reader::open(path) {
        Ok(reader) => reader.info().map_err(Failure::run)?.to_string(),
        Err(OpenError::Locked(_)) => control::ask_info(path).await.map_err(Failure::Run)?,
        Err(error) => return Err(Failure::run(error)),
    };
    say(text.trim_end());
    Ok(())
}

fn check(path: &Path) -> Result<(), Failure> {
    must_exist(path)?;
    let mut progress = Progress::of("interactions");
    let verified = verify(path, &mut |done, all| progress.at(done, all)).map_err(Failure::run)?;
    if verified.repaired {
        say("It was not closed in order, and has been repaired.");
    }
    let read = format!(
        "{} interactions and {} series",
        verified.rows, verified.series
    );
    if verified.faults.is_empty() {
        say(&format!("The state is sound: {read} were read."));
        return Ok(());
    }
    Err(Failure::Run(format!(
        "the state is damaged: {read} were read, and\n  {}\nRestore a backup, or count anew with an \
         empty state",
        verified.faults.join("\n  ")
    )))
}

fn squeeze(path: &Path) -> Result<(), Failure> {
    must_exist(path)?;
    let (before, after) = compact(path).map_err(Failure::run)?;
    say(&format!("{before} bytes before, {after} bytes now."));
    Ok(())
}

/// Copies a state; while an exporter runs on it, the exporter does.
async fn copy(BackupArgs { state_path, to }: BackupArgs) -> Result<(), Failure> {
    must_exist(&state_path)?;
    let written = match Store::open(&state_path) {
        Ok(store) => backup(&store, &to)
            .map(|path| path.display().to_string())
            .map_err(Failure::run)?,
        Err(OpenError::Locked(_)) => control::ask_backup(&state_path, &to)
            .await
            .map_err(Failure::Run)?,
        Err(error) => return Err(Failure::run(error)),
    };
    say(&format!(
        "Copied to {written}.\nIt is marked as a copy: opened by an exporter, every counter begins \
         at 0 again and nothing already counted counts twice."
    ));
    Ok(())
}

fn restart(args: NewEpochArgs) -> Result<(), Failure> {
    must_exist(&args.state_path)?;
    let store = Store::open(&args.state_path).map_err(Failure::run)?;
    let accounts = new_epoch(&store, args.account.as_deref()).map_err(Failure::run)?;
    if accounts.is_empty() {
        return Err(Failure::Run("the state has no such account".to_owned()));
    }
    say(&format!(
        "Every counter of {} begins at 0 again.",
        accounts.join(", ")
    ));
    Ok(())
}

/// A mistyped path must not make a new state.
fn must_exist(path: &Path) -> Result<(), Failure> {
    match path.join(FILE_NAME).is_file() {
        true => Ok(()),
        false => Err(Failure::Run(format!(
            "there is no {FILE_NAME} in {}",
            path.display()
        ))),
    }
}
