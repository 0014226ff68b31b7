//! From bytes to a register: parse, check, verify, fold.

use super::case::{Ground, Told};
use super::certificates::{claims, conflicts, supersede};
use super::input::{Facts, Folder, FrozenFolder, Input};
use super::texts::FrozenTexts;
use super::{Dossier, LedgerState, Register, Working, frozen};
use crate::chain::{self, Chain};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::digest::PackageDigest;
use crate::engine::{self, PackageState, Revision};
use crate::id::{ChainId, PackageId, PersonId, RoleId};
use crate::package::{self, Listed, Manifest, Package};
use crate::record::{Body, Break, Entry, People};
use crate::text::{RepoPath, SourceFile, Sources};
use crate::time::Timestamp;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Derives everything known, and the facts worth remembering for the next run.
pub fn build(input: &Input, sources: &dyn Sources, known: &Facts, as_of: Timestamp) -> (Register, Facts) {
    let mut diagnostics = input.problems.clone();
    let verdict = input.verify();
    let mut breaks = verdict.breaks;
    let chains = parse_chains(input, &mut diagnostics);
    let lint = lint(&chains, &verdict.people);

    // Working copies and frozen revisions are parsed once each, in parallel; each package is its own task.
    let parsed: Vec<Parsed> =
        input.packages.par_iter().map(|folder| parse_folder(folder, sources, known)).collect();
    let mut facts = Facts::default();
    for parsed in &parsed {
        for (digest, package) in &parsed.clean {
            facts.insert(*digest, package.clone());
        }
    }

    let by_package = group(&verdict.entries);
    let index: BTreeMap<&PackageId, &Arc<Package>> =
        parsed.iter().filter_map(|p| Some((&p.folder.id, p.working.as_ref()?))).collect();
    let ground = Ground {
        repository: input.config.repository,
        entries: &verdict.entries,
        people: &verdict.people,
        chains: &chains,
        as_of,
    };
    let world = World { ground, index: &index, sources };
    let dossiers: Vec<(Dossier, Vec<Break>)> = parsed
        .par_iter()
        .map(|parsed| {
            let entries = by_package.get(&parsed.folder.id).map_or(&[][..], Vec::as_slice);
            one(parsed, entries, &world)
        })
        .collect();
    let mut packages = BTreeMap::new();
    for (dossier, found) in dossiers {
        breaks.extend(found);
        packages.insert(dossier.id.clone(), dossier);
    }
    supersede(&mut packages, ground, None);
    conflicts(&packages, &mut diagnostics);
    lost_packages(&by_package, &packages, &verdict.entries, &mut breaks);
    breaks.sort();
    breaks.dedup();
    mark_broken(&mut packages, &breaks);

    let register = Register {
        name: input.config.name.clone(),
        repository: input.config.repository,
        root_of_trust: input.config.root_of_trust,
        as_of,
        packages,
        chains,
        people: verdict.people,
        ledger: LedgerState {
            entries: verdict.entries,
            size: verdict.size,
            root: verdict.root,
            roots: verdict.roots,
            breaks,
        },
        diagnostics,
        lint,
    };
    (register, facts)
}

/// Derives one package anew; everything else in the register stays as it was. What others say about this
/// one (a link to a heading that is gone now) is found by the next [`build`]. False, and nothing is done,
/// where that could hide a break.
pub fn rebuild(register: &mut Register, folder: &Folder, sources: &dyn Sources, known: &mut Facts) -> bool {
    let Some(old) = register.packages.get(&folder.id).filter(|_| register.ledger.breaks.is_empty()) else {
        return false;
    };
    let parsed = parse_folder(folder, sources, known);
    let mut index: BTreeMap<&PackageId, &Arc<Package>> =
        register.packages.values().filter_map(|d| Some((&d.id, d.package.as_ref()?))).collect();
    index.remove(&folder.id);
    index.extend(parsed.working.as_ref().map(|package| (&folder.id, package)));
    let world = World { ground: register.ground(), index: &index, sources };
    let (dossier, found) = one(&parsed, &old.entries, &world);
    for (digest, package) in parsed.clean {
        known.insert(digest, package);
    }
    if found.is_empty() {
        let mut packages = std::mem::take(&mut register.packages);
        packages.insert(folder.id.clone(), dossier);
        supersede(&mut packages, register.ground(), Some(&folder.id));
        register.packages = packages;
    }
    found.is_empty()
}

