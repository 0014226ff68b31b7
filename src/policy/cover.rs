//! How far the cases reach: which steps, states, codes and rules of chains no case came to.
//!
//! A rule counts as reached when an outcome that some case looks at shows its effect, so a case that
//! merely has the rule in its chain reaches nothing.

use super::expect::count_codes;
use super::stage::Stage;
use super::wishes::word;
use crate::chain::{Chain, Step, Tally, Voter};
use crate::engine::{FateCode, Outcome, PackageState, StepOutcome, StepState};
use crate::record::Record;
use std::collections::{BTreeMap, BTreeSet};

/// What was reached.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    packages: BTreeSet<PackageState>,
    steps: BTreeSet<StepState>,
    codes: BTreeMap<FateCode, u32>,
    /// By where the chain is from: every rule with whether it was reached, in the order of the file.
    chains: BTreeMap<String, BTreeMap<(usize, String), bool>>,
}

/// Reached and not reached of one sort of thing.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Reach {
    /// What sort.
    pub what: String,
    /// How many were reached.
    pub reached: usize,
    /// How many there are.
    pub all: usize,
    /// Those no case reached.
    pub missed: Vec<String>,
    /// True for a chain that stands in no file under `chains/` itself: only tests use it.
    pub only_tests: bool,
}

impl Reach {
    /// Reached, in percent, rounded down: 100 means all.
    pub fn percent(&self) -> usize {
        if self.all == 0 { 100 } else { self.reached * 100 / self.all }
    }
}

impl Coverage {
    /// Adds what others reached.
    pub(super) fn join(&mut self, other: Coverage) {
        self.packages.extend(other.packages);
        self.steps.extend(other.steps);
        for (code, count) in other.codes {
            *self.codes.entry(code).or_default() += count;
        }
        for (chain, rules) in other.chains {
            let mine = self.chains.entry(chain).or_default();
            for (rule, reached) in rules {
                *mine.entry(rule).or_default() |= reached;
            }
        }
    }

    /// Learns the rules of a chain.
    pub(super) fn knows(&mut self, origin: &str, chain: &Chain) {
        let rules = self.chains.entry(origin.to_owned()).or_default();
        for (index, (rule, _)) in rules_of(chain).into_iter().enumerate() {
            rules.entry((index, rule)).or_default();
        }
    }

    /// Learns what an outcome shows.
    pub(super) fn saw(
        &mut self,
        origin: &str,
        chain: &Chain,
        stage: &Stage<'_>,
        count: usize,
        outcome: &Outcome,
    ) {
        self.packages.insert(outcome.state);
        self.steps.extend(outcome.steps.iter().map(|step| step.state));
        count_codes(outcome, &mut self.codes);
        // A story may go over to another chain; its rules are not those of this one.
        let pinned = stage.revisions.get((outcome.revision as usize).wrapping_sub(1));
        if pinned.is_none_or(|revision| revision.chain.digest != chain.digest) {
            return;
        }
        let sight = Sight { stage, count, outcome };
        let rules = self.chains.entry(origin.to_owned()).or_default();
        for (index, (rule, shows)) in rules_of(chain).into_iter().enumerate() {
            *rules.entry((index, rule)).or_default() |= shows(&sight);
        }
    }

    /// What was reached, sort by sort.
    pub fn reach(&self) -> Vec<Reach> {
        let of = |what: &str, all: Vec<(String, bool)>| {
            let missed: Vec<String> =
                all.iter().filter(|(_, reached)| !reached).map(|(name, _)| name.clone()).collect();
            Reach {
                what: what.to_owned(),
                reached: all.len() - missed.len(),
                all: all.len(),
                missed,
                only_tests: false,
            }
        };
        let packages = PackageState::ALL.iter().map(|s| (word(s), self.packages.contains(s))).collect();
        let steps = StepState::ALL.iter().map(|s| (word(s), self.steps.contains(s))).collect();
        let codes =
            FateCode::ALL.iter().map(|c| (c.as_str().to_owned(), self.codes.contains_key(c))).collect();
        let mut all = vec![of("package states", packages), of("step states", steps), of("codes", codes)];
        for (chain, rules) in &self.chains {
            let rules = rules.iter().map(|((_, rule), reached)| (rule.clone(), *reached)).collect();
            let reach = of(&format!("steps and rules of {chain}"), rules);
            let own = chain.strip_prefix("chains/").is_some_and(|name| !name.contains(['/', ' ']));
            all.push(Reach { only_tests: !own, ..reach });
        }
        all
    }
}

/// What a rule is looked for in.
struct Sight<'s> {
    stage: &'s Stage<'s>,
    count: usize,
    outcome: &'s Outcome,
}

