//! A naive reading of the rules to compare the engine with, and the invariants of the design.
//!
//! The model shares no code with the engine: it takes a set of records, and for every question about
//! what a signer had seen it starts all over again with that smaller set.

use super::desk::Desk;
use super::story::{act, tell};
use crate::chain::Carry;
use crate::engine::{Case, FateCode, Outcome, PackageState, StepState, evaluate};
use crate::record::{Body, Condition, Decision, Entry, Record};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

type Set = BTreeSet<usize>;

struct Naive<'a> {
    desk: &'a Desk,
    pasts: Vec<Set>,
    /// Why each record has no effect, by reading order.
    refused: Vec<Option<&'static str>>,
}

/// A step in a set of records: its state and the code of every effective decision.
struct NaiveStep {
    state: &'static str,
    codes: BTreeMap<usize, &'static str>,
    /// Whose approval counts, in what terms.
    approvals: BTreeMap<String, Vec<Condition>>,
}

impl NaiveStep {
    fn passed(&self) -> bool {
        self.state.starts_with("satisfied")
    }
}

impl<'a> Naive<'a> {
    fn new(desk: &'a Desk) -> Naive<'a> {
        let mut naive = Naive { desk, pasts: Vec::new(), refused: Vec::new() };
        for at in 0..desk.entries.len() {
            let mut past = Set::new();
            for before in 0..at {
                if naive.record(at).parents.contains(&desk.entries[before].id()) {
                    past.insert(before);
                    past.extend(naive.pasts[before].clone());
                }
            }
            naive.pasts.push(past);
            let refused = naive.refuse(at);
            naive.refused.push(refused);
        }
        naive
    }

    fn record(&self, at: usize) -> &'a Record {
        self.desk.entries[at].record()
    }

