//! `export`: the certificate leaves the repository.

use super::args::{self, Shape};
use super::context::{Context, dossier};
use super::out::{Exit, Failure, answer};
use crate::diag::Diagnostic;
use crate::export::{self, Format};
use crate::store::{write_atomic, write_new_folder};

/// Writes the certificate as JSON or as a folder of evidence.
pub fn run(context: &Context, args: &args::Export) -> Result<Exit, Failure> {
    let format = match context.shape {
        Shape::Json => Format::Json,
        Shape::Bundle => Format::Bundle,
        _ => return Err(Failure::cannot("say what to write: `--format json` or `--format bundle`")),
    };
    let (ws, register) = context.load()?;
    dossier(&register, &args.package)?;
    if let Some(found) = register.ledger.breaks.first() {
        return Err(Failure::tampered(format!(
            "nothing is exported from here: {}: {}",
            found.path, found.message
        ))
        .help("run `countersign verify`"));
    }
    let files = export::build(format, &register, &args.package, &ws.sources()).map_err(|e| {
        let told = Diagnostic::from(e);
        Failure::refused(format!("{}: {}", told.code.0, told.message)).help(told.help)
    })?;
    match format {
        Format::Json => {
            let (_, bytes) = files.first().expect("the document comes first, then its schema");
            write_atomic(&args.out, bytes)?;
            answer(&format!("{}\n", args.out.display()));
        }
        Format::Bundle => {
            let files: Vec<(String, Vec<u8>)> = files.into_iter().map(|(p, b)| (p.to_string(), b)).collect();
            write_new_folder(&args.out, &files)?;
            answer(&format!(
                "{}: {} files; VERIFY.txt says how to check them without countersign\n",
                args.out.display(),
                files.len()
            ));
        }
    }
    Ok(Exit::Yes)
}
