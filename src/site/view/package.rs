//! The package page: the current revision, a draft, or an earlier round as it was.

use super::decisions::{self, ConditionView, DecisionView, Uncounted};
use super::files::Files;
use super::inventory::state_of;
use super::section::{Around, RailItem, SectionView};
use super::stepper::{self, Stage};
use super::threads::{Message, Said, Window};
use super::{Banner, Fact, Frame, Index, Link, Signature, Tag, invalid};
use crate::chain::Chain;
use crate::digest::PackageDigest;
use crate::dossier::{Dossier, Working};
use crate::engine::{PackageState, Revision, Why};
use crate::id::SectionId;
use crate::package::Package;
use crate::record::{Body, Kind};
use crate::site::address::{self, SitePath};
use crate::site::render::View;
use crate::site::words;
use crate::text::Sources;
use serde::Serialize;

/// Problems shown of a draft; the rest is counted.
const PROBLEMS_SHOWN: usize = 100;

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
    pub stages_note: &'static str,
    /// Findings that wait for an answer: they lead the page of a rejected package.
    pub findings: Vec<Message>,
    pub advice: Vec<AdviceView>,
    pub conditions: Vec<ConditionView>,
    pub rail: Vec<RailItem>,
    pub sections: Vec<SectionView>,
    /// What was said about the package as a whole.
    pub said: Said,
    pub decisions: Vec<DecisionView>,
    pub uncounted: Vec<Uncounted>,
    pub options: Option<Options>,
    pub why: Option<WhyView>,
    pub manifest: String,
    pub rounds: Vec<Link>,
}

/// What is wrong with a draft.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Problems {
    pub heading: String,
    pub rows: Vec<Problem>,
    pub more: String,
}

/// One problem.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Problem {
    pub place: String,
    pub message: String,
    pub help: String,
    pub tag: Tag,
    pub code: &'static str,
}

/// Something that would move the package on.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct AdviceView {
    pub missing: String,
    pub who: String,
    pub command: String,
}

/// What a reviewer can do now, as commands: the site has no forms.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Options {
    pub lede: String,
    pub choices: Vec<Choice>,
    pub open: String,
}

/// One option with equal weight.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Choice {
    pub title: &'static str,
    pub consequence: &'static str,
    pub command: String,
}

/// A node of the tree of reasons.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct WhyView {
    pub rule: String,
    pub holds: bool,
    pub because: String,
    pub parts: Vec<WhyView>,
}

impl View for PackageView {
    const TEMPLATE: &'static str = "package.html";

    fn fill(&mut self, sources: &dyn Sources) -> bool {
        let mut whole = true;
        for prose in self.sections.iter_mut().filter_map(|s| s.prose.as_mut()) {
            whole &= prose.fill(sources);
        }
        whole
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
        view.stages = stepper::past(index, dossier, chain, n);
        view.stages_note = "Decisions made on this revision.";
    } else {
        view.tags.insert(0, Tag::state(state));
        view.lede = lede(state, chain, package);
        view.stages = stepper::current(index, dossier, chain);
        view.conditions = decisions::conditions(index, &outcome.conditions);
        view.advice = advice(index, dossier);
        view.why = Some(why(&outcome.why));
        if state == PackageState::ChangesRequired {
            let open = outcome.findings.iter().filter(|f| f.open);
            view.findings = open.map(|f| window.finding(f)).collect();
        }
        if matches!(
            state,
            PackageState::InReview | PackageState::ClarificationPending | PackageState::ChangesRequired
        ) {
            view.options = Some(options(dossier));
        }
    }
    view.banners = banners(index, dossier, &root, n, past, before.is_some());
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
    view.problems = problems(dossier);
    view.lede = if view.problems.is_some() {
        "This package has not been submitted for review. The problems below must be mended first. Nothing here has \
         been signed."
    } else {
        "This package has not been submitted for review. Nothing here has been signed."
    }
    .to_owned();
    view.advice = advice(index, dossier);
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
        view.stages = stepper::current(index, dossier, chain);
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
    frame.crumbs = vec![Link::new(frame.home.clone(), "All models")];
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
        stages_note: match chain {
            Some(c) if c.steps.len() > 1 => {
                "Reviews happen in this order. A later step cannot be approved before the earlier ones."
            }
            _ => "",
        },
        findings: Vec::new(),
        advice: Vec::new(),
        conditions: Vec::new(),
        rail: Vec::new(),
        sections: Vec::new(),
        said: Said { summary: String::new(), messages: Vec::new(), open: 0 },
        decisions: Vec::new(),
        uncounted: Vec::new(),
        options: None,
        why: None,
        manifest: String::new(),
        rounds,
    }
}

