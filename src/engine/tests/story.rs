//! Tells a history in a few words, one record a line, and prints what became of it.
//!
//! `person verb [what] [option=value]`. Records are numbered from 0. Options: `seen=N` (the signer saw
//! only the first N records; `seen=1,3` those and what their signers saw; `seen=1,` just one), `rev=K` (about revision K), `break=THING` (something
//! about the record is wrong), `pending`.

use super::desk::{Binding, Desk, decide, id, withdrawal};
use super::keys::term;
use crate::digest::{
    ChainDigest, DiffDigest, PackageDigest, RecordId, RepositoryId, SectionDigest, UpstreamDigest,
};
use crate::engine::Outcome;
use crate::id::PersonId;
use crate::record::{
    About, Answer, Body, Change, ClaimedClass, Comment, Condition, ConditionKind, Confirm, Decide, Decision,
    Delegation, Discharge, Finding, KeyState, Object, Override, Question, Reason, Record, Recuse, Reply,
    Retract, Severity, Verify, Waive,
};
use crate::time::Term;
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

type Options<'w> = BTreeMap<&'w str, &'w str>;

pub fn act(desk: &mut Desk, line: &str) {
    let mut words = line.split_whitespace();
    let (person, verb) = (words.next().unwrap(), words.next().unwrap());
    let (mut what, mut options) = (Vec::new(), Options::new());
    for word in words {
        match word.split_once('=') {
            Some((key, value)) => _ = options.insert(key, value),
            None => what.push(word),
        }
    }
    if scenery(desk, line, person, verb, &what, &options) {
        return;
    }
    if verb == "submit" && !what.contains(&"again") {
        for (file, text) in options.iter().filter(|(key, _)| !KEYWORDS.contains(key)) {
            let file = if *file == "package" { "package.toml".to_owned() } else { format!("{file}.md") };
            desk.files.insert(file, text.replace('_', " ").replace('~', "\n"));
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
    let mut record = match verb {
        "submit" => submission(desk, person, &options, &seen),
        "certify" => desk.certification(person, revision, &seen),
        "repeat" => desk.entries[what[0].parse::<usize>().unwrap()].record().clone(),
        _ => {
            let body = body(desk, verb, &what, &options);
            let record = desk.record(person, revision, body, &seen);
            let how = Binding { acting_for: options.get("for").copied(), role: options.get("as").copied() };
            match verb {
                "approve" | "reject" | "clarify" | "abstain" | "object" | "confirm" | "overrule" => {
                    desk.bind(record, what[0], &how, &seen)
                }
                _ => Record { role: how.role.map(id), ..record },
            }
        }
    };
    if what.contains(&"aided") {
        record.assistance = "drafted".to_owned();
    }
    record.change = options.get("pr").map(|number| Change {
        forge: "forge".to_owned(),
        head: String::new(),
        pull_request: number.parse().unwrap(),
        repository_id: "1".to_owned(),
    });
    let broken = options.get("break").copied().unwrap_or("");
    let record = damage(record, broken);
    desk.push_entry(record, broken != "key", what.contains(&"pending"));
}

/// Lines that make no record of the package: what changes around it.
fn scenery(desk: &mut Desk, line: &str, word: &str, verb: &str, what: &[&str], options: &Options) -> bool {
    let rest = line.trim_start().strip_prefix(word).unwrap().trim();
    match word {
        "rules" => desk.chain = Arc::new(super::desk::chain(rest)),
        "newer" => desk.rules = Some(Arc::new(super::desk::chain(rest))),
        "replaced" => desk.replaced = true,
        // A revision nobody submits: `files frozen`.
        "files" => _ = desk.freeze(),
        "meta" => _ = desk.meta.insert(verb.to_owned(), what[0].to_owned()),
        "now" => desk.as_of = id(verb),
        // The clock jumps: `time 48h`.
        "time" => {
            desk.ahead += match term(verb) {
                Term::Hours(n) => i64::from(n) * 3600,
                Term::Days(n) | Term::BusinessDays(n) => i64::from(n) * 86_400,
            }
        }
        "people" => people(desk, verb, what, options),
        _ => return false,
    }
    true
}

fn people(desk: &mut Desk, verb: &str, what: &[&str], options: &Options) {
    let mut people = (*desk.people).clone();
    let person = |name: &str| -> PersonId { id(name) };
    match verb {
        "grant" => _ = people.persons.get_mut(&person(what[0])).unwrap().roles.insert(id(what[1])),
        "end" => _ = people.persons.get_mut(&person(what[0])).unwrap().roles.remove(&id(what[1])),
        // A further key, for who has lost the first one.
        "rekey" => {
            let keys = &mut people.persons.get_mut(&person(what[0])).unwrap().keys;
            keys.push(super::desk::key(&format!("{} again", what[0])));
        }
        // Key revoked for cause, with everything from that record on disputed.
        "distrust" => {
            let from = what[1].parse().unwrap();
            let reason = "stolen".to_owned();
            people.persons.get_mut(&person(what[0])).unwrap().keys[0].state =
                KeyState::Revoked { at: desk.entries.len() as u64, reason, distrust_from: Some(from) };
        }
        // `from` and `until` are the minutes of records.
        "delegate" => {
            let minute =
                |key: &str, other: usize| desk.minute(options.get(key).map_or(other, |n| n.parse().unwrap()));
            let ids = |key: &str| options.get(key).into_iter().flat_map(|list| list.split(','));
            people.delegations.push(Delegation {
                record: RecordId([3; 32]),
                principal: person(what[0]),
                delegate: person(what[1]),
                steps: ids("steps").map(id).collect(),
                packages: ids("packages").map(id).collect(),
                from: minute("from", 0),
                until: minute("until", 1_000_000),
                reason: "away".to_owned(),
            });
        }
        "undelegate" => people.delegations.retain(|d| d.principal != person(what[0])),
        other => panic!("people {other}"),
    }
    desk.people = Arc::new(people);
}

fn submission(desk: &Desk, person: &str, options: &Options, seen: &[usize]) -> Record {
    let contributors: Vec<&str> = options.get("by").into_iter().flat_map(|b| b.split(',')).collect();
    let mut record = desk.submission(person, &contributors, seen);
    if let Body::Submit(submit) = &mut record.body {
        submit.answers =
            options.get("answers").into_iter().flat_map(|list| list.split(',')).map(answer).collect();
        submit.class = options.get("class").map(|class| match *class {
            "cosmetic" => ClaimedClass::Cosmetic,
            "minor" => ClaimedClass::Minor,
            _ => ClaimedClass::Material,
        });
    }
    record
}

fn body(desk: &Desk, verb: &str, what: &[&str], options: &Options) -> Body {
    let named = |number: &str| -> RecordId {
        number.parse().ok().map_or(RecordId([9; 32]), |n: usize| desk.record_id(n))
    };
    let target = |index: usize| what.get(index).map_or(RecordId([9; 32]), |n| named(n));
    let reason = || "so it is".to_owned();
    let comment = |blocking| {
        let about = options.get("about").map(|n| named(n));
        Body::Comment(Comment { about, anchor: None, blocking, section: id(what[0]), text: "?".to_owned() })
    };
    let date = |key: &str, other: &str| id(options.get(key).copied().unwrap_or(other));
    match verb {
        "approve" | "reject" | "clarify" | "abstain" => Body::Decide(said(verb, what, options)),
        "object" => Body::Object(Object { reason: reason(), section: what.get(1).map(|s| id(s)) }),
        "withdraw" => withdrawal(target(0)),
        "ask" => comment(true),
        "note" => comment(false),
        "answer" => Body::Answer(reply(target(0))),
        "resolve" => Body::Resolve(reply(target(0))),
        "enroll" => Body::People(Vec::new()),
        "recuse" => Body::Recuse(Recuse { reason: reason() }),
        "retract" => Body::Retract(Retract { reason: reason() }),
        "confirm" => Body::Confirm(Confirm {
            class: ClaimedClass::Minor,
            diff: DiffDigest([2; 32]),
            since: options.get("since").map_or(1, |n| n.parse().unwrap()),
        }),
        "overrule" => Body::ResolveRejection(About { reason: reason(), record: target(1) }),
        "revoke" => Body::Revoke(About { reason: reason(), record: target(0) }),
        "discharge" => Body::Discharge(Discharge {
            condition: id(what[1]),
            evidence: None,
            reason: reason(),
            record: target(0),
        }),
        "verify" | "return" => Body::Verify(Verify {
            accepted: verb == "verify",
            condition: id(what[1]),
            reason: reason(),
            record: target(0),
        }),
        "waive" => Body::Waive(Waive { condition: id(what[1]), reason: reason(), record: target(0) }),
        "override" => Body::Override(Override {
            about: options.get("second").map(|n| named(n)),
            expires: date("until", "2028-01-01"),
            reason: reason(),
            review: date("review", "2028-01-01"),
            steps: what[0].split(',').map(id).collect(),
        }),
        other => panic!("no verb {other}"),
    }
}

const KEYWORDS: [&str; 9] = ["seen", "rev", "break", "by", "answers", "about", "due", "class", "pr"];

fn said(verb: &str, what: &[&str], options: &Options) -> Decide {
    let decision = match verb {
        "approve" => Decision::Approve,
        "reject" => Decision::Reject,
        "clarify" => Decision::Clarify,
        _ => Decision::Abstain,
    };
    let mut decide = decide(decision);
    if let Some(condition) = options.get("with") {
        decide.conditions.push(Condition {
            step: options.get("before").map(|step| id(step)),
            verifier_role: options.get("verifier").map(|role| id(role)),
            due: options.get("due").map(|due| id(due)),
            id: id(condition),
            kind: match options.get("kind").copied() {
                Some("pre") => ConditionKind::PreMerge,
                Some("before") => ConditionKind::BeforeStep,
                Some("standing") => ConditionKind::Standing,
                _ => ConditionKind::PostMerge,
            },
            owner: Some(id(options.get("owner").copied().unwrap_or("ines"))),
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
    if what.contains(&"final") {
        decide.severity = Some(Severity::Final);
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
