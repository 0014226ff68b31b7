//! The approval chain as a stepper: stages in order, steps that run in parallel side by side.

use super::{Index, Link, Signature, Tag, When, decisions};
use crate::chain::{Chain, Step};
use crate::dossier::Dossier;
use crate::engine::{self, Advice, Case, PackageState, Seat, StepOutcome, StepState};
use crate::id::StepId;
use crate::record::{Decision, Entry, Kind};
use crate::site::address;
use crate::site::words;
use serde::Serialize;
use std::collections::BTreeMap;

/// Steps that open together.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Stage {
    /// `done` when all its steps are.
    pub class: &'static str,
    pub steps: Vec<StepView>,
}

/// One step.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct StepView {
    pub number: usize,
    pub title: String,
    /// `done`, `now`, `bad`, `wait`, `skip` or `aside`; the last two never look like an approval.
    pub class: &'static str,
    pub icon: &'static str,
    pub current: bool,
    /// Its state in words.
    pub state: String,
    /// The same in two or three words, for the drawing.
    pub short: &'static str,
    /// What is wrong with it in a word or two, for the drawing.
    pub late: &'static str,
    /// What is enough.
    pub rule: String,
    /// Who decided, or is waited for.
    pub who: Vec<String>,
    pub status: Vec<String>,
    /// What nobody may overlook: overdue, escalated, nobody who could decide.
    pub flags: Vec<Tag>,
    /// Days that matter.
    pub dates: Vec<Dated>,
    /// What is to be read before confirming.
    pub read: Option<Link>,
}

/// A day with what it means.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Dated {
    pub what: &'static str,
    pub at: When,
}

/// The number of a step, counted from 1 in chain order.
pub(crate) fn number(chain: &Chain, id: &StepId) -> usize {
    chain.steps.iter().position(|s| s.id == *id).map_or(0, |at| at + 1)
}

/// Groups the steps of a chain by how many steps at most come before them.
pub(crate) fn stages<T>(chain: &Chain, mut step: impl FnMut(&Step) -> T) -> Vec<Vec<T>> {
    let mut rank: BTreeMap<&StepId, usize> = BTreeMap::new();
    let mut out: Vec<Vec<T>> = Vec::new();
    for s in &chain.steps {
        // File order is a topological order, so every predecessor already has its rank.
        let at = s.after.iter().filter_map(|id| rank.get(id)).max().map_or(0, |r| r + 1);
        rank.insert(&s.id, at);
        out.resize_with(out.len().max(at + 1), Vec::new);
        out[at].push(step(s));
    }
    out
}

/// The stepper as it stands now.
pub(crate) fn current(index: &Index<'_>, dossier: &Dossier, chain: &Chain, root: &str) -> Vec<Stage> {
    let outcome = &dossier.outcome;
    let live = Live { index, dossier, chain, root, revision: outcome.revision };
    stages(chain, |step| {
        let state = outcome.steps.iter().find(|s| s.id == step.id);
        match state {
            Some(state) if outcome.state != PackageState::Draft => {
                let advice = outcome.advice.iter().find(|a| a.step.as_ref() == Some(&step.id));
                live.step(step, state, advice)
            }
            _ => idle(index, chain, step),
        }
    })
    .into_iter()
    .map(stage)
    .collect()
}

/// The stepper as an earlier revision left it: each step's state just before the next revision came.
pub(crate) fn past(
    index: &Index<'_>,
    dossier: &Dossier,
    chain: &Chain,
    revision: u32,
    root: &str,
) -> Vec<Stage> {
    let outcome = left(index, dossier, revision);
    let steps = outcome.map_or(Vec::new(), |o| o.steps);
    let live = Live { index, dossier, chain, root, revision };
    stages(chain, |step| {
        let mut view = match steps.iter().find(|s| s.id == step.id) {
            Some(state) => live.step(step, state, None),
            None => idle(index, chain, step),
        };
        view.status = live.decided_then(step);
        if view.status.is_empty() {
            view.status.push("No decision on this revision".to_owned());
        }
        // Nobody is waited for any more.
        StepView { current: false, who: Vec::new(), late: "", flags: Vec::new(), dates: Vec::new(), ..view }
    })
    .into_iter()
    .map(stage)
    .collect()
}

