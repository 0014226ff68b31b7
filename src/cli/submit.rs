//! `submit`: the working copy becomes the next revision, frozen and signed.

use super::args;
use super::context::{Context, dossier};
use super::out::{Exit, Failure, answer, talk};
use super::sign::{self, Draft, Pen};
use crate::chain::Chain;
use crate::diff::{self, Side};
use crate::digest::DiffDigest;
use crate::dossier::{Dossier, Register, Working};
use crate::id::{Model, PackageId, PersonId, SectionId};
use crate::package::Package;
use crate::record::{Answer, Body, ClaimedClass, Entry, Note, PinnedChain, Subject, Submit};
use crate::store::{DiskSources, Git, Workspace, write_new_folder};
use crate::text::{RepoPath, Sources as _};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

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
    let package = ready(context, dossier)?;
    let pen = Pen::take(context, &ws, &register, &args.sign)?;
    let number = dossier.outcome.revision + 1;
    let chain = dossier.chain.as_ref().expect("a package without problems names a chain that exists");

    let given = given(args)?;
    let change = match dossier.current() {
        None => None,
        Some(current) => Some(changes(&ws, dossier, current.number, package, &given)?),
    };
    let (answers, notes, diff) = change.map_or((Vec::new(), Vec::new(), None), |c| (c.0, c.1, Some(c.2)));
    let subject = Subject {
        package: args.package.clone(),
        revision: number,
        digest: package.digest(),
        model: Model { name: package.meta.model.name.clone(), version: package.meta.model.version.clone() },
        chain: PinnedChain { id: chain.id.clone(), sha256: chain.digest },
    };
    let body = Submit {
        class: args.class.map(claimed).filter(|_| number > 1),
        answers,
        authors: package.meta.authors.clone(),
        contributors: contributors(&ws, &register, package),
        diff,
        exceptions: package.meta.exceptions.iter().map(|e| e.id.clone()).collect(),
        manifest: package.manifest.text(),
        notes,
    };
    let draft = Draft::plain(Some(subject), Body::Submit(body));
    // Everything is read and compared before anything is asked of the signer.
    let files = frozen_files(&ws, package, &format!("chains/{}.toml", chain.id))?;
    let (record, signed) = pen.prepare(draft)?;
    freeze(&ws, dossier, number, &files)?;
    let id = sign::store(&ws, &record, &signed)?;
    if context.json() {
        answer(&format!("{{\"record\":\"{id}\",\"package\":\"{}\",\"revision\":{number}}}\n", args.package));
    } else {
        answer(&format!("{} revision {number} is submitted: {}\n", args.package, package.digest()));
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

/// The working copy, if it may be submitted at all.
fn ready<'a>(context: &Context, dossier: &'a Dossier) -> Result<&'a Package, Failure> {
    if dossier.diagnostics.has_errors() || dossier.package.is_none() {
        answer(&context.render(&dossier.diagnostics));
        return Err(Failure::refused(format!(
            "{} has {} problem(s) and cannot be submitted",
            dossier.id,
            dossier.diagnostics.errors()
        ))
        .help(format!("mend them; `countersign check {}` lists them again", dossier.id)));
    }
    if dossier.working == Working::Current {
        return Err(Failure::refused(format!(
            "nothing changed since revision {} of {}",
            dossier.outcome.revision, dossier.id
        )));
    }
    dossier.package.as_deref().ok_or_else(|| Failure::cannot("the package cannot be read"))
}

