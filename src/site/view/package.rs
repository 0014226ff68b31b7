//! The package page: the current revision, a draft, or an earlier round as it was.

use super::certificate;
use super::decisions::{self, DecisionView, Uncounted};
use super::drawing::{self, ChainPicture};
use super::files::Files;
use super::inventory::state_of;
use super::panels::{self, AdviceView, Options, Problems, WhyView};
use super::section::{Around, RailItem, SectionView};
use super::standing::{self, NextView, OverrideView};
use super::stepper::{self, Stage};
use super::terms::{self, ConditionView};
use super::threads::{Message, Said, Window};
use super::{Banner, Fact, Frame, Index, Link, Signature, Tag, invalid};
use crate::chain::Chain;
use crate::digest::PackageDigest;
use crate::dossier::{Dossier, Working};
use crate::engine::{PackageState, Revision};
use crate::id::SectionId;
use crate::package::Package;
use crate::record::Kind;
use crate::site::address::{self, SitePath};
use crate::site::desk::{self, PackageDesk};
use crate::site::markdown::exact;
use crate::site::passages::Quotable;
use crate::site::render::View;
use crate::site::words;
use crate::text::Sources;
use serde::Serialize;

/// The whole page.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct PackageView {
    pub frame: Frame,
    pub eyebrow: String,
    pub heading: String,
    pub lede: String,
    pub tags: Vec<Tag>,
    pub banners: Vec<Banner>,
    pub problems: Option<Problems>,
    pub facts: Vec<Fact>,
    pub stages: Vec<Stage>,
    pub picture: Option<ChainPicture>,
    pub stages_note: &'static str,
    /// Findings that wait for an answer: they lead the page of a rejected package.
    pub findings: Vec<Message>,
    pub advice: Vec<AdviceView>,
    pub conditions: Vec<ConditionView>,
    /// Requests to set steps aside: always shown.
    pub overrides: Vec<OverrideView>,
    /// What runs out next.
    pub next: Option<NextView>,
    pub rail: Vec<RailItem>,
    pub sections: Vec<SectionView>,
    /// What was said about the package as a whole.
    pub said: Said,
    pub decisions: Vec<DecisionView>,
    pub uncounted: Vec<Uncounted>,
    pub options: Option<Options>,
    /// What the reader may do, on the review pages.
    pub desk: Option<PackageDesk>,
    pub why: Option<WhyView>,
    pub manifest: String,
    pub rounds: Vec<Link>,
    /// The current revision, to look quoted passages up in.
    #[serde(skip)]
    pub revision: Option<Revision>,
}

impl View for PackageView {
    const TEMPLATE: &'static str = "package.html";

    fn fill(&mut self, sources: &dyn Sources) -> bool {
        let mut whole = true;
        for prose in self.sections.iter_mut().filter_map(|s| s.prose.as_mut()) {
            whole &= prose.fill(sources);
        }
        self.find_passages(sources);
        whole
    }
}

impl PackageView {
    /// Says of each passage that was quoted from an earlier text whether it still stands.
    fn find_passages(&mut self, sources: &dyn Sources) {
        let Some(revision) = &self.revision else { return };
        let (package, chain) = (&revision.package, &revision.chain);
        for (view, section) in self.sections.iter_mut().zip(&chain.sections).filter(|(v, _)| v.said.seeks()) {
            let text = view.prose.as_ref().and_then(|p| exact(sources, &p.source, &p.digest));
            let text = text.map_or(String::new(), |bytes| String::from_utf8_lossy(&bytes).into_owned());
            view.said.find(&Quotable::new(package, chain, &section.id, &text));
        }
    }
}

/// The page of a package as it stands: its current revision, else its draft.
pub(crate) fn now(index: &Index<'_>, dossier: &Dossier, path: &SitePath) -> PackageView {
    match dossier.current() {
        Some(revision) => page(index, dossier, path, revision, false),
        None => draft(index, dossier, path),
    }
}

/// The page of an earlier round.
pub(crate) fn round(
    index: &Index<'_>,
    dossier: &Dossier,
    path: &SitePath,
    revision: &Revision,
) -> PackageView {
    page(index, dossier, path, revision, true)
}

