//! Makes revisions and records as a signer's tool would, without signatures.

use super::keys;
use crate::chain::{Carry, Chain, Section, Step};
use crate::digest::{
    ChainDigest, FileDigest, LedgerRoot, LineHash, Nonce, RecordId, RepositoryId, ShownDigest, sha256,
};
use crate::engine::clock::Moment;
use crate::engine::history::History;
use crate::engine::past::Past;
use crate::engine::{
    Case, Outcome, Revision, Texts, certificate, evaluate, meaning, printed as signature, scope_for,
    upstream_for,
};
use crate::id::{Model, PersonId, RoleId, SectionId, StepId};
use crate::package::{Manifest, ManifestEntry, Meta, Package};
use crate::record::{
    Body, Ceremony, Certify, Decide, Decision, Entry, Fingerprint, Key, KeyState, People, Person,
    PinnedChain, PublicKey, Record, Seen, Signer, Subject, Submit, Unlock, Verified, Withdraw,
};
use crate::time::{Calendar, Period, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub const SECTIONS: [&str; 3] = ["training-data", "evaluation", "limits"];

/// Everybody, with roles. `bo` holds two, `ivy` issues, `ines` and `ian` write.
const PEOPLE: [(&str, &str); 21] = [
    ("ines", ""),
    ("ian", ""),
    ("dana", "data"),
    ("drew", "data"),
    ("milo", "model"),
    ("mara", "model"),
    ("max", "model"),
    ("mo", "model"),
    ("fay", "fair"),
    ("finn", "fair"),
    ("cory", "committee"),
    ("cleo", "committee"),
    ("bo", "data model"),
    ("ivy", "issuer"),
    ("olga", "override"),
    ("omar", "override"),
    ("rhea", "revoker"),
    ("lena", "lead"),
    ("hugh", "head"),
    ("reto", "resolver"),
    ("chad", "committee chair"),
];

pub struct Desk {
    pub chain: Arc<Chain>,
    pub files: BTreeMap<String, String>,
    pub revisions: Vec<Revision>,
    pub entries: Vec<Entry>,
    pub people: Arc<People>,
    pub as_of: Timestamp,
    /// The owner of the package.
    pub authors: Vec<String>,
    /// The texts of each revision.
    pub texts: Frozen,
    /// What package.toml says under `[meta]`.
    pub meta: BTreeMap<String, String>,
    /// The chain file as it is now.
    pub rules: Option<Arc<Chain>>,
    /// True if another package's certificate replaced this one's.
    pub replaced: bool,
    /// True if signers name the earlier outcome as the whole ledger tells it of what they had seen, and not
    /// as their own smaller copy does.
    pub exact: bool,
    /// Seconds by which the desk's clock is ahead.
    pub ahead: i64,
}

/// Texts of frozen revisions, by file.
#[derive(Debug, Default)]
pub struct Frozen(pub Vec<BTreeMap<String, String>>);

impl Texts for Frozen {
    fn section(&self, revision: u32, section: &SectionId) -> Option<String> {
        self.0.get(revision as usize - 1)?.get(&format!("{section}.md")).cloned()
    }
}

pub fn id<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().unwrap()
}

pub fn step(text: &str, approvals: u32, after: &[&str], scope: &[&str], carry: Carry) -> Step {
    let role = text.split('-').next().unwrap();
    Step {
        title: format!("{}{}", text[..1].to_uppercase(), &text[1..]),
        after: after.iter().map(|s| id(s)).collect(),
        scope: if scope == ["*"] {
            SECTIONS.iter().map(|s| id(s)).collect()
        } else {
            scope.iter().map(|s| id(s)).collect()
        },
        carry,
        meaning: "I, {name}, as {role}, {decision} revision {revision} of {package} in {step}.".to_owned(),
        ..Step::plain(id(text), id(role), approvals)
    }
}

