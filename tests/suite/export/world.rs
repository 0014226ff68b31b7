//! A small repository with real signatures: one package, rejected once, then certified.

use countersign::chain::{Carry, Chain, Section, Step};
use countersign::diag::Diagnostics;
use countersign::digest::{ChainDigest, FileDigest, Nonce, RepositoryId, ShownDigest, sha256};
use countersign::dossier::{Dossier, LedgerState, Register, Told, Working};
use countersign::engine::{Case, NoTexts, Revision, certificate, evaluate, meaning, scope_for, upstream_for};
use countersign::id::{Model, PackageId};
use countersign::ledger::{self, Ledger, Pending, VerifyInput};
use countersign::package::{Manifest, ManifestEntry, Meta, Package};
use countersign::record::{
    Answer, Body, Ceremony, Certify, Comment, Condition, ConditionKind, Decide, Decision, ENROL_NAMESPACE,
    Entry, Finding, NAMESPACE, Note, PeopleChange, PinnedChain, PublicKey, Reason, Record, Seen, Signed,
    Signer, Subject, Submit, Unlock, enrol_statement, print, sshsig, wording,
};
use countersign::text::RepoPath;
use countersign::time::{Calendar, Period, Timestamp};
use ed25519_dalek::{Signer as _, SigningKey};
use std::collections::BTreeMap;
use std::sync::Arc;

const CHAIN: &str = "id = \"bank\"\n";
const REPOSITORY: RepositoryId = RepositoryId([7; 16]);

pub struct World {
    pub ledger: Ledger,
    pub revisions: Vec<Revision>,
    pub sources: BTreeMap<RepoPath, Vec<u8>>,
    ticks: i64,
}

fn key(person: &str) -> SigningKey {
    SigningKey::from_bytes(&sha256(person.as_bytes()))
}

fn public(person: &str) -> PublicKey {
    PublicKey::from_ed25519(key(person).verifying_key().as_bytes()).unwrap()
}

fn armor(person: &str, namespace: &str, message: &[u8]) -> String {
    let raw = key(person).sign(&sshsig::signed_data(namespace, message)).to_bytes();
    sshsig::seal(&public(person), namespace, message, &sshsig::inner(&raw)).unwrap()
}

fn enrol(person: &str, roles: &[&str]) -> Vec<PeopleChange> {
    let id = person.parse().unwrap();
    let statement = enrol_statement(REPOSITORY, &id, &public(person));
    let mut changes = vec![PeopleChange::Enrol {
        email: format!("{person}@example.org"),
        identity: "passport seen".to_owned(),
        key: public(person),
        name: printed(person),
        person: id,
        proof: armor(person, ENROL_NAMESPACE, statement.as_bytes()),
    }];
    changes.extend(
        roles
            .iter()
            .map(|r| PeopleChange::Grant { person: person.parse().unwrap(), role: r.parse().unwrap() }),
    );
    changes
}

fn printed(person: &str) -> String {
    format!("{} Ødegård", person.to_uppercase())
}

fn chain() -> Chain {
    let step = |id: &str, after: &[&str], scope: &[&str]| Step {
        after: after.iter().map(|s| s.parse().unwrap()).collect(),
        scope: scope.iter().map(|s| s.parse().unwrap()).collect(),
        carry: Carry::OutOfScope,
        meaning: "I, {name}, as {role}, {decision} revision {revision} of {package}.".to_owned(),
        ..Step::plain(id.parse().unwrap(), id.parse().unwrap(), 1)
    };
    let section = |id: &str| Section {
        id: id.parse().unwrap(),
        title: id.to_owned(),
        criterion: String::new(),
        cites: Vec::new(),
    };
    Chain {
        id: "bank".parse().unwrap(),
        digest: ChainDigest(sha256(CHAIN.as_bytes())),
        title: "Bank".to_owned(),
        policy: String::new(),
        sections: vec![section("data"), section("evaluation")],
        thresholds: Vec::new(),
        steps: vec![step("data", &[], &["data"]), step("risk", &["data"], &["evaluation"])],
        review_by: Some(Period::Months(12)),
        calendar: Calendar::utc(),
        applies_to_inflight: false,
        minor_words: 25,
        overridable: true,
    }
}

impl World {
    /// Ines founds the repository and submits; Adaeze and Ben review, Ivy issues.
    pub fn new() -> World {
        let mut world =
            World { ledger: Ledger::default(), revisions: Vec::new(), sources: BTreeMap::new(), ticks: 0 };
        world.say("ines", Body::People(enrol("ines", &["registrar"])));
        let all = [("adaeze", "data"), ("ben", "risk"), ("ivy", "issuer")];
        let changes = all.iter().flat_map(|(person, role)| enrol(person, &[role])).collect();
        world.say("ines", Body::People(changes));
        world
    }

    /// A package rejected, resubmitted, approved with a condition and certified; something else besides.
    pub fn certified() -> World {
        let mut world = World::approved();
        world.certify();
        world.say(
            "ines",
            Body::People(vec![PeopleChange::End {
                person: "ivy".parse().unwrap(),
                reason: "moved to another desk".to_owned(),
                role: "issuer".parse().unwrap(),
            }]),
        );
        world
    }