fn lede(state: PackageState, chain: &Chain, package: &Package) -> String {
    let policy = if chain.policy.is_empty() { chain.title.as_str() } else { chain.policy.as_str() };
    match state {
        PackageState::InReview | PackageState::ClarificationPending => format!(
            "Reviewers decide whether this version of {} meets {policy} for the use described below. Their options \
             are to approve, reject, or request clarification.",
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

fn banners(
    index: &Index<'_>,
    dossier: &Dossier,
    root: &str,
    n: u32,
    past: bool,
    resubmitted: bool,
) -> Vec<Banner> {
    let mut out: Vec<Banner> = invalid(index, root, dossier).into_iter().collect();
    if past {
        return out;
    }
    if let Working::Unsubmitted { files } = &dossier.working {
        out.push(Banner {
            tone: "warn",
            heading: format!("The files of this package changed after revision {n} was submitted"),
            text: "The signatures below are not for this text. This page shows the frozen revision, which is what \
                   was signed. Changed since:"
                .to_owned(),
            items: files.iter().map(ToString::to_string).collect(),
            link: None,
        });
    }
    let outcome = &dossier.outcome;
    // Nothing that reads like an approval stands beside a broken record.
    let certificate = outcome.certificate.as_ref().filter(|_| out.iter().all(|b| b.tone != "bad"));
    if let Some(certificate) = certificate {
        let to = address::href(root, &address::certificate(&dossier.id), "");
        if certificate.revision == n && outcome.state == PackageState::Certified {
            let until =
                certificate.review_by.map_or(String::new(), |d| format!(" It holds until {}.", d.human()));
            out.push(Banner {
                tone: "ok",
                heading: format!("Revision {n} is approved"),
                text: format!("Its certificate was issued on {}.{until}", certificate.at.date().human()),
                items: Vec::new(),
                link: Some(Link::new(to, "Read the certificate")),
            });
        } else {
            out.push(Banner {
                tone: "warn",
                heading: words::state(outcome.state).word.to_owned(),
                text: format!("The last certificate is for revision {}.", certificate.revision),
                items: Vec::new(),
                link: Some(Link::new(to, "Read the last certificate")),
            });
        }
    }
    if resubmitted {
        let old = n - 1;
        let rejected = outcome.rounds.iter().find(|r| r.revision == old).map_or(&[][..], |r| &r.rejections);
        let who: Vec<String> = rejected
            .iter()
            .filter_map(|id| index.entry(id))
            .map(|e| match &e.record().body {
                Body::Decide(d) => format!(
                    "{} rejected revision {old} on {} with {}.",
                    e.record().signer.name,
                    e.record().signed_at.date().human(),
                    words::count(d.findings.len(), "finding")
                ),
                _ => String::new(),
            })
            .collect();
        let to = address::href(root, &address::diff(&dossier.id, old, n), "");
        out.push(Banner {
            tone: "info",
            heading: "This is a resubmission".to_owned(),
            text: who.join(" "),
            items: Vec::new(),
            link: Some(Link::new(
                to,
                format!("See exactly what changed between revision {old} and revision {n}"),
            )),
        });
    }
    out
}

fn problems(dossier: &Dossier) -> Option<Problems> {
    if dossier.diagnostics.is_empty() {
        return None;
    }
    let all = dossier.diagnostics.sorted();
    let rows = all.iter().take(PROBLEMS_SHOWN).map(|d| Problem {
        place: d.place.as_ref().map_or(String::new(), |p| match p.line {
            0 => p.path.to_string(),
            line => format!("{}:{line}:{}", p.path, p.column),
        }),
        message: d.message.clone(),
        help: d.help.clone(),
        tag: match d.severity {
            crate::diag::Severity::Error => Tag::new("bad", "cross", "To mend"),
            crate::diag::Severity::Warning => Tag::new("warn", "dash", "To consider"),
        },
        code: d.code.0,
    });
    let errors = dossier.diagnostics.errors();
    let heading = match errors {
        0 => format!("{} to consider before submitting", words::count(all.len(), "point")),
        n => format!("{} to mend before submitting", words::count(n, "problem")),
    };
    let hidden = all.len().saturating_sub(PROBLEMS_SHOWN);
    Some(Problems {
        heading,
        rows: rows.collect(),
        more: if hidden == 0 {
            String::new()
        } else {
            format!("{hidden} more are listed by countersign check {}.", dossier.id)
        },
    })
}

fn advice(index: &Index<'_>, dossier: &Dossier) -> Vec<AdviceView> {
    let all = dossier.outcome.advice.iter();
    all.map(|a| AdviceView {
        missing: a.missing.clone(),
        who: index.names(&a.who).join(", "),
        command: a.command.clone(),
    })
    .collect()
}

fn options(dossier: &Dossier) -> Options {
    let id = &dossier.id;
    let open = dossier.outcome.steps.iter().filter(|s| {
        use crate::engine::StepState::{Clarifying, Open, Refused, Stale};
        matches!(s.state, Open | Clarifying | Refused | Stale)
    });
    let open: Vec<String> = open.map(|s| format!("“{}”", s.title)).collect();
    let lede = if open.is_empty() {
        "No step can be decided now.".to_owned()
    } else {
        let verb = if open.len() == 1 { "step is" } else { "steps are" };
        format!(
            "The {verb} open: {}. A reviewer of an open step has three options. Choosing one does not record \
             anything yet: the wording is checked first, then signed. A signed decision cannot be changed.",
            words::list(&open)
        )
    };
    Options {
        lede,
        choices: vec![
            Choice {
                title: "Approve",
                consequence: "Records that the package meets the step's criteria, with any conditions set. The steps that wait for this one open.",
                command: format!("countersign decide {id} approve"),
            },
            Choice {
                title: "Reject",
                consequence: "Records what does not meet the criteria and what would need to change. The authors can submit a new revision.",
                command: format!("countersign decide {id} reject"),
            },
            Choice {
                title: "Request clarification",
                consequence: "Sends a question to the authors. The step waits for the answer; nothing is approved or rejected.",
                command: format!("countersign decide {id} clarify"),
            },
        ],
        open: format!("countersign review {id}"),
    }
}

fn why(node: &Why) -> WhyView {
    WhyView {
        rule: node.rule.clone(),
        holds: node.holds,
        because: node.because.clone(),
        parts: node.parts.iter().map(why).collect(),
    }
}

fn last_record(index: &Index<'_>, dossier: &Dossier) -> String {
    index.entries_of(dossier).last().map_or(String::new(), |e| {
        let by = Signature::new("", e);
        format!("Last record: ledger entry {}, {}", by.entry.seq, by.at.human)
    })
}
