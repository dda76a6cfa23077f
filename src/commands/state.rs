//! `state`: maintenance of the stored state.

use std::path::Path;

use super::{CommandError, print_stdout};
use crate::cli::{BackupArgs, ResetCountersArgs, StateCommand};
use crate::ops::admin_socket;
use crate::ops::progress::Progress;
use vcc_store::{
    FILE_NAME, OpenError, ReadOnlyStore, Store, backup, compact, reset_counters, verify,
};

pub(super) async fn state(command: StateCommand) -> Result<(), CommandError> {
    match command {
        StateCommand::Info(args) => info(&args.state_path).await,
        StateCommand::Verify(args) => check(&args.state_path),
        StateCommand::Compact(args) => compact_state(&args.state_path),
        StateCommand::Backup(args) => copy(args).await,
        StateCommand::ResetCounters(args) => reset(args),
    }
}

/// Prints the figures of a state; while an exporter runs on it, they come from the exporter.
async fn info(path: &Path) -> Result<(), CommandError> {
    must_exist(path)?;
    let text = match ReadOnlyStore::open(path) {
        Ok(reader) => reader.info().map_err(CommandError::run)?.to_string(),
        Err(OpenError::Locked(_)) => admin_socket::request_info(path)
            .await
            .map_err(CommandError::run)?,
        Err(error) => return Err(CommandError::run(error)),
    };
    print_stdout(text.trim_end());
    Ok(())
}

fn check(path: &Path) -> Result<(), CommandError> {
    must_exist(path)?;
    let mut progress = Progress::of("interactions");
    let verified =
        verify(path, &mut |done, all| progress.at(done, all)).map_err(CommandError::run)?;
    if verified.repaired {
        print_stdout("It was not closed in order, and has been repaired.");
    }
    let read = format!(
        "{} interactions and {} series",
        verified.rows, verified.series
    );
    if verified.faults.is_empty() {
        print_stdout(&format!("The state is sound: {read} were read."));
        return Ok(());
    }
    Err(CommandError::run(format!(
        "the state is damaged: {read} were read, and\n  {}\nRestore a backup, or count anew with an \
         empty state",
        verified.faults.join("\n  ")
    )))
}

fn compact_state(path: &Path) -> Result<(), CommandError> {
    must_exist(path)?;
    let (before, after) = compact(path).map_err(CommandError::run)?;
    print_stdout(&format!("{before} bytes before, {after} bytes now."));
    Ok(())
}

/// Copies a state; while an exporter runs on it, the exporter copies it.
async fn copy(BackupArgs { state_path, to }: BackupArgs) -> Result<(), CommandError> {
    must_exist(&state_path)?;
    let written = match Store::open(&state_path) {
        Ok(store) => backup(&store, &to)
            .map(|path| path.display().to_string())
            .map_err(CommandError::run)?,
        Err(OpenError::Locked(_)) => admin_socket::request_backup(&state_path, &to)
            .await
            .map_err(CommandError::run)?,
        Err(error) => return Err(CommandError::run(error)),
    };
    print_stdout(&format!(
        "Copied to {written}.\nIt is marked as a copy: opened by an exporter, every counter begins \
         at 0 again and nothing already counted counts twice."
    ));
    Ok(())
}

fn reset(args: ResetCountersArgs) -> Result<(), CommandError> {
    must_exist(&args.state_path)?;
    let store = Store::open(&args.state_path).map_err(CommandError::run)?;
    let accounts = reset_counters(&store, args.account.as_deref()).map_err(CommandError::run)?;
    if accounts.is_empty() {
        return Err(CommandError::run(
            "the state has no such account".to_owned(),
        ));
    }
    print_stdout(&format!(
        "Every counter of {} begins at 0 again.",
        accounts.join(", ")
    ));
    Ok(())
}

/// A mistyped path must not create a new state.
fn must_exist(path: &Path) -> Result<(), CommandError> {
    match path.join(FILE_NAME).is_file() {
        true => Ok(()),
        false => Err(CommandError::run(format!(
            "there is no {FILE_NAME} in {}",
            path.display()
        ))),
    }
}