type Shows = Box<dyn Fn(&Sight<'_>) -> bool>;

impl Sight<'_> {
    fn step(&self, step: &Step) -> Option<&StepOutcome> {
        self.outcome.steps.iter().find(|s| s.id == step.id)
    }

    /// Records made in a step, with their codes.
    fn records(&self) -> impl Iterator<Item = (&Record, FateCode)> {
        let entries = self.stage.entries.iter().take(self.count).map(crate::record::Entry::record);
        let about = entries.filter(|record| record.kind().about_package());
        about.zip(self.outcome.fates.iter().map(|fate| fate.code))
    }

    fn code_in(&self, step: &Step, wanted: impl Fn(FateCode) -> bool) -> bool {
        self.records().any(|(record, code)| record.step.as_ref() == Some(&step.id) && wanted(code))
    }
}

/// Every rule of a chain in words, with how it shows.
fn rules_of(chain: &Chain) -> Vec<(String, Shows)> {
    let mut rules: Vec<(String, Shows)> = Vec::new();
    for step in &chain.steps {
        of_step(step, &mut rules);
    }
    if let Some(period) = chain.review_by {
        let words = format!("effective: review by {period}");
        rules.push((words, Box::new(|s| s.outcome.state == PackageState::Expired)));
    }
    rules
}

fn of_step(step: &Step, rules: &mut Vec<(String, Shows)>) {
    let id = &step.id;
    let mut rule = |words: String, shows: Shows| rules.push((format!("{id}: {words}"), shows));
    let state = |step: &Step, wanted: &'static [StepState]| -> Shows {
        let step = step.clone();
        Box::new(move |s: &Sight<'_>| s.step(&step).is_some_and(|o| wanted.contains(&o.state)))
    };
    let flag = |step: &Step, raised: fn(&StepOutcome) -> bool| -> Shows {
        let step = step.clone();
        Box::new(move |s: &Sight<'_>| s.step(&step).is_some_and(raised))
    };
    let code = |step: &Step, wanted: &'static [FateCode]| -> Shows {
        let step = step.clone();
        Box::new(move |s: &Sight<'_>| s.code_in(&step, |code| wanted.contains(&code)))
    };
    const PASSED: &[StepState] = &[StepState::Satisfied, StepState::SatisfiedWithConditions];
    for way in &step.ways {
        let (own, role) = (step.clone(), way.role.clone());
        let words = match &way.tally {
            Tally::Approvals(n) => format!("passes by {n} of {role}"),
            Tally::Quorum(_) => format!("passes by a vote of {role}"),
        };
        let shows = move |s: &Sight<'_>| {
            s.step(&own).is_some_and(|o| PASSED.contains(&o.state))
                && s.records().any(|(record, code)| {
                    let here = record.step.as_ref() == Some(&own.id) && record.role.as_ref() == Some(&role);
                    here && code.in_effect()
                })
        };
        rule(words, Box::new(shows));
    }
    if !step.after.is_empty() {
        let after: Vec<&str> = step.after.iter().map(|s| s.as_str()).collect();
        rule(format!("waits for {}", after.join(" and ")), state(step, &[StepState::Waiting]));
    }
    rule("refuses".to_owned(), state(step, &[StepState::Refused]));
    if !step.veto.is_empty() {
        let own = step.clone();
        let shows = move |s: &Sight<'_>| {
            let vetoes = |record: &Record| {
                own.veto.iter().any(|voter| match voter {
                    Voter::Person(person) => *person == record.signer.person,
                    Voter::Role(role) => {
                        s.stage.people.person(&record.signer.person).is_some_and(|p| p.roles.contains(role))
                    }
                })
            };
            s.step(&own).is_some_and(|o| o.state == StepState::Refused)
                && s.outcome.findings.iter().any(|f| f.open && f.step == own.id)
                && s.records().any(|(record, code)| code == FateCode::StandingRejection && vetoes(record))
        };
        rule("veto".to_owned(), Box::new(shows));
    }
    if let Some(when) = &step.when {
        rule(format!("is left out by {}", when.meta), state(step, &[StepState::NotApplicable]));
    }
    if step.deadline.is_some() {
        rule("deadline passes".to_owned(), flag(step, |o| o.overdue));
    }
    for escalation in &step.escalate {
        let (own, to) = (step.clone(), escalation.to.clone());
        let words = format!("escalates to {to}");
        rule(words, Box::new(move |s| s.step(&own).is_some_and(|o| o.escalated_to.contains(&to))));
    }
    if step.lapse.is_some() {
        rule("lapses".to_owned(), Box::new(|s| s.outcome.state == PackageState::Lapsed));
    }
    if step.fresh_for.is_some() {
        rule("approvals grow old".to_owned(), code(step, &[FateCode::Expired]));
    }
    if !step.delegates.is_empty() {
        rule("a delegate decides".to_owned(), code(step, &[FateCode::CountedAs]));
    }
    if step.resolve_rejection.is_some() {
        rule("a rejection is set aside".to_owned(), code(step, &[FateCode::Overruled]));
    }
    if !step.assistance {
        rule("refuses AI assistance".to_owned(), code(step, &[FateCode::AssistanceNotAllowed]));
    }
    const OVER: &[FateCode] = &[FateCode::Carried, FateCode::NeedsConfirm, FateCode::StaleContent];
    rule(format!("carry = {}", word(&step.carry)), code(step, OVER));
}
