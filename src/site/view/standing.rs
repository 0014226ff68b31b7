//! How a package stands: what ended or holds up its review with who, why and what comes next; steps set
//! aside by override; the next date.

use super::{Banner, Index, Link, Signature, Tag, When};
use crate::chain::Chain;
use crate::dossier::Dossier;
use crate::engine::{FateCode, OverrideOutcome, PackageState};
use crate::record::{Body, Entry, Kind, Severity};
use crate::site::address;
use crate::site::words;
use serde::Serialize;

/// A request to set steps aside, with whoever asked and seconded.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct OverrideView {
    pub state: Tag,
    pub text: String,
    pub reason: String,
    pub until: When,
    pub review: When,
    pub asked: Option<Signature>,
    pub seconded: Option<Signature>,
}

/// The next date at which something runs out.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct NextView {
    pub at: When,
    pub what: String,
}

/// The next date, if there is one.
pub(crate) fn next(dossier: &Dossier) -> Option<NextView> {
    dossier.outcome.next.as_ref().map(|(at, what)| NextView { at: When::end(*at), what: what.clone() })
}

/// Every request to set steps aside. None of them ever looks like an approval.
pub(crate) fn overrides(
    index: &Index<'_>,
    dossier: &Dossier,
    root: &str,
    chain: &Chain,
) -> Vec<OverrideView> {
    dossier.outcome.overrides.iter().map(|o| set_aside(index, root, chain, o)).collect()
}

fn set_aside(index: &Index<'_>, root: &str, chain: &Chain, o: &OverrideOutcome) -> OverrideView {
    let steps: Vec<String> = o
        .steps
        .iter()
        .map(|id| chain.step(id).map_or_else(|| id.to_string(), |s| format!("“{}”", s.title)))
        .collect();
    let sign = |id| index.entry(id).map(|e| Signature::new(root, e));
    let (asked, seconded) = (sign(&o.record), o.second.as_ref().and_then(sign));
    let steps = words::list(&steps);
    let (state, text) = match (o.code, &seconded) {
        (FateCode::Counted, Some(_)) => (
            Tag::new("warn", "skip", "In force: set aside, not approved"),
            format!("{steps} was set aside by two people. Nobody approved it."),
        ),
        (FateCode::OverrideNeedsSecond, _) => (
            Tag::new("quiet", "clock", "No effect yet: a second person must sign"),
            format!("One person asked to set {steps} aside. It takes a second person."),
        ),
        (code, _) => (
            Tag::new("quiet", "cross", words::became(code)),
            format!("It was asked to set {steps} aside. It has no effect now."),
        ),
    };
    OverrideView {
        state,
        text,
        reason: o.reason.clone(),
        until: o.expires.into(),
        review: o.review.into(),
        asked,
        seconded,
    }
}

