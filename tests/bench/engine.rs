//! Evaluates long and many histories for `run.py`: one package of 1,000 and of 10,000 records on a plain
//! chain and on one with deadlines, and 1,000 packages of 50 records on every core.
//!
//! `bench_engine [RECORDS] [PACKAGES]`: prints one JSON object. What matters is the ratio of the seconds a
//! record costs in the long history to those in the short one: 1 is linear, 10 is quadratic.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a benchmark reads the clock, and a panic is how it fails"
)]

use countersign::chain::{Carry, Chain, Escalation, Section, Step};
use countersign::digest::{
    ChainDigest, FileDigest, LedgerRoot, LineHash, Nonce, RecordId, RepositoryId, ShownDigest, sha256,
};
use countersign::engine::{Case, NoTexts, Revision, evaluate, meaning, scope_for, upstream_for};
use countersign::id::{Model, PersonId, SectionId};
use countersign::package::{Manifest, ManifestEntry, Meta, Package};
use countersign::record::{
    Body, Ceremony, Comment, Decide, Decision, Entry, Finding, People, Person, PinnedChain, PublicKey,
    Reason, Record, Reply, Seen, Signer, Subject, Submit, Unlock, Withdraw, rehearse,
};
use countersign::time::{Calendar, Term, Timestamp};
use ed25519_dalek::SigningKey;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

const PEOPLE: [(&str, &str); 6] =
    [("ines", ""), ("dana", "data"), ("drew", "data"), ("milo", "model"), ("mara", "model"), ("fay", "fair")];

/// What happens over and over: decisions, their end, questions with answers, notes.
const TURN: [(&str, &str); 10] = [
    ("dana", "approve data"),
    ("drew", "reject data"),
    ("drew", "withdraw"),
    ("dana", "approve data"),
    ("mara", "reject model"),
    ("mara", "withdraw"),
    ("milo", "ask"),
    ("ines", "answer"),
    ("milo", "resolve"),
    ("fay", "note"),
];

struct World {
    revisions: Vec<Revision>,
    people: Arc<People>,
    entries: Vec<Entry>,
}

fn id<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().unwrap()
}

fn chain(timed: bool) -> Chain {
    let section = |name: &str| Section {
        id: id(name),
        title: name.to_owned(),
        criterion: String::new(),
        cites: Vec::new(),
    };
    let step = |name: &str, after: Vec<_>, scope: &str| Step {
        after,
        scope: vec![id(scope)],
        carry: Carry::OutOfScope,
        meaning: "I, {name}, {decision} revision {revision} of {package} in {step}.".to_owned(),
        deadline: timed.then_some(Term::BusinessDays(5)),
        escalate: if timed {
            vec![Escalation { to: id("lead"), after: Term::Hours(72) }]
        } else {
            Vec::new()
        },
        lapse: timed.then_some(Term::Days(30)),
        ..Step::plain(id(name), id(name), 1)
    };
    Chain {
        id: id("bench"),
        digest: ChainDigest([3; 32]),
        title: "Bench".to_owned(),
        policy: String::new(),
        sections: vec![section("training-data"), section("evaluation")],
        thresholds: Vec::new(),
        steps: vec![step("data", Vec::new(), "training-data"), step("model", vec![id("data")], "evaluation")],
        review_by: None,
        calendar: Calendar::utc(),
        applies_to_inflight: false,
        minor_words: 25,
        overridable: true,
    }
}

fn package() -> Package {
    let file =
        |path: &str| ManifestEntry { path: id(path), digest: FileDigest(sha256(path.as_bytes())), size: 1 };
    Package {
        id: id("credit"),
        meta: Meta {
            title: "Credit".to_owned(),
            chain: id("bench"),
            owner: id("ines"),
            authors: vec![id("ines")],
            model: Model { name: "pd".to_owned(), version: "1".to_owned() },
            registry: None,
            artifact: None,
            use_: String::new(),
            not_for: String::new(),
            environments: Vec::new(),
            meta: BTreeMap::new(),
            exceptions: Vec::new(),
        },
        manifest: Manifest {
            files: ["evaluation.md", "package.toml", "training-data.md"].map(file).to_vec(),
        },
        sections: BTreeMap::new(),
        figures: BTreeMap::new(),
    }
}

