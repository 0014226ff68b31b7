//! Fixed people with fixed keys who sign records: the same bytes in every run.

use countersign::digest::{
    ChainDigest, Nonce, PackageDigest, RecordId, RepositoryId, SectionDigest, ShownDigest, UpstreamDigest,
    sha256,
};
use countersign::id::Model;
use countersign::ledger::{self, Ledger, Pending, Verdict, VerifyInput};
use countersign::record::{
    Answer, Body, Ceremony, Comment, Condition, ConditionKind, Decide, Decision, ENROL_NAMESPACE, Kind,
    NAMESPACE, Note, PeopleChange, PinnedChain, PublicKey, Record, ScopeEntry, Seen, Signed, Signer, Subject,
    Submit, Unlock, enrol_statement, print, sshsig, wording,
};
use countersign::time::Timestamp;
use ed25519_dalek::{Signer as _, SigningKey};

pub const SKEW: u32 = 300;
pub const MANIFEST: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  package.toml\n";

pub fn repository() -> RepositoryId {
    RepositoryId([7; 16])
}

/// A person with a key made of one byte.
#[derive(Clone)]
pub struct Hand {
    pub person: &'static str,
    pub name: &'static str,
    pub secret: SigningKey,
}

pub fn ines() -> Hand {
    Hand { person: "ines-moreau", name: "Ines Moreau", secret: SigningKey::from_bytes(&[1; 32]) }
}
pub fn adaeze() -> Hand {
    Hand { person: "adaeze-okafor", name: "Adaeze Okafor", secret: SigningKey::from_bytes(&[2; 32]) }
}
pub fn tomas() -> Hand {
    Hand { person: "tomas-lind", name: "Tomás Lind", secret: SigningKey::from_bytes(&[3; 32]) }
}

impl Hand {
    pub fn with_key(&self, seed: u8) -> Hand {
        Hand { secret: SigningKey::from_bytes(&[seed; 32]), ..self.clone() }
    }
    pub fn public(&self) -> PublicKey {
        PublicKey::from_ed25519(self.secret.verifying_key().as_bytes()).unwrap()
    }
    pub fn signer(&self) -> Signer {
        Signer {
            acting_for: None,
            key: self.public().fingerprint(),
            name: self.name.to_owned(),
            person: self.person.parse().unwrap(),
        }
    }
    pub fn armor(&self, namespace: &str, message: &[u8]) -> String {
        let raw = self.secret.sign(&sshsig::signed_data(namespace, message)).to_bytes();
        sshsig::seal(&self.public(), namespace, message, &sshsig::inner(&raw)).unwrap()
    }
    pub fn secret_signature(&self, message: &[u8]) -> [u8; 64] {
        self.secret.sign(message).to_bytes()
    }
    pub fn sign_text(&self, record: String) -> Signed {
        Signed { sig: self.armor(NAMESPACE, record.as_bytes()), record, tst: None }
    }
    /// Completes the record and signs it.
    pub fn sign(&self, record: Record) -> Signed {
        self.sign_text(print(&wording::complete(record)))
    }
    pub fn proof(&self) -> String {
        let person = self.person.parse().unwrap();
        self.armor(ENROL_NAMESPACE, enrol_statement(repository(), &person, &self.public()).as_bytes())
    }
    pub fn enrol(&self) -> PeopleChange {
        PeopleChange::Enrol {
            email: format!("{}@example.org", self.person),
            identity: "passport seen by the registrar on 2026-11-02".to_owned(),
            key: self.public(),
            name: self.name.to_owned(),
            person: self.person.parse().unwrap(),
            proof: self.proof(),
        }
    }
    pub fn grant(&self, role: &str) -> PeopleChange {
        PeopleChange::Grant { person: self.person.parse().unwrap(), role: role.parse().unwrap() }
    }
}

/// A repository in memory: a ledger, what is pending, and a clock that ticks.
#[derive(Clone, Default)]
pub struct Desk {
    pub ledger: Ledger,
    pub pending: Vec<Pending>,
    pub ticks: u8,
}

impl Desk {
    /// Ines founds the repository; Adaeze and Tomas are enrolled.
    pub fn founded() -> Desk {
        let mut desk = Desk::default();
        let (ines, adaeze, tomas) = (ines(), adaeze(), tomas());
        desk.people(&ines, vec![ines.enrol(), ines.grant("registrar"), ines.grant("author")]);
        desk.append();
        desk.people(&ines, vec![adaeze.enrol(), adaeze.grant("model-risk"), tomas.enrol()]);
        desk.append();
        desk
    }