fn page(
    index: &Index<'_>,
    dossier: &Dossier,
    path: &SitePath,
    revision: &Revision,
    past: bool,
) -> PackageView {
    let (root, outcome, n) = (path.root(), &dossier.outcome, revision.number);
    let state = state_of(index, dossier);
    let (package, chain) = (revision.package.as_ref(), revision.chain.as_ref());
    let digest = package.digest();
    let mut view = shell(index, dossier, path, Some(package), Some(chain), n);
    let before = n.checked_sub(2).and_then(|at| dossier.revisions.get(usize::try_from(at).ok()?));
    let files = Files::new(&dossier.id, package, &root);
    let window = Window { index, dossier, root: &root, only: past.then_some(n) };
    let around = Around {
        window,
        id: &dossier.id,
        package,
        chain,
        revision: n,
        before: before.map(|r| r.package.as_ref()),
        files: &files,
        open_to_comments: !past,
    };
    view.sections = chain.sections.iter().enumerate().map(|(i, s)| around.section(i + 1, s)).collect();
    view.rail = view.sections.iter().map(RailItem::from).collect();
    view.said = window.said(&SectionId::package_itself());
    (view.decisions, view.uncounted) = decisions::split(index, dossier, chain, &root, past.then_some(n));
    view.facts = facts(index, dossier, package, chain, Some((revision, &digest)), &root);
    view.manifest = package.manifest.text();
    view.tags.push(revision_tag(dossier, n));
    if past {
        let current = dossier.current().map_or(n, |r| r.number);
        view.tags.insert(0, Tag::new("quiet", "clock", "Earlier round"));
        view.lede = format!(
            "This is revision {n} as it was submitted, with what was said and decided on it. It is kept as part of \
             the record. The current revision is {current}."
        );
        view.stages = stepper::past(index, dossier, chain, n, &root);
        view.stages_note = "As it stood when the next revision was submitted.";
    } else {
        view.revision = Some(revision.clone());
        view.tags.insert(0, Tag::state(state));
        view.lede = lede(state, chain, package, outcome.findings.iter().any(|f| f.open));
        if matches!(dossier.working, Working::Unsubmitted { .. }) {
            view.tags.push(Tag::new("warn", "change", format!("Files changed after revision {n}")));
            view.lede.push_str(
                " The files have changed since; what is said here is about the revision that was signed.",
            );
        }
        view.stages = stepper::current(index, dossier, chain, &root);
        view.conditions = terms::all(index, &root, Some(chain), &outcome.conditions);
        view.overrides = standing::overrides(index, dossier, &root, chain);
        view.next = standing::next(dossier);
        view.tags.extend(late(dossier));
        view.advice = panels::advice(index, dossier, &root);
        view.why = Some(panels::why(&outcome.why));
        if state == PackageState::ChangesRequired {
            let open = outcome.findings.iter().filter(|f| f.open);
            view.findings = open.map(|f| window.finding(f)).collect();
        }
        if standing::under_review(state) {
            view.options = Some(panels::options(dossier));
        }
        if let Some(reviewer) = index.reviewer {
            let own = PackageDesk::new(index, reviewer, dossier, revision);
            desk::mark(&mut view.sections, &own.required);
            view.desk = Some(own);
            view.rail = view.sections.iter().map(RailItem::from).collect();
        }
    }
    view.picture = drawing::chain(chain, &view.stages);
    view.banners = panels::banners(index, dossier, &root, n, past, before.is_some());
    if !past {
        view.banners.extend(standing::warnings(&view.overrides, dossier));
    }
    view.frame.printed =
        format!("countersign \u{b7} {} revision {n} \u{b7} sha256 {}", dossier.id, words::ends(&digest));
    view.frame.footer = vec![
        format!("Package {}, revision {n}", dossier.id),
        format!("sha256 {}", words::ends(&digest)),
        last_record(index, dossier),
    ];
    view.frame.title =
        format!("{}, revision {n}{}", view.heading, if past { " (earlier round)" } else { "" });
    view
}