fn parse_chains(input: &Input, diagnostics: &mut Diagnostics) -> BTreeMap<ChainId, Arc<Chain>> {
    let parsed = input.chains.iter().filter_map(|file| chain::parse(file, diagnostics));
    parsed.map(|chain| (chain.id.clone(), Arc::new(chain))).collect()
}

fn lint(chains: &BTreeMap<ChainId, Arc<Chain>>, people: &People) -> Diagnostics {
    let holders: Vec<(PersonId, BTreeSet<RoleId>)> =
        people.persons.values().map(|p| (p.id.clone(), p.roles.clone())).collect();
    let mut found = Diagnostics::new();
    for chain in chains.values() {
        found.extend(chain::lint(chain, &holders));
    }
    found.extend(chain::unused_roles(chains.values().map(|c| &**c), &holders));
    found.extend(chain::offices(chains.values().map(|c| &**c), &holders));
    found
}

/// A package with everything parsed that lies in its folder.
struct Parsed<'a> {
    folder: &'a Folder,
    working: Option<Arc<Package>>,
    diagnostics: Diagnostics,
    revisions: BTreeMap<u32, Revision>,
    clean: Vec<(PackageDigest, Arc<Package>)>,
}

fn parse_folder<'a>(folder: &'a Folder, sources: &dyn Sources, known: &Facts) -> Parsed<'a> {
    let mut clean = Vec::new();
    let mut diagnostics = folder.problems.clone();
    let working =
        parse_files(&folder.id, &folder.base, &folder.files, sources, known, &mut diagnostics, &mut clean);
    let mut revisions = BTreeMap::new();
    for frozen in &folder.frozen {
        if let Some(revision) = parse_frozen(folder, frozen, sources, known, &mut clean) {
            revisions.insert(frozen.number, revision);
        }
    }
    Parsed { folder, working, diagnostics, revisions, clean }
}

fn parse_files(
    id: &PackageId,
    base: &RepoPath,
    files: &[Listed],
    sources: &dyn Sources,
    known: &Facts,
    diagnostics: &mut Diagnostics,
    clean: &mut Vec<(PackageDigest, Arc<Package>)>,
) -> Option<Arc<Package>> {
    let mut own = Diagnostics::new();
    let digest = Manifest::build(files, base, &mut own).digest();
    // Files that the digest does not cover are problems, and problems are said anew each time.
    if let (true, Some(package)) = (own.is_empty(), known.get(id, digest)) {
        clean.push((digest, package.clone()));
        return Some(package.clone());
    }
    let mut own = Diagnostics::new();
    let package = package::parse(id.clone(), files, base, sources, &mut own).map(Arc::new);
    if let (true, Some(package)) = (own.is_empty(), &package) {
        clean.push((digest, package.clone()));
    }
    diagnostics.extend(own);
    package
}

fn parse_frozen(
    folder: &Folder,
    frozen: &FrozenFolder,
    sources: &dyn Sources,
    known: &Facts,
    clean: &mut Vec<(PackageDigest, Arc<Package>)>,
) -> Option<Revision> {
    let path = frozen.base.join("chain.toml").expect("plain");
    let text = String::from_utf8(frozen.chain.clone()?).ok()?;
    // What was frozen was checked when it was submitted; problems here can only be damage, which the
    // comparison with the signed MANIFEST names.
    let mut ignored = Diagnostics::new();
    let file = SourceFile::new(path, text);
    let chain = chain::parse(&file, &mut ignored)?;
    let package = parse_files(&folder.id, &frozen.base, &frozen.files, sources, known, &mut ignored, clean)?;
    Some(Revision { number: frozen.number, package, chain: Arc::new(chain) })
}

