//! Invariants of the engine, held against every story under chains/tests.

use super::event::{Decided, Event, How, Line, Said, What};
use super::stage::Stage;
use super::suite::{Suite, suite};
use crate::chain::Tally;
use crate::diag::Diagnostics;
use crate::engine::{Outcome, StepState};
use crate::record::Decision;
use crate::text::{RepoPath, SourceFile};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const DAY: i64 = 86_400;

/// Plays every story to its end and hands it to `look`.
fn every_story(mut look: impl FnMut(&str, Stage<'_>)) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources: BTreeMap<RepoPath, Vec<u8>> = BTreeMap::new();
    for folder in ["chains", "chains/tests", "chains/tests/chains"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "toml") {
                let name = format!("{folder}/{}", path.file_name().unwrap().to_str().unwrap());
                sources.insert(name.parse().unwrap(), std::fs::read(&path).unwrap());
            }
        }
    }
    let mut stories = 0;
    for (path, bytes) in sources.iter().filter(|(path, _)| path.parent() == Some("chains/tests")) {
        let file = SourceFile::new(path.clone(), String::from_utf8(bytes.clone()).unwrap());
        let mut wrong = Diagnostics::new();
        let read: Option<Suite<'_>> = suite(&file, &sources, &mut wrong);
        let suite = read.unwrap_or_else(|| panic!("{path}: {wrong:?}"));
        for case in &suite.cases {
            let (scene, people) = (case.scene.clone(), suite.people.clone());
            let mut stage = Stage::new(scene, case.chain.clone(), suite.chains.clone(), people, suite.start);
            case.story.iter().for_each(|told| stage.play(&told.line).unwrap());
            look(&format!("{path}: {}", case.name), stage);
            stories += 1;
        }
    }
    assert!(stories >= 120, "{stories} stories were found");
}

fn end(stage: &Stage<'_>) -> Outcome {
    stage.judge(stage.entries.len(), stage.clock)
}

fn passed(outcome: &Outcome) -> BTreeSet<&str> {
    let passed = |state| matches!(state, StepState::Satisfied | StepState::SatisfiedWithConditions);
    outcome.steps.iter().filter(|s| passed(s.state)).map(|s| s.id.as_str()).collect()
}

#[test]
fn time_only_subtracts() {
    every_story(|name, stage| {
        let mut open = end(&stage).gate_open();
        for days in [1, 5, 30, 90, 400, 4000] {
            let later = stage.judge(stage.entries.len(), stage.clock.plus_seconds(days * DAY));
            assert!(open || !later.gate_open(), "{name}: the gate opens by itself after {days} days");
            open = later.gate_open();
        }
    });
}

#[test]
fn every_record_has_exactly_one_code() {
    every_story(|name, stage| {
        let judged = stage.entries.iter().filter(|e| e.record().kind().about_package()).count();
        for count in 0..=stage.entries.len() {
            let outcome = stage.judge(count, stage.clock);
            let so_far = stage.entries[..count].iter().filter(|e| e.record().kind().about_package());
            let ids: Vec<_> = so_far.map(crate::record::Entry::id).collect();
            let fates: Vec<_> = outcome.fates.iter().map(|fate| fate.id).collect();
            assert_eq!(fates, ids, "{name}: after {count} of {judged} records");
        }
    });
}

#[test]
fn nobody_counts_twice_in_a_step() {
    every_story(|name, stage| {
        for step in end(&stage).steps {
            let counted = step.seats.iter().filter(|seat| seat.code.in_effect());
            let people: Vec<_> = counted.map(|seat| seat.delegate.as_ref().unwrap_or(&seat.person)).collect();
            let once: BTreeSet<_> = people.iter().collect();
            assert_eq!(once.len(), people.len(), "{name}: {}", step.id);
        }
    });
}

#[test]
fn a_rejection_never_improves_anything() {
    every_story(|name, mut stage| {
        if stage.revisions.is_empty() {
            return;
        }
        let before = end(&stage);
        let steps = stage.revisions.last().unwrap().chain.steps.clone();
        for step in steps {
            // Where the chain counts a no as presence, a no can help: the lint warns of it.
            let helps = |tally: &Tally| matches!(tally, Tally::Quorum(quorum) if quorum.no_is_present);
            if step.ways.iter().any(|way| helps(&way.tally)) {
                continue;
            }
            let stranger = format!("stranger-{}", step.id);
            let joins = format!("{stranger} joins as {}", step.role());
            let joins = super::phrases::line(&joins).unwrap().unwrap();
            stage.play(&joins).unwrap();
            let decided = Decided {
                step: step.id.clone(),
                decision: Decision::Reject,
                conditions: Vec::new(),
                findings: Vec::new(),
                question: None,
                finally: false,
            };
            let said = Said { what: What::Decide(decided), acting_for: None, how: How::default() };
            let event = Event::Record(stranger.parse().unwrap(), Box::new(said));
            stage.play(&Line { label: None, event }).unwrap();
            let after = end(&stage);
            assert!(before.gate_open() || !after.gate_open(), "{name}: a rejection opens the gate");
            let (then, now) = (passed(&before), passed(&after));
            assert!(now.is_subset(&then), "{name}: {now:?} passed, and only {then:?} without the rejection");
        }
    });
}

#[test]
fn the_same_story_gives_the_same_bytes() {
    let told = || {
        let mut all = Vec::new();
        every_story(|_, stage| all.push(serde_json::to_string(&end(&stage)).unwrap()));
        all
    };
    assert_eq!(told(), told());
}
