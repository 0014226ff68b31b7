//! Tells a person beforehand what the engine would say of a decision, so that nobody signs in vain.
//!
//! Stricter than the engine in one thing: who has decided a revision takes that back before deciding it
//! otherwise, so a change of mind is always two records, each with its reason.

use super::Case;
use super::diagnostics as say;
use super::history::History;
use super::outcome::{FateCode, StepState};
use super::past::Past;
use super::report::Whole;
use super::steps::StepView;
use crate::diag::Diagnostic;
use crate::id::{PersonId, SectionId, StepId};
use crate::record::{Decision, ScopeEntry};

/// Why a decision would not count, before anything is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// A fate code in capitals, or one of the few codes that exist only before signing.
    pub code: &'static str,
    /// Why, in words.
    pub words: String,
    /// What would help; may be empty.
    pub help: String,
}

impl From<Refusal> for Diagnostic {
    fn from(refusal: Refusal) -> Diagnostic {
        Diagnostic::error(crate::diag::Code(refusal.code), refusal.words).help(refusal.help)
    }
}

/// Says whether a decision by this person in this step, signed now by a tool that saw everything, would
/// have its effect.
///
/// # Errors
/// The first reason why not.
pub fn may_decide(case: &Case, person: &PersonId, step: &StepId, decision: Decision) -> Result<(), Refusal> {
    let history = History::read(case);
    let Some(whole) = Whole::of(&history, &Past::prefix(case.entries.len())) else {
        return Err(say::not_submitted(&case.package));
    };
    let Some(view) = whole.views.iter().find(|view| view.step.id == *step) else {
        return Err(say::no_such_step(step, whole.views.iter().map(|view| &view.step.id)));
    };
    may(&history, &whole, view, person, decision)
}

/// The scope a decision signed now in `step` must carry: its sections and package.toml, in chain order.
/// Empty if nothing was submitted or the chain has no such step.
pub fn scope_for(case: &Case, step: &StepId) -> Vec<ScopeEntry> {
    let history = History::read(case);
    let Some(revision) = history.current(&Past::prefix(case.entries.len())) else { return Vec::new() };
    let facts = &history.facts[revision];
    let Some(step) = facts.chain().step(step) else { return Vec::new() };
    let sections = step.scope.iter().cloned().chain([SectionId::package_itself()]);
    let mut scope: Vec<ScopeEntry> = sections
        .filter_map(|section| facts.sections.get(&section).map(|d| ScopeEntry { sha256: *d, section }))
        .collect();
    scope.sort_by(|a, b| a.section.cmp(&b.section));
    scope
}

/// Who holds the step's role and may still approve, once it is open.
pub(super) fn eligible(history: &History, whole: &Whole, view: &StepView) -> Vec<PersonId> {
    let people = &history.case.people;
    let free = people.holders(view.step.role()).filter(|person| {
        standing(history, &person.id, view).is_ok() && not_yet(history, whole, view, &person.id).is_ok()
    });
    free.map(|person| person.id.clone()).collect()
}

fn may(
    history: &History,
    whole: &Whole,
    view: &StepView,
    person: &PersonId,
    decision: Decision,
) -> Result<(), Refusal> {
    standing(history, person, view)?;
    let revision = history.facts[whole.revision].revision.number;
    if let Some((_, certified)) = history.certificates.last().filter(|(_, c)| *c >= revision) {
        return Err(say::certified(*certified));
    }
    not_yet(history, whole, view, person)?;
    if decision != Decision::Approve {
        return Ok(());
    }
    if let Some(first) = view.waits_for.first() {
        let title = super::fates::title(history, first);
        let state = whole.views.iter().find(|v| v.step.id == **first).map_or(StepState::Waiting, |v| v.state);
        return Err(say::step_not_open(&view.step.title, &title, state));
    }
    own_question(history, whole, person)
}

/// What the person is, whatever the state of the package.
fn standing(history: &History, person: &PersonId, view: &StepView) -> Result<(), Refusal> {
    let step = view.step;
    let Some(enrolled) = history.case.people.person(person) else {
        return Err(say::not_enrolled(person));
    };
    if !enrolled.roles.contains(step.role()) {
        let holders = history.case.people.holders(step.role()).map(|p| &p.id);
        return Err(say::role_not_held(person, &step.title, step.role(), holders));
    }
    if let Some((bar, revision)) = history.barred(person, |_| true) {
        return Err(say::barred(bar.code().as_str(), person, bar.did(), revision));
    }
    match history.other_step(person, &step.id) {
        Some(other) => Err(say::one_step(person, &super::fates::title(history, other))),
        None => Ok(()),
    }
}

/// Refuses a second decision on the same revision while the first has its effect.
fn not_yet(history: &History, whole: &Whole, view: &StepView, person: &PersonId) -> Result<(), Refusal> {
    let revision = history.facts[whole.revision].revision.number;
    let done = view.seats.iter().find(|seat| seat.person == person).filter(|seat| {
        let current = history.record(seat.at).revision() == Some(revision);
        let effect =
            matches!(seat.code, FateCode::Counted | FateCode::StandingRejection | FateCode::Suspended);
        current && effect
    });
    match done {
        Some(seat) => {
            let decision = history.decide(seat.at).decision;
            Err(say::already_decided(&history.case.package, decision, revision, history.id(seat.at)))
        }
        None => Ok(()),
    }
}

/// Who waits for an answer has not made up his mind: an open question of one's own bars approving.
fn own_question(history: &History, whole: &Whole, person: &PersonId) -> Result<(), Refusal> {
    let mine = history.questions.all.iter().filter(|q| q.asker == person && q.blocking && q.closed.is_none());
    let open: Vec<_> = mine
        .filter(|q| {
            // A request for clarification that was answered is closed by deciding.
            let in_effect =
                whole.seats().any(|seat| seat.at == q.opened && seat.code == FateCode::OpenQuestion);
            if q.clarify { in_effect && !q.answered } else { history.stands(q.opened) }
        })
        .collect();
    match open.first() {
        Some(question) => Err(say::own_question(
            &history.case.package,
            open.len(),
            history.id(question.opened),
            question.answered,
        )),
        None => Ok(()),
    }
}