fn given(args: &args::Submit) -> Result<FromFile, Failure> {
    let mut given = match &args.from {
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
    Ok(given)
}

/// Reads a TOML file named on the command line.
pub fn read_toml<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, Failure> {
    let text =
        std::fs::read_to_string(path).map_err(|e| Failure::cannot(format!("{}: {e}", path.display())))?;
    toml::from_str(&text).map_err(|e| Failure::cannot(format!("{}: {e}", path.display())))
}

/// The answers, notes and diff a resubmission carries, or what is missing of them.
fn changes(
    ws: &Workspace,
    dossier: &Dossier,
    current: u32,
    package: &Package,
    given: &FromFile,
) -> Result<(Vec<Answer>, Vec<Note>, DiffDigest), Failure> {
    let sources = ws.sources();
    let diff = between(dossier, current, None, &sources)?;
    let touched = diff::touched_sections(&diff);
    let mut missing = Vec::new();

    let noted: BTreeSet<&SectionId> = given.note.iter().map(|n| &n.section).collect();
    for section in touched.iter().filter(|s| !noted.contains(s)) {
        missing.push(format!(
            "a note on the changed section `{section}`: --note '{section}: what changed and why'"
        ));
    }
    for note in given.note.iter().filter(|n| !touched.contains(&n.section)) {
        missing.push(format!("section `{}` did not change; take its note out", note.section));
    }
    let mut answers = Vec::new();
    for finding in dossier.outcome.findings.iter().filter(|f| f.open) {
        match given.answer.iter().find(|a| a.finding == *finding.id()) {
            None => missing.push(format!(
                "an answer to finding `{}` ({}): --answer '{}: what was done'",
                finding.id(),
                finding.finding.concern,
                finding.id()
            )),
            Some(answer) => {
                let mut answer = answer.clone();
                // Given on the command line, an answer points at the finding's own section if that changed.
                if answer.sections.is_empty() && touched.contains(&finding.finding.section) {
                    answer.sections.push(finding.finding.section.clone());
                }
                for section in answer.sections.iter().filter(|s| !touched.contains(s)) {
                    missing.push(format!(
                        "finding `{}` is answered by section `{section}`, which did not change",
                        answer.finding
                    ));
                }
                answers.push(answer);
            }
        }
    }
    for answer in &given.answer {
        if !dossier.outcome.findings.iter().any(|f| f.open && *f.id() == answer.finding) {
            missing.push(format!("there is no open finding `{}`", answer.finding));
        }
    }
    if !missing.is_empty() {
        return Err(Failure::refused(format!(
            "revision {} of {} cannot be submitted yet:\n  - {}",
            current + 1,
            package.id,
            missing.join("\n  - ")
        ))
        .help("give them with --note and --answer, or in a file with [[note]] and [[answer]] tables: --from FILE"));
    }
    let mut notes = given.note.clone();
    notes.sort_by(|a, b| a.section.cmp(&b.section));
    Ok((answers, notes, diff::digest(&diff)))
}

/// The diff from one revision to another, or to the working copy.
pub fn between(
    dossier: &Dossier,
    from: u32,
    to: Option<u32>,
    sources: &DiskSources,
) -> Result<diff::PackageDiff, Failure> {
    let base = |path: String| path.parse::<RepoPath>().expect("ids and numbers are plain names");
    let revision = |n: u32| {
        let found = dossier.revisions.iter().find(|r| r.number == n);
        let found = found.ok_or_else(|| Failure::cannot(format!("{} has no revision {n}", dossier.id)))?;
        Ok::<_, Failure>((
            found.package.clone(),
            Some(found.chain.clone()),
            base(format!("packages/{}/revisions/{n}", dossier.id)),
        ))
    };
    let old = revision(from)?;
    let new = match to {
        Some(n) => revision(n)?,
        None => {
            let package =
                dossier.package.clone().ok_or_else(|| Failure::cannot("the working copy cannot be read"))?;
            (package, dossier.chain.clone(), base(format!("packages/{}", dossier.id)))
        }
    };
    Ok(diff::revisions(&side(&old, sources)?, &side(&new, sources)?))
}

type Version = (Arc<Package>, Option<Arc<Chain>>, RepoPath);

fn side<'a>((package, chain, base): &'a Version, sources: &DiskSources) -> Result<Side<'a>, Failure> {
    let side = Side::load(package, base, sources).map_err(Failure::cannot)?;
    Ok(match chain {
        Some(chain) => side.under(chain),
        None => side,
    })
}

/// Everyone whose commits touched the package and who is enrolled, without the authors.
fn contributors(ws: &Workspace, register: &Register, package: &Package) -> Vec<PersonId> {
    let emails =
        Git::at(ws.root()).map(|git| git.authors(&format!("packages/{}", package.id))).unwrap_or_default();
    let persons = register.people.persons.values();
    let mut out: Vec<PersonId> = persons
        .filter(|p| emails.iter().any(|e| e.eq_ignore_ascii_case(&p.email)))
        .map(|p| p.id.clone())
        .filter(|id| !package.meta.authors.contains(id))
        .collect();
    out.sort();
    out
}

/// The bytes of everything that is frozen, exactly those whose digests will be signed.
fn frozen_files(ws: &Workspace, package: &Package, chain: &str) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let sources = ws.sources();
    let mut files = Vec::new();
    for entry in &package.manifest.files {
        let path: RepoPath =
            format!("packages/{}/{}", package.id, entry.path).parse().expect("a manifest path is plain");
        let bytes = sources.read(&path).map_err(Failure::cannot)?;
        if crate::digest::sha256(&bytes) != entry.digest.0 {
            return Err(Failure::cannot(format!(
                "{path} changed while it was read; nothing has been signed"
            ))
            .help("save your files, then submit again"));
        }
        files.push((entry.path.to_string(), bytes));
    }
    files.push(("MANIFEST".to_owned(), package.manifest.text().into_bytes()));
    files.push(("chain.toml".to_owned(), ws.read_or_empty(chain)?));
    Ok(files)
}

/// Writes the frozen folder in one step. A folder of that number that no record submitted is the trace
/// of an interrupted submission and is replaced.
fn freeze(
    ws: &Workspace,
    dossier: &Dossier,
    number: u32,
    files: &[(String, Vec<u8>)],
) -> Result<(), Failure> {
    let path = format!("packages/{}/revisions/{number}", dossier.id);
    let folder = ws.path(&path);
    // A link in its place must not lead the removal out of the repository.
    if ws.plain_folder(&path)? {
        std::fs::remove_dir_all(&folder)
            .map_err(|e| Failure::cannot(format!("{}: {e}", folder.display())))?;
    }
    Ok(write_new_folder(&folder, files)?)
}

/// The subject of records about the current revision.
pub fn subject(dossier: &Dossier, entries: &[Entry]) -> Result<Subject, Failure> {
    crate::agent::subject(dossier, entries).ok_or_else(|| no_revision(&dossier.id))
}

fn no_revision(id: &PackageId) -> Failure {
    Failure::refused(format!("{id} was not submitted yet"))
        .help(format!("run `countersign submit {id}` first"))
}