    fn person(&self, at: usize) -> &'a str {
        self.record(at).signer.person.as_str()
    }

    fn revision(&self, at: usize) -> u32 {
        self.record(at).revision().unwrap()
    }

    fn decision(&self, at: usize) -> Option<Decision> {
        match &self.record(at).body {
            Body::Decide(d) => Some(d.decision),
            _ => None,
        }
    }

    fn stands(&self, at: usize) -> bool {
        self.refused.get(at).is_some_and(Option::is_none)
    }

    fn names(&self, submit: usize, person: &str) -> bool {
        let Body::Submit(s) = &self.record(submit).body else { return false };
        let listed = s.authors.iter().chain(&s.contributors).any(|p| p.as_str() == person);
        self.stands(submit) && (listed || self.person(submit) == person)
    }

    fn before(at: usize) -> Set {
        (0..at).collect()
    }

    fn refuse(&self, at: usize) -> Option<&'static str> {
        let record = self.record(at);
        let all = Self::before(at);
        match &record.body {
            Body::Decide(d) => {
                let step = record.step.as_ref().unwrap().as_str();
                let seen = if matches!(d.decision, Decision::Approve | Decision::Abstain) {
                    &all
                } else {
                    &self.pasts[at]
                };
                if seen.iter().any(|s| self.names(*s, self.person(at))) {
                    return Some("SOD");
                }
                let elsewhere = |s: &str| s != step && self.said(s, self.person(at), &all).is_some();
                if ["data", "model", "fair", "committee"].iter().any(|s| elsewhere(s)) {
                    return Some("SOD_ONE_STEP");
                }
                if d.decision == Decision::Approve
                    && !(self.open(step, &self.pasts[at]) && self.submitted(at, &self.pasts[at]))
                {
                    return Some("STEP_NOT_OPEN");
                }
                let older = |i: &usize| {
                    let other = self.record(*i);
                    let same_seat = |r: &Record| r.step.as_ref().is_some_and(|s| s.as_str() == step);
                    let newer = self.revision(*i) > self.revision(at) && self.person(*i) == self.person(at);
                    let emptied = matches!(&other.body, Body::Withdraw(w)
                        if all.iter().any(|t| self.desk.entries[*t].id() == w.record && same_seat(self.record(*t))
                            && self.said(step, self.person(at), &Self::before(*i)) == Some(*t)));
                    newer && self.stands(*i) && ((self.decision(*i).is_some() && same_seat(other)) || emptied)
                };
                all.iter().any(older).then_some("OLDER_THAN_SEAT_STATE")
            }
            Body::Withdraw(w) => {
                let target = all.iter().find(|i| self.desk.entries[**i].id() == w.record).copied();
                let mine = target.filter(|t| {
                    self.person(*t) == self.person(at)
                        && matches!(self.record(*t).body, Body::Decide(_) | Body::Comment(_))
                });
                let again =
                    |i: &usize| matches!(&self.record(*i).body, Body::Withdraw(x) if x.record == w.record);
                (mine.is_none() || all.iter().any(|i| again(i) && self.stands(*i)))
                    .then_some("NOT_APPLICABLE")
            }
            Body::Resolve(r) => {
                let opener = all.iter().find(|i| self.desk.entries[**i].id() == r.about).copied();
                let mine = opener.is_some_and(|o| self.person(o) == self.person(at) && self.is_thread(o));
                let closed = opener.is_some_and(|o| self.closed(o, &all));
                (!mine || closed).then_some("NOT_APPLICABLE")
            }
            Body::Answer(r) => {
                let opener = all.iter().find(|i| self.desk.entries[**i].id() == r.about);
                (!opener.is_some_and(|o| self.is_thread(*o))).then_some("NOT_APPLICABLE")
            }
            _ => None,
        }
    }

    fn is_thread(&self, at: usize) -> bool {
        self.stands(at)
            && match &self.record(at).body {
                Body::Comment(_) => true,
                Body::Decide(d) => d.decision == Decision::Clarify,
                _ => false,
            }
    }

    /// Whether a thread was closed or its opener taken back by a record of the set.
    fn closed(&self, opener: usize, set: &Set) -> bool {
        let id = self.desk.entries[opener].id();
        set.iter().any(|i| {
            self.stands(*i)
                && match &self.record(*i).body {
                    Body::Resolve(r) => r.about == id,
                    Body::Withdraw(w) => w.record == id,
                    _ => false,
                }
        })
    }

    /// What a person's seat holds after the records of a set.
    fn said(&self, step: &str, person: &str, set: &Set) -> Option<usize> {
        let (mut held, mut floor) = (None, 0);
        for at in set.iter().copied().filter(|at| self.person(*at) == person) {
            // A word too old for the whole ledger may be the newest one of a smaller set.
            let counts = self.stands(at) || self.refused.get(at) == Some(&Some("OLDER_THAN_SEAT_STATE"));
            match &self.record(at).body {
                Body::Decide(_)
                    if counts
                        && self.record(at).step.as_ref().unwrap().as_str() == step
                        && self.revision(at) >= floor =>
                {
                    (held, floor) = (Some(at), self.revision(at));
                }
                Body::Withdraw(w)
                    if self.stands(at)
                        && held.is_some_and(|h: usize| self.desk.entries[h].id() == w.record) =>
                {
                    (held, floor) = (None, floor.max(self.revision(at)));
                }
                _ => {}
            }
        }
        held
    }

    fn current(&self, set: &Set) -> Option<usize> {
        let submits =
            set.iter().filter(|i| matches!(self.record(**i).body, Body::Submit(_)) && self.stands(**i));
        submits.map(|i| self.revision(*i) as usize - 1).max()
    }

    fn submitted(&self, at: usize, set: &Set) -> bool {
        let submits = |i: &usize| matches!(self.record(*i).body, Body::Submit(_)) && self.stands(*i);
        set.iter().any(|i| submits(i) && self.revision(*i) == self.revision(at))
    }

    fn open(&self, step: &str, set: &Set) -> bool {
        let Some(revision) = self.current(set) else { return false };
        let views = self.views(set);
        let step = self.desk.revisions[revision].chain.step(&step.parse().unwrap()).unwrap();
        step.after.iter().all(|a| views[a.as_str()].passed())
    }

    fn change(&self, at: usize, now: usize) -> Carry2 {
        let (then, now) = (&self.desk.revisions[self.revision(at) as usize - 1], &self.desk.revisions[now]);
        if then.number == now.number {
            Carry2::Same
        } else if then.package.manifest == now.package.manifest {
            Carry2::Kept(Carry::Identical)
        } else if self
            .record(at)
            .scope
            .iter()
            .all(|s| s.sha256 == now.package.manifest.section_digest(&s.section))
        {
            Carry2::Kept(Carry::OutOfScope)
        } else {
            Carry2::Lost
        }
    }

    fn views(&self, set: &Set) -> BTreeMap<&'a str, NaiveStep> {
        let mut views: BTreeMap<&str, NaiveStep> = BTreeMap::new();
        let Some(revision) = self.current(set) else { return views };
        let chain = &self.desk.revisions[revision].chain;
        for step in &chain.steps {
            let open = step.after.iter().all(|a| views[a.as_str()].passed());
            let mut codes = BTreeMap::new();
            for person in self.desk.people.persons.keys() {
                let Some(at) = self.said(step.id.as_str(), person.as_str(), set) else { continue };
                let kept = match self.change(at, revision) {
                    Carry2::Same => Some("COUNTED"),
                    Carry2::Kept(class) if class <= step.carry => Some("CARRIED"),
                    _ => None,
                };
                let code = match self.decision(at).unwrap() {
                    Decision::Reject => "STANDING_REJECTION",
                    Decision::Clarify if self.closed(at, set) => "NOTED",
                    Decision::Clarify => "OPEN_QUESTION",
                    Decision::Approve | Decision::Abstain
                        if set.iter().any(|s| self.names(*s, person.as_str())) =>
                    {
                        "SOD"
                    }
                    Decision::Abstain => kept.unwrap_or("STALE_CONTENT"),
                    Decision::Approve => match kept {
                        None => "STALE_CONTENT",
                        Some(code) => self.upstream(at, chain, &step.id, &views).unwrap_or(code),
                    },
                };
                codes.insert(at, code);
            }
            let votes = |wanted: &[&str]| {
                let fits = |(at, code): &(&usize, &&str)| {
                    wanted.contains(*code) && self.decision(**at) == Some(Decision::Approve)
                };
                codes.iter().filter(fits).count() as u32
            };
            let asked = set.iter().any(|i| match &self.record(*i).body {
                Body::Comment(c) if c.blocking && self.stands(*i) && !self.closed(*i, set) => {
                    c.section.as_str() == "package" || step.scope.contains(&c.section)
                }
                _ => false,
            });
            let objecting = |at: &usize| open || self.open(step.id.as_str(), &self.pasts[*at]);
            let approvals: BTreeMap<String, Vec<Condition>> = codes
                .iter()
                .filter(|(at, code)| {
                    matches!(**code, "COUNTED" | "CARRIED") && self.decision(**at) == Some(Decision::Approve)
                })
                .map(|(at, _)| match &self.record(*at).body {
                    Body::Decide(d) => (self.person(*at).to_owned(), d.conditions.clone()),
                    _ => unreachable!(),
                })
                .collect();
            let state = if codes.iter().any(|(at, code)| *code == "STANDING_REJECTION" && objecting(at)) {
                "refused"
            } else if !open
                && votes(&["SUSPENDED"]) > 0
                && votes(&["SUSPENDED", "COUNTED", "CARRIED"]) >= step.needed()
            {
                "suspended"
            } else if !open {
                "waiting"
            } else if asked || codes.values().any(|code| *code == "OPEN_QUESTION") {
                "clarifying"
            } else if votes(&["COUNTED", "CARRIED"]) >= step.needed() {
                if approvals.values().all(Vec::is_empty) { "satisfied" } else { "satisfied_with_conditions" }
            } else if votes(&["COUNTED", "CARRIED", "STALE_CONTENT", "UPSTREAM_CHANGED"]) >= step.needed() {
                "stale"
            } else {
                "open"
            };
            views.insert(step.id.as_str(), NaiveStep { state, codes, approvals });
        }
        views
    }

    /// What became of the earlier outcome an approval was signed on.
    fn upstream(
        &self,
        at: usize,
        chain: &crate::chain::Chain,
        step: &crate::id::StepId,
        now: &BTreeMap<&str, NaiveStep>,
    ) -> Option<&'static str> {
        let then = self.views(&self.pasts[at]);
        let mut fallen = None;
        for earlier in chain.ancestors(step) {
            let (then, now) = (&then[earlier.id.as_str()], &now[earlier.id.as_str()]);
            if !now.passed() {
                fallen = Some("SUSPENDED");
                continue;
            }
            let kept = then.approvals.iter().all(|(person, terms)| now.approvals.get(person) == Some(terms));
            let added =
                now.approvals.iter().all(|(p, terms)| then.approvals.contains_key(p) || terms.is_empty());
            if !kept || !added {
                return Some("UPSTREAM_CHANGED");
            }
        }
        fallen
    }

    fn compare(&self, outcome: &Outcome) -> Result<(), String> {
        let all = Self::before(self.desk.entries.len());
        let views = self.views(&all);
        for step in &outcome.steps {
            let found = serde_json::to_value(step.state).unwrap();
            let expected = views[step.id.as_str()].state;
            if found != expected {
                return Err(format!("step {}: the engine says {found}, the model {expected}", step.id));
            }
        }
        let effective: BTreeMap<usize, &str> =
            views.values().flat_map(|view| view.codes.iter().map(|(at, code)| (*at, *code))).collect();
        for (at, fate) in outcome.fates.iter().enumerate() {
            let found = fate.code.as_str();
            let id = self.desk.entries[at].id();
            let withdrawn = all.iter().any(|i| {
                self.stands(*i) && matches!(&self.record(*i).body, Body::Withdraw(w) if w.record == id)
            });
            let expected = match (self.refused[at], &self.record(at).body) {
                (Some(code), _) => code,
                (None, Body::Decide(_) | Body::Comment(_)) if withdrawn => "WITHDRAWN",
                (None, Body::Decide(_)) => effective.get(&at).copied().unwrap_or("SUPERSEDED"),
                (None, Body::Comment(c)) if c.blocking && !self.closed(at, &all) => "OPEN_QUESTION",
                _ => "NOTED",
            };
            let same = found == expected || (expected == "SOD" && found.starts_with("SOD_"));
            if !same {
                return Err(format!("record {at}: the engine says {found}, the model {expected}"));
            }
        }
        Ok(())
    }
}

