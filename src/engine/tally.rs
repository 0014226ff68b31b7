//! Whether the decisions of a step are enough: approvals by one role, a vote with a quorum, or one of
//! several such ways.

use super::code::FateCode;
use super::history::History;
use super::past::Past;
use super::steps::{SeatView, StepView};
use crate::chain::{Step, Tally, Tie, Voter, Way};
use crate::id::{PersonId, RoleId};
use crate::record::{Body, Decision, Severity};

/// The votes on one way to pass.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Votes {
    pub yes: u32,
    pub no: u32,
    pub abstain: u32,
    /// True if one who holds the chair's role was present.
    pub chaired: bool,
    /// True if one who holds it approved.
    pub chair_yes: bool,
}

/// Counts the votes on a way; `counts` says which approvals and abstentions are in the tally.
pub(super) fn votes(
    history: &History,
    view: &StepView,
    way: &Way,
    counts: impl Fn(&SeatView) -> bool,
) -> Votes {
    let mut votes = Votes::default();
    for seat in view.seats.iter().filter(|seat| on_way(history, view, way, seat)) {
        let decision = history.decide(seat.at).decision;
        let heard = match decision {
            Decision::Approve | Decision::Abstain => counts(seat),
            // A rejection stands whatever has changed since.
            Decision::Reject => matches!(seat.code, FateCode::StandingRejection | FateCode::Counted),
            Decision::Clarify => false,
        };
        if !heard {
            continue;
        }
        match decision {
            Decision::Approve => votes.yes += 1,
            Decision::Reject => votes.no += 1,
            Decision::Abstain => votes.abstain += 1,
            Decision::Clarify => {}
        }
        if let Tally::Quorum(quorum) = &way.tally
            && quorum.chair.as_ref().is_some_and(|chair| held(history, seat.at, chair))
        {
            // A no by the chair is presence only where every no is: else a no could let a motion pass.
            votes.chaired |= decision != Decision::Reject || quorum.no_is_present;
            votes.chair_yes |= decision == Decision::Approve;
        }
    }
    votes
}

/// True if a decision is on this way: made in its role, or in a role that no way has, which is that of
/// somebody the step was escalated to.
fn on_way(history: &History, view: &StepView, way: &Way, seat: &SeatView) -> bool {
    let role = history.record(seat.at).role.as_ref();
    role.is_some_and(|role| *role == way.role || !view.step.takes(role))
}

/// True if the person whose seat it is held a role where the decision stands in the ledger.
fn held(history: &History, at: usize, role: &RoleId) -> bool {
    let people = &history.entry(at).people;
    people.person(history.seat_person(at)).is_some_and(|person| person.roles.contains(role))
}

/// Who may vote on a way: the holders of its role when the step opened, without authors and those who
/// stepped aside.
pub(super) fn pool(history: &History, view: &StepView, way: &Way, past: &Past) -> u32 {
    let people = match view.opened {
        Some(opened) => &history.entry(opened.by).people,
        None => &history.case.people,
    };
    let revision = history.current(past).unwrap_or(0);
    let free = |person: &PersonId| {
        history.barred(person, revision, |submit| past.has(submit)).is_none()
            && !history.stepped_aside(person, past)
    };
    let count = people.holders(&way.role).filter(|person| free(&person.id)).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// True if a way is passed by these votes.
fn passes(way: &Way, votes: Votes, pool: impl FnOnce() -> u32) -> bool {
    match &way.tally {
        // Never zero: a step nobody has to decide would approve by itself.
        Tally::Approvals(needed) => votes.yes >= (*needed).max(1),
        Tally::Quorum(quorum) => {
            let present = votes.yes + votes.abstain + if quorum.no_is_present { votes.no } else { 0 };
            let carried = match votes.yes.cmp(&votes.no) {
                std::cmp::Ordering::Greater => true,
                std::cmp::Ordering::Equal => quorum.tie == Tie::Chair && votes.chair_yes,
                std::cmp::Ordering::Less => false,
            };
            let chaired = quorum.chair.is_none() || votes.chaired;
            present >= quorum.present && chaired && carried && votes.yes >= quorum.yes.of(pool())
        }
    }
}

/// True if one of the step's ways is passed by the seats that count.
pub(super) fn enough(
    history: &History,
    view: &StepView,
    past: &Past,
    counts: impl Fn(&SeatView) -> bool,
) -> bool {
    view.step
        .ways
        .iter()
        .any(|way| passes(way, votes(history, view, way, &counts), || pool(history, view, way, past)))
}

/// Approvals a way asks for, as far as that can be told: a vote may need more.
pub(super) fn asks(history: &History, view: &StepView, way: &Way, past: &Past) -> u32 {
    match &way.tally {
        Tally::Approvals(needed) => (*needed).max(1),
        Tally::Quorum(quorum) => quorum.yes.of(pool(history, view, way, past)),
    }
}

/// Approvals still missing on a way, as far as that can be told: a vote may need more.
pub(super) fn missing(history: &History, view: &StepView, way: &Way, past: &Past) -> u32 {
    let votes = votes(history, view, way, |seat| seat.counts(history));
    match &way.tally {
        Tally::Approvals(needed) => (*needed).max(1).saturating_sub(votes.yes),
        Tally::Quorum(quorum) => {
            let yes = quorum.yes.of(pool(history, view, way, past)).saturating_sub(votes.yes);
            let absent = quorum.present.saturating_sub(votes.yes + votes.abstain);
            yes.max(absent).max(u32::from(quorum.chair.is_some() && !votes.chaired))
        }
    }
}

/// True if the rejections of a step refuse it: there are enough, or one is by somebody with a veto.
pub(super) fn refused(history: &History, view: &StepView) -> bool {
    let standing = || view.with(FateCode::StandingRejection);
    let count = u32::try_from(standing().count()).unwrap_or(u32::MAX);
    count >= view.step.reject.max(1)
        || standing().any(|seat| is_veto(history, view, seat) || stands_alone(history, seat))
}

/// True if a rejection is by somebody with a veto in the step.
pub(super) fn is_veto(history: &History, view: &StepView, seat: &SeatView) -> bool {
    vetoes(history, view.step, seat.at)
}

/// True if whoever's seat a decision fills had a veto in the step, where it stands in the ledger.
pub(super) fn vetoes(history: &History, step: &Step, at: usize) -> bool {
    step.veto.iter().any(|voter| match voter {
        Voter::Role(role) => held(history, at, role),
        Voter::Person(person) => person == history.seat_person(at),
    })
}

/// True if it is an objection: that stands whatever the tally.
pub(super) fn is_objection(history: &History, seat: &SeatView) -> bool {
    matches!(history.record(seat.at).body, Body::Object(_))
}

/// True if a rejection stands whatever the tally: an objection, or what its signer said in place of one.
fn stands_alone(history: &History, seat: &SeatView) -> bool {
    is_objection(history, seat) || history.insists.contains(&seat.at)
}

/// True if nobody can set a rejection aside.
pub(super) fn is_final(history: &History, at: usize) -> bool {
    history.decide(at).severity == Some(Severity::Final) || history.finals.contains(&at)
}
