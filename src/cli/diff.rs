//! `diff`: what changed, in the terms of the document.

use super::args;
use super::context::{Context, dossier};
use super::out::{Exit, Failure, answer};
use super::submit::between;
use crate::diff;

/// Shows what changed between two revisions, or since the last one.
pub fn run(context: &Context, args: &args::Diff) -> Result<Exit, Failure> {
    let (ws, register) = context.load()?;
    let dossier = dossier(&register, &args.package)?;
    if dossier.outcome.revision == 0 {
        return Err(Failure::refused(format!(
            "{} was not submitted yet, so there is nothing to compare with",
            args.package
        )));
    }
    let from = args.from.unwrap_or(dossier.outcome.revision);
    let diff = between(dossier, from, args.to, &ws.sources())?;
    if context.json() {
        answer(&(diff::canonical_json(&diff) + "\n"));
    } else {
        answer(&diff::human(&diff));
    }
    Ok(Exit::Yes)
}
