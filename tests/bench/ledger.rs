//! A ledger of any length for `run.py`: founds a workspace, submits its first package, lets eight people
//! comment on it, and measures `ledger::verify` against the bare signature check of the same messages.
//!
//! `bench_ledger DIR RECORDS`: `DIR` holds chains/bench.toml and packages/; prints one JSON object.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a benchmark reads the clock and the disk, and a panic is how it fails"
)]

use countersign::diag::Diagnostics;
use countersign::digest::{
    ChainDigest, Frontier, LineHash, Nonce, RecordId, RepositoryId, ShownDigest, sha256,
};
use countersign::ledger::{self, Line, VerifyInput};
use countersign::package::{self, Package};
use countersign::record::{
    Body, Ceremony, Comment, ENROL_NAMESPACE, NAMESPACE, PeopleChange, PinnedChain, PublicKey, Record, Seen,
    Signed, Signer, Subject, Submit, Unlock, enrol_statement, print, sshsig, wording,
};
use countersign::store::{DiskSources, new_config, scan_package};
use countersign::text::SourceFile;
use countersign::time::Timestamp;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use rayon::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

const REPOSITORY: RepositoryId = RepositoryId([7; 16]);
const FOUNDED: i64 = 1_793_520_000;
const SAMPLE: usize = 200;

struct Hand {
    person: String,
    name: String,
    secret: SigningKey,
}

fn hand(n: u8) -> Hand {
    Hand {
        person: format!("person-{n}"),
        name: format!("Person {n}"),
        secret: SigningKey::from_bytes(&[n + 1; 32]),
    }
}

impl Hand {
    fn public(&self) -> PublicKey {
        PublicKey::from_ed25519(self.secret.verifying_key().as_bytes()).unwrap()
    }

    fn armor(&self, namespace: &str, message: &[u8]) -> String {
        let raw = self.secret.sign(&sshsig::signed_data(namespace, message)).to_bytes();
        sshsig::seal(&self.public(), namespace, message, &sshsig::inner(&raw)).unwrap()
    }

    fn enrol(&self) -> PeopleChange {
        let person = self.person.parse().unwrap();
        PeopleChange::Enrol {
            email: format!("{}@example.test", self.person),
            identity: "badge checked on the bench".to_owned(),
            key: self.public(),
            name: self.name.clone(),
            proof: self
                .armor(ENROL_NAMESPACE, enrol_statement(REPOSITORY, &person, &self.public()).as_bytes()),
            person,
        }
    }
}

/// The ledger so far, line by line; each signer has seen all of it.
struct Growing {
    text: Vec<u8>,
    frontier: Frontier,
    prev: LineHash,
    first: Option<RecordId>,
    latest: Vec<RecordId>,
    /// Key, message and signature of each record, for the bare check.
    bare: Vec<(VerifyingKey, Vec<u8>, Signature)>,
    sample: Vec<(String, Signed)>,
}

impl Growing {
    fn new() -> Growing {
        let (frontier, prev) = (Frontier::default(), LineHash::ZERO);
        let (text, latest, bare, sample) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Growing { text, frontier, prev, first: None, latest, bare, sample }
    }

    fn say(&mut self, hand: &Hand, subject: Option<&Subject>, body: Body) {
        let seq = self.frontier.size();
        let record = wording::complete(Record {
            repository: REPOSITORY,
            change: None,
            subject: subject.cloned(),
            step: None,
            role: None,
            scope: Vec::new(),
            upstream: None,
            signer: Signer {
                acting_for: None,
                key: hand.public().fingerprint(),
                name: hand.name.clone(),
                person: hand.person.parse().unwrap(),
            },
            meaning: String::new(),
            parents: if subject.is_some() { self.latest.clone() } else { Vec::new() },
            seen: Seen { root: self.frontier.root(), size: seq },
            signed_at: Timestamp::from_seconds(FOUNDED + 60 * i64::try_from(seq).unwrap()).unwrap(),
            nonce: Nonce(u128::from(seq).to_be_bytes()),
            ceremony: Ceremony { shown: ShownDigest([0; 32]), unlock: Unlock::Passphrase },
            assistance: "none".to_owned(),
            body,
        });
        let text = print(&record);
        let message = sshsig::signed_data(NAMESPACE, text.as_bytes());
        self.bare.push((hand.secret.verifying_key(), message.clone(), hand.secret.sign(&message)));
        let signed = Signed { sig: hand.armor(NAMESPACE, text.as_bytes()), record: text, tst: None };
        if self.sample.len() < SAMPLE {
            self.sample.push((hand.person.clone(), signed.clone()));
        }
        let line = Line::new(seq, self.prev, signed);
        self.text.extend_from_slice(line.print().as_bytes());
        self.text.push(b'\n');
        self.frontier.push(line.leaf());
        self.prev = line.hash();
        self.first.get_or_insert(line.id);
        if subject.is_some() {
            self.latest = vec![line.id];
        }
    }
}