/// What ended the review or calls for a new one: who, when, why, and what comes next.
pub(crate) fn ended(index: &Index<'_>, dossier: &Dossier, root: &str, state: PackageState) -> Option<Banner> {
    let last = |kind: Kind| {
        index.entries_of(dossier).filter(|e| counts(dossier, e) && e.record().kind() == kind).last()
    };
    let said = |entry: Option<&Entry>, did: &str| {
        entry.map_or(String::new(), |e| {
            format!("{} {did} on {}. ", e.record().signer.name, e.record().signed_at.date().human())
        })
    };
    let why = |entry: Option<&Entry>| -> Vec<String> {
        entry.and_then(|e| e.record().body.reason()).map(|r| format!("Reason: {r}")).into_iter().collect()
    };
    let words = words::state(state);
    let banner = |tone, text: String, items, link| {
        Some(Banner { tone, heading: words.word.to_owned(), text, items, link })
    };
    match state {
        PackageState::Rejected => {
            let entry = index.entries_of(dossier).filter(|e| counts(dossier, e)).filter(
                |e| matches!(&e.record().body, Body::Decide(d) if d.severity == Some(Severity::Final)),
            );
            let entry = entry.last();
            let findings = entry.map_or(Vec::new(), |e| match &e.record().body {
                Body::Decide(d) => d.findings.iter().map(|f| f.concern.clone()).collect(),
                _ => Vec::new(),
            });
            let text = said(entry, "rejected this package for good")
                + "Nobody can override that or set it aside. Next: only the reviewer who rejected it can take it back; \
                   otherwise this package stays rejected.";
            banner("bad", text, findings, None)
        }
        PackageState::Withdrawn => {
            let entry = last(Kind::Retract);
            let text = said(entry, "took this revision out of review")
                + "Next: the authors submit a new revision, and the review begins anew.";
            banner("warn", text, why(entry), None)
        }
        PackageState::Lapsed => {
            let steps = dossier.outcome.steps.iter().filter(|s| !s.state.passed() && s.lapses.is_some());
            let steps = steps.map(|s| {
                let at = s.lapses.map_or(String::new(), |at| When::end(at).human);
                format!("“{}” had to pass by {at}", s.title)
            });
            let text = "The review took too long and ended without an approval. Next: the authors submit a new \
                        revision, and the review begins anew.";
            banner("warn", text.to_owned(), steps.collect(), None)
        }
        PackageState::Superseded => {
            let other = dossier.told.superseded_by.as_ref().and_then(|id| index.entry(id));
            let link = other.and_then(|e| e.record().subject.as_ref()).map(|s| {
                let to = address::href(root, &address::certificate(&s.package), "");
                Link::new(to, format!("Read the certificate of {}, revision {}", s.package, s.revision))
            });
            let text = said(other, "issued the certificate of another package for this model version")
                + "Next: rely on that one. This package is kept as part of the record.";
            banner("warn", text, Vec::new(), link)
        }
        PackageState::Revoked => {
            let id = dossier.outcome.certificate.as_ref().and_then(|c| c.revoked);
            let entry = id.as_ref().and_then(|id| index.entry(id));
            let text = said(entry, "revoked the certificate")
                + "The model is not approved for deployment. Next: the authors submit a new revision for a new review.";
            let to = address::href(root, &address::certificate(&dossier.id), "");
            banner("bad", text, why(entry), Some(Link::new(to, "Read the revoked certificate")))
        }
        PackageState::ReReviewDue => {
            let mut items: Vec<String> = dossier
                .outcome
                .conditions
                .iter()
                .filter(|c| c.overdue)
                .map(|c| {
                    let due = c.condition.due.map_or(String::new(), |d| format!(" since {}", d.human()));
                    format!("Condition {} is overdue{due}: {}", c.condition.id, c.condition.text)
                })
                .collect();
            items.extend(after_certificate(index, dossier));
            let text = format!("{} Next: what is listed under “What is missing now”.", words.sentence);
            let to = address::href(root, &address::certificate(&dossier.id), "");
            banner("warn", text, items, Some(Link::new(to, "Read the certificate")))
        }
        PackageState::Expired => {
            let day = dossier.outcome.certificate.as_ref().and_then(|c| c.review_by);
            let ended = day.map_or(String::new(), |d| format!("Its certificate held until {}. ", d.human()));
            let to = address::href(root, &address::certificate(&dossier.id), "");
            let text = format!("{ended}Next: the authors submit a new revision for a new review.");
            banner("warn", text, Vec::new(), Some(Link::new(to, "Read the certificate that has run out")))
        }
        _ => None,
    }
}

/// True while reviewers are waited for.
pub(crate) fn under_review(state: PackageState) -> bool {
    matches!(
        state,
        PackageState::InReview | PackageState::ClarificationPending | PackageState::ChangesRequired
    )
}

fn counts(dossier: &Dossier, entry: &Entry) -> bool {
    let fate = dossier.outcome.fates.iter().find(|f| f.id == entry.id());
    fate.is_none_or(|f| words::in_effect(f.code))
}

/// Objections and questions that came after the certificate.
fn after_certificate(index: &Index<'_>, dossier: &Dossier) -> Vec<String> {
    let Some(at) = dossier.outcome.certificate.as_ref().and_then(|c| index.entry(&c.record)) else {
        return Vec::new();
    };
    let late = index.entries_of(dossier).filter(|e| e.seq > at.seq).filter(|e| match &e.record().body {
        Body::Object(_) => true,
        Body::Decide(d) => d.decision != crate::record::Decision::Approve,
        _ => false,
    });
    late.map(|e| {
        let reason = e.record().body.reason().map_or(String::new(), |r| format!(": {r}"));
        format!("{} {} after the certificate{reason}", e.record().signer.name, index.event(e.record()))
    })
    .collect()
}

/// Steps set aside, steps that nobody can bring to pass, steps that are late: none may be overlooked.
pub(crate) fn warnings(overrides: &[OverrideView], dossier: &Dossier) -> Vec<Banner> {
    let banner =
        |tone, heading: String, text: String| Banner { tone, heading, text, items: Vec::new(), link: None };
    let mut out = Vec::new();
    for o in overrides.iter().filter(|o| o.state.tone == "warn") {
        let names = [&o.asked, &o.seconded].into_iter().flatten().map(|s| s.name.clone());
        let names = words::list(&names.collect::<Vec<_>>());
        out.push(Banner {
            link: Some(Link::new("#overrides", "Read the override")),
            ..banner(
                "warn",
                "A step was set aside, not approved".to_owned(),
                format!(
                    "{} By {names}. It holds until {} and must be looked back on by {}.",
                    o.text, o.until.human, o.review.human
                ),
            )
        });
    }
    // What has ended waits for nobody.
    let open = under_review(dossier.outcome.state);
    let stuck = dossier.outcome.steps.iter().filter(|s| open && s.unsatisfiable && !s.state.passed());
    out.extend(stuck.map(|s| {
        banner(
            "bad",
            format!("Nobody there is could bring “{}” to pass", s.title),
            format!("It needs {}. A registrar must give somebody the role.", s.rule),
        )
    }));
    out
}