/// What the records added up to when the next revision was submitted: by the people, the rules and the
/// clock of that moment.
fn left(index: &Index<'_>, dossier: &Dossier, revision: u32) -> Option<engine::Outcome> {
    let next = |e: &&&Entry| {
        e.record().kind() == Kind::Submit && e.record().revision().is_some_and(|n| n > revision)
    };
    let known = dossier.revisions.iter().take_while(|r| r.number <= revision).count();
    let owned = dossier.case(index.register);
    let case = owned.get();
    let end = case.entries.iter().find(next).copied()?;
    let entries: Vec<&Entry> = case.entries.iter().copied().take_while(|e| e.seq < end.seq).collect();
    Some(engine::evaluate(&Case {
        revisions: dossier.revisions.get(..known)?,
        entries: &entries,
        people: end.people.clone(),
        as_of: end.record().signed_at,
        rules: None,
        superseded_by: None,
        ..case.clone()
    }))
}

fn stage(steps: Vec<StepView>) -> Stage {
    Stage { class: if steps.iter().all(|s| s.class == "done") { "done" } else { "" }, steps }
}

struct Live<'a> {
    index: &'a Index<'a>,
    dossier: &'a Dossier,
    chain: &'a Chain,
    root: &'a str,
    revision: u32,
}

impl Live<'_> {
    fn step(&self, step: &Step, state: &StepOutcome, advice: Option<&Advice>) -> StepView {
        let index = self.index;
        let (word, class) = words::step_state(state.state);
        let mut who = Vec::new();
        let mut status: Vec<String> =
            state.seats.iter().map(|seat| self.decided(seat, state.state)).collect();
        if state.state == StepState::Waiting {
            status.push(opens_after(self.chain, step));
        }
        let missing = state.needed.saturating_sub(state.approvals);
        let confirmers = advice.filter(|_| state.state == StepState::NeedsConfirm);
        if let Some(advice) = confirmers {
            who.push(either(&index.names(&advice.who)));
        } else if !state.state.passed() && missing > 0 {
            let free = state.eligible.iter().filter(|id| !state.seats.iter().any(|s| s.person == **id));
            who.extend(candidates(index.names(free), missing));
        }
        if state.needed > 1 && !matches!(state.state, StepState::NotApplicable | StepState::Overridden) {
            status.push(format!("{} of {} approvals", state.approvals, state.needed));
        }
        let (mut flags, mut dates) = (Vec::new(), Vec::new());
        if state.overdue {
            flags.push(Tag::new("bad", "clock", "Overdue"));
        }
        if !state.escalated_to.is_empty() && !state.state.passed() {
            let roles: Vec<String> = state.escalated_to.iter().map(words::role).collect();
            flags.push(Tag::new("warn", "change", format!("Escalated to {}", words::list(&roles))));
        }
        if state.unsatisfiable {
            flags.push(Tag::new("bad", "cross", "Nobody there is could bring it to pass"));
        }
        let mut dated = |what, at: Option<When>| dates.extend(at.map(|at| Dated { what, at }));
        dated("Due by", state.due.map(When::end));
        dated("The review lapses after", state.lapses.map(When::end));
        // A certificate froze the approvals: from then on it is the certificate that runs out.
        let frozen = self.dossier.outcome.certificate.is_some();
        dated("Approval fresh until", state.fresh_until.filter(|_| !frozen).map(When::from));
        let read = advice.filter(|_| state.state != StepState::Waiting).and_then(|a| a.read);
        StepView {
            number: number(self.chain, &step.id),
            title: step.title.clone(),
            class,
            icon: icon(class),
            current: class == "now",
            state: word.to_owned(),
            short: words::step_short(state.state),
            late: match (state.overdue, state.unsatisfiable) {
                (true, _) => "Overdue",
                (_, true) => "Nobody can pass it",
                _ => "",
            },
            rule: state.rule.clone(),
            who,
            status,
            flags,
            dates,
            read: read.map(|pair| changes(self.dossier, self.root, pair)),
        }
    }

    /// `Approved 3 November 2026 by Drew, acting for Dana, on revision 1`.
    fn decided(&self, seat: &Seat, state: StepState) -> String {
        let body = self.index.entry(&seat.record).map(|e| &e.record().body);
        let (mut word, ..) =
            body.and_then(decisions::said).unwrap_or_else(|| words::decision(seat.decision, 0));
        if seat.decision == Decision::Reject && state.passed() {
            word.push_str(" (a minority: the step passed)");
        }
        let name = match &seat.delegate {
            Some(delegate) => {
                format!("{}, acting for {}", self.index.name(delegate), self.index.name(&seat.person))
            }
            None => self.index.name(&seat.person),
        };
        let earlier = if seat.revision == self.revision {
            String::new()
        } else {
            format!(", on revision {}", seat.revision)
        };
        let fate = words::fate(seat.code).filter(|_| !words::in_effect(seat.code));
        let fate = fate.map_or(String::new(), |fate| format!(". {fate}"));
        format!("{word} {} by {name}{earlier}{fate}", seat.at.date().human())
    }

    /// What was decided in a step on this revision, whatever became of it since.
    fn decided_then(&self, step: &Step) -> Vec<String> {
        let here = self.index.entries_of(self.dossier).filter(|e| {
            e.record().revision() == Some(self.revision) && e.record().step.as_ref() == Some(&step.id)
        });
        here.filter_map(|e| {
            let (word, ..) = decisions::said(&e.record().body)?;
            let by = Signature::new(self.root, e);
            let acting = if by.acting_for.is_empty() {
                String::new()
            } else {
                format!(", acting for {}", by.acting_for)
            };
            Some(format!("{word} {} by {}{acting}", e.record().signed_at.date().human(), by.name))
        })
        .collect()
    }
}

