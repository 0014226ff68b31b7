//! The certificate: the signed final record, printed so that it can be checked without us.

use super::proof::Proof;
use super::standing::{self, OverrideView};
use super::terms::{self, ConditionView};
use super::{Banner, EntryLink, Fact, Frame, Index, Link, Signature, Tag, When, invalid, stepper};
use crate::dossier::{Dossier, Working};
use crate::engine::{CertificateOutcome, FateCode, PackageState, Revision};
use crate::record::{Body, Certified, CertifiedStep, Entry, Subject};
use crate::site::address::{self, SitePath};
use crate::site::render::View;
use crate::site::words;
use serde::Serialize;

/// The whole page.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct CertificateView {
    pub frame: Frame,
    pub eyebrow: String,
    pub heading: String,
    pub statement: String,
    /// What the statement is: approved, or approved once and not any more.
    pub about: &'static str,
    /// `void` for a certificate that is not in force: it must look so, also printed.
    pub class: &'static str,
    /// The word across a certificate that is not in force.
    pub stamp: &'static str,
    pub banners: Vec<Banner>,
    pub facts: Vec<Fact>,
    pub reviewers: Vec<Reviewer>,
    pub conditions: Vec<ConditionView>,
    /// Steps that nobody approved, with the records that set them aside.
    pub aside: Vec<Aside>,
    pub overrides: Vec<OverrideView>,
    pub rounds: Vec<Fact>,
    pub issuer: Signature,
    pub linkage: Vec<Fact>,
    pub commands: Vec<Command>,
    /// For the check in the browser; the review pages run no script.
    pub proof: Option<Proof>,
    pub package: Link,
    /// What leaves the repository.
    pub export: Link,
}

/// One counted decision, as 21 CFR 11.50 asks for it to be shown.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Reviewer {
    pub name: String,
    pub person: String,
    pub role: String,
    /// Whose seat was filled, if another's.
    pub acting_for: String,
    pub step: String,
    /// By when the step was due, if it had a deadline, and whether it was late.
    pub due: String,
    pub decision: Tag,
    pub carried: bool,
    pub meaning: String,
    pub at: When,
    pub key: String,
    /// The record, for the check in the browser.
    pub record: String,
    pub entry: Option<EntryLink>,
}

/// A step that passed without an approval.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Aside {
    pub step: String,
    pub state: Tag,
    pub by: Vec<Signature>,
}

/// Whether a certificate is in force, and what it says if it is not.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Force {
    Holds,
    Broken,
    Revoked,
    Superseded,
    Expired,
}

impl Force {
    pub(super) fn of(index: &Index<'_>, dossier: &Dossier, found: &CertificateOutcome) -> Force {
        match () {
            () if !index.breaks(dossier).is_empty() => Force::Broken,
            () if found.revoked.is_some() => Force::Revoked,
            () if dossier.told.superseded_by.is_some() => Force::Superseded,
            () if dossier.outcome.state == PackageState::Expired
                || found.review_by.is_some_and(|day| day < index.register.as_of.date()) =>
            {
                Force::Expired
            }
            () => Force::Holds,
        }
    }

    /// The word across the certificate.
    pub(super) fn stamp(self) -> &'static str {
        match self {
            Force::Holds => "",
            Force::Broken => "Invalid",
            Force::Revoked => "Revoked",
            Force::Superseded => "Superseded",
            Force::Expired => "Run out",
        }
    }
}

/// A command and what it proves.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Command {
    pub shows: &'static str,
    pub text: String,
}

impl View for CertificateView {
    const TEMPLATE: &'static str = "certificate.html";
}

/// The last certificate of a package, for the pages that are about it.
pub(super) struct Issued<'a> {
    pub found: CertificateOutcome,
    pub entry: &'a Entry,
    pub certified: &'a Certified,
    pub subject: &'a Subject,
    pub revision: Option<&'a Revision>,
    /// The package's title.
    pub title: String,
    /// The same with the model's version.
    pub heading: String,
}

