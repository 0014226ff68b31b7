//! `review`: opens the review pages for one person.

use super::args;
use super::context::{Context, clock, dossier};
use super::out::{Exit, Failure, answer, talk};
use super::site::browse;
use crate::agent::{self, Opening, ReviewOptions, ServeError};

/// Serves the review pages until the process is stopped.
pub fn run(context: &Context, args: &args::Review) -> Result<Exit, Failure> {
    let ws = context.workspace()?;
    if let Some(package) = &args.package {
        dossier(&ws.load(context.now)?, package)?;
    }
    let options = ReviewOptions {
        port: args.port,
        person: args.person.clone(),
        key: args.key.clone(),
        assistance: args.assistance.clone(),
        package: args.package.clone(),
    };
    let fixed = context.fixed.then_some(context.now);
    let ready = |opening: &Opening| {
        answer(&format!(
            "Reviews of {}: {}\nThe address opens the pages once, in one browser. Stop with Ctrl-C.\n",
            opening.name, opening.url
        ));
        if !args.no_open {
            // Arguments of a program can be read by every user of the computer; a file of one's own cannot.
            let file = opening.file.as_ref().map(|file| format!("file://{}", file.display()));
            browse(file.as_deref().unwrap_or(&opening.url));
        }
    };
    agent::review(ws, options, move || fixed.unwrap_or_else(clock), ready, talk).map_err(
        |error| match error {
            ServeError::Refused(why) => Failure::refused(why),
            ServeError::Listen { .. } => {
                Failure::cannot(error.to_string()).help("another port: --port 0 takes a free one")
            }
            other => Failure::cannot(other.to_string()),
        },
    )?;
    Ok(Exit::Yes)
}