enum Carry2 {
    Same,
    Kept(Carry),
    Lost,
}

/// Something somebody does, by numbers; most of it makes sense.
#[derive(Debug, Clone)]
struct Deed {
    verb: usize,
    who: usize,
    what: usize,
    seen: Option<Vec<usize>>,
    old: bool,
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let seen = prop::option::weighted(0.3, prop::collection::vec(0usize..16, 1..3));
    let deed = (0usize..24, 0usize..10, 0usize..12, seen, prop::bool::weighted(0.1));
    let deed = deed.prop_map(|(verb, who, what, seen, old)| Deed { verb, who, what, seen, old });
    prop::collection::vec(deed, 0..14)
}

const WHO: [(&str, &str); 10] = [
    ("dana", "data"),
    ("milo", "model"),
    ("dana", "data"),
    ("milo", "model"),
    ("mara", "model"),
    ("drew", "data"),
    ("bo", "model"),
    ("fay", "fair"),
    ("cory", "committee"),
    ("bo", "data"),
];

/// The line of a story that a deed is, if it makes any sense on this chain.
fn line(desk: &Desk, deed: &Deed) -> Option<String> {
    let (person, mut step) = WHO[deed.who];
    if desk.chain.step(&step.parse().unwrap()).is_none() {
        step = if person == "bo" { "model" } else { return None };
    }
    let count = desk.entries.len();
    let target = deed.what % count;
    let mine = |kinds: fn(&Body) -> bool| {
        let mut mine =
            (0..count).rev().filter(|i| desk.entries[*i].record().signer.person.as_str() == person);
        mine.find(|i| kinds(&desk.entries[*i].record().body)).unwrap_or(target)
    };
    let section = ["training-data", "evaluation", "limits", "package"][deed.what % 4];
    let text = ["first", "second"][deed.what / 4 % 2];
    let mut line = match deed.verb {
        0..=8 => format!("{person} approve {step}"),
        9 => format!("{person} approve {step} with=c{}", deed.what % 2),
        10..=12 => format!("{person} reject {step} finding=f{count}"),
        13 => format!("{person} clarify {step}"),
        14 => format!("{person} abstain {step}"),
        15 | 16 => format!("{person} withdraw {}", mine(|b| matches!(b, Body::Decide(_) | Body::Comment(_)))),
        17 => format!("{person} withdraw {target}"),
        18 => format!("{person} ask {section}"),
        19 => format!("{person} resolve {}", mine(|b| matches!(b, Body::Decide(_) | Body::Comment(_)))),
        20 => format!("ines answer {target}"),
        21 | 22 => format!("ines submit {section}={text}"),
        _ => format!("ines submit {section}={text} by={person}"),
    };
    if let Some(seen) = deed.seen.as_ref().filter(|_| deed.verb < 21) {
        // Everybody has seen what he signed himself. (Who forks himself over two steps gets SOD_ONE_STEP for
        // the later line, and who had seen only that one is asked again: too rare for the model.)
        let own = (0..count).filter(|i| desk.entries[*i].record().signer.person.as_str() == person);
        let seen: BTreeSet<String> =
            seen.iter().map(|n| n % count).chain(own).map(|n| n.to_string()).collect();
        line.push_str(&format!(" seen={},", seen.into_iter().collect::<Vec<_>>().join(",")));
    }
    if deed.old && desk.revisions.len() > 1 && deed.verb < 15 {
        line.push_str(" rev=1");
    }
    Some(line)
}

