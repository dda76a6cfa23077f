//! `explain`: which facts an interaction yields, and why.

use std::io::Read;
use std::path::Path;

use super::{CommandError, print_stdout, run::load};
use crate::assembly::rules;
use crate::cli::ExplainArgs;
use crate::config::Config;
use crate::explain::{ExplainContext, Input, MAX_INPUT_BYTES, explain as explained};
use vcc_core::interaction::Page;
use vcc_core::ledger::Rules;
use vcc_store::{FILE_NAME, OpenError, ReadOnlyStore};

pub(super) fn explain(args: &ExplainArgs) -> Result<(), CommandError> {
    let config = match &args.config_file {
        Some(path) => load(path)?,
        None => Config::defaults(Vec::new()),
    };
    let rules = rules(&config);
    let name = match args.file.as_os_str().to_str() {
        Some("-") => "standard input".to_owned(),
        _ => args.file.display().to_string(),
    };
    let refuse = |problem: String| CommandError::run(format!("{name}: {problem}"));
    let bytes = bytes(&args.file).map_err(refuse)?;
    let input = Input::new(&bytes).map_err(|error| refuse(error.to_string()))?;
    let read = (input.read()).map_err(|error| refuse(error.to_string()))?;
    let ground = match &args.state_path {
        Some(path) => stored(path, args.account.as_deref(), &read.page, &rules)?,
        None => ExplainContext::bare(&read.page, &rules),
    };
    print_stdout(explained(read, ground, &rules).trim_end());
    Ok(())
}

fn bytes(file: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = if file == Path::new("-") {
        std::io::stdin()
            .take(MAX_INPUT_BYTES + 1)
            .read_to_end(&mut bytes)
    } else {
        std::fs::File::open(file)
            .and_then(|file| file.take(MAX_INPUT_BYTES + 1).read_to_end(&mut bytes))
    };
    read.map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MAX_INPUT_BYTES {
        return Err(format!("it is larger than {} MiB", MAX_INPUT_BYTES >> 20));
    }
    Ok(bytes)
}

/// What the state of an account holds of a page. Nothing of the state is changed.
fn stored(
    directory: &Path,
    account: Option<&str>,
    page: &Page<'_>,
    rules: &Rules,
) -> Result<ExplainContext, CommandError> {
    if !directory.join(FILE_NAME).is_file() {
        let directory = directory.display();
        return Err(CommandError::run(format!(
            "there is no {FILE_NAME} in {directory}"
        )));
    }
    let reader = ReadOnlyStore::open(directory).map_err(|error| match error {
        OpenError::Locked(path) => CommandError::run(format!(
            "the state {} is in use by a running exporter. Stop it, copy the state with \
             `vcc-exporter state backup`, start it again, and explain with the copy",
            path.display()
        )),
        error => CommandError::run(error),
    })?;
    let name = chosen(&reader, account)?;
    let gone = || CommandError::run(format!("the state has no account {name}"));
    let (id, account) = reader
        .load_account(&name, rules)
        .map_err(CommandError::run)?
        .ok_or_else(gone)?;
    let known = reader.prefetch(id, page).map_err(CommandError::run)?;
    Ok(ExplainContext {
        account,
        known,
        stored: true,
    })
}

/// The account that was asked for, or the only one.
fn chosen(reader: &ReadOnlyStore, asked: Option<&str>) -> Result<String, CommandError> {
    let accounts = reader.accounts().map_err(CommandError::run)?;
    let names = accounts.join(", ");
    match (asked, accounts.as_slice()) {
        (Some(name), known) if known.iter().any(|known| known == name) => Ok(name.to_owned()),
        (Some(name), _) => Err(CommandError::run(format!(
            "the state has no account {name}; it has: {names}"
        ))),
        (None, [only]) => Ok(only.clone()),
        (None, []) => Err(CommandError::run("the state has no account".to_owned())),
        (None, _) => Err(CommandError::Usage(format!(
            "the state has several accounts: choose one with --account: {names}"
        ))),
    }
}