/// The last certificate of a package; `None` when none was ever issued. Its page exists exactly then, and
/// so does the page of its export.
pub(super) fn issued<'a>(index: &Index<'a>, dossier: &'a Dossier) -> Option<Issued<'a>> {
    let found = dossier.outcome.certificate.clone().or_else(|| of_broken(index, dossier))?;
    let entry = index.entry(&found.record)?;
    let Body::Certify(certify) = &entry.record().body else { return None };
    let subject = entry.record().subject.as_ref()?;
    let revision = dossier.revisions.iter().find(|r| r.number == found.revision);
    let title = revision.map_or(subject.model.name.clone(), |r| r.package.meta.title.clone());
    let heading = format!("{title}, version {}", subject.model.version);
    Some(Issued { found, entry, certified: &certify.outcome, subject, revision, title, heading })
}

/// The certificate page; `None` when no certificate was ever issued.
pub(crate) fn page(index: &Index<'_>, dossier: &Dossier, path: &SitePath) -> Option<CertificateView> {
    let issued = issued(index, dossier)?;
    let Issued { found, entry, certified, subject, revision, title, heading } = &issued;
    let (entry, certified, subject, revision) = (*entry, *certified, *subject, *revision);
    let (title, heading) = (title.clone(), heading.clone());
    let root = path.root();
    let mut frame = index.frame(path, format!("Certificate: {heading}"));
    let package = address::href(&root, &address::package(&dossier.id), "");
    frame.crumbs = vec![Link::new(frame.home.clone(), "All models"), Link::new(package.clone(), title)];
    frame.printed = format!(
        "countersign certificate {} \u{b7} {} revision {} \u{b7} sha256 {}",
        words::ends(&entry.id()),
        dossier.id,
        found.revision,
        words::ends(&certified.digest)
    );
    frame.footer = vec![
        format!("Certificate of package {}, revision {}", dossier.id, found.revision),
        format!("Record {}", words::ends(&entry.id())),
    ];
    let force = Force::of(index, dossier, found);
    if force != Force::Holds {
        frame.title = format!("{}: {}", force.stamp(), frame.title);
        frame.printed = format!("{}, NOT IN FORCE \u{b7} {}", force.stamp().to_uppercase(), frame.printed);
    }
    let chain = revision.map(|r| r.chain.as_ref());
    let known = |c: &crate::record::CertifiedCondition| {
        let mut all = dossier.outcome.conditions.iter();
        all.find(|o| o.condition.id == c.condition.id && o.record == c.record)
    };
    let conditions: Vec<ConditionView> = certified
        .conditions
        .iter()
        .map(|c| match known(c) {
            Some(outcome) => terms::of(index, &root, chain, outcome),
            None => {
                let by = index.entry(&c.record).map_or(String::new(), |e| e.record().signer.name.clone());
                terms::frozen(&c.condition, c.state, by, |id| index.name(id))
            }
        })
        .collect();
    let seconded: Vec<_> = certified.steps.iter().flat_map(|s| &s.overrides).collect();
    let overrides = chain.map_or(Vec::new(), |chain| standing::overrides(index, dossier, &root, chain));
    let overrides = overrides.into_iter().filter(|_| !seconded.is_empty());
    Some(CertificateView {
        eyebrow: format!("Approval record of package {}", dossier.id),
        statement: statement(subject, found, certified),
        about: if force == Force::Holds {
            "What was approved"
        } else {
            "What was approved then, and does not hold any more"
        },
        class: if force == Force::Holds { "" } else { "void" },
        stamp: force.stamp(),
        aside: aside(index, &root, chain, certified),
        overrides: overrides.collect(),
        banners: banners(index, &root, dossier, found, force),
        facts: facts(index, dossier, entry, certified, found, &root),
        reviewers: reviewers(index, dossier, certified, found, &root),
        conditions,
        rounds: rounds(index, certified),
        issuer: Signature::new(&root, entry),
        linkage: linkage(entry),
        commands: commands(dossier, entry, found),
        proof: match index.reviewer {
            Some(_) => None,
            None => Proof::new(index, dossier, path, entry, certified, found.revision),
        },
        package: Link::new(package, "Read the package"),
        export: export_link(dossier, &root),
        heading,
        frame,
    })
}