/// Positions of the entries about each package.
fn group(entries: &[Entry]) -> BTreeMap<PackageId, Vec<usize>> {
    let mut out: BTreeMap<PackageId, Vec<usize>> = BTreeMap::new();
    for (at, entry) in entries.iter().enumerate() {
        if let Some(package) = entry.record().package() {
            out.entry(package.clone()).or_default().push(at);
        }
    }
    out
}

/// What every package of one build is judged in.
struct World<'a> {
    ground: Ground<'a>,
    index: &'a BTreeMap<&'a PackageId, &'a Arc<Package>>,
    sources: &'a dyn Sources,
}

fn one(parsed: &Parsed<'_>, positions: &[usize], world: &World<'_>) -> (Dossier, Vec<Break>) {
    let World { ground, index, sources } = *world;
    let Ground { entries, chains, people, .. } = ground;
    let folder = parsed.folder;
    let mine: Vec<&Entry> = positions.iter().map(|at| &entries[*at]).collect();
    let submissions = submissions(&mine);
    let mut breaks = Vec::new();
    frozen::compare(folder, &submissions, &mut breaks);

    let mut diagnostics = parsed.diagnostics.clone();
    let chain = parsed.working.as_ref().and_then(|p| chains.get(&p.meta.chain)).cloned();
    if let Some(package) = &parsed.working {
        match &chain {
            Some(chain) => {
                package::check(package, chain, &folder.base, &Links { index }, sources, &mut diagnostics);
            }
            None => {
                let known: Vec<&str> = chains.keys().map(ChainId::as_str).collect();
                diagnostics.push(package::chain_missing(package, &folder.base, sources, &known));
            }
        }
    }
    if let Some(package) = &parsed.working {
        let path = folder.base.join("package.toml").expect("plain");
        for author in package.meta.authors.iter().filter(|a| people.person(a).is_none()) {
            let message = format!("the author `{author}` of {} is not enrolled", folder.id);
            let help = "authors are barred from approving by their id; an id nobody has bars nobody";
            diagnostics
                .push(Diagnostic::warning(Code("AUTHOR_NOT_ENROLLED"), message).in_file(&path).help(help));
        }
    }
    // Only what a record submitted is a revision; the numbers must have no gap.
    let revisions: Vec<Revision> = (1..)
        .take_while(|n| submissions.contains_key(n))
        .map_while(|n| parsed.revisions.get(&n).cloned())
        .collect();
    if revisions.len() < submissions.len() && breaks.is_empty() {
        let (number, entry) = submissions.iter().nth(revisions.len()).expect("there are more submissions");
        breaks.push(Break {
            code: "FROZEN_REVISION_MISSING",
            path: folder.base.clone(),
            line: Some(entry.seq),
            record: Some(entry.id()),
            package: Some(folder.id.clone()),
            message: format!("revision {number} was submitted and cannot be read from its frozen copy"),
        });
    }
    let current = revisions.last().map(|r| &r.package.manifest);
    let working = match &parsed.working {
        Some(package) => Working::compare(&package.manifest, current),
        None => {
            let files = Manifest::build(&folder.files, &folder.base, &mut Diagnostics::new());
            Working::compare(&files, current)
        }
    };
    // What other packages say about this one is added when all are known.
    let texts = Arc::new(FrozenTexts::read(&revisions, &folder.base, sources));
    let mut told = Told { texts, ..Told::default() };
    let outcome = engine::evaluate(&ground.case(&folder.id, &revisions, positions, &told).get());
    told.certificates = claims(&outcome, &revisions, entries, positions);
    let dossier = Dossier {
        id: folder.id.clone(),
        package: parsed.working.clone(),
        diagnostics,
        chain,
        revisions,
        working,
        entries: positions.to_vec(),
        told,
        outcome,
    };
    (dossier, breaks)
}

/// The submissions that froze the revisions: in ledger order, each the next in number, by a key that was valid
/// there. Any other submission is kept and shown, and no folder is held against it: else whoever can add a
/// record could say what a frozen revision has to be.
pub(super) fn submissions<'a>(mine: &[&'a Entry]) -> BTreeMap<u32, &'a Entry> {
    let mut found = BTreeMap::new();
    let mut next = 1;
    for entry in mine.iter().filter(|e| e.key_valid && matches!(e.record().body, Body::Submit(_))) {
        if entry.record().revision() == Some(next) {
            found.insert(next, *entry);
            next += 1;
        }
    }
    found
}

