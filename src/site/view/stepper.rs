//! The approval chain as a stepper: stages in order, steps that run in parallel side by side.

use super::Index;
use crate::chain::{Chain, Step};
use crate::dossier::Dossier;
use crate::engine::{PackageState, Seat, StepOutcome, StepState};
use crate::id::StepId;
use crate::record::{Body, Decision};
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
    /// `done`, `now`, `bad` or `wait`.
    pub class: &'static str,
    pub current: bool,
    pub who: Vec<String>,
    pub status: Vec<String>,
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
pub(crate) fn current(index: &Index<'_>, dossier: &Dossier, chain: &Chain) -> Vec<Stage> {
    let outcome = &dossier.outcome;
    stages(chain, |step| {
        let state = outcome.steps.iter().find(|s| s.id == step.id);
        match state {
            Some(state) if outcome.state != PackageState::Draft => {
                live(index, chain, step, state, outcome.revision)
            }
            _ => idle(index, chain, step),
        }
    })
    .into_iter()
    .map(stage)
    .collect()
}

/// The stepper as an earlier revision left it: who decided what on it.
pub(crate) fn past(index: &Index<'_>, dossier: &Dossier, chain: &Chain, revision: u32) -> Vec<Stage> {
    let decided: Vec<_> = index
        .entries_of(dossier)
        .filter(|e| e.record().revision() == Some(revision))
        .filter_map(|e| match &e.record().body {
            Body::Decide(d) => Some((e, d)),
            _ => None,
        })
        .collect();
    stages(chain, |step| {
        let here: Vec<_> =
            decided.iter().filter(|(e, _)| e.record().step.as_ref() == Some(&step.id)).collect();
        let class = match () {
            () if here.iter().any(|(_, d)| d.decision == Decision::Reject) => "bad",
            () if here.iter().any(|(_, d)| d.decision == Decision::Approve) => "done",
            () => "wait",
        };
        let status = here.iter().map(|(e, d)| {
            let (word, ..) = words::decision(d.decision, d.conditions.len());
            format!("{word} {}", e.record().signed_at.date().human())
        });
        let status: Vec<String> = status.collect();
        StepView {
            number: number(chain, &step.id),
            title: step.title.clone(),
            class,
            current: false,
            who: here.iter().map(|(e, _)| e.record().signer.name.clone()).collect(),
            status: if status.is_empty() { vec!["No decision on this revision".to_owned()] } else { status },
        }
    })
    .into_iter()
    .map(stage)
    .collect()
}

fn stage(steps: Vec<StepView>) -> Stage {
    Stage { class: if steps.iter().all(|s| s.class == "done") { "done" } else { "" }, steps }
}

fn live(index: &Index<'_>, chain: &Chain, step: &Step, state: &StepOutcome, revision: u32) -> StepView {
    let (word, class) = words::step_state(state.state);
    let seats: Vec<&Seat> = state.seats.iter().collect();
    let decided = |seat: &&Seat| {
        let conditions = match index.entry(&seat.record).map(|e| &e.record().body) {
            Some(Body::Decide(d)) => d.conditions.len(),
            _ => 0,
        };
        let (word, ..) = words::decision(seat.decision, conditions);
        let carried = if seat.revision == revision {
            String::new()
        } else {
            format!(", on revision {}", seat.revision)
        };
        format!("{word} {}{carried}", seat.at.date().human())
    };
    let mut who: Vec<String> = seats.iter().map(|s| index.name(&s.person)).collect();
    let mut status: Vec<String> = seats.iter().map(decided).collect();
    match state.state {
        StepState::Waiting => status.push(opens_after(chain, step)),
        StepState::Satisfied | StepState::SatisfiedWithConditions | StepState::Refused => {}
        _ => status.push(word.to_owned()),
    }
    let missing = state.needed.saturating_sub(state.approvals);
    let done = matches!(state.state, StepState::Satisfied | StepState::SatisfiedWithConditions);
    if !done && missing > 0 {
        let free = state.eligible.iter().filter(|id| !seats.iter().any(|s| s.person == **id));
        who.extend(candidates(index.names(free), missing));
    }
    if state.needed > 1 {
        status.push(format!("{} of {} approvals", state.approvals, state.needed));
    }
    StepView {
        number: number(chain, &step.id),
        title: step.title.clone(),
        class,
        current: class == "now",
        who,
        status,
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
        current: false,
        who: candidates(holders, step.needed()),
        status: vec![status],
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

/// Who may still decide: by name while they are few.
fn candidates(names: Vec<String>, needed: u32) -> Vec<String> {
    match names.len() {
        0 => vec!["Nobody holds the role".to_owned()],
        1 => names,
        n if n <= 3 && needed == 1 => vec![names.join(" or ")],
        n => vec![format!("{needed} of {n} people")],
    }
}