fn people() -> People {
    let person = |(name, roles): &(&str, &str)| {
        let person = Person {
            id: id(name),
            name: (*name).to_owned(),
            email: format!("{name}@example.org"),
            identity: "met".to_owned(),
            roles: roles.split_whitespace().map(id).collect(),
            keys: Vec::new(),
            absences: BTreeMap::new(),
        };
        (id::<PersonId>(name), person)
    };
    People { persons: PEOPLE.iter().map(person).collect(), delegations: Vec::new() }
}

impl World {
    fn new(timed: bool) -> World {
        let (package, chain) = (Arc::new(package()), Arc::new(chain(timed)));
        let revisions = vec![Revision { number: 1, package, chain }];
        World { revisions, people: Arc::new(people()), entries: Vec::new() }
    }

    fn judge<T>(&self, count: usize, judge: impl Fn(&Case) -> T) -> T {
        let entries: Vec<&Entry> = self.entries.iter().take(count).collect();
        judge(&Case {
            package: id("credit"),
            repository: RepositoryId([7; 16]),
            revisions: &self.revisions,
            entries: &entries,
            people: self.people.clone(),
            as_of: Timestamp::from_seconds(1_800_000_000).unwrap(),
            texts: &NoTexts,
            rules: None,
            superseded_by: None,
        })
    }

    fn record(&self, person: &str, body: Body) -> Record {
        let Revision { package, chain, .. } = &self.revisions[0];
        let mut nonce = [0; 16];
        nonce[..8].copy_from_slice(&(self.entries.len() as u64).to_be_bytes());
        Record {
            repository: RepositoryId([7; 16]),
            change: None,
            subject: Some(Subject {
                package: package.id.clone(),
                revision: 1,
                digest: package.digest(),
                model: package.meta.model.clone(),
                chain: PinnedChain { id: chain.id.clone(), sha256: chain.digest },
            }),
            step: None,
            role: None,
            scope: Vec::new(),
            upstream: None,
            signer: Signer {
                acting_for: None,
                // Whoever rehearses a record signs with a key of its own.
                key: PublicKey::from_ed25519(SigningKey::from_bytes(&[1; 32]).verifying_key().as_bytes())
                    .unwrap()
                    .fingerprint(),
                name: person.to_owned(),
                person: id(person),
            },
            meaning: String::new(),
            parents: self.entries.last().map(Entry::id).into_iter().collect(),
            seen: Seen { root: LedgerRoot([0; 32]), size: 0 },
            signed_at: Timestamp::from_seconds(1_790_000_000 + 60 * self.entries.len() as i64).unwrap(),
            nonce: Nonce(nonce),
            ceremony: Ceremony { shown: ShownDigest([0; 32]), unlock: Unlock::Passphrase },
            assistance: "none".to_owned(),
            body,
        }
    }

    fn decision(&self, person: &str, verb: &str, step: &str) -> Record {
        let decision = if verb == "approve" { Decision::Approve } else { Decision::Reject };
        let finding = Finding {
            concern: "unclear".to_owned(),
            figure: None,
            id: id("f1"),
            reason: Reason::Other,
            required: "say it".to_owned(),
            section: id("evaluation"),
        };
        let findings = if decision == Decision::Reject { vec![finding] } else { Vec::new() };
        let body = Decide { conditions: Vec::new(), decision, findings, question: None, severity: None };
        let mut record = self.record(person, Body::Decide(body));
        let of = self.revisions[0].chain.step(&id(step)).unwrap();
        // Nothing comes before the only step that is approved, so the submission alone says it all.
        record.upstream = self.judge(1, |case| upstream_for(case, &of.id));
        record.scope = self.judge(1, |case| scope_for(case, &of.id));
        record.role = Some(of.role().clone());
        record.meaning = meaning(of, of.role(), person, record.subject.as_ref().unwrap(), decision);
        record.step = Some(of.id.clone());
        record
    }