/// Submitted packages whose folder is gone.
fn lost_packages(
    by_package: &BTreeMap<PackageId, Vec<usize>>,
    packages: &BTreeMap<PackageId, Dossier>,
    entries: &[Entry],
    breaks: &mut Vec<Break>,
) {
    for (id, positions) in by_package.iter().filter(|(id, _)| !packages.contains_key(*id)) {
        let mine: Vec<&Entry> = positions.iter().map(|at| &entries[*at]).collect();
        let Some((_, entry)) = submissions(&mine).pop_first() else { continue };
        breaks.push(Break {
            code: "FROZEN_REVISION_MISSING",
            path: format!("packages/{id}").parse().expect("an id is a plain name"),
            line: None,
            record: Some(entry.id()),
            package: Some(id.clone()),
            message: format!("there are records about package {id}, but its folder is gone"),
        });
    }
}

/// A break in the ledger itself concerns every package with records; one in a package's files, that one.
fn mark_broken(packages: &mut BTreeMap<PackageId, Dossier>, breaks: &[Break]) {
    let everywhere = breaks.iter().any(|b| b.package.is_none());
    for dossier in packages.values_mut() {
        let own = breaks.iter().any(|b| b.package.as_ref() == Some(&dossier.id));
        if own || (everywhere && !dossier.entries.is_empty()) {
            dossier.outcome.state = PackageState::IntegrityError;
        }
    }
}

struct Links<'a> {
    index: &'a BTreeMap<&'a PackageId, &'a Arc<Package>>,
}

impl package::Links for Links<'_> {
    fn package(&self, id: &PackageId) -> Option<&Package> {
        self.index.get(id).map(|p| &***p)
    }
    fn ids(&self) -> Vec<&PackageId> {
        self.index.keys().copied().collect()
    }
}

/// May a package pass, and if not, why not.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct GateAnswer {
    /// The package.
    pub package: PackageId,
    /// Whether it may pass.
    pub passes: bool,
    /// Codes with words, empty when it passes.
    pub reasons: Vec<(&'static str, String)>,
}

/// Code, what it means, what to do.
pub const GATE_CODES: &[(&str, &str, &str)] = &[
    (
        "AUTHOR_NOT_ENROLLED",
        "package.toml names an author that nobody is enrolled as, so nobody is barred by it.",
        "Correct the id, or enrol the author (a role is not needed).",
    ),
    ("NOT_SUBMITTED", "No revision of the package was submitted yet.", "Run `countersign submit`."),
    (
        "UNSUBMITTED_CHANGES",
        "The working copy is not the current revision; the signatures are not for this text.",
        "Submit the changes as a new revision, or restore the files of the current one from its folder under `revisions/`.",
    ),
    (
        "INTEGRITY_ERROR",
        "Something that was signed does not hold.",
        "Run `countersign verify`; it names file and record.",
    ),
    ("CANNOT_BE_JUDGED", "The package cannot be judged by its chain.", "Run `countersign explain`."),
    (
        "CHANGES_REQUIRED",
        "A rejection stands.",
        "Answer its findings in a new revision; the same reviewer then decides again.",
    ),
    (
        "CLARIFICATION_PENDING",
        "A question that must be answered is open.",
        "The author's side answers it; whoever asked closes it.",
    ),
    (
        "IN_REVIEW",
        "Not every step has passed.",
        "`countersign status` says what is missing and who can supply it.",
    ),
    (
        "CERTIFICATE_EXPIRED",
        "The day by which the model had to be reviewed again has passed.",
        "Submit a new revision and review it.",
    ),
    (
        "REJECTED",
        "A final rejection stands. Nobody can override it.",
        "Its signer takes it back, or the model is given up.",
    ),
    (
        "WITHDRAWN_FROM_REVIEW",
        "The submitter took the revision out of review.",
        "Submit a new revision to begin again.",
    ),
    (
        "LAPSED",
        "A step was not decided within the time its chain allows.",
        "Submit a new revision: its review begins anew.",
    ),
    (
        "SUPERSEDED_CERTIFICATE",
        "The certificate of another package for the same model version replaced this one.",
        "Use the package that replaced it.",
    ),
    (
        "RE_REVIEW_DUE",
        "The certificate holds, but a condition is overdue or an objection came after it.",
        "Meet the condition, or submit a new revision and review it.",
    ),
    (
        "REVOKED",
        "The certificate was revoked.",
        "Take the model out of service; submit a new revision to begin again.",
    ),
    (
        "CONDITION_OPEN",
        "A condition of an approval is to be met before the package merges.",
        "Declare it met with `countersign discharge`; who set it has it checked.",
    ),
    (
        "CHAIN_MISSING",
        "The chain that the package names is not in `chains/`.",
        "Restore the chain file, or name another chain and submit again.",
    ),
];

