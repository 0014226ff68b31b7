//! Decisions as signed, with what became of each: what counts, and what does not and why.

use super::{Index, Signature, Tag, When};
use crate::chain::Chain;
use crate::dossier::Dossier;
use crate::engine::{ConditionOutcome, FateCode};
use crate::id::PersonId;
use crate::record::{Body, Condition, Entry};
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
    pub key: String,
    pub assistance: String,
}

/// A term attached to an approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ConditionView {
    pub id: String,
    pub text: String,
    pub kind: &'static str,
    pub owner: String,
    pub due: Option<When>,
    pub overdue: bool,
    pub by: String,
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
        if matches!(entry.record().body, Body::Decide(_)) && (effect || past) {
            counted.push(view(entry, fate.code, &fate.note, chain, root));
        } else if !effect {
            uncounted.push(Uncounted {
                by: Signature::new(root, entry),
                what: words::event(entry.record()),
                fate: words::fate(fate.code).unwrap_or_default().to_owned(),
                note: fate.note.clone(),
            });
        }
    }
    (counted, uncounted)
}

fn view(entry: &Entry, code: FateCode, note: &str, chain: &Chain, root: &str) -> DecisionView {
    let record = entry.record();
    let (word, tone, icon) = match &record.body {
        Body::Decide(d) => words::decision(d.decision, d.conditions.len()),
        _ => (words::event(record), "quiet", "dash"),
    };
    let step = record.step.as_ref().and_then(|id| chain.step(id));
    let fate = words::fate(code).unwrap_or_default().to_owned();
    DecisionView {
        by: Signature::new(root, entry),
        step: step.map_or(String::new(), |s| s.title.clone()),
        revision: record.revision().unwrap_or(0),
        decision: Tag::new(tone, icon, word),
        note: if fate.is_empty() { String::new() } else { note.to_owned() },
        fate,
        key: record.signer.key.to_string(),
        assistance: if record.assistance == "none" { String::new() } else { record.assistance.clone() },
    }
}

/// The conditions in force.
pub(crate) fn conditions(index: &Index<'_>, all: &[ConditionOutcome]) -> Vec<ConditionView> {
    let by = |c: &ConditionOutcome| {
        index.entry(&c.record).map_or(String::new(), |e| e.record().signer.name.clone())
    };
    all.iter()
        .map(|c| ConditionView { overdue: c.overdue, ..condition(&c.condition, by(c), |id| index.name(id)) })
        .collect()
}

/// A condition in words.
pub(crate) fn condition(c: &Condition, by: String, name: impl Fn(&PersonId) -> String) -> ConditionView {
    ConditionView {
        id: c.id.to_string(),
        text: c.text.clone(),
        kind: words::condition_kind(c.kind),
        owner: c.owner.as_ref().map(name).unwrap_or_default(),
        due: c.due.map(When::from),
        overdue: false,
        by,
    }
}