/// Leads to what leaves the repository.
pub(super) fn export_link(dossier: &Dossier, root: &str) -> Link {
    Link::new(address::href(root, &address::export(&dossier.id), ""), "Export for archives and GRC systems")
}

/// The certificate of a package that does not hold any more. Its page stays, with what is wrong in front: a
/// page that was only gone would leave an older copy of it unchallenged.
fn of_broken(index: &Index<'_>, dossier: &Dossier) -> Option<CertificateOutcome> {
    if index.breaks(dossier).is_empty() {
        return None;
    }
    let certified = |e: &&Entry| e.key_valid && matches!(e.record().body, Body::Certify(_));
    let entry = index.entries_of(dossier).filter(certified).last()?;
    let Body::Certify(certify) = &entry.record().body else { return None };
    Some(CertificateOutcome {
        record: entry.id(),
        revision: entry.record().revision()?,
        at: entry.record().signed_at,
        review_by: certify.outcome.review_by,
        revoked: None,
    })
}

fn statement(subject: &Subject, found: &CertificateOutcome, certified: &Certified) -> String {
    // Nobody approved a step that was set aside, and the sentence does not say so.
    let how = if certified.state == "approved_by_override" { "approved by override" } else { "approved" };
    let terms = match certified.conditions.len() {
        0 => how.to_owned(),
        n => format!("{how} with {}", words::count(n, "condition")),
    };
    let until =
        found.review_by.map_or(String::new(), |d| format!(" It must be reviewed again by {}.", d.human()));
    format!(
        "{} {} was {terms} on the documentation of package {}, revision {}. Certificate issued {}.{until}",
        subject.model.name,
        subject.model.version,
        subject.package,
        subject.revision,
        found.at.human()
    )
}

pub(super) fn banners(
    index: &Index<'_>,
    root: &str,
    dossier: &Dossier,
    found: &CertificateOutcome,
    force: Force,
) -> Vec<Banner> {
    let mut out: Vec<Banner> = invalid(index, root, dossier).into_iter().collect();
    let outcome = &dossier.outcome;
    match force {
        Force::Holds | Force::Broken => {}
        Force::Revoked => {
            out.extend(standing::ended(index, dossier, root, PackageState::Revoked).map(|b| Banner {
                heading: "REVOKED: this certificate is not in force".to_owned(),
                link: None,
                ..b
            }));
        }
        Force::Superseded => {
            out.extend(
                standing::ended(index, dossier, root, PackageState::Superseded).map(|b| Banner {
                    heading: "Superseded: this certificate is not in force".to_owned(),
                    ..b
                }),
            );
        }
        Force::Expired => {
            let when = found.review_by.map_or(String::new(), |d| format!(" on {}", d.human()));
            out.push(warn(
                "This certificate has run out",
                format!("It ended{when}. The model must be reviewed again before further use."),
            ));
        }
    }
    if outcome.revision > found.revision {
        out.push(warn(
            "A newer revision was submitted after this certificate",
            format!(
                "This certificate is for revision {}. Revision {} is current and is not covered by it.",
                found.revision, outcome.revision
            ),
        ));
    } else if force == Force::Holds && outcome.state == PackageState::ReReviewDue {
        out.extend(standing::ended(index, dossier, root, outcome.state).map(|b| Banner { link: None, ..b }));
    } else if force == Force::Holds && outcome.state != PackageState::Certified {
        out.push(warn("This certificate is not in force", words::state(outcome.state).sentence.to_owned()));
    }
    if let Working::Unsubmitted { files } = &dossier.working {
        out.push(warn(
            "The files of this package changed after it was certified",
            format!(
                "The signatures are not for the text as it stands now. Changed: {}.",
                words::list(&files.iter().map(ToString::to_string).collect::<Vec<_>>())
            ),
        ));
    }
    out
}

fn warn(heading: &str, text: String) -> Banner {
    Banner { tone: "warn", heading: heading.to_owned(), text, items: Vec::new(), link: None }
}