fn draft(index: &Index<'_>, dossier: &Dossier, path: &SitePath) -> PackageView {
    let root = path.root();
    let (package, chain) = (dossier.package.as_deref(), dossier.chain.as_deref());
    let mut view = shell(index, dossier, path, package, chain, 0);
    view.tags = vec![Tag::state(PackageState::Draft)];
    view.problems = panels::problems(dossier);
    view.lede = if view.problems.is_some() {
        "This package has not been submitted for review. The problems below must be mended first. Nothing here has \
         been signed."
    } else {
        "This package has not been submitted for review. Nothing here has been signed."
    }
    .to_owned();
    view.desk = index.reviewer.map(|reviewer| PackageDesk::draft(index, reviewer, dossier));
    if view.desk.is_none() {
        view.advice = panels::advice(index, dossier, &root);
    }
    view.banners.extend(invalid(index, &root, dossier));
    if let (Some(package), Some(chain)) = (package, chain) {
        let files = Files::new(&dossier.id, package, &root);
        let window = Window { index, dossier, root: &root, only: None };
        let around = Around {
            window,
            id: &dossier.id,
            package,
            chain,
            revision: 0,
            before: None,
            files: &files,
            open_to_comments: false,
        };
        view.sections = chain.sections.iter().enumerate().map(|(i, s)| around.section(i + 1, s)).collect();
        view.rail = view.sections.iter().map(RailItem::from).collect();
        view.stages = stepper::current(index, dossier, chain, &root);
        view.picture = drawing::chain(chain, &view.stages);
        view.facts = facts(index, dossier, package, chain, None, &root);
    }
    view.frame.printed = format!("countersign \u{b7} {} draft, not submitted", dossier.id);
    view.frame.footer = vec![format!("Package {}, draft", dossier.id)];
    view
}

/// What all three have in common.
fn shell(
    index: &Index<'_>,
    dossier: &Dossier,
    path: &SitePath,
    package: Option<&Package>,
    chain: Option<&Chain>,
    revision: u32,
) -> PackageView {
    let root = path.root();
    let heading = package.map_or_else(
        || dossier.id.to_string(),
        |p| format!("{}, version {}", p.meta.title, p.meta.model.version),
    );
    let mut frame = index.frame(path, heading.clone());
    let reviews = frame.me.iter().map(|me| Link::new(me.awaiting.clone(), "Your reviews"));
    frame.crumbs = reviews.chain([Link::new(frame.home.clone(), "All models")]).collect();
    if path != &address::package(&dossier.id) {
        frame.crumbs.push(Link::new(
            address::href(&root, &address::package(&dossier.id), ""),
            "Current page of this package",
        ));
    }
    let others = dossier.revisions.iter().map(|r| r.number).filter(|n| *n != revision);
    let current = dossier.current().map(|r| r.number);
    let mut rounds: Vec<Link> = others
        .map(|n| {
            let to = if Some(n) == current {
                address::package(&dossier.id)
            } else {
                address::round(&dossier.id, n)
            };
            Link::new(address::href(&root, &to, ""), format!("Revision {n}"))
        })
        .collect();
    for pair in dossier.revisions.windows(2) {
        let (old, new) = (pair[0].number, pair[1].number);
        let to = address::href(&root, &address::diff(&dossier.id, old, new), "");
        rounds.push(Link::new(to, format!("What changed from revision {old} to {new}")));
    }
    if current.is_some() {
        rounds.push(Link::new(
            address::href(&root, &address::history(&dossier.id), ""),
            "History of this package",
        ));
    }
    if certificate::issued(index, dossier).is_some() {
        let to = address::href(&root, &address::certificate(&dossier.id), "");
        rounds.splice(0..0, [Link::new(to, "Certificate"), certificate::export_link(dossier, &root)]);
    }
    PackageView {
        frame,
        eyebrow: format!("Review package {}", dossier.id),
        heading,
        lede: String::new(),
        tags: Vec::new(),
        banners: Vec::new(),
        problems: None,
        facts: Vec::new(),
        stages: Vec::new(),
        picture: None,
        stages_note: match chain {
            Some(c) if c.steps.len() > 1 => {
                "Reviews happen in this order. A later step cannot be approved before the earlier ones."
            }
            _ => "",
        },
        findings: Vec::new(),
        advice: Vec::new(),
        conditions: Vec::new(),
        overrides: Vec::new(),
        next: None,
        rail: Vec::new(),
        sections: Vec::new(),
        said: Said { summary: String::new(), messages: Vec::new(), open: 0 },
        decisions: Vec::new(),
        uncounted: Vec::new(),
        options: None,
        desk: None,
        why: None,
        manifest: String::new(),
        rounds,
        revision: None,
    }
}

