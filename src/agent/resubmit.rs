//! The working copy becomes the next revision: what it takes, frozen exactly as it will be signed.
//!
//! Shared by `submit` and the review pages: both ask for the same answers and notes, each in its own words.

use super::draft::Draft;
use crate::chain::Chain;
use crate::diff::{self, Side};
use crate::digest::{DiffDigest, PackageDigest};
use crate::dossier::{Dossier, Register, Working};
use crate::id::{FindingId, Model, PackageId, PersonId, SectionId};
use crate::package::Package;
use crate::record::{Answer, Body, ClaimedClass, Note, PinnedChain, Subject, Submit};
use crate::store::{DiskSources, Git, Workspace, write_new_folder};
use crate::text::{RepoPath, Sources as _};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What the submitter says beside the files.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// One for each open finding.
    pub answers: Vec<Answer>,
    /// One for each changed section.
    pub notes: Vec<Note>,
    /// How much changed, as the author claims.
    pub class: Option<ClaimedClass>,
}

/// Something without which nothing can be submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lack {
    /// A changed section has no note.
    Note(SectionId),
    /// An open finding has no answer; with its concern.
    Answer(FindingId, String),
    /// Something that does not fit.
    Other(String),
}

/// Why nothing can be submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unready {
    /// The working copy has problems of its own.
    Problems {
        /// The package.
        package: PackageId,
        /// How many.
        errors: usize,
    },
    /// Answers or notes are missing.
    Lacks {
        /// The package.
        package: PackageId,
        /// The revision it would be.
        revision: u32,
        /// What is missing.
        lacks: Vec<Lack>,
    },
    /// It makes no sense now.
    Refused(String),
    /// Something cannot be read or written.
    Cannot(String),
}

impl Unready {
    /// In one sentence, for whoever shows no more.
    pub fn words(&self) -> String {
        match self {
            Unready::Problems { package, errors } => {
                let (count, which) = if *errors == 1 {
                    ("1 problem".to_owned(), "it")
                } else {
                    (format!("{errors} problems"), "they")
                };
                format!("the package {package} has {count} of its own: {which} must be mended first")
            }
            Unready::Lacks { package, revision, .. } => {
                format!("answers or notes are missing for revision {revision} of {package}")
            }
            Unready::Refused(words) | Unready::Cannot(words) => words.clone(),
        }
    }
}

/// Everything a submission is made of.
#[derive(Debug, Clone)]
pub struct Ready {
    /// The number of the revision.
    pub number: u32,
    /// The package digest.
    pub digest: PackageDigest,
    subject: Subject,
    body: Submit,
    /// Paths below the revision's folder with their bytes.
    pub files: Vec<(String, Vec<u8>)>,
}

impl Ready {
    /// The draft of the record. A first revision claims no class of change.
    pub fn draft(&self, class: Option<ClaimedClass>) -> Draft {
        let class = class.filter(|_| self.number > 1);
        Draft::plain(Some(self.subject.clone()), Body::Submit(Submit { class, ..self.body.clone() }))
    }
}

/// Reads and compares everything, so that nothing is left to go wrong after the signature but the disk.
///
/// # Errors
/// When the working copy cannot be submitted as it is.
pub fn prepare(
    ws: &Workspace,
    register: &Register,
    dossier: &Dossier,
    given: &Given,
) -> Result<Ready, Unready> {
    let package = ready(dossier)?;
    let number = dossier.outcome.revision + 1;
    let chain = dossier.chain.as_ref();
    let chain = chain.ok_or_else(|| Unready::Cannot("the package names no chain that exists".to_owned()))?;
    let change = match dossier.current() {
        None => None,
        Some(current) => Some(changes(ws, dossier, current.number, package, given)?),
    };
    let (answers, notes, diff) = change.map_or((Vec::new(), Vec::new(), None), |c| (c.0, c.1, Some(c.2)));
    let subject = Subject {
        package: dossier.id.clone(),
        revision: number,
        digest: package.digest(),
        model: Model { name: package.meta.model.name.clone(), version: package.meta.model.version.clone() },
        chain: PinnedChain { id: chain.id.clone(), sha256: chain.digest },
    };
    let body = Submit {
        class: None,
        answers,
        authors: package.meta.authors.clone(),
        contributors: contributors(ws, register, package),
        diff,
        exceptions: package.meta.exceptions.iter().map(|e| e.id.clone()).collect(),
        manifest: package.manifest.text(),
        notes,
    };
    let files = frozen_files(ws, package, &format!("chains/{}.toml", chain.id))?;
    Ok(Ready { number, digest: package.digest(), subject, body, files })
}

/// The working copy, if it may be submitted at all.
fn ready(dossier: &Dossier) -> Result<&Package, Unready> {
    let Some(package) = dossier.package.as_deref().filter(|_| !dossier.diagnostics.has_errors()) else {
        let (package, errors) = (dossier.id.clone(), dossier.diagnostics.errors());
        return Err(Unready::Problems { package, errors });
    };
    if dossier.working == Working::Current {
        return Err(Unready::Refused(format!(
            "nothing changed since revision {} of {}",
            dossier.outcome.revision, dossier.id
        )));
    }
    Ok(package)
}