    pub fn approved() -> World {
        let mut world = World::new();
        world.freeze("AUC is 0.71.\n");
        world.submit(&[]);
        world.say(
            "ben",
            Body::Comment(Comment {
                about: None,
                anchor: None,
                blocking: false,
                section: "evaluation".parse().unwrap(),
                text: "Which sample? “Hold-out”\tor\nanother \u{e9}?".to_owned(),
            }),
        );
        world.decide("adaeze", "data", |_| {});
        world.decide("ben", "risk", |decide| {
            decide.decision = Decision::Reject;
            decide.findings.push(Finding {
                concern: "The AUC is below 0.75.".to_owned(),
                figure: Some("auc".parse().unwrap()),
                id: "f-1".parse().unwrap(),
                reason: Reason::Threshold,
                required: "Retrain.".to_owned(),
                section: "evaluation".parse().unwrap(),
            });
        });
        world.freeze("AUC is 0.79.\n");
        world.submit(&["f-1"]);
        world.decide("ben", "risk", |decide| {
            decide.conditions.push(Condition {
                step: None,
                verifier_role: None,
                due: Some("2027-05-31".parse().unwrap()),
                id: "drift".parse().unwrap(),
                kind: ConditionKind::PostMerge,
                owner: Some("ines".parse().unwrap()),
                text: "Report drift monthly.".to_owned(),
            });
        });
        world
    }

    pub fn certify(&mut self) {
        let at = self.now();
        let outcome = self.case(at, |case| certificate(case).unwrap());
        self.say("ivy", Body::Certify(Box::new(Certify { outcome })));
    }

    pub fn freeze(&mut self, evaluation: &str) {
        let number = u32::try_from(self.revisions.len()).unwrap() + 1;
        let folder = format!("packages/credit/revisions/{number}");
        let files = [
            ("data.md", "Every source is named.\n"),
            ("evaluation.md", evaluation),
            ("evidence/evaluation/a b.csv", "id,value\nauc,0.79\n"),
            ("package.toml", "title = \"Credit\"\nregistry = \"models:/pd/11\"\n"),
        ];
        let entry = |(path, text): &(&str, &str)| ManifestEntry {
            path: path.parse().unwrap(),
            digest: FileDigest(sha256(text.as_bytes())),
            size: text.len() as u64,
        };
        let manifest = Manifest { files: files.iter().map(entry).collect() };
        for (path, text) in files {
            self.sources.insert(format!("{folder}/{path}").parse().unwrap(), text.as_bytes().to_vec());
        }
        self.sources.insert(format!("{folder}/chain.toml").parse().unwrap(), CHAIN.as_bytes().to_vec());
        let meta = Meta {
            title: "Credit".to_owned(),
            chain: "bank".parse().unwrap(),
            owner: "ines".parse().unwrap(),
            authors: vec!["ines".parse().unwrap()],
            model: Model { name: "pd".to_owned(), version: "2.1.0".to_owned() },
            registry: Some("models:/pd/11".to_owned()),
            artifact: Some(format!("sha256:{}", "ab".repeat(32))),
            use_: String::new(),
            not_for: String::new(),
            environments: Vec::new(),
            meta: BTreeMap::new(),
            exceptions: Vec::new(),
        };
        let (sections, figures) = (BTreeMap::new(), BTreeMap::new());
        let package = Package { id: "credit".parse().unwrap(), meta, manifest, sections, figures };
        self.revisions.push(Revision { number, package: Arc::new(package), chain: Arc::new(chain()) });
    }

    fn submit(&mut self, findings: &[&str]) {
        let answer = |finding: &&str| Answer {
            finding: finding.parse().unwrap(),
            how: "Retrained.".to_owned(),
            sections: vec!["evaluation".parse().unwrap()],
        };
        let later = self.revisions.len() > 1;
        let note = Note { section: "evaluation".parse().unwrap(), text: "New training.".to_owned() };
        let submit = Submit {
            class: None,
            answers: findings.iter().map(answer).collect(),
            authors: vec!["ines".parse().unwrap()],
            contributors: Vec::new(),
            diff: later.then_some(countersign::digest::DiffDigest([3; 32])),
            exceptions: Vec::new(),
            manifest: self.revisions.last().unwrap().package.manifest.text(),
            notes: if later { vec![note] } else { Vec::new() },
        };
        self.say("ines", Body::Submit(submit));
    }

