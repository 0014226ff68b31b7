//! From the shape of a step to a [`Step`] that does not contradict itself.

use super::diagnostics as say;
use super::raw::{Assistance, RawEscalation, RawQuorum, RawStep, RawWay, RawWhen};
use super::{Carry, Escalation, Quorum, Step, Tally, Tie, Voter, Way, When, meaning};
use crate::diag::Diagnostics;
use crate::diag::toml::At;
use crate::id::{RoleId, SectionId};
use crate::text::{SourceFile, Span};
use crate::time::{Period, Term};

/// Approvals, voters or rejections one step may ask for.
pub(super) const MOST: u32 = 100;

/// `None` only where an error was reported.
pub(super) fn one_step(
    file: &SourceFile,
    raw: RawStep,
    scope: Vec<SectionId>,
    out: &mut Diagnostics,
) -> Option<Step> {
    let place = raw.id.as_ref().map_or(raw.span, |id| id.span);
    if let Some(sentence) = &raw.meaning {
        for wrong in meaning::wrongs(&sentence.value) {
            out.push(say::meaning(file, sentence.span, &wrong));
        }
    }
    times(file, &raw, out);
    let reject = reject(file, &raw, out);
    let ways = ways(file, place, raw.way, raw.any_of, out);
    let roles: Vec<RoleId> = ways.iter().flatten().map(|way| way.role.clone()).collect();
    twice(
        file,
        &raw.veto,
        |v| match v {
            Voter::Role(role) => role.to_string(),
            Voter::Person(person) => format!("person:{person}"),
        },
        out,
    );
    twice(file, &raw.delegates, RoleId::to_string, out);
    if let Some(given) = &raw.overridable_veto
        && raw.veto.is_empty()
    {
        out.push(say::no_veto(file, given.span));
    }
    let when = raw.when.map(|when| self::when(file, when, out));
    let escalate = escalate(file, raw.escalate, &roles, out);
    let id = raw.id?.value;
    Some(Step {
        title: raw.title.map_or_else(|| id.to_string(), |t| t.value),
        id,
        ways: ways?,
        reject,
        veto: values(raw.veto),
        overridable_veto: raw.overridable_veto.is_some_and(|o| o.value),
        after: values(raw.after),
        when: match when {
            None => None,
            Some(when) => Some(when?),
        },
        scope,
        carry: raw.carry.map_or(Carry::Cosmetic, |c| c.value),
        meaning: raw.meaning?.value,
        deadline: raw.deadline.map(|d| d.value),
        escalate,
        lapse: raw.lapse.map(|l| l.value),
        fresh_for: raw.fresh_for.map(|f| f.value),
        delegates: values(raw.delegates),
        resolve_rejection: raw.resolve_rejection.map(|r| r.value),
        assistance: raw.assistance.is_none_or(|a| a.value == Assistance::Declared),
    })
}

fn values<T>(list: Vec<At<T>>) -> Vec<T> {
    list.into_iter().map(|at| at.value).collect()
}

/// Reports every name that stands twice in a list.
fn twice<T: PartialEq>(
    file: &SourceFile,
    list: &[At<T>],
    name: impl Fn(&T) -> String,
    out: &mut Diagnostics,
) {
    let mut seen: std::collections::BTreeSet<String> = std::collections::BTreeSet::new();
    for item in list {
        let name = name(&item.value);
        if !seen.insert(name.clone()) {
            out.push(say::twice(file, item.span, &name));
        }
    }
}

/// Exactly one form: `role` with `approvals` or `quorum`, or `any_of`.
fn ways(
    file: &SourceFile,
    place: Span,
    own: RawWay,
    any_of: Option<Vec<RawWay>>,
    out: &mut Diagnostics,
) -> Option<Vec<Way>> {
    let Some(list) = any_of else {
        return way(file, own, false, out).map(|way| vec![way]);
    };
    let beside = own
        .role
        .as_ref()
        .map(|role| (role.span, "role"))
        .or(own.quorum.as_ref().map(|quorum| (quorum.span, "quorum")))
        .or(own.counted.then_some((own.approvals.map_or(place, |a| a.span), "approvals")));
    if let Some((span, key)) = beside {
        out.push(say::two_forms(file, span, key, "any_of"));
    }
    if list.is_empty() || list.len() > MOST as usize {
        out.push(say::no_way(file, place, MOST));
        return None;
    }
    let mut all: Vec<Way> = Vec::new();
    let mut sound = true;
    for raw in list {
        let span = raw.span;
        match way(file, raw, true, out) {
            // The same role twice is a harder and an easier way for the same people: only one can matter.
            Some(way) if all.iter().any(|other| other.role == way.role) => {
                out.push(say::twice(file, span, way.role.as_str()));
            }
            Some(way) => all.push(way),
            None => sound = false,
        }
    }
    sound.then_some(all)
}

