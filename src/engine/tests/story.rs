//! Tells a history in a few words, one record a line, and prints what became of it.
//!
//! `person verb [what] [option=value]`. Records are numbered from 0. Options: `seen=N` (the signer saw
//! only the first N records; `seen=1,3` those and what their signers saw; `seen=1,` just one), `rev=K` (about revision K), `break=THING` (something
//! about the record is wrong), `pending`.

use super::desk::{Desk, decide, id, withdrawal};
use crate::digest::{ChainDigest, PackageDigest, RecordId, RepositoryId, SectionDigest, UpstreamDigest};
use crate::engine::Outcome;
use crate::record::{
    Answer, Body, Comment, Condition, ConditionKind, Decide, Decision, Finding, Question, Reason, Record,
    Reply,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Tells a story on a chain.
pub fn tell(chain: &str, story: &str) -> Desk {
    let mut desk = Desk::new(chain);
    for line in story.lines().map(str::trim).filter(|line| !line.is_empty()) {
        act(&mut desk, line);
    }
    desk
}

/// One line: package state, each step's state, each record's code.
pub fn summary(outcome: &Outcome) -> String {
    let word = |value: &dyn erased::Word| value.word();
    let steps: Vec<String> = outcome.steps.iter().map(|s| word(&s.state)).collect();
    let codes: Vec<&str> = outcome.fates.iter().map(|f| f.code.as_str()).collect();
    format!("{} | {} | {}", word(&outcome.state), steps.join(" "), codes.join(" "))
}

mod erased {
    /// A state as JSON writes it.
    pub trait Word {
        fn word(&self) -> String;
    }
    impl<T: serde::Serialize> Word for T {
        fn word(&self) -> String {
            serde_json::to_value(self).unwrap().as_str().unwrap().to_owned()
        }
    }
}

pub fn act(desk: &mut Desk, line: &str) {
    let mut words = line.split_whitespace();
    let (person, verb) = (words.next().unwrap(), words.next().unwrap());
    let (mut what, mut options) = (Vec::new(), BTreeMap::new());
    for word in words {
        match word.split_once('=') {
            Some((key, value)) => _ = options.insert(key, value),
            None => what.push(word),
        }
    }
    if person == "rules" {
        desk.chain = Arc::new(super::desk::chain(verb));
        return;
    }
    if person == "people" {
        let mut people = (*desk.people).clone();
        let entry = people.persons.get_mut(&id(what[0])).unwrap();
        match verb {
            "grant" => _ = entry.roles.insert(id(what[1])),
            "end" => _ = entry.roles.remove(&id(what[1])),
            other => panic!("people {other}"),
        }
        desk.people = Arc::new(people);
        return;
    }
    if verb == "submit" {
        for (file, text) in options.iter().filter(|(key, _)| !KEYWORDS.contains(key)) {
            let file = if *file == "package" { "package.toml".to_owned() } else { format!("{file}.md") };
            desk.files.insert(file, (*text).to_owned());
        }
        desk.freeze();
    }
    let seen: Vec<usize> = match options.get("seen") {
        None => desk.all(),
        Some(list) if list.contains(',') => {
            desk.closed(list.split(',').filter(|n| !n.is_empty()).map(|n| n.parse().unwrap()).collect())
        }
        Some(count) => (0..count.parse().unwrap()).collect(),
    };
    let newest = u32::try_from(desk.revisions.len()).unwrap();
    let revision = options.get("rev").map_or(newest, |r| r.parse().unwrap());
    let target = |index: usize| -> RecordId {
        what.get(index).and_then(|n| n.parse().ok()).map_or(RecordId([9; 32]), |n: usize| desk.record_id(n))
    };
    let comment = |blocking| {
        let about = options.get("about").map(|n| desk.record_id(n.parse().unwrap()));
        Body::Comment(Comment { about, anchor: None, blocking, section: id(what[0]), text: "?".to_owned() })
    };
    let record = match verb {
        "submit" => {
            let contributors: Vec<&str> = options.get("by").into_iter().flat_map(|b| b.split(',')).collect();
            let mut record = desk.submission(person, &contributors, &seen);
            if let (Some(findings), Body::Submit(submit)) = (options.get("answers"), &mut record.body) {
                submit.answers = findings.split(',').map(answer).collect();
            }
            record
        }
        "approve" | "reject" | "clarify" | "abstain" => {
            let said = said(verb, &what, &options);
            desk.decision(person, what[0], revision, said, &seen)
        }
        "withdraw" => desk.record(person, revision, withdrawal(target(0)), &seen),
        "ask" => desk.record(person, revision, comment(true), &seen),
        "note" => desk.record(person, revision, comment(false), &seen),
        "answer" => desk.record(person, revision, Body::Answer(reply(target(0))), &seen),
        "resolve" => desk.record(person, revision, Body::Resolve(reply(target(0))), &seen),
        "certify" => desk.certification(person, revision, &seen),
        "repeat" => desk.entries[what[0].parse::<usize>().unwrap()].record().clone(),
        other => panic!("no verb {other}"),
    };
    let broken = options.get("break").copied().unwrap_or("");
    let record = damage(record, broken);
    desk.push_entry(record, broken != "key", what.contains(&"pending"));
}

const KEYWORDS: [&str; 7] = ["seen", "rev", "break", "by", "answers", "about", "due"];

fn said(verb: &str, what: &[&str], options: &BTreeMap<&str, &str>) -> Decide {
    let decision = match verb {
        "approve" => Decision::Approve,
        "reject" => Decision::Reject,
        "clarify" => Decision::Clarify,
        _ => Decision::Abstain,
    };
    let mut decide = decide(decision);
    if let Some(condition) = options.get("with") {
        decide.conditions.push(Condition {
            step: None,
            verifier_role: None,
            due: options.get("due").map(|due| id(due)),
            id: id(condition),
            kind: ConditionKind::PostMerge,
            owner: Some(id("ines")),
            text: "do it".to_owned(),
        });
    }
    for finding in options.get("finding").into_iter().flat_map(|f| f.split(',')) {
        decide.findings.push(Finding {
            concern: "unclear".to_owned(),
            figure: None,
            id: id(finding),
            reason: Reason::Documentation,
            required: "say it".to_owned(),
            section: id("evaluation"),
        });
    }
    if decision == Decision::Clarify {
        let section = what.get(1).copied().unwrap_or("evaluation");
        decide.question = Some(Question { section: id(section), text: "why?".to_owned() });
    }
    decide
}

fn answer(finding: &str) -> Answer {
    Answer { finding: id(finding), how: "said it".to_owned(), sections: vec![id("evaluation")] }
}

fn reply(about: RecordId) -> Reply {
    Reply { about, text: "because".to_owned() }
}

/// Makes one thing wrong, as an attacker or a broken tool would.
fn damage(mut record: Record, thing: &str) -> Record {
    let subject = record.subject.as_mut();
    match thing {
        "" | "key" => {}
        "name" => record.signer.name = "Somebody Else".to_owned(),
        "person" => record.signer.person = id("nobody"),
        "repository" => record.repository = RepositoryId([8; 16]),
        "subject" => record.subject = None,
        "package" => subject.unwrap().package = id("other"),
        "digest" => subject.unwrap().digest = PackageDigest([9; 32]),
        "revision" => subject.unwrap().revision = 9,
        "model" => subject.unwrap().model.version = "2".to_owned(),
        "chain" => subject.unwrap().chain.sha256 = ChainDigest([9; 32]),
        "step" => record.step = Some(id("nowhere")),
        "meaning" => record.meaning.push_str(" Maybe."),
        "role" => record.role = Some(id("committee")),
        "scope" => _ = record.scope.pop(),
        "scope-digest" => record.scope[0].sha256 = SectionDigest([9; 32]),
        "upstream" => record.upstream = Some(UpstreamDigest([9; 32])),
        "no-upstream" => record.upstream = None,
        "manifest" => match &mut record.body {
            Body::Submit(submit) => submit.manifest.push('x'),
            other => panic!("{other:?} has no manifest"),
        },
        "outcome" => match &mut record.body {
            Body::Certify(certify) => certify.outcome.steps[0].decisions[0].name = "Somebody Else".to_owned(),
            other => panic!("{other:?} has no outcome"),
        },
        other => panic!("cannot break {other}"),
    }
    record
}