    pub fn record(&mut self, hand: &Hand, body: Body) -> Record {
        self.ticks += 1;
        let subject = Subject {
            package: "credit".parse().unwrap(),
            revision: 1,
            digest: PackageDigest(sha256(MANIFEST.as_bytes())),
            model: Model { name: "consumer-credit-pd".to_owned(), version: "2.1.0".to_owned() },
            chain: PinnedChain { id: "bank-credit".parse().unwrap(), sha256: ChainDigest([9; 32]) },
        };
        let kind = body.kind();
        let people = !kind.about_package();
        let seat = matches!(kind, Kind::Decide | Kind::Confirm);
        let step = seat || matches!(kind, Kind::Object | Kind::ResolveRejection);
        let role = step || matches!(kind, Kind::Verify | Kind::Waive);
        let scope = ScopeEntry { section: "evaluation".parse().unwrap(), sha256: SectionDigest([5; 32]) };
        Record {
            repository: repository(),
            change: None,
            subject: (!people).then_some(subject),
            step: step.then(|| "model-risk".parse().unwrap()),
            role: role.then(|| "model-risk".parse().unwrap()),
            scope: if seat { vec![scope] } else { Vec::new() },
            upstream: seat.then_some(UpstreamDigest([6; 32])),
            signer: hand.signer(),
            meaning: format!("I, {}, as model-risk, have reviewed revision 1 of credit.", hand.name),
            parents: self.heads(people),
            seen: Seen { root: self.ledger.root(), size: self.ledger.size() },
            signed_at: Timestamp::from_seconds(1_795_000_000 + 60 * i64::from(self.ticks)).unwrap(),
            nonce: Nonce([self.ticks; 16]),
            ceremony: Ceremony { shown: ShownDigest([0; 32]), unlock: Unlock::Passphrase },
            assistance: "none".to_owned(),
            body,
        }
    }

    /// The latest records on the package, or on the people: here simply the last one of either sort.
    fn heads(&self, people: bool) -> Vec<RecordId> {
        let ledger = self.ledger.lines().iter().map(|l| Pending::new(l.signed.clone()).unwrap());
        let mut all = ledger.chain(self.pending.iter().cloned());
        all.rfind(|p| p.record.subject.is_none() == people).map(|p| p.id).into_iter().collect()
    }

    pub fn put(&mut self, signed: Signed) -> RecordId {
        let pending = Pending::new(signed).unwrap();
        let id = pending.id;
        self.pending.push(pending);
        id
    }
    pub fn say(&mut self, hand: &Hand, body: Body) -> RecordId {
        let record = self.record(hand, body);
        self.put(hand.sign(record))
    }
    pub fn people(&mut self, hand: &Hand, changes: Vec<PeopleChange>) -> RecordId {
        self.say(hand, Body::People(changes))
    }
    pub fn append(&mut self) {
        self.ledger = ledger::append(&self.ledger, std::mem::take(&mut self.pending)).unwrap();
    }

    pub fn input(&self) -> VerifyInput {
        let mut input = VerifyInput {
            repository: repository(),
            root_of_trust: self.ledger.lines()[0].id,
            ledger_text: self.ledger.print().into_bytes(),
            pending: self
                .pending
                .iter()
                .map(|p| {
                    let path = format!("{}/{}", ledger::PENDING_FOLDER, p.file_name());
                    (path.parse().unwrap(), p.print().into_bytes())
                })
                .collect(),
            people_toml: Vec::new(),
            skew_seconds: SKEW,
        };
        input.people_toml = ledger::people::print(&ledger::verify(&input).people).into_bytes();
        input
    }
    pub fn verdict(&self) -> Verdict {
        ledger::verify(&self.input())
    }
    /// The codes of everything that does not hold.
    pub fn codes(&self) -> Vec<&'static str> {
        codes(&self.verdict())
    }
}

pub fn codes(verdict: &Verdict) -> Vec<&'static str> {
    verdict.breaks.iter().map(|b| b.code).collect()
}

pub fn submit() -> Body {
    Body::Submit(Submit {
        class: None,
        answers: Vec::<Answer>::new(),
        authors: vec!["ines-moreau".parse().unwrap()],
        contributors: Vec::new(),
        diff: None,
        exceptions: vec!["EX-1".to_owned()],
        manifest: MANIFEST.to_owned(),
        notes: Vec::<Note>::new(),
    })
}

pub fn approve() -> Body {
    Body::Decide(Decide {
        severity: None,
        conditions: vec![Condition {
            step: None,
            verifier_role: None,
            due: Some("2027-01-31".parse().unwrap()),
            id: "monitoring".parse().unwrap(),
            kind: ConditionKind::PostMerge,
            owner: Some("ines-moreau".parse().unwrap()),
            text: "Report drift monthly.\nTo the model risk desk.".to_owned(),
        }],
        decision: Decision::Approve,
        findings: Vec::new(),
        question: None,
    })
}

pub fn comment(text: &str) -> Body {
    Body::Comment(Comment {
        about: None,
        anchor: None,
        blocking: false,
        section: "evaluation".parse().unwrap(),
        text: text.to_owned(),
    })
}