fn lede(state: PackageState, chain: &Chain, package: &Package, findings: bool) -> String {
    let policy = if chain.policy.is_empty() { chain.title.as_str() } else { chain.policy.as_str() };
    match state {
        PackageState::InReview | PackageState::ClarificationPending => format!(
            "Reviewers decide whether this version of {} meets {policy} for the use described below. Their options \
             are to approve, reject, or request clarification.",
            package.meta.model.name
        ),
        PackageState::ChangesRequired if !findings => format!(
            "Somebody objects to this version of {} or a newer chain must be met: see what is missing below. The \
             options are to approve, reject, or request clarification.",
            package.meta.model.name
        ),
        PackageState::ChangesRequired => format!(
            "A reviewer found that this version of {} does not meet {policy}. The findings below say what is wrong \
             and what would need to change. The options are to approve, reject, or request clarification once they \
             are answered.",
            package.meta.model.name
        ),
        state => words::state(state).sentence.to_owned(),
    }
}

/// That something is late, beside the state.
fn late(dossier: &Dossier) -> Option<Tag> {
    let open = standing::under_review(dossier.outcome.state);
    let steps = dossier.outcome.steps.iter().filter(|s| open && s.overdue).count();
    let conditions = dossier.outcome.conditions.iter().filter(|c| c.overdue).count();
    let mut late = Vec::new();
    for (n, what) in [(steps, "step"), (conditions, "condition")] {
        if n > 0 {
            late.push(words::count(n, what));
        }
    }
    (!late.is_empty()).then(|| Tag::new("bad", "clock", format!("Overdue: {}", words::list(&late))))
}

fn revision_tag(dossier: &Dossier, n: u32) -> Tag {
    let before = dossier.outcome.rounds.iter().find(|r| r.revision + 1 == n);
    let text = match before {
        Some(round) if !round.rejections.is_empty() => format!("Revision {n}, resubmitted after a rejection"),
        Some(_) => format!("Revision {n}, resubmitted"),
        None => format!("Revision {n}"),
    };
    Tag::new("quiet", "pen", text)
}

fn facts(
    index: &Index<'_>,
    dossier: &Dossier,
    package: &Package,
    chain: &Chain,
    revision: Option<(&Revision, &PackageDigest)>,
    root: &str,
) -> Vec<Fact> {
    let meta = &package.meta;
    let mut out = vec![Fact::new("Model version", format!("{} {}", meta.model.name, meta.model.version))];
    out.extend(meta.registry.as_ref().map(|r| Fact::mono("In the model registry", r.clone())));
    if let Some(hex) = meta.artifact.as_ref().map(|a| a.strip_prefix("sha256:").unwrap_or(a)) {
        out.push(Fact::hash("Model artifact (SHA-256)", &hex));
    }
    if let Some((revision, digest)) = revision {
        let submission = index
            .entries_of(dossier)
            .find(|e| e.record().kind() == Kind::Submit && e.record().revision() == Some(revision.number));
        let by = submission.map_or(String::new(), |e| {
            let record = e.record();
            format!(", submitted {} by {}", record.signed_at.date().human(), record.signer.name)
        });
        out.push(Fact::new("Package", format!("{}, revision {}{by}", dossier.id, revision.number)));
        out.push(Fact::hash("Package fingerprint (SHA-256)", digest));
    } else {
        out.push(Fact::new("Package", format!("{}, not submitted", dossier.id)));
        out.push(Fact::hash("Fingerprint as it stands (SHA-256)", &package.digest()));
    }
    let policy = if chain.policy.is_empty() { String::new() } else { format!(", for {}", chain.policy) };
    let here = index.register.chains.contains_key(&chain.id);
    let chain_fact = Fact::new("Approval chain", format!("{}{policy}", chain.title));
    out.push(if here {
        chain_fact
            .link(Link::new(address::href(root, &address::chain(&chain.id), ""), "How this chain works"))
    } else {
        chain_fact
    });
    out.push(Fact::new("Owner", index.name(&meta.owner)));
    out.push(Fact::new("Written by", words::list(&index.names(&meta.authors))));
    out.push(Fact::new("Permitted use", meta.use_.clone()));
    out.push(Fact::new("Not permitted", meta.not_for.clone()));
    out.push(Fact::new("Environments", words::list(&meta.environments)));
    out.extend(meta.meta.iter().map(|(key, value)| Fact::new(&capital(key), value.clone())));
    out.retain(|f| !f.text.is_empty());
    out
}

fn capital(text: &str) -> String {
    let text = text.replace(['-', '_'], " ");
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |c| c.to_uppercase().chain(chars).collect())
}

fn last_record(index: &Index<'_>, dossier: &Dossier) -> String {
    index.entries_of(dossier).last().map_or(String::new(), |e| {
        let by = Signature::new("", e);
        format!("Last record: ledger entry {}, {}", by.entry.seq, by.at.human)
    })
}