/// The answers, notes and diff a resubmission carries, or what is missing of them.
fn changes(
    ws: &Workspace,
    dossier: &Dossier,
    current: u32,
    package: &Package,
    given: &Given,
) -> Result<(Vec<Answer>, Vec<Note>, DiffDigest), Unready> {
    let diff = between(dossier, current, None, &ws.sources())?;
    let touched = diff::touched_sections(&diff);
    let mut lacks = Vec::new();
    let noted: BTreeSet<&SectionId> = given.notes.iter().map(|n| &n.section).collect();
    lacks.extend(touched.iter().filter(|s| !noted.contains(s)).map(|s| Lack::Note(s.clone())));
    for note in given.notes.iter().filter(|n| !touched.contains(&n.section)) {
        lacks.push(Lack::Other(format!("section `{}` did not change; take its note out", note.section)));
    }
    let mut answers = Vec::new();
    for finding in dossier.outcome.findings.iter().filter(|f| f.open) {
        let Some(answer) = given.answers.iter().find(|a| a.finding == *finding.id()) else {
            lacks.push(Lack::Answer(finding.id().clone(), finding.finding.concern.clone()));
            continue;
        };
        let mut answer = answer.clone();
        // With no section named, an answer points at the finding's own section if that changed.
        if answer.sections.is_empty() && touched.contains(&finding.finding.section) {
            answer.sections.push(finding.finding.section.clone());
        }
        for section in answer.sections.iter().filter(|s| !touched.contains(s)) {
            lacks.push(Lack::Other(format!(
                "finding `{}` is answered by section `{section}`, which did not change",
                answer.finding
            )));
        }
        answers.push(answer);
    }
    for answer in &given.answers {
        if !dossier.outcome.findings.iter().any(|f| f.open && *f.id() == answer.finding) {
            lacks.push(Lack::Other(format!("there is no open finding `{}`", answer.finding)));
        }
    }
    if !lacks.is_empty() {
        return Err(Unready::Lacks { package: package.id.clone(), revision: current + 1, lacks });
    }
    let mut notes = given.notes.clone();
    notes.sort_by(|a, b| a.section.cmp(&b.section));
    Ok((answers, notes, diff::digest(&diff)))
}

/// The diff from one revision to another, or to the working copy.
///
/// # Errors
/// When there is no such revision, or its texts are not what was signed.
pub fn between(
    dossier: &Dossier,
    from: u32,
    to: Option<u32>,
    sources: &DiskSources,
) -> Result<diff::PackageDiff, Unready> {
    let base = |path: String| path.parse::<RepoPath>().expect("ids and numbers are plain names");
    let revision = |n: u32| {
        let found = dossier.revisions.iter().find(|r| r.number == n);
        let found = found.ok_or_else(|| Unready::Cannot(format!("{} has no revision {n}", dossier.id)))?;
        Ok::<_, Unready>((
            found.package.clone(),
            Some(found.chain.clone()),
            base(format!("packages/{}/revisions/{n}", dossier.id)),
        ))
    };
    let old = revision(from)?;
    let new = match to {
        Some(n) => revision(n)?,
        None => {
            let package = dossier.package.clone();
            let package =
                package.ok_or_else(|| Unready::Cannot("the working copy cannot be read".to_owned()))?;
            (package, dossier.chain.clone(), base(format!("packages/{}", dossier.id)))
        }
    };
    Ok(diff::revisions(&side(&old, sources)?, &side(&new, sources)?))
}

type Version = (Arc<Package>, Option<Arc<Chain>>, RepoPath);

fn side<'a>((package, chain, base): &'a Version, sources: &DiskSources) -> Result<Side<'a>, Unready> {
    let side = Side::load(package, base, sources).map_err(Unready::Cannot)?;
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
fn frozen_files(ws: &Workspace, package: &Package, chain: &str) -> Result<Vec<(String, Vec<u8>)>, Unready> {
    let sources = ws.sources();
    let mut files = Vec::new();
    for entry in &package.manifest.files {
        let path: RepoPath =
            format!("packages/{}/{}", package.id, entry.path).parse().expect("a manifest path is plain");
        let bytes = sources.read(&path).map_err(|e| Unready::Cannot(e.to_string()))?;
        if crate::digest::sha256(&bytes) != entry.digest.0 {
            return Err(Unready::Cannot(format!(
                "{path} changed while it was read; nothing has been signed. Save your files, then submit again"
            )));
        }
        files.push((entry.path.to_string(), bytes));
    }
    files.push(("MANIFEST".to_owned(), package.manifest.text().into_bytes()));
    let chain = ws.read_or_empty(chain).map_err(|e| Unready::Cannot(e.to_string()))?;
    files.push(("chain.toml".to_owned(), chain));
    Ok(files)
}

/// Writes the frozen folder in one step. A folder of that number that no record submitted is the trace
/// of an interrupted submission and is replaced.
///
/// # Errors
/// When the disk refuses.
pub fn freeze(
    ws: &Workspace,
    dossier: &Dossier,
    number: u32,
    files: &[(String, Vec<u8>)],
) -> Result<(), Unready> {
    let cannot = |e: &dyn std::fmt::Display| Unready::Cannot(e.to_string());
    let path = format!("packages/{}/revisions/{number}", dossier.id);
    let folder = ws.path(&path);
    // A link in its place must not lead the removal out of the repository.
    if ws.plain_folder(&path).map_err(|e| cannot(&e))? {
        std::fs::remove_dir_all(&folder)
            .map_err(|e| Unready::Cannot(format!("{}: {e}", folder.display())))?;
    }
    write_new_folder(&folder, files).map_err(|e| cannot(&e))
}
