//! Conditions of approvals: what is to be done, where it stands, and what was signed about it since.

use super::{Index, Signature, Tag, When};
use crate::chain::Chain;
use crate::engine::ConditionOutcome;
use crate::id::{PersonId, StepId};
use crate::record::{Body, Condition, ConditionEnd, ConditionKind};
use crate::site::words;
use serde::Serialize;

/// A term attached to an approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ConditionView {
    pub id: String,
    pub text: String,
    pub kind: String,
    pub owner: String,
    /// The role that checks it, if another than that of the step that set it.
    pub verifier: String,
    pub due: Option<When>,
    pub overdue: bool,
    /// Where it stands; `None` before it is signed.
    pub state: Option<Tag>,
    pub by: String,
    /// What was signed about it since.
    pub said: Vec<About>,
}

/// One record about a condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct About {
    pub what: &'static str,
    pub by: Signature,
    pub reason: String,
    /// SHA-256 of a file that shows it, in groups.
    pub evidence: String,
}

/// The conditions of counted approvals, as they stand.
pub(crate) fn all(
    index: &Index<'_>,
    root: &str,
    chain: Option<&Chain>,
    all: &[ConditionOutcome],
) -> Vec<ConditionView> {
    all.iter().map(|outcome| of(index, root, chain, outcome)).collect()
}

/// One condition as it stands.
pub(crate) fn of(
    index: &Index<'_>,
    root: &str,
    chain: Option<&Chain>,
    outcome: &ConditionOutcome,
) -> ConditionView {
    let by = index.entry(&outcome.record).map_or(String::new(), |e| e.record().signer.name.clone());
    let mut view = plain(&outcome.condition, by, |id| index.name(id));
    view.kind = kind(chain, &outcome.condition);
    let (word, tone, icon) = words::condition_state(outcome.state);
    // A standing condition is never "open": there is nothing to be done, only to be kept.
    let standing = outcome.condition.kind == ConditionKind::Standing && !outcome.state.ended();
    view.state = Some(if standing {
        Tag::new("info", "page", "In force")
    } else if outcome.overdue {
        Tag::new("bad", "clock", format!("Overdue. {word}"))
    } else {
        Tag::new(tone, icon, word)
    });
    view.overdue = outcome.overdue;
    view.said = outcome.records.iter().filter_map(|id| about(index, root, id)).collect();
    view
}

/// A condition as a certificate froze it, when nothing newer is known of it.
pub(crate) fn frozen(
    c: &Condition,
    end: Option<ConditionEnd>,
    by: String,
    name: impl Fn(&PersonId) -> String,
) -> ConditionView {
    let state = match end {
        Some(ConditionEnd::Verified) => Some(Tag::new("ok", "check", "Met and checked")),
        Some(ConditionEnd::Waived) => Some(Tag::new("quiet", "dash", "Dropped by those who set it")),
        None => None,
    };
    ConditionView { state, ..plain(c, by, name) }
}

/// A condition in words.
pub(crate) fn plain(c: &Condition, by: String, name: impl Fn(&PersonId) -> String) -> ConditionView {
    ConditionView {
        id: c.id.to_string(),
        text: c.text.clone(),
        kind: kind(None, c),
        owner: c.owner.as_ref().map(name).unwrap_or_default(),
        verifier: c.verifier_role.as_ref().map(words::role).unwrap_or_default(),
        due: c.due.map(When::from),
        overdue: false,
        state: None,
        by,
        said: Vec::new(),
    }
}

fn kind(chain: Option<&Chain>, c: &Condition) -> String {
    match (&c.step, c.kind) {
        (Some(step), ConditionKind::BeforeStep) => {
            format!("To be done before the step “{}” opens", step_title(chain, step))
        }
        _ => words::condition_kind(c.kind).to_owned(),
    }
}

fn step_title(chain: Option<&Chain>, step: &StepId) -> String {
    chain.and_then(|c| c.step(step)).map_or_else(|| step.to_string(), |s| s.title.clone())
}

fn about(index: &Index<'_>, root: &str, id: &crate::digest::RecordId) -> Option<About> {
    let entry = index.entry(id)?;
    let (what, reason, evidence) = match &entry.record().body {
        Body::Discharge(d) => {
            ("Said to be met", &d.reason, d.evidence.map_or(String::new(), |e| words::grouped(&e)))
        }
        Body::Verify(v) if v.accepted => ("Checked: met", &v.reason, String::new()),
        Body::Verify(v) => ("Checked: not met, given back", &v.reason, String::new()),
        Body::Waive(w) => ("Dropped", &w.reason, String::new()),
        _ => return None,
    };
    Some(About { what, by: Signature::new(root, entry), reason: reason.clone(), evidence })
}