/// A chain by name, with changes to its keys: `line model.carry=minor model.lapse=48h`.
pub fn chain(named: &str) -> Chain {
    use Carry::{Identical, Never, OutOfScope};
    let mut words = named.split_whitespace();
    let name = words.next().unwrap();
    let data = |carry| step("data", 1, &[], &["training-data"], carry);
    let model = |n, carry| step("model", n, &["data"], &["evaluation"], carry);
    let steps = match name {
        "solo" => vec![step("model", 1, &[], &["evaluation"], OutOfScope)],
        "two" => vec![step("model", 2, &[], &["evaluation"], OutOfScope)],
        "three" => vec![step("model", 3, &[], &["evaluation"], OutOfScope)],
        "line" => vec![data(OutOfScope), model(1, OutOfScope)],
        "wide" => vec![data(OutOfScope), model(2, OutOfScope)],
        "identical" => vec![data(Identical), model(1, Identical)],
        "never" => vec![data(Never), model(1, Never)],
        "flat" => vec![data(OutOfScope), step("model", 1, &[], &["evaluation"], OutOfScope)],
        "bank" => vec![
            data(OutOfScope),
            model(1, OutOfScope),
            step("fair", 1, &["data"], &["evaluation", "limits"], OutOfScope),
            step("committee", 1, &["model", "fair"], &["*"], Identical),
        ],
        "empty" => Vec::new(),
        other => panic!("no chain {other}"),
    };
    let section = |text: &&str| Section {
        id: id(text),
        title: (*text).to_owned(),
        criterion: String::new(),
        cites: Vec::new(),
    };
    let mut chain = Chain {
        id: id("chain"),
        digest: ChainDigest(sha256(named.as_bytes())),
        title: "Credit".to_owned(),
        policy: String::new(),
        sections: SECTIONS.iter().map(section).collect(),
        thresholds: Vec::new(),
        steps,
        review_by: Some(Period::Days(365)),
        calendar: Calendar::utc(),
        applies_to_inflight: false,
        minor_words: 25,
        overridable: true,
    };
    words.for_each(|word| keys::set(&mut chain, word));
    chain
}

pub fn people() -> People {
    let person = |(name, roles): &(&str, &str)| {
        let id: PersonId = id(name);
        let roles = roles.split_whitespace().map(|r| r.parse().unwrap()).collect();
        let (email, identity) = (format!("{name}@example.org"), "met".to_owned());
        (
            id.clone(),
            Person {
                id,
                name: printed(name),
                email,
                identity,
                roles,
                keys: vec![key(name)],
                absences: BTreeMap::new(),
            },
        )
    };
    People { persons: PEOPLE.iter().map(person).collect(), delegations: Vec::new() }
}

/// Everybody's key is named after them.
pub fn key(person: &str) -> Key {
    let public = PublicKey(format!("ssh-ed25519 {person}"));
    Key { fingerprint: fingerprint(person), public, from: 0, state: KeyState::Valid }
}

fn fingerprint(person: &str) -> Fingerprint {
    Fingerprint(format!("SHA256:{person}"))
}

pub fn printed(person: &str) -> String {
    format!("{}{}", person[..1].to_uppercase(), &person[1..])
}

impl Desk {
    pub fn new(chain_name: &str) -> Desk {
        let text = |name: &str| (format!("{name}.md"), "first".to_owned());
        let mut files: BTreeMap<String, String> = SECTIONS.iter().map(|s| text(s)).collect();
        files.insert("package.toml".to_owned(), "first".to_owned());
        Desk {
            chain: Arc::new(chain(chain_name)),
            files,
            revisions: Vec::new(),
            entries: Vec::new(),
            people: Arc::new(people()),
            as_of: id("2027-01-01T00:00:00Z"),
            authors: vec!["ines".to_owned()],
            texts: Frozen::default(),
            meta: BTreeMap::new(),
            rules: None,
            replaced: false,
            exact: false,
            ahead: 0,
        }
    }

    /// Freezes the files as the next revision.
    pub fn freeze(&mut self) -> u32 {
        let number = u32::try_from(self.revisions.len()).unwrap() + 1;
        let entry = |(path, text): (&String, &String)| ManifestEntry {
            path: id(path),
            digest: FileDigest(sha256(text.as_bytes())),
            size: text.len() as u64,
        };
        let package = Package {
            id: id("credit"),
            meta: Meta {
                title: "Credit".to_owned(),
                chain: id("chain"),
                owner: id("ines"),
                authors: self.authors.iter().map(|a| id(a)).collect(),
                model: Model { name: "pd".to_owned(), version: "1".to_owned() },
                registry: None,
                artifact: None,
                use_: String::new(),
                not_for: String::new(),
                environments: Vec::new(),
                meta: self.meta.clone(),
                exceptions: Vec::new(),
            },
            manifest: Manifest { files: self.files.iter().map(entry).collect() },
            sections: BTreeMap::new(),
            figures: BTreeMap::new(),
        };
        self.texts.0.push(self.files.clone());
        self.revisions.push(Revision { number, package: Arc::new(package), chain: self.chain.clone() });
        number
    }

