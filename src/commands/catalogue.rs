//! `catalogue`: every family, what feeds it, and how many series it may come to.

use super::{CommandError, print_stdout};
use crate::cli::{CatalogueArgs, CatalogueFormat};
use vcc_core::catalogue::{Sizes, json, markdown};

pub(super) fn catalogue(args: &CatalogueArgs) -> Result<(), CommandError> {
    let sizes = sizes(args);
    match args.format {
        CatalogueFormat::Markdown => print_stdout(markdown(sizes.as_ref()).trim_end()),
        CatalogueFormat::Json => {
            let text =
                serde_json::to_string_pretty(&json(sizes.as_ref())).map_err(CommandError::run)?;
            print_stdout(&text);
        }
    }
    Ok(())
}

/// The sizes that were given, completed by the defaults; none if none was given.
fn sizes(args: &CatalogueArgs) -> Option<Sizes> {
    let mut sizes = Sizes::default();
    let mut any = false;
    for (given, size) in [
        (args.queues, &mut sizes.queues),
        (args.groups, &mut sizes.groups),
        (args.media, &mut sizes.media),
        (args.outcomes, &mut sizes.outcomes),
        (args.skills, &mut sizes.skills),
        (args.dispositions, &mut sizes.dispositions),
        (args.plans, &mut sizes.plans),
        (args.assistants, &mut sizes.assistants),
        (args.agents, &mut sizes.agents),
        (args.series_limit, &mut sizes.series_limit),
    ] {
        if let Some(given) = given {
            *size = u64::from(given);
            any = true;
        }
    }
    any.then_some(sizes)
}
