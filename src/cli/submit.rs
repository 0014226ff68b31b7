//! `submit`: the working copy becomes the next revision, frozen and signed.

use super::args;
use super::context::{Context, dossier};
use super::out::{Exit, Failure, answer, talk};
use super::sign::{self, Pen};
use crate::agent::resubmit::{self, Given, Lack, Ready, Unready};
use crate::diff;
use crate::dossier::Dossier;
use crate::id::PackageId;
use crate::record::{Answer, ClaimedClass, Entry, Note, Subject};
use crate::store::DiskSources;
use serde::Deserialize;
use std::path::Path;

/// Answers and notes as a file holds them.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct FromFile {
    #[serde(default)]
    answer: Vec<Answer>,
    #[serde(default)]
    note: Vec<Note>,
}

/// Freezes the working copy and submits it.
pub fn run(context: &Context, args: &args::Submit) -> Result<Exit, Failure> {
    let (ws, register) = context.load_sound()?;
    let dossier = dossier(&register, &args.package)?;
    if dossier.diagnostics.has_errors() || dossier.package.is_none() {
        answer(&context.render(&dossier.diagnostics));
    }
    let given = given(args)?;
    // Everything is read and compared before anything is asked of the signer.
    let ready = resubmit::prepare(&ws, &register, dossier, &given).map_err(refused)?;
    let pen = Pen::take(context, &ws, &register, &args.sign)?;
    let Ready { number, files, .. } = &ready;
    let draft = ready.draft(given.class);
    let (record, signed) = pen.prepare(draft)?;
    resubmit::freeze(&ws, dossier, *number, files).map_err(refused)?;
    let id = sign::store(&ws, &record, &signed)?;
    if context.json() {
        answer(&format!("{{\"record\":\"{id}\",\"package\":\"{}\",\"revision\":{number}}}\n", args.package));
    } else {
        answer(&format!("{} revision {number} is submitted: {}\n", args.package, ready.digest));
        talk(&format!(
            "Commit packages/{0}/revisions/{number} and chains/pending, then `countersign status {0}`.\n",
            args.package
        ));
    }
    Ok(Exit::Yes)
}

fn claimed(class: args::Claimed) -> ClaimedClass {
    match class {
        args::Claimed::Material => ClaimedClass::Material,
        args::Claimed::Minor => ClaimedClass::Minor,
        args::Claimed::Cosmetic => ClaimedClass::Cosmetic,
    }
}

fn given(args: &args::Submit) -> Result<Given, Failure> {
    let mut given: FromFile = match &args.from {
        None => FromFile::default(),
        Some(path) => read_toml(path)?,
    };
    let split = |text: &str, what: &str| {
        let (id, words) = text
            .split_once(':')
            .ok_or_else(|| Failure::cannot(format!("`{text}` is not `{what}: words`")))?;
        Ok::<_, Failure>((id.trim().to_owned(), words.trim().to_owned()))
    };
    for text in &args.note {
        let (section, text) = split(text, "SECTION")?;
        let section = section.parse().map_err(|e| Failure::cannot(format!("{e}")))?;
        given.note.push(Note { section, text });
    }
    for text in &args.answer {
        let (finding, how) = split(text, "FINDING")?;
        let finding = finding.parse().map_err(|e| Failure::cannot(format!("{e}")))?;
        given.answer.push(Answer { finding, how, sections: Vec::new() });
    }
    Ok(Given { answers: given.answer, notes: given.note, class: args.class.map(claimed) })
}

/// What is missing, in the words of the command line.
fn refused(why: Unready) -> Failure {
    match why {
        Unready::Problems { package, errors } => {
            Failure::refused(format!("{package} has {errors} problem(s) and cannot be submitted"))
                .help(format!("mend them; `countersign check {package}` lists them again"))
        }
        Unready::Lacks { package, revision, lacks } => {
            let lacks: Vec<String> = lacks
                .into_iter()
                .map(|lack| match lack {
                    Lack::Note(section) => format!(
                        "a note on the changed section `{section}`: --note '{section}: what changed and why'"
                    ),
                    Lack::Answer(id, concern) => {
                        format!("an answer to finding `{id}` ({concern}): --answer '{id}: what was done'")
                    }
                    Lack::Other(words) => words,
                })
                .collect();
            Failure::refused(format!(
                "revision {revision} of {package} cannot be submitted yet:\n  - {}",
                lacks.join("\n  - ")
            ))
            .help("give them with --note and --answer, or in a file with [[note]] and [[answer]] tables: --from FILE")
        }
        Unready::Refused(words) => Failure::refused(words),
        Unready::Cannot(words) => Failure::cannot(words),
    }
}

/// The diff from one revision to another, or to the working copy.
pub fn between(
    dossier: &Dossier,
    from: u32,
    to: Option<u32>,
    sources: &DiskSources,
) -> Result<diff::PackageDiff, Failure> {
    resubmit::between(dossier, from, to, sources).map_err(refused)
}

/// Reads a TOML file named on the command line.
pub fn read_toml<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, Failure> {
    let text =
        std::fs::read_to_string(path).map_err(|e| Failure::cannot(format!("{}: {e}", path.display())))?;
    toml::from_str(&text).map_err(|e| Failure::cannot(format!("{}: {e}", path.display())))
}

/// The subject of records about the current revision.
pub fn subject(dossier: &Dossier, entries: &[Entry]) -> Result<Subject, Failure> {
    crate::agent::subject(dossier, entries).ok_or_else(|| no_revision(&dossier.id))
}

fn no_revision(id: &PackageId) -> Failure {
    Failure::refused(format!("{id} was not submitted yet"))
        .help(format!("run `countersign submit {id}` first"))
}