    /// Judges the first `count` records.
    pub fn with_first<T>(&self, count: usize, judge: impl Fn(&Case) -> T) -> T {
        let entries: Vec<&Entry> = self.entries.iter().take(count).collect();
        self.with(&entries, judge)
    }

    pub fn with<T>(&self, entries: &[&Entry], judge: impl Fn(&Case) -> T) -> T {
        judge(&Case {
            package: id("credit"),
            repository: RepositoryId([7; 16]),
            revisions: &self.revisions,
            entries,
            people: self.people.clone(),
            as_of: self.as_of,
            texts: &self.texts,
            rules: self.rules.clone(),
            superseded_by: self.replaced.then_some(RecordId([5; 32])),
        })
    }

    pub fn outcome(&self) -> Outcome {
        self.with_first(self.entries.len(), evaluate)
    }

    pub fn record_id(&self, index: usize) -> RecordId {
        self.entries[index].id()
    }

    /// These records and everything before them, by parents.
    pub fn closed(&self, seen: Vec<usize>) -> Vec<usize> {
        let mut wanted: BTreeSet<usize> = seen.into_iter().collect();
        for index in (0..self.entries.len()).rev() {
            if wanted.contains(&index) {
                let parents = &self.entries[index].record().parents;
                wanted.extend((0..index).filter(|i| parents.contains(&self.entries[*i].id())));
            }
        }
        wanted.into_iter().collect()
    }

    /// Records nobody names as a parent among those in `seen`.
    fn heads(&self, seen: &[usize]) -> Vec<RecordId> {
        let named: BTreeSet<RecordId> =
            seen.iter().flat_map(|i| self.entries[*i].record().parents.iter().copied()).collect();
        seen.iter().map(|i| self.entries[*i].id()).filter(|id| !named.contains(id)).collect()
    }

    /// The instant at which the next record is signed.
    pub fn now(&self) -> Timestamp {
        self.minute(self.entries.len()).plus_seconds(self.ahead)
    }

    /// The instant at which record `index` is signed if the clock never jumps.
    pub fn minute(&self, index: usize) -> Timestamp {
        Timestamp::from_seconds(1_790_000_000 + 60 * index as i64).unwrap()
    }

    /// The newest key of a person that nobody has revoked.
    fn key_of(&self, person: &str) -> Fingerprint {
        let keys = self.people.persons.get(&id::<PersonId>(person)).map_or(&[][..], |known| &known.keys);
        let valid = keys.iter().rev().find(|key| key.state == KeyState::Valid);
        valid.map_or_else(|| fingerprint(person), |key| key.fingerprint.clone())
    }

    /// A record as `person`'s tool would make it, having seen these records.
    pub fn record(&self, person: &str, revision: u32, body: Body, seen: &[usize]) -> Record {
        let now = self.now();
        let subject = self.revisions.get(revision as usize - 1).map(|r| Subject {
            package: r.package.id.clone(),
            revision,
            digest: r.package.digest(),
            model: r.package.meta.model.clone(),
            chain: PinnedChain { id: r.chain.id.clone(), sha256: r.chain.digest },
        });
        let mut nonce = [0; 16];
        nonce[..8].copy_from_slice(&(self.entries.len() as u64).to_be_bytes());
        Record {
            repository: RepositoryId([7; 16]),
            change: None,
            subject,
            step: None,
            role: None,
            scope: Vec::new(),
            upstream: None,
            signer: Signer {
                acting_for: None,
                key: self.key_of(person),
                name: printed(person),
                person: id(person),
            },
            meaning: "I say so.".to_owned(),
            parents: self.heads(seen),
            seen: Seen { root: LedgerRoot([0; 32]), size: 0 },
            signed_at: now,
            nonce: Nonce(nonce),
            ceremony: Ceremony { shown: ShownDigest([0; 32]), unlock: Unlock::Passphrase },
            assistance: "none".to_owned(),
            body,
        }
    }