fn way(file: &SourceFile, raw: RawWay, listed: bool, out: &mut Diagnostics) -> Option<Way> {
    let count = raw.approvals.as_ref().map(|n| n.value);
    if let Some(n) = &raw.approvals
        && !(1..=MOST).contains(&n.value)
    {
        out.push(say::approvals(file, n.span, MOST));
    }
    let tally = match raw.quorum {
        Some(quorum) => {
            if raw.counted {
                let span = raw.approvals.map_or(quorum.span, |n| n.span);
                out.push(say::two_forms(file, span, "approvals", "quorum"));
            }
            if let Some(reject) = quorum.reject.as_ref().filter(|_| listed) {
                out.push(say::reject_of_a_way(file, reject.span));
            }
            Tally::Quorum(self::quorum(file, quorum, out)?)
        }
        None => Tally::Approvals(count.unwrap_or(1)),
    };
    Some(Way { role: raw.role?.value, tally })
}

fn quorum(file: &SourceFile, raw: RawQuorum, out: &mut Diagnostics) -> Option<Quorum> {
    if let Some(n) = &raw.present
        && !(1..=MOST).contains(&n.value)
    {
        out.push(say::quorum_number(file, n.span, "present", MOST));
    }
    if let Some(At { value: super::Share::Count(n), span }) = &raw.yes
        && !(1..=MOST).contains(n)
    {
        out.push(say::approvals(file, *span, MOST));
    }
    if let Some(tie) = &raw.tie
        && tie.value == Tie::Chair
        && raw.chair.is_none()
    {
        out.push(say::tie_without_chair(file, tie.span));
    }
    Some(Quorum {
        present: raw.present?.value,
        yes: raw.yes?.value,
        chair: raw.chair.map(|c| c.value),
        tie: raw.tie.map_or(Tie::Fail, |t| t.value),
        no_is_present: raw.no_is_present.is_some_and(|n| n.value),
    })
}

/// Rejections that refuse the step: said at the step or in its quorum, once.
fn reject(file: &SourceFile, raw: &RawStep, out: &mut Diagnostics) -> u32 {
    let of_quorum = raw.way.quorum.as_ref().and_then(|q| q.reject.as_ref());
    for n in raw.reject.iter().chain(of_quorum) {
        if !(1..=MOST).contains(&n.value) {
            out.push(say::quorum_number(file, n.span, "reject", MOST));
        }
    }
    if let (Some(_), Some(second)) = (&raw.reject, of_quorum) {
        out.push(say::reject_twice(file, second.span));
    }
    raw.reject.as_ref().or(of_quorum).map_or(1, |n| n.value)
}

fn when(file: &SourceFile, raw: RawWhen, out: &mut Diagnostics) -> Option<When> {
    let (values, among) = match (raw.among, raw.not_among) {
        (Some(values), None) => (values, true),
        (None, Some(values)) => (values, false),
        _ => {
            out.push(say::when_form(file, raw.span));
            return None;
        }
    };
    if values.is_empty() {
        out.push(say::when_empty(file, raw.span));
    }
    twice(file, &values, String::clone, out);
    Some(When { meta: raw.meta?.value, values: self::values(values), among })
}

fn escalate(
    file: &SourceFile,
    raw: Vec<RawEscalation>,
    roles: &[RoleId],
    out: &mut Diagnostics,
) -> Vec<Escalation> {
    let mut all: Vec<Escalation> = Vec::new();
    for one in raw.into_iter().take(MOST as usize) {
        let (Some(to), Some(after)) = (one.to, one.after) else { continue };
        if roles.contains(&to.value) {
            out.push(say::escalates_to_itself(file, to.span, to.value.as_str()));
        }
        if all.iter().any(|other| other.to == to.value) {
            out.push(say::twice(file, to.span, to.value.as_str()));
        }
        all.push(Escalation { to: to.value, after: after.value });
    }
    all
}

/// Terms that run out before they start, or that one another make idle.
fn times(file: &SourceFile, raw: &RawStep, out: &mut Diagnostics) {
    let escalations = raw.escalate.iter().filter_map(|e| e.after.as_ref());
    let terms = raw.deadline.iter().chain(raw.lapse.iter()).chain(escalations.clone());
    for term in terms.filter(|term| term.value.is_zero()) {
        out.push(say::no_time(file, term.span, &term.value));
    }
    if let Some(fresh) = &raw.fresh_for
        && matches!(fresh.value, Period::Days(0) | Period::Months(0))
    {
        out.push(say::no_time(file, fresh.span, &fresh.value));
    }
    if let Some(lapse) = &raw.lapse {
        let too_late = |term: &At<Term>| lapse.value.surely_not_after(term.value);
        if raw.deadline.as_ref().is_some_and(too_late) {
            out.push(say::lapses_first(file, lapse.span, "is overdue"));
        }
        for after in escalations.filter(|after| too_late(after)) {
            out.push(say::lapses_first(file, after.span, "is escalated"));
        }
    }
    if let Some(role) = &raw.resolve_rejection
        && raw.deadline.is_none()
    {
        out.push(say::no_deadline(file, role.span));
    }
}