/// A link to what changed from a revision to a later one.
pub(crate) fn changes(dossier: &Dossier, root: &str, (old, new): (u32, u32)) -> Link {
    let to = address::href(root, &address::diff(&dossier.id, old, new), "");
    Link::new(to, format!("Read what changed from revision {old} to revision {new}"))
}

fn icon(class: &str) -> &'static str {
    match class {
        "done" => "check",
        "bad" => "cross",
        "skip" => "dash",
        "aside" => "skip",
        _ => "",
    }
}

fn idle(index: &Index<'_>, chain: &Chain, step: &Step) -> StepView {
    let holders = index.register.people.holders(step.role()).map(|p| p.name.clone()).collect();
    let status =
        if step.after.is_empty() { "Opens on submission".to_owned() } else { opens_after(chain, step) };
    StepView {
        number: number(chain, &step.id),
        title: step.title.clone(),
        class: "wait",
        icon: "",
        current: false,
        state: "Not open".to_owned(),
        short: "Not open",
        late: "",
        rule: String::new(),
        who: candidates(holders, step.needed()),
        status: vec![status],
        flags: Vec::new(),
        dates: Vec::new(),
        read: None,
    }
}

fn opens_after(chain: &Chain, step: &Step) -> String {
    let numbers: Vec<String> = step.after.iter().map(|id| number(chain, id).to_string()).collect();
    match numbers.len() {
        0 => "Open now".to_owned(),
        1 => format!("Opens after step {}", numbers[0]),
        _ => format!("Opens after steps {}", words::list(&numbers)),
    }
}

fn either(names: &[String]) -> String {
    match names {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        names => words::list(names),
    }
}

/// Who may still decide: by name while they are few.
fn candidates(names: Vec<String>, needed: u32) -> Vec<String> {
    match names.len() {
        0 => vec!["somebody with the role; nobody may decide it now".to_owned()],
        1 => names,
        n if n <= 3 && needed == 1 => vec![either(&names)],
        n if n == needed as usize => vec![words::list(&names)],
        n => vec![format!("{needed} of {n} people")],
    }
}