    /// Binds a record to a step, as the tool of somebody who has seen these records would.
    pub fn bind(&self, mut record: Record, step: &str, how: &Binding, seen: &[usize]) -> Record {
        let step_id: StepId = id(step);
        let revision = record.revision().unwrap();
        let entries: Vec<&Entry> = seen.iter().map(|i| &self.entries[*i]).collect();
        let now = record.signed_at;
        record.upstream =
            self.with(&entries, |case| upstream_for(&Case { as_of: now, ..case.clone() }, &step_id));
        if self.exact {
            let mut past = Past::default();
            seen.iter().for_each(|at| past.add(*at));
            let everything: Vec<&Entry> = self.entries.iter().collect();
            record.upstream = self.with(&everything, |case| {
                let history = History::read(case);
                let moment = Moment::then(&past, now);
                Some(history.gate(&step_id, &moment).upstream.digest())
            });
        }
        let until: Vec<&Entry> = entries
            .iter()
            .filter(|e| {
                !(e.record().kind() == crate::record::Kind::Submit && e.record().revision() > Some(revision))
            })
            .copied()
            .collect();
        record.scope = self.with(&until, |case| scope_for(case, &step_id));
        record.signer.acting_for = how.acting_for.map(id);
        if let Some(step) = self.revisions.get(revision as usize - 1).and_then(|r| r.chain.step(&step_id)) {
            let role: RoleId = how.role.map_or(step.role().clone(), id);
            let decision = match &record.body {
                Body::Decide(decide) => Some(decide.decision),
                _ => None,
            };
            if let Some(decision) = decision {
                let principal = how.acting_for.map(printed);
                let name = signature(&record.signer.name, principal.as_deref());
                record.meaning = meaning(step, &role, &name, record.subject.as_ref().unwrap(), decision);
            }
            record.role = Some(role);
        }
        record.step = Some(step_id);
        record
    }

    /// A submission of the newest frozen revision.
    pub fn submission(&self, person: &str, contributors: &[&str], seen: &[usize]) -> Record {
        let revision = self.revisions.last().unwrap();
        let body = Body::Submit(Submit {
            class: None,
            answers: Vec::new(),
            authors: revision.package.meta.authors.clone(),
            contributors: contributors.iter().map(|c| id(c)).collect(),
            diff: None,
            exceptions: Vec::new(),
            manifest: revision.package.manifest.text(),
            notes: Vec::new(),
        });
        self.record(person, revision.number, body, seen)
    }

    /// A certificate of what somebody who has seen these records would freeze; of the last thing that
    /// could be frozen, if that is nothing.
    pub fn certification(&self, person: &str, revision: u32, seen: &[usize]) -> Record {
        let now = self.record(person, revision, withdrawal(RecordId([0; 32])), seen).signed_at;
        let freeze = |count: usize| {
            let entries: Vec<&Entry> = seen.iter().take(count).map(|i| &self.entries[*i]).collect();
            self.with(&entries, |case| certificate(&Case { as_of: now, ..case.clone() }).ok())
        };
        let outcome = (0..=seen.len()).rev().find_map(freeze).expect("the story has something to certify");
        self.record(person, revision, Body::Certify(Box::new(Certify { outcome })), seen)
    }

    pub fn push_entry(&mut self, record: Record, key_valid: bool, pending: bool) -> RecordId {
        let verified = Verified::unchecked(record);
        let id = verified.id();
        let seq = self.entries.len() as u64;
        let (hash, prev) = (LineHash([1; 32]), LineHash([1; 32]));
        self.entries.push(Entry {
            seq,
            hash,
            prev,
            pending,
            verified,
            people: self.people.clone(),
            key_valid,
        });
        id
    }

    pub fn all(&self) -> Vec<usize> {
        (0..self.entries.len()).collect()
    }
}

/// In whose place and which role somebody acts.
#[derive(Debug, Clone, Copy, Default)]
pub struct Binding<'a> {
    pub acting_for: Option<&'a str>,
    pub role: Option<&'a str>,
}

pub fn decide(decision: Decision) -> Decide {
    Decide { severity: None, conditions: Vec::new(), decision, findings: Vec::new(), question: None }
}

pub fn withdrawal(record: RecordId) -> Body {
    Body::Withdraw(Withdraw { reason: "changed my mind".to_owned(), record })
}
