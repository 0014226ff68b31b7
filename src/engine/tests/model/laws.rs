//! The invariants I1 to I9 of the design over made-up histories (I4, bytes of the ledger, is tested there).

use super::deeds::{CHAINS, WHO, deeds, history};
use super::runner::hold;
use super::{Naive, Set};
use crate::engine::tests::desk::Desk;
use crate::engine::tests::story::{act, tell};
use crate::engine::{Case, FateCode, Outcome, PackageState, StepState, evaluate};
use crate::record::{Body, Decision, Entry};
use crate::time::Timestamp;
use proptest::prelude::*;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How good a state is for who wants the package through.
fn rank(state: PackageState) -> u32 {
    match state {
        PackageState::IntegrityError | PackageState::Error => 0,
        PackageState::Draft
        | PackageState::Rejected
        | PackageState::Withdrawn
        | PackageState::Superseded
        | PackageState::Revoked => 1,
        // Refused in time is decided in time: neither is better than the other.
        PackageState::Lapsed | PackageState::ChangesRequired => 2,
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

fn judged(desk: &Desk, now: Timestamp) -> Outcome {
    let entries: Vec<&Entry> = desk.entries.iter().collect();
    desk.with(&entries, |case| evaluate(&Case { as_of: now, ..case.clone() }))
}

/// Days after the last record.
fn later(desk: &Desk, days: i64) -> Timestamp {
    desk.now().plus_seconds(days * 86_400)
}

/// I7 and I6 as well: one code a record, in order; a person counts once in a step, and in one step.
fn the_same(chains: std::ops::Range<usize>, cases: u32) {
    let strategy = (chains, deeds(24), 0i64..16, prop::option::weighted(0.3, 0usize..24));
    hold("the engine is the model", cases, strategy, |(chain, deeds, days, stolen)| {
        let (mut desk, mut story) = history(chain, &deeds);
        if let Some(from) = stolen {
            let who = WHO[from % WHO.len()].0;
            story.push(format!("people distrust {who} {}", from % desk.entries.len()));
            act(&mut desk, story.last().unwrap());
        }
        let now = later(&desk, days);
        let outcome = judged(&desk, now);
        let ids: Vec<_> = outcome.fates.iter().map(|f| f.id).collect();
        prop_assert_eq!(ids, desk.entries.iter().map(Entry::id).collect::<Vec<_>>());
        let said = Naive::new(&desk).compare(&outcome, now);
        prop_assert!(said.is_ok(), "{}\n{}\nafter {} days", said.unwrap_err(), story.join("\n"), days);
        once(&desk, &outcome, &story)
    });
}

fn once(desk: &Desk, outcome: &Outcome, story: &[String]) -> Result<(), TestCaseError> {
    let mut counted: Vec<&str> = Vec::new();
    let codes = [FateCode::Counted, FateCode::CountedAs, FateCode::Carried];
    for step in &outcome.steps {
        for seat in step.seats.iter().filter(|seat| codes.contains(&seat.code)) {
            let signer = seat.delegate.as_ref().unwrap_or(&seat.person);
            let both: BTreeSet<&str> = [seat.person.as_str(), signer.as_str()].into();
            counted.extend(both);
        }
    }
    let distinct: BTreeSet<&str> = counted.iter().copied().collect();
    let _ = desk;
    prop_assert_eq!(distinct.len(), counted.len(), "{:?}\n{}", counted, story.join("\n"));
    Ok(())
}

#[test]
fn the_engine_is_the_model_on_plain_chains() {
    the_same(0..14, 2400);
}

#[test]
fn the_engine_is_the_model_on_the_others() {
    the_same(14..CHAINS.len(), 2400);
}

/// The histories are worth something: every code of a sound record comes up in them, and every state.
#[test]
fn the_histories_reach_everything() {
    let (codes, steps, states) = (RefCell::default(), RefCell::default(), RefCell::default());
    let count =
        |of: &RefCell<BTreeMap<String, u32>>, what: String| *of.borrow_mut().entry(what).or_insert(0) += 1;
    let strategy = (0..CHAINS.len(), deeds(24), 0i64..16, prop::option::weighted(0.3, 0usize..24));
    hold("the histories reach everything", 1500, strategy, |(chain, deeds, days, stolen)| {
        let (mut desk, _) = history(chain, &deeds);
        if let Some(from) = stolen {
            let who = WHO[from % WHO.len()].0;
            let line = format!("people distrust {who} {}", from % desk.entries.len());
            act(&mut desk, &line);
        }
        let outcome = judged(&desk, later(&desk, days));
        outcome.fates.iter().for_each(|f| count(&codes, f.code.to_string()));
        outcome.steps.iter().for_each(|s| count(&steps, format!("{:?}", s.state)));
        count(&states, format!("{:?}", outcome.state));
        Ok(())
    });
    let (codes, steps, states) = (codes.into_inner(), steps.into_inner(), states.into_inner());
    eprintln!("{codes:?}\n{steps:?}\n{states:?}");
    // What is wrong with a record itself, and another package's certificate, is left to the cases.
    let elsewhere = [
        "WRONG_REPOSITORY",
        "WRONG_PULL_REQUEST",
        "WRONG_PACKAGE",
        "DUPLICATE",
        "SCOPE_INCOMPLETE",
        "OVERRIDE_DENIED_VETO",
    ];
    for code in FateCode::ALL.iter().map(|c| c.as_str()).filter(|c| !elsewhere.contains(c)) {
        assert!(codes.contains_key(code), "{code}");
    }
    for state in StepState::ALL.iter().filter(|s| **s != StepState::Error) {
        assert!(steps.contains_key(&format!("{state:?}")), "{state:?}");
    }
    let elsewhere = [
        PackageState::IntegrityError,
        PackageState::Error,
        PackageState::Draft,
        PackageState::Superseded,
        PackageState::Expired,
    ];
    for state in PackageState::ALL.iter().filter(|s| !elsewhere.contains(s)) {
        assert!(states.contains_key(&format!("{state:?}")), "{state:?}");
    }
}

/// I1: a further rejection or objection never improves anything, but for who thereby answers their own
/// question.
#[test]
fn a_rejection_never_helps() {
    let strategy = (0usize..CHAINS.len(), deeds(20), 0..WHO.len(), prop::bool::ANY, 0i64..12);
    hold("a rejection never helps", 1200, strategy, |(chain, deeds, who, object, days)| {
        let (mut desk, story) = history(chain, &deeds);
        let (person, step) = WHO[who];
        let Some(on) = desk.chain.step(&step.parse().unwrap()) else { return Ok(()) };
        let asked = |e: &Entry| {
            e.record().signer.person.as_str() == person
                && matches!(&e.record().body, Body::Decide(d) if d.decision == Decision::Clarify)
        };
        if on.ways.iter().any(|way| format!("{:?}", way.tally).contains("no_is_present: true"))
            || desk.entries.iter().any(asked)
        {
            return Ok(());
        }
        let verb = if object { "object" } else { "reject" };
        let role = if ["cory", "chad", "cleo"].contains(&person) { "committee" } else { step };
        let line = format!("{person} {verb} {step} as={role}");
        let now = later(&desk, days).plus_seconds(60);
        let before = judged(&desk, now);
        act(&mut desk, &line);
        let after = judged(&desk, now);
        let story = format!("{}\n{line}\n{:?} {:?}", story.join("\n"), before.state, after.state);
        prop_assert!(rank(after.state) <= rank(before.state), "{}", story);
        prop_assert!(satisfied(&after) <= satisfied(&before), "{}", story);
        prop_assert!(before.gate_open() || !after.gate_open(), "{}", story);
        Ok(())
    });
}

/// I2: within a step, the order of records of different seats that had not seen each other is nothing.
#[test]
fn order_within_a_step_is_nothing() {
    hold("order within a step", 1000, (0usize..CHAINS.len(), deeds(20)), |(chain, deeds)| {
        let (desk, story) = history(chain, &deeds);
        let outcome = desk.outcome();
        for at in 1..desk.entries.len() {
            let (first, second) = (&desk.entries[at - 1], &desk.entries[at]);
            let (a, b) = (first.record(), second.record());
            let people = |r: &crate::record::Record| -> BTreeSet<String> {
                let signer = &r.signer;
                signer.acting_for.iter().chain([&signer.person]).map(ToString::to_string).collect()
            };
            let apart = people(a).is_disjoint(&people(b)) && Arc::ptr_eq(&first.people, &second.people);
            let blind = !b.parents.contains(&first.id());
            let says = |r: &crate::record::Record| matches!(r.body, Body::Decide(_) | Body::Object(_));
            if says(a) && says(b) && a.step == b.step && apart && blind {
                let mut entries: Vec<&Entry> = desk.entries.iter().collect();
                entries.swap(at - 1, at);
                let other = desk.with(&entries, evaluate);
                let codes = |o: &Outcome| o.fates.iter().map(|f| (f.id, f.code)).collect::<BTreeMap<_, _>>();
                prop_assert_eq!(codes(&other), codes(&outcome), "{} {}", at, story.join("\n"));
                prop_assert_eq!(other.state, outcome.state);
            }
        }
        Ok(())
    });
}

/// I3: waiting never helps.
#[test]
fn time_only_subtracts() {
    let strategy = (0usize..CHAINS.len(), deeds(24), prop::bool::ANY, 0i64..480, 0i64..480);
    hold("time only subtracts", 1600, strategy, |(chain, deeds, certify, a, b)| {
        let (mut desk, story) = history(chain, &deeds);
        let now = desk.now();
        let sound = desk.with_first(desk.entries.len(), |case| {
            crate::engine::certificate(&Case { as_of: now, ..case.clone() }).is_ok()
        });
        if certify && sound {
            act(&mut desk, "ivy certify");
        }
        // Mostly hours and days, now and then a year.
        let instant = |n: i64| if n < 400 { desk.now().plus_seconds(n * 3600) } else { later(&desk, n) };
        let (early, late) = (judged(&desk, instant(a.min(b))), judged(&desk, instant(a.max(b))));
        let story = || format!("{}\n{:?} {:?}", story.join("\n"), early.state, late.state);
        prop_assert!(rank(late.state) <= rank(early.state), "{}", story());
        prop_assert!(early.state.passes() || !late.state.passes(), "{}", story());
        prop_assert!(early.gate_open() || !late.gate_open(), "{}", story());
        let overdue = |o: &Outcome| -> Set {
            let late = o.conditions.iter().filter(|c| c.overdue);
            late.filter_map(|c| desk.entries.iter().position(|e| e.id() == c.record)).collect()
        };
        let still = |at: &usize| late.conditions.iter().all(|c| c.record != desk.entries[*at].id());
        prop_assert!(overdue(&early).difference(&overdue(&late)).all(still), "{}", story());
        Ok(())
    });
}

/// I5: other content under the same records never adds a satisfied step.
#[test]
fn content_without_a_record_never_helps() {
    let strategy = (0usize..CHAINS.len(), deeds(20), 0usize..4);
    hold("content without a record", 600, strategy, |(chain, deeds, which)| {
        let (mut desk, story) = history(chain, &deeds);
        let before = desk.outcome();
        let revision = which % desk.revisions.len();
        let mut package = (*desk.revisions[revision].package).clone();
        package.manifest.files[which].digest = crate::digest::FileDigest([5; 32]);
        desk.revisions[revision].package = Arc::new(package);
        let after = desk.outcome();
        prop_assert!(satisfied(&after) <= satisfied(&before), "{}", story.join("\n"));
        prop_assert!(!after.state.passes(), "{}", story.join("\n"));
        Ok(())
    });
}

/// I9: what lay between the decision and now makes no difference, but for what the author claimed of it.
#[test]
fn carry_is_from_the_decision_to_now() {
    let change = || (0usize..4, 0usize..6);
    let strategy = (0usize..3, prop::collection::vec(change(), 0..6), change());
    hold("carry is from the decision to now", 400, strategy, |(chain, between, last)| {
        let names = ["training-data", "evaluation", "limits", "package"];
        let texts = [
            "The_model_is_good",
            "The_model_is_fine",
            "The_model_is_good~",
            "The_model_is_not_good",
            "A_model_is_good_for_us",
            "first",
        ];
        let chains = ["line", "line data.carry=minor minor=4", "line data.carry=cosmetic"];
        let start = "ines submit training-data=The_model_is_good\n dana approve data";
        let mut desk = tell(chains[chain], start);
        for (section, text) in &between {
            act(&mut desk, &format!("ines submit {}={}", names[*section], texts[*text]));
        }
        let reset: Vec<String> = names[1..].iter().map(|n| format!("{n}=first")).collect();
        let mut direct = tell(chains[chain], start);
        for desk in [&mut desk, &mut direct] {
            act(desk, &format!("ines submit training-data=The_model_is_good {}", reset.join(" ")));
            act(desk, &format!("ines submit {}={}", names[last.0], texts[last.1]));
        }
        prop_assert_eq!(desk.outcome().fates[1].code, direct.outcome().fates[1].code);
        prop_assert_eq!(desk.outcome().state, direct.outcome().state);
        Ok(())
    });
}