fn first_package(root: &Path) -> (Package, Vec<(String, PathBuf)>) {
    let mut names: Vec<String> = fs::read_dir(root.join("packages"))
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let id = names[0].parse().unwrap();
    let folder = scan_package(root, &id).unwrap();
    let sources = DiskSources::new(root.to_owned());
    let mut found = Diagnostics::new();
    let package = package::parse(id, &folder.files, &folder.base, &sources, &mut found).unwrap();
    let base = root.join(folder.base.as_str());
    let files = package.manifest.files.iter().map(|f| (f.path.to_string(), base.join(f.path.as_str())));
    let files = files.collect();
    (package, files)
}

/// Freezes the first package as revision 1 and submits it.
fn submit(root: &Path, ledger: &mut Growing, author: &Hand) -> Subject {
    let (package, files) = first_package(root);
    let chain = fs::read(root.join("chains/bench.toml")).unwrap();
    let frozen = root.join(format!("packages/{}/revisions/1", package.id));
    for (name, from) in files {
        let to = frozen.join(name);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from, to).unwrap();
    }
    let manifest = package.manifest.text();
    fs::write(frozen.join("MANIFEST"), &manifest).unwrap();
    fs::write(frozen.join("chain.toml"), &chain).unwrap();
    let pinned = PinnedChain { id: package.meta.chain.clone(), sha256: ChainDigest(sha256(&chain)) };
    let subject = Subject {
        digest: package.digest(),
        package: package.id,
        revision: 1,
        model: package.meta.model.clone(),
        chain: pinned,
    };
    let body = Submit {
        class: None,
        answers: Vec::new(),
        authors: package.meta.authors,
        contributors: Vec::new(),
        diff: None,
        exceptions: Vec::new(),
        manifest,
        notes: Vec::new(),
    };
    ledger.say(author, Some(&subject), Body::Submit(body));
    subject
}

/// The best of three, in seconds.
fn best(mut work: impl FnMut()) -> f64 {
    let runs = (0..3).map(|_| {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64()
    });
    runs.fold(f64::INFINITY, f64::min)
}

fn main() {
    let mut args = std::env::args().skip(1);
    let root = PathBuf::from(args.next().unwrap());
    let records: usize = args.next().unwrap().parse().unwrap();
    let hands: Vec<Hand> = (0..8).map(hand).collect();

    let mut ledger = Growing::new();
    let registrar =
        PeopleChange::Grant { person: hands[0].person.parse().unwrap(), role: "registrar".parse().unwrap() };
    let mut founding = vec![hands[0].enrol(), registrar];
    founding.extend(hands[1..].iter().map(Hand::enrol));
    ledger.say(&hands[0], None, Body::People(founding));
    if records > 0 {
        let subject = submit(&root, &mut ledger, &hands[0]);
        for n in 2..records {
            let comment = Comment {
                about: None,
                anchor: None,
                blocking: false,
                section: "summary".parse().unwrap(),
                text: format!("Remark {n}: the hold-out of table {} should name its sampling frame.", n % 9),
            };
            ledger.say(&hands[n % hands.len()], Some(&subject), Body::Comment(comment));
        }
    }
    let root_of_trust = ledger.first.unwrap();
    let mut input = VerifyInput {
        repository: REPOSITORY,
        root_of_trust,
        ledger_text: std::mem::take(&mut ledger.text),
        pending: Vec::new(),
        people_toml: Vec::new(),
        skew_seconds: 300,
    };
    let people = ledger::verify(&input).people;
    input.people_toml = ledger::people::print(&people).into_bytes();
    let verdict = ledger::verify(&input);
    assert!(verdict.breaks.is_empty() && verdict.entries.len() == ledger.bare.len(), "{:?}", verdict.breaks);
    drop(verdict);

    let config = new_config("Bench", REPOSITORY, root_of_trust);
    let config = SourceFile::new("countersign.toml".parse().unwrap(), config);
    fs::write(root.join("countersign.toml"), config.text()).unwrap();
    fs::write(root.join(ledger::LEDGER), &input.ledger_text).unwrap();
    fs::write(root.join(ledger::PEOPLE), &input.people_toml).unwrap();
    let sample = root.join("sample");
    fs::create_dir_all(&sample).unwrap();
    fs::write(sample.join("allowed_signers"), ledger::people::allowed_signers(&people)).unwrap();
    for (n, (person, signed)) in ledger.sample.iter().enumerate() {
        fs::write(sample.join(format!("{n:03}.{person}.json")), &signed.record).unwrap();
        fs::write(sample.join(format!("{n:03}.{person}.sig")), &signed.sig).unwrap();
    }

    let ok = |(key, message, signature): &(VerifyingKey, Vec<u8>, Signature)| {
        key.verify_strict(message, signature).unwrap();
    };
    let verify = best(|| assert!(ledger::verify(&input).breaks.is_empty()));
    let many = best(|| ledger.bare.par_iter().for_each(ok));
    let one = best(|| ledger.bare.iter().for_each(ok));
    println!(
        "{{\"records\":{},\"bytes\":{},\"threads\":{},\"verify\":{verify:.4},\"bare\":{many:.4},\"bare_one\":{one:.4}}}",
        ledger.bare.len(),
        input.ledger_text.len(),
        rayon::current_num_threads(),
    );
}