fn facts(
    index: &Index<'_>,
    dossier: &Dossier,
    entry: &Entry,
    certified: &Certified,
    found: &CertificateOutcome,
    root: &str,
) -> Vec<Fact> {
    let Some(subject) = entry.record().subject.as_ref() else { return Vec::new() };
    let package = dossier.revisions.iter().find(|r| r.number == found.revision).map(|r| r.package.as_ref());
    let mut out =
        vec![Fact::new("Model version", format!("{} {}", subject.model.name, subject.model.version))];
    if let Some(uri) = package.and_then(|p| p.meta.registry.clone()) {
        out.push(Fact::mono("In the model registry", uri));
    }
    if let Some(artifact) = &certified.artifact {
        out.push(Fact::hash(
            "Model artifact (SHA-256)",
            &artifact.strip_prefix("sha256:").unwrap_or(artifact),
        ));
    }
    out.push(Fact::new("Package", format!("{}, revision {}", subject.package, subject.revision)));
    out.push(Fact::hash("Package fingerprint (SHA-256)", &certified.digest));
    out.push(Fact::new("Approval chain", subject.chain.id.to_string()));
    out.push(Fact::hash("Chain fingerprint (SHA-256)", &certified.chain));
    if let Some(p) = package {
        out.push(Fact::new("Owner", index.name(&p.meta.owner)));
        out.push(Fact::new("Permitted use", p.meta.use_.clone()));
        out.push(Fact::new("Not permitted", p.meta.not_for.clone()));
        out.push(Fact::new("Environments", words::list(&p.meta.environments)));
    }
    if let Some(day) = certified.review_by {
        out.push(Fact::new("To be reviewed again by", day.human()));
    }
    let certificate = |id: &crate::digest::RecordId, what: &str| {
        let fact = Fact::hash(what, id);
        match index.entry(id).and_then(|e| e.record().subject.as_ref()) {
            Some(s) => {
                let to = address::href(root, &address::certificate(&s.package), "");
                fact.link(Link::new(to, format!("{}, revision {}", s.package, s.revision)))
            }
            None => fact,
        }
    };
    out.extend(certified.supersedes.as_ref().map(|id| certificate(id, "Replaces the certificate")));
    out.extend(dossier.told.superseded_by.as_ref().map(|id| certificate(id, "Replaced by the certificate")));
    out.extend(found.revoked.as_ref().and_then(|id| index.entry(id)).map(|e| {
        let record = e.record();
        Fact::new("Revoked", format!("{}, by {}", record.signed_at.human(), record.signer.name))
    }));
    out.retain(|f| !f.text.is_empty());
    out
}

/// Steps that passed and were approved by nobody.
fn aside(
    index: &Index<'_>,
    root: &str,
    chain: Option<&crate::chain::Chain>,
    certified: &Certified,
) -> Vec<Aside> {
    let without = certified.steps.iter().filter(|s| !s.overrides.is_empty() || s.state == "not_applicable");
    without
        .map(|s| Aside {
            step: titled(chain, s),
            state: if s.overrides.is_empty() {
                Tag::new("quiet", "dash", "Not for this package")
            } else {
                Tag::new("warn", "skip", "Set aside by two people, not approved")
            },
            by: s
                .overrides
                .iter()
                .filter_map(|id| index.entry(id))
                .map(|e| Signature::new(root, e))
                .collect(),
        })
        .collect()
}

fn titled(chain: Option<&crate::chain::Chain>, step: &CertifiedStep) -> String {
    let known = chain.and_then(|c| c.step(&step.step).map(|s| (stepper::number(c, &s.id), s.title.clone())));
    known.map_or_else(|| step.step.to_string(), |(n, title)| format!("Step {n}, {title}"))
}