    fn decide(&mut self, person: &str, step: &str, change: impl Fn(&mut Decide)) {
        let mut decide = Decide {
            severity: None,
            conditions: Vec::new(),
            decision: Decision::Approve,
            findings: Vec::new(),
            question: None,
        };
        change(&mut decide);
        let decision = decide.decision;
        let mut record = self.record(person, Body::Decide(decide));
        let step_id = step.parse().unwrap();
        let at = self.now();
        record.scope = self.case(at, |case| scope_for(case, &step_id));
        record.upstream = self.case(at, |case| upstream_for(case, &step_id));
        let revision = self.revisions.last().unwrap();
        let step = revision.chain.step(&step_id).unwrap();
        record.meaning =
            meaning(step, step.role(), &printed(person), record.subject.as_ref().unwrap(), decision);
        record.role = Some(step.role().clone());
        record.step = Some(step_id);
        self.sign(person, record);
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(1_795_000_000 + 60 * (self.ticks + 1)).unwrap()
    }

    fn record(&mut self, person: &str, body: Body) -> Record {
        let people = matches!(body, Body::People(_));
        let subject = self.revisions.last().filter(|_| !people).map(|revision| Subject {
            package: revision.package.id.clone(),
            revision: revision.number,
            digest: revision.package.digest(),
            model: revision.package.meta.model.clone(),
            chain: PinnedChain { id: revision.chain.id.clone(), sha256: revision.chain.digest },
        });
        let before = self.ledger.lines().iter().rev();
        let mut before = before.filter(|line| line.signed.record.contains("\"kind\":\"people\"") == people);
        Record {
            repository: REPOSITORY,
            change: None,
            subject,
            step: None,
            role: None,
            scope: Vec::new(),
            upstream: None,
            signer: Signer {
                acting_for: None,
                key: public(person).fingerprint(),
                name: printed(person),
                person: person.parse().unwrap(),
            },
            meaning: String::new(),
            parents: before.next().map(|line| line.id).into_iter().collect(),
            seen: Seen { root: self.ledger.root(), size: self.ledger.size() },
            signed_at: self.now(),
            nonce: Nonce([u8::try_from(self.ticks).unwrap(); 16]),
            ceremony: Ceremony { shown: ShownDigest([0; 32]), unlock: Unlock::Passphrase },
            assistance: "none".to_owned(),
            body,
        }
    }

    pub fn say(&mut self, person: &str, body: Body) {
        let record = self.record(person, body);
        self.sign(person, record);
    }

    fn sign(&mut self, person: &str, record: Record) {
        let record = print(&wording::complete(record));
        let signed = Signed { sig: armor(person, NAMESPACE, record.as_bytes()), record, tst: None };
        self.ledger = ledger::append(&self.ledger, vec![Pending::new(signed).unwrap()]).unwrap();
        self.ticks += 1;
    }

    fn verdict(&self) -> ledger::Verdict {
        let mut input = VerifyInput {
            repository: REPOSITORY,
            root_of_trust: self.ledger.lines()[0].id,
            ledger_text: self.ledger.print().into_bytes(),
            pending: Vec::new(),
            people_toml: Vec::new(),
            skew_seconds: 300,
        };
        input.people_toml = ledger::people::print(&ledger::verify(&input).people).into_bytes();
        ledger::verify(&input)
    }

    fn case<T>(&self, as_of: Timestamp, judge: impl Fn(&Case) -> T) -> T {
        let verdict = self.verdict();
        let entries: Vec<&Entry> =
            verdict.entries.iter().filter(|e| e.record().package().is_some()).collect();
        judge(&Case {
            package: "credit".parse().unwrap(),
            repository: REPOSITORY,
            revisions: &self.revisions,
            entries: &entries,
            people: verdict.people.clone(),
            as_of,
            texts: &NoTexts,
            rules: None,
            superseded_by: None,
        })
    }

    /// The register, and the files it was read from.
    pub fn register(&mut self) -> Register {
        let verdict = self.verdict();
        assert_eq!(verdict.breaks, []);
        let people = ledger::people::print(&verdict.people).into_bytes();
        self.sources.insert(ledger::PEOPLE.parse().unwrap(), people);
        self.sources.insert(ledger::LEDGER.parse().unwrap(), self.ledger.print().into_bytes());
        let id: PackageId = "credit".parse().unwrap();
        let as_of = self.now();
        let about = verdict.entries.iter().enumerate().filter(|(_, e)| e.record().package() == Some(&id));
        let dossier = Dossier {
            id: id.clone(),
            package: self.revisions.last().map(|r| r.package.clone()),
            diagnostics: Diagnostics::new(),
            chain: Some(Arc::new(chain())),
            revisions: self.revisions.clone(),
            working: Working::Current,
            entries: about.map(|(index, _)| index).collect(),
            told: Told::default(),
            outcome: self.case(as_of, evaluate),
        };
        Register {
            diagnostics: Diagnostics::new(),
            lint: Diagnostics::new(),
            name: "Bank".to_owned(),
            repository: REPOSITORY,
            root_of_trust: self.ledger.lines()[0].id,
            as_of,
            packages: BTreeMap::from([(id, dossier)]),
            chains: BTreeMap::new(),
            people: verdict.people,
            ledger: LedgerState {
                entries: verdict.entries,
                size: verdict.size,
                root: verdict.root,
                roots: verdict.roots,
                breaks: verdict.breaks,
            },
        }
    }
}
