//! Decisions as signed, with what became of each: what counts, and what does not and why.

use super::panels::sentence;
pub(crate) use super::terms::ConditionView;
use super::{Index, Signature, Tag, terms};
use crate::chain::Chain;
use crate::dossier::Dossier;
use crate::engine::FateCode;
use crate::id::PersonId;
use crate::record::{Body, Condition, Decide, Decision, Entry, Severity};
use crate::site::words;
use serde::Serialize;

/// One decision.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct DecisionView {
    pub by: Signature,
    pub step: String,
    pub revision: u32,
    pub decision: Tag,
    /// What became of it, unless it simply counts.
    pub fate: String,
    /// The engine's reason, when it does not count.
    pub note: String,
    /// Its own words, for kinds that give a reason.
    pub reason: String,
    pub key: String,
    pub assistance: String,
}

/// A record that has no effect, and why.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Uncounted {
    pub by: Signature,
    pub what: String,
    pub fate: String,
    pub note: String,
}

/// The decisions of a package: those in effect, and every other record without effect.
pub(crate) fn split(
    index: &Index<'_>,
    dossier: &Dossier,
    chain: &Chain,
    root: &str,
    only: Option<u32>,
) -> (Vec<DecisionView>, Vec<Uncounted>) {
    let (mut counted, mut uncounted) = (Vec::new(), Vec::new());
    for fate in &dossier.outcome.fates {
        let Some(entry) = index.entry(&fate.id) else { continue };
        let revision = entry.record().revision();
        if only.is_some() && only != revision {
            continue;
        }
        let effect = words::in_effect(fate.code);
        // A page of an earlier round shows what was decided then, whatever became of it since.
        let past = only.is_some()
            && matches!(fate.code, FateCode::Superseded | FateCode::StaleContent | FateCode::UpstreamChanged);
        if said(&entry.record().body).is_some() && (effect || past) {
            let passed = entry
                .record()
                .step
                .as_ref()
                .is_some_and(|id| dossier.outcome.steps.iter().any(|s| s.id == *id && s.state.passed()));
            // A vote against that did not carry is shown as what it is.
            let minority = passed && only.is_none() && fate.code == FateCode::StandingRejection;
            let mut view = view(entry, fate.code, &fate.note, chain, root);
            if minority {
                "The step passed all the same".clone_into(&mut view.fate);
            }
            counted.push(view);
        } else if !effect {
            uncounted.push(Uncounted {
                by: Signature::new(root, entry),
                what: index.event(entry.record()),
                fate: words::fate(fate.code).unwrap_or_default().to_owned(),
                note: sentence(&fate.note),
            });
        }
    }
    (counted, uncounted)
}

/// What a record that takes part in deciding says: words, tone and icon. `None` for any other.
pub(crate) fn said(body: &Body) -> Option<(String, &'static str, &'static str)> {
    let plain = |words: &str, tone, icon| Some((words.to_owned(), tone, icon));
    match body {
        Body::Decide(Decide { decision: Decision::Reject, severity: Some(Severity::Final), .. }) => {
            plain("Rejected for good", "bad", "cross")
        }
        Body::Decide(d) => Some(words::decision(d.decision, d.conditions.len())),
        Body::Object(_) => plain("Objected", "bad", "cross"),
        Body::Confirm(c) => {
            Some((format!("Confirmed the small change since revision {}", c.since), "ok", "check"))
        }
        Body::Recuse(_) => plain("Stepped aside", "quiet", "person"),
        Body::Retract(_) => plain("Took the revision out of review", "quiet", "dash"),
        Body::ResolveRejection(_) => plain("Set a rejection aside", "warn", "dash"),
        Body::Override(o) if o.about.is_some() => plain("Seconded an override", "warn", "dash"),
        Body::Override(_) => plain("Asked for an override", "warn", "dash"),
        Body::Revoke(_) => plain("Revoked the certificate", "bad", "cross"),
        _ => None,
    }
}

fn view(entry: &Entry, code: FateCode, note: &str, chain: &Chain, root: &str) -> DecisionView {
    let record = entry.record();
    let (word, tone, icon) = said(&record.body).unwrap_or((words::event(record), "quiet", "dash"));
    let step = record.step.as_ref().and_then(|id| chain.step(id));
    let fate = words::fate(code).unwrap_or_default().to_owned();
    DecisionView {
        by: Signature::new(root, entry),
        step: step.map_or(String::new(), |s| s.title.clone()),
        revision: record.revision().unwrap_or(0),
        decision: Tag::new(tone, icon, word),
        note: if fate.is_empty() { String::new() } else { sentence(note) },
        fate,
        reason: record.body.reason().unwrap_or_default().to_owned(),
        key: record.signer.key.to_string(),
        assistance: if record.assistance == "none" { String::new() } else { record.assistance.clone() },
    }
}

/// A condition in words.
pub(crate) fn condition(c: &Condition, by: String, name: impl Fn(&PersonId) -> String) -> ConditionView {
    terms::plain(c, by, name)
}