    fn push(&mut self, record: Record) {
        let verified = rehearse(record).unwrap();
        let blank = LineHash([0; 32]);
        let (seq, people) = (self.entries.len() as u64, self.people.clone());
        let entry =
            Entry { seq, hash: blank, prev: blank, pending: false, verified, people, key_valid: true };
        self.entries.push(entry);
    }

    fn fill(&mut self, records: usize) {
        let package = self.revisions[0].package.clone();
        let submit = Submit {
            answers: Vec::new(),
            authors: package.meta.authors.clone(),
            class: None,
            contributors: Vec::new(),
            diff: None,
            exceptions: Vec::new(),
            manifest: package.manifest.text(),
            notes: Vec::new(),
        };
        self.push(self.record("ines", Body::Submit(submit)));
        let back = |world: &World, by: usize| -> RecordId { world.entries[world.entries.len() - by].id() };
        let section: SectionId = id("evaluation");
        for (person, verb) in TURN.iter().cycle().take(records - 1) {
            let comment = |blocking| {
                Body::Comment(Comment {
                    about: None,
                    anchor: None,
                    blocking,
                    section: section.clone(),
                    text: "?".to_owned(),
                })
            };
            let reply = |about| Reply { about, text: "because".to_owned() };
            let record = match *verb {
                "ask" => self.record(person, comment(true)),
                "note" => self.record(person, comment(false)),
                "answer" => self.record(person, Body::Answer(reply(back(self, 1)))),
                "resolve" => self.record(person, Body::Resolve(reply(back(self, 2)))),
                "withdraw" => {
                    let body = Withdraw { reason: "changed my mind".to_owned(), record: back(self, 1) };
                    self.record(person, Body::Withdraw(body))
                }
                decision => {
                    let (verb, step) = decision.split_once(' ').unwrap();
                    self.decision(person, verb, step)
                }
            };
            self.push(record);
        }
    }

    /// Seconds of the quickest of three evaluations.
    fn seconds(&self, count: usize) -> f64 {
        let once = || {
            let start = Instant::now();
            let outcome = self.judge(count, evaluate);
            assert_eq!(outcome.fates.len(), count);
            start.elapsed().as_secs_f64()
        };
        (0..3).map(|_| once()).fold(f64::MAX, f64::min)
    }
}

fn main() {
    let mut numbers = std::env::args().skip(1).map(|n| n.parse::<usize>().unwrap());
    let (records, packages) = (numbers.next().unwrap_or(10_000), numbers.next().unwrap_or(1000));
    let mut found = BTreeMap::new();
    for (name, timed) in [("plain", false), ("timed", true)] {
        let mut world = World::new(timed);
        world.fill(records);
        let (short, long) = (world.seconds(records / 10), world.seconds(records));
        found.insert(format!("{name}_short"), short);
        found.insert(format!("{name}_long"), long);
        found.insert(format!("{name}_ratio_per_record"), long / short / 10.0);
    }
    let mut world = World::new(true);
    world.fill(50);
    let start = Instant::now();
    let judged: usize = (0..packages).into_par_iter().map(|_| world.judge(50, evaluate).fates.len()).sum();
    assert_eq!(judged, packages * 50);
    let many = start.elapsed().as_secs_f64();
    let start = Instant::now();
    (0..packages).for_each(|_| assert_eq!(world.judge(50, evaluate).fates.len(), 50));
    found.insert("packages".to_owned(), many);
    found.insert("packages_one_core".to_owned(), start.elapsed().as_secs_f64());
    found.insert("packages_speedup".to_owned(), found["packages_one_core"] / many);
    println!("{}", serde_json::to_string_pretty(&found).unwrap());
}