const CHAINS: [&str; 7] = ["solo", "two", "line", "wide", "identical", "never", "bank"];

fn history(chain: usize, deeds: &[Deed]) -> (Desk, Vec<String>) {
    let mut desk = tell(CHAINS[chain], "ines submit");
    let mut story = vec![format!("{}: ines submit", CHAINS[chain])];
    for deed in deeds {
        if let Some(line) = line(&desk, deed) {
            act(&mut desk, &line);
            story.push(line);
        }
    }
    (desk, story)
}

/// How good a state is for who wants the package through.
fn rank(state: PackageState) -> u32 {
    match state {
        PackageState::IntegrityError | PackageState::Error => 0,
        PackageState::Draft
        | PackageState::Rejected
        | PackageState::Withdrawn
        | PackageState::Lapsed
        | PackageState::Superseded
        | PackageState::Revoked => 1,
        PackageState::ChangesRequired => 2,
        PackageState::ClarificationPending => 3,
        PackageState::InReview => 4,
        PackageState::Expired | PackageState::ReReviewDue => 5,
        PackageState::ApprovedByOverride | PackageState::ApprovedWithConditions => 6,
        PackageState::Approved => 7,
        PackageState::Certified => 8,
    }
}

fn satisfied(outcome: &Outcome) -> usize {
    let passed = |s: &StepState| matches!(s, StepState::Satisfied | StepState::SatisfiedWithConditions);
    outcome.steps.iter().filter(|s| passed(&s.state)).count()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_is_the_model(chain in 0usize..CHAINS.len(), deeds in deeds()) {
        let (desk, story) = history(chain, &deeds);
        let outcome = desk.outcome();
        // I7: one code a record, in order.
        let ids: Vec<_> = outcome.fates.iter().map(|f| f.id).collect();
        prop_assert_eq!(ids, desk.entries.iter().map(Entry::id).collect::<Vec<_>>());
        let said = Naive::new(&desk).compare(&outcome);
        prop_assert!(said.is_ok(), "{:?}\n{}", said, story.join("\n"));
    }

    /// I1: a further rejection never improves the state.
    #[test]
    fn a_rejection_never_helps(chain in 0usize..CHAINS.len(), deeds in deeds(), who in 0usize..10) {
        let (mut desk, story) = history(chain, &deeds);
        let before = desk.outcome();
        let (person, step) = WHO[who];
        if desk.chain.step(&step.parse().unwrap()).is_some() {
            act(&mut desk, &format!("{person} reject {step}"));
            let after = desk.outcome();
            prop_assert!(rank(after.state) <= rank(before.state), "{}", story.join("\n"));
            prop_assert!(satisfied(&after) <= satisfied(&before), "{}", story.join("\n"));
        }
    }

    /// I2: within a step, the order of records of different seats that had not seen each other is nothing.
    #[test]
    fn order_within_a_step_is_nothing(chain in 0usize..CHAINS.len(), deeds in deeds()) {
        let (desk, story) = history(chain, &deeds);
        let outcome = desk.outcome();
        for at in 1..desk.entries.len() {
            let (a, b) = (desk.entries[at - 1].record(), desk.entries[at].record());
            let blind = !b.parents.contains(&desk.entries[at - 1].id());
            if a.step.is_some() && a.step == b.step && a.signer.person != b.signer.person && blind {
                let mut entries: Vec<&Entry> = desk.entries.iter().collect();
                entries.swap(at - 1, at);
                let other = desk.with(&entries, evaluate);
                let codes = |o: &Outcome| o.fates.iter().map(|f| (f.id, f.code)).collect::<BTreeMap<_, _>>();
                prop_assert_eq!(codes(&other), codes(&outcome), "{}", story.join("\n"));
                prop_assert_eq!(other.state, outcome.state);
            }
        }
    }

    /// I3: waiting never helps.
    #[test]
    fn time_only_subtracts(
        chain in 0usize..CHAINS.len(), deeds in deeds(), certify: bool, a in 0i64..900, b in 0i64..900,
    ) {
        let (mut desk, _) = history(chain, &deeds);
        if certify && desk.outcome().state.passes() {
            act(&mut desk, "ivy certify");
        }
        let at = |days: i64| {
            let now = desk.entries[0].record().signed_at.plus_seconds(days * 86_400);
            let entries: Vec<&Entry> = desk.entries.iter().collect();
            desk.with(&entries, |case| evaluate(&Case { as_of: now, ..case.clone() }))
        };
        let (early, late) = (at(a.min(b)), at(a.max(b)));
        prop_assert!(rank(late.state) <= rank(early.state));
        prop_assert!(early.state.passes() || !late.state.passes());
        let overdue = |o: &Outcome| o.conditions.iter().filter(|c| c.overdue).count();
        prop_assert!(overdue(&early) <= overdue(&late));
    }

    /// I5: other content under the same records never adds a satisfied step.
    #[test]
    fn content_without_a_record_never_helps(chain in 0usize..CHAINS.len(), deeds in deeds(), which in 0usize..4) {
        let (mut desk, _) = history(chain, &deeds);
        let before = desk.outcome();
        let revision = which % desk.revisions.len();
        let mut package = (*desk.revisions[revision].package).clone();
        package.manifest.files[which].digest = crate::digest::FileDigest([5; 32]);
        desk.revisions[revision].package = Arc::new(package);
        let after = desk.outcome();
        prop_assert!(satisfied(&after) <= satisfied(&before));
        prop_assert!(!after.state.passes());
    }

    /// I6: a person counts once in a step, and in one step.
    #[test]
    fn a_person_counts_once(chain in 0usize..CHAINS.len(), deeds in deeds()) {
        let (desk, story) = history(chain, &deeds);
        let outcome = desk.outcome();
        let mut counted: Vec<&str> = Vec::new();
        for step in &outcome.steps {
            let seats = step.seats.iter().filter(|s| matches!(s.code, FateCode::Counted | FateCode::Carried));
            counted.extend(seats.map(|s| s.person.as_str()));
        }
        let distinct: BTreeSet<&str> = counted.iter().copied().collect();
        prop_assert_eq!(distinct.len(), counted.len(), "{}", story.join("\n"));
    }

    /// I9: what lay between the decision and now makes no difference.
    #[test]
    fn carry_is_from_the_decision_to_now(
        between in prop::collection::vec((0usize..4, 0usize..3), 0..6), last in (0usize..4, 0usize..3),
    ) {
        let names = ["training-data", "evaluation", "limits", "package"];
        let mut desk = tell("line", "ines submit\n dana approve data");
        for (section, text) in &between {
            act(&mut desk, &format!("ines submit {}=v{text}", names[*section]));
        }
        let reset: Vec<String> = names.iter().map(|n| format!("{n}=first")).collect();
        let mut direct = tell("line", "ines submit\n dana approve data");
        act(&mut desk, &format!("ines submit {}", reset.join(" ")));
        for desk in [&mut desk, &mut direct] {
            act(desk, &format!("ines submit {}=v{}", names[last.0], last.1));
        }
        prop_assert_eq!(desk.outcome().fates[1].code, direct.outcome().fates[1].code);
        prop_assert_eq!(desk.outcome().state, direct.outcome().state);
    }
}