/// The code under which a state closes the gate.
fn gate_code(state: PackageState) -> &'static str {
    match state {
        PackageState::IntegrityError => "INTEGRITY_ERROR",
        PackageState::Error => "CANNOT_BE_JUDGED",
        PackageState::Draft => "NOT_SUBMITTED",
        PackageState::ChangesRequired => "CHANGES_REQUIRED",
        PackageState::ClarificationPending => "CLARIFICATION_PENDING",
        PackageState::InReview => "IN_REVIEW",
        PackageState::Expired => "CERTIFICATE_EXPIRED",
        PackageState::Rejected => "REJECTED",
        PackageState::Withdrawn => "WITHDRAWN_FROM_REVIEW",
        PackageState::Lapsed => "LAPSED",
        PackageState::Superseded => "SUPERSEDED_CERTIFICATE",
        PackageState::ReReviewDue => "RE_REVIEW_DUE",
        PackageState::Revoked => "REVOKED",
        PackageState::Approved
        | PackageState::ApprovedWithConditions
        | PackageState::ApprovedByOverride
        | PackageState::Certified => "PASSES",
    }
}

impl Dossier {
    /// May this package pass now? Integrity of the ledger is asked separately.
    pub fn gate(&self) -> GateAnswer {
        let mut reasons = Vec::new();
        let mut say = |code: &'static str, words: String| reasons.push((code, words));
        match (&self.working, self.outcome.state) {
            (Working::Draft, _) => say("NOT_SUBMITTED", "no revision was submitted yet".to_owned()),
            (Working::Unsubmitted { files }, _) => {
                let names: Vec<&str> = files.iter().map(RepoPath::as_str).collect();
                say(
                    "UNSUBMITTED_CHANGES",
                    format!(
                        "the working copy is not revision {}: {} differ{}; the signatures are not for this text",
                        self.outcome.revision,
                        names.join(", "),
                        if names.len() == 1 { "s" } else { "" }
                    ),
                );
            }
            (Working::Current, _) => {}
        }
        match self.outcome.state {
            state if state.passes() => {
                for open in self.outcome.pre_merge() {
                    say(
                        "CONDITION_OPEN",
                        format!(
                            "condition {} is to be met before merging: {}",
                            open.id(),
                            open.condition.text
                        ),
                    );
                }
            }
            PackageState::Draft => {}
            PackageState::IntegrityError => say(
                "INTEGRITY_ERROR",
                "the ledger or a frozen revision does not hold; run `countersign verify`".to_owned(),
            ),
            state => {
                let words: Vec<String> = self.outcome.advice.iter().map(|a| a.missing.clone()).collect();
                let words =
                    if words.is_empty() { self.outcome.why.because.clone() } else { words.join("; ") };
                say(gate_code(state), words);
            }
        }
        // The chain a revision pinned stays its chain; a changed chain file applies from the next
        // submission on. But a package whose chain is gone cannot be judged by anybody who reads it.
        if self.chain.is_none() && self.outcome.state != PackageState::Draft {
            say("CHAIN_MISSING", "the chain this package names is not in chains/".to_owned());
        }
        GateAnswer { package: self.id.clone(), passes: reasons.is_empty(), reasons }
    }
}
