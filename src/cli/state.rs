//! The arguments of `state`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// What to do with the state.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum StateCommand {
    /// Say what is in the state, in figures.
    Info(StateArgs),
    /// Read the whole state and say whether it is sound; no exporter may run on it.
    Verify(StateArgs),
    /// Give back disk space the state no longer needs; no exporter may run on it.
    Compact(StateArgs),
    /// Copy the state to another folder, also while an exporter runs on it.
    Backup(BackupArgs),
    /// Forget what was counted and start all counters anew from 0.
    ResetCounters(ResetCountersArgs),
}

/// The flags of `state info`, `state verify` and `state compact`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct StateArgs {
    /// The folder of the state.
    #[arg(long = "state.path", value_name = "DIR")]
    pub state_path: PathBuf,
}

/// The flags of `state backup`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct BackupArgs {
    /// The folder of the state.
    #[arg(long = "state.path", value_name = "DIR")]
    pub state_path: PathBuf,
    /// The folder to copy to.
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
}

/// The flags of `state reset-counters`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct ResetCountersArgs {
    /// The folder of the state.
    #[arg(long = "state.path", value_name = "DIR")]
    pub state_path: PathBuf,
    /// Only this account; all of them when not given.
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,
}