fn reviewers(
    index: &Index<'_>,
    dossier: &Dossier,
    certified: &Certified,
    found: &CertificateOutcome,
    root: &str,
) -> Vec<Reviewer> {
    let chain = dossier.revisions.iter().find(|r| r.number == found.revision).map(|r| r.chain.as_ref());
    let mut out = Vec::new();
    for step in &certified.steps {
        let title = titled(chain, step);
        for d in &step.decisions {
            let entry = index.entry(&d.record);
            let conditions = certified.conditions.iter().filter(|c| c.record == d.record).count();
            let (word, tone, icon) = words::decision(d.decision, conditions);
            out.push(Reviewer {
                name: d.name.clone(),
                person: d.person.to_string(),
                role: words::role(&d.role),
                acting_for: d.acting_for.as_ref().map(|id| index.name(id)).unwrap_or_default(),
                due: step.due.map_or(String::new(), |due| {
                    let late = if d.at > due { "after the deadline, which was" } else { "in time, due" };
                    format!("{late} {}", due.human())
                }),
                step: title.clone(),
                decision: Tag::new(tone, icon, word),
                carried: d.code == FateCode::Carried.as_str(),
                meaning: d.meaning.clone(),
                at: d.at.into(),
                key: entry.map_or(String::new(), |e| e.record().signer.key.to_string()),
                record: d.record.to_string(),
                entry: entry.map(|e| EntryLink::new(root, e)),
            });
        }
    }
    out
}

fn rounds(index: &Index<'_>, certified: &Certified) -> Vec<Fact> {
    certified
        .rounds
        .iter()
        .map(|round| {
            let date =
                |id| index.entry(id).map_or(String::new(), |e: &Entry| e.record().signed_at.date().human());
            let rejected: Vec<String> = round
                .rejections
                .iter()
                .filter_map(|id| index.entry(id))
                .map(|e| {
                    format!(
                        "rejected by {} on {}",
                        e.record().signer.name,
                        e.record().signed_at.date().human()
                    )
                })
                .collect();
            let end = if rejected.is_empty() { "not rejected".to_owned() } else { words::list(&rejected) };
            Fact::new(
                &format!("Revision {}", round.revision),
                format!("Submitted {}, {end}", date(&round.submission)),
            )
        })
        .collect()
}

fn linkage(entry: &Entry) -> Vec<Fact> {
    let record = entry.record();
    let place =
        if entry.pending { format!("{} (waits to be appended)", entry.seq) } else { entry.seq.to_string() };
    let token = match &entry.verified.signed().tst {
        Some(_) => "RFC 3161 token of a timestamp authority, kept with the entry",
        None => "Asserted by the signer; no timestamp token",
    };
    vec![
        Fact::new("Ledger entry", place),
        Fact::hash("Record (SHA-256)", &entry.id()),
        Fact::hash("Hash of this entry", &entry.hash),
        Fact::hash("Hash of the entry before", &entry.prev),
        Fact::new(
            "Ledger verified at signing",
            words::count(usize::try_from(record.seen.size).unwrap_or(0), "entry"),
        ),
        Fact::hash("Ledger root at signing", &record.seen.root),
        Fact::new("Time", token),
    ]
}

fn commands(dossier: &Dossier, entry: &Entry, found: &CertificateOutcome) -> Vec<Command> {
    let (id, seq, person) = (&dossier.id, entry.seq, &entry.record().signer.person);
    let file = if entry.pending {
        format!("chains/pending/{}.json", entry.id())
    } else {
        "chains/ledger.jsonl".to_owned()
    };
    let line = if entry.pending { String::new() } else { format!("sed -n {}p ", seq + 1) };
    let (read, from) = if entry.pending { ("cat ".to_owned(), file) } else { (line, file) };
    vec![
        Command {
            shows: "The files are the ones that were approved.",
            text: format!(
                "cd packages/{id}/revisions/{n} && sha256sum -c MANIFEST && sha256sum MANIFEST",
                n = found.revision
            ),
        },
        Command {
            shows: "This certificate was signed with the issuer's key.",
            text: format!(
                "{read}{from} | jq -j .record > record.json\n{read}{from} | jq -r .sig > record.sig\n\
                 ssh-keygen -Y verify -f allowed_signers -I {person} -n countersign-record -s record.sig < record.json"
            ),
        },
        Command { shows: "The record has the id printed above.", text: "sha256sum record.json".to_owned() },
        Command {
            shows: "The whole ledger holds, and every other signature in it.",
            text: "countersign verify".to_owned(),
        },
    ]
}
