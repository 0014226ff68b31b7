//! Tells a person beforehand what the engine would say of a decision, so that nobody signs in vain.
//!
//! Stricter than the engine in one thing: who has decided a revision takes that back before deciding it
//! otherwise, so a change of mind is always two records, each with its reason.

use super::Case;
use super::clock::{self, Moment};
use super::code::FateCode;
use super::decisions;
use super::diagnostics as say;
use super::history::History;
use super::past::Past;
use super::report::Whole;
use super::state::StepState;
use super::steps::StepView;
use crate::chain::{Voter, Way};
use crate::diag::Diagnostic;
use crate::id::{PersonId, RoleId, SectionId, StepId};
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
    let moment = history.today(case.as_of);
    let Some(whole) = Whole::of(&history, &moment) else {
        return Err(say::not_submitted(&case.package));
    };
    let Some(view) = whole.views.iter().find(|view| view.step.id == *step) else {
        return Err(say::no_such_step(step, whole.views.iter().map(|view| &view.step.id)));
    };
    may(&history, &whole, view, person, decision, &moment)
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

/// Who holds a role that decides the step and may still approve, once it is open; then who stands in for
/// one of them now.
pub(super) fn eligible(history: &History, whole: &Whole, view: &StepView) -> Vec<PersonId> {
    let mut all = able(history, whole, view);
    let (people, now) = (&history.case.people, history.case.as_of);
    for delegation in &people.delegations {
        let covers = delegation.covers(&history.case.package, &view.step.id, now);
        let away = people.delegations.iter().any(|other| {
            other.principal == delegation.delegate && other.covers(&history.case.package, &view.step.id, now)
        });
        let stands_in = covers
            && !away
            && all.contains(&delegation.principal)
            && !all.contains(&delegation.delegate)
            && people.person(&delegation.delegate).is_some_and(|p| decisions::stands_in(view.step, &p.roles))
            && free(history, &delegation.delegate, view).is_ok();
        if stands_in {
            all.push(delegation.delegate.clone());
        }
    }
    all
}

/// Who holds a role that decides the step and may still approve it, once it is open.
pub(super) fn able(history: &History, whole: &Whole, view: &StepView) -> Vec<PersonId> {
    let fits =
        |id: &PersonId| standing(history, id, view).is_ok() && not_yet(history, whole, view, id).is_ok();
    let people = history.case.people.persons.keys();
    people.filter(|id| fits(id)).cloned().collect()
}

/// True if an approval by this person would be on this way.
pub(super) fn on_way(history: &History, view: &StepView, way: &Way, person: &PersonId) -> bool {
    let roles = history.case.people.person(person).map(|p| &p.roles);
    let elsewhere = |role: &RoleId| !view.step.takes(role) && now_takes(history, view, role);
    roles.is_some_and(|roles| roles.contains(&way.role) || roles.iter().any(elsewhere))
}

/// True if a role decides in the step by now.
fn now_takes(history: &History, view: &StepView, role: &RoleId) -> bool {
    if view.step.takes(role) || view.state.passed() {
        // Nobody is asked to help out where nothing is late any more.
        return view.step.takes(role);
    }
    let moment = history.today(history.case.as_of);
    let revision = history.current(history.present());
    revision.is_some_and(|revision| {
        clock::escalated(history, &history.facts[revision], view, &moment).contains(&role)
    })
}

fn may(
    history: &History,
    whole: &Whole,
    view: &StepView,
    person: &PersonId,
    decision: Decision,
    moment: &Moment,
) -> Result<(), Refusal> {
    let objects = matches!(decision, Decision::Reject | Decision::Clarify);
    if objects && has_veto(history, person, view) {
        free(history, person, view)?;
    } else {
        standing(history, person, view)?;
    }
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
    if let Err(why) = history.open(whole.revision, view, moment) {
        return Err(say::not_open(&why));
    }
    own_question(history, whole, person)
}

/// What the person is, whatever the state of the package.
fn standing(history: &History, person: &PersonId, view: &StepView) -> Result<(), Refusal> {
    let step = view.step;
    let Some(enrolled) = history.case.people.person(person) else {
        return Err(say::not_enrolled(person));
    };
    if !enrolled.roles.iter().any(|role| now_takes(history, view, role)) {
        let holders = step.roles().flat_map(|role| history.case.people.holders(role)).map(|p| &p.id);
        return Err(say::role_not_held(person, &step.title, step.role(), holders));
    }
    free(history, person, view)
}

/// Whether nothing in the package's history bars a person from this step.
fn free(history: &History, person: &PersonId, view: &StepView) -> Result<(), Refusal> {
    if history.case.people.person(person).is_none() {
        return Err(say::not_enrolled(person));
    }
    if let Some((bar, revision)) = history.barred(person, history.submits.len().saturating_sub(1), |_| true) {
        return Err(say::barred(bar.code().as_str(), person, bar.did(), revision));
    }
    if let Some(other) = history.other_step(person, &view.step.id) {
        return Err(say::one_step(person, &super::fates::title(history, other)));
    }
    if history.asked_aside(person) {
        return Err(say::one_step(person, "an override"));
    }
    if history.recused.contains_key(person) {
        return Err(say::recused(person));
    }
    match history.signs_elsewhere(person, &view.step.id, person) {
        Some(other) => Err(say::counts_once(person, other)),
        None => Ok(()),
    }
}

/// True if a person's rejection alone refuses the step.
fn has_veto(history: &History, person: &PersonId, view: &StepView) -> bool {
    let roles = history.case.people.person(person).map(|p| &p.roles);
    view.step.veto.iter().any(|voter| match voter {
        Voter::Role(role) => roles.is_some_and(|roles| roles.contains(role)),
        Voter::Person(id) => id == person,
    })
}

/// Refuses a second decision on the same revision while the first has its effect.
fn not_yet(history: &History, whole: &Whole, view: &StepView, person: &PersonId) -> Result<(), Refusal> {
    let revision = history.facts[whole.revision].revision.number;
    let done = view.seats.iter().find(|seat| seat.person == person).filter(|seat| {
        let current = history.record(seat.at).revision() == Some(revision);
        let effect = matches!(
            seat.code,
            FateCode::Counted | FateCode::CountedAs | FateCode::StandingRejection | FateCode::Suspended
        );
        // An objection need not be taken back before the step is decided: deciding answers it.
        let objection = super::tally::is_objection(history, seat);
        current && effect && !objection
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
    let mine = history.questions.all.iter().filter(|q| q.asker == person && q.blocking && history.is_open(q));
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
