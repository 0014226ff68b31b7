//! A small bank with every state a package can be in, built by hand.

use crate::chain::{Carry, Chain, OnMiss, Section, Step, Threshold};
use crate::diag::Diagnostics;
use crate::digest::{FileDigest, LedgerRoot, LineHash, RepositoryId, sha256};
use crate::dossier::{Dossier, LedgerState, Register, Told, Working};
use crate::engine::*;
use crate::id::*;
use crate::package::*;
use crate::record::{
    Body, Ceremony, Entry, Fingerprint, Key, KeyState, People, Person, PinnedChain, PublicKey, Record, Seen,
    Signed, Signer, Subject, Unlock, Verified,
};
use crate::text::RepoPath;
use crate::time::Timestamp;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::str::FromStr;
use std::sync::Arc;

/// Parses what a test writes down.
pub fn p<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

/// The register under construction.
pub struct World {
    pub register: Register,
    pub sources: BTreeMap<RepoPath, Vec<u8>>,
    pub people: Arc<People>,
    pub chain: Arc<Chain>,
}

pub const PEOPLE: [(&str, &str, &str); 8] = [
    ("ines-moreau", "Ines Moreau", ""),
    ("t.lindqvist", "Tomasz Lindqvist", "data-governance"),
    ("a.okafor", "Adaeze Okafor", "model-risk"),
    ("p.raman", "Priya Raman", "fair-lending"),
    ("j.adeyemi", "Joanna Adeyemi", "ai-committee"),
    ("m.castellanos", "Miguel Castellanos", "ai-committee"),
    ("s.whitfield", "Sarah Whitfield", "ai-committee"),
    ("r.haddad", "Rania Haddad", "registrar"),
];

pub fn chain() -> Chain {
    let section = |id: &str, title: &str, criterion: &str, cites: &[&str]| Section {
        id: p(id),
        title: title.into(),
        criterion: criterion.into(),
        cites: cites.iter().map(ToString::to_string).collect(),
    };
    let threshold = |s: &str, figure: &str, label: &str, low: Option<&str>, high: Option<&str>| Threshold {
        section: p(s),
        figure: p(figure),
        label: label.into(),
        at_least: low.map(p),
        at_most: high.map(p),
        unit: String::new(),
        cites: "MRM-4.2, table 3".into(),
        on_miss: OnMiss::Exception,
    };
    let all = ["training-data", "evaluation", "limitations", "deployment", "disparate-impact", "regulatory"];
    let step = |id: &str, title: &str, n: u32, after: &[&str], scope: &[&str], carry| Step {
        title: title.into(),
        after: after.iter().map(|s| p(s)).collect(),
        scope: scope.iter().map(|s| p(s)).collect(),
        carry,
        meaning: "I, {name}, as {role}, have reviewed revision {revision} of {package} and I {decision} it."
            .into(),
        ..Step::plain(p(id), p(id), n)
    };
    Chain {
        calendar: crate::time::Calendar::utc(),
        applies_to_inflight: false,
        minor_words: 25,
        overridable: true,
        id: p("bank-credit"),
        digest: p(&"7c".repeat(32)),
        title: "Credit decisioning, standard".into(),
        policy: "Model Risk Policy MRM-4.2".into(),
        sections: vec![
            section(
                "training-data",
                "Training data provenance",
                "Every data source used to train the model has a named owner, an authorization that was in force on the extraction date, and a stated lawful basis.",
                &["Data Governance Standard DG-07, section 2.3"],
            ),
            section(
                "evaluation",
                "Evaluation results against policy benchmarks",
                "On the out-of-time sample the model meets every threshold in table 3 of the policy, or the exception is requested with a compensating control.",
                &["Model Risk Policy MRM-4.2, table 3", "section 5.1 (exceptions)"],
            ),
            section(
                "limitations",
                "Known limitations",
                "Each limitation is stated with its effect on decisions and the control that contains it.",
                &["Model Risk Policy MRM-4.2, section 3.4"],
            ),
            section(
                "deployment",
                "Deployment scope",
                "Where the model may be used, where it may not, and what happens when it is unavailable.",
                &["Model Risk Policy MRM-4.2, section 3.6"],
            ),
            section(
                "disparate-impact",
                "Disparate impact analysis",
                "The approval rate of each protected group is at least 80% of the reference group’s, or the business necessity is documented.",
                &["Fair Lending Policy FL-2, section 4"],
            ),
            section(
                "regulatory",
                "Regulatory cross-references",
                "Each requirement that applies to this model, and the section of this package that answers it.",
                &["Compliance Standard CS-1, annex B"],
            ),
        ],
        thresholds: vec![
            threshold("evaluation", "auc", "Discrimination (AUC)", Some("0.750"), None),
            threshold("evaluation", "brier", "Accuracy of probabilities (Brier score)", None, Some("0.080")),
            threshold("evaluation", "psi", "Population stability index", None, Some("0.100")),
            threshold("evaluation", "calibration-error", "Calibration error", None, Some("0.030")),
            threshold(
                "evaluation",
                "score-shift",
                "Mean score shift since last version",
                Some("-5"),
                Some("5"),
            ),
            threshold("disparate-impact", "air", "Adverse impact ratio", Some("0.80"), None),
        ],
        steps: vec![
            step("data-governance", "Data governance", 1, &[], &["training-data"], Carry::OutOfScope),
            step("model-risk", "Model risk management", 1, &["data-governance"], &all[..4], Carry::Never),
            step(
                "fair-lending",
                "Fair lending",
                1,
                &["data-governance"],
                &["disparate-impact"],
                Carry::OutOfScope,
            ),
            step(
                "ai-committee",
                "AI governance committee",
                2,
                &["model-risk", "fair-lending"],
                &all,
                Carry::Never,
            ),
        ],
        review_by: Some(p("12 months")),
    }
}

impl World {
    pub fn new() -> World {
        let key = |n: usize| {
            Fingerprint(
                format!("SHA256:{}", &"dEsgPORjXRgFw5JCGErYq8k1v0Zp2mNbTtL4uHxWc3a"[..43])
                    .replace('g', &n.to_string()),
            )
        };
        let persons = PEOPLE.iter().enumerate().map(|(n, (id, name, role))| {
            let keys = vec![Key {
                fingerprint: key(n),
                public: PublicKey(format!("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFixture{n}")),
                from: n as u64,
                state: KeyState::Valid,
            }];
            let roles = role.split_whitespace().map(p).collect();
            let person = Person {
                id: p(id),
                name: (*name).into(),
                email: format!("{id}@bank.example"),
                identity: "Passport and staff card, seen by Rania Haddad on 4 May 2026".into(),
                roles,
                keys,
                absences: BTreeMap::new(),
            };
            (p(id), person)
        });
        let people = Arc::new(People { persons: persons.collect(), delegations: vec![] });
        let chain = Arc::new(chain());
        World {
            register: Register {
                name: "Northfield Bank model register".into(),
                repository: RepositoryId([7; 16]),
                root_of_trust: p(&"1a".repeat(32)),
                as_of: p("2026-11-22T12:00:00Z"),
                packages: BTreeMap::new(),
                chains: BTreeMap::from([(chain.id.clone(), Arc::clone(&chain))]),
                people: Arc::clone(&people),
                ledger: LedgerState {
                    entries: Vec::new(),
                    size: 0,
                    root: p(&"0f".repeat(32)),
                    roots: BTreeMap::new(),
                    breaks: Vec::new(),
                },
                diagnostics: Diagnostics::new(),
                lint: Diagnostics::new(),
            },
            sources: BTreeMap::new(),
            people,
            chain,
        }
    }

    /// Puts a folder of files into the sources and reads off its facts.
    pub fn package(
        &mut self,
        id: &str,
        folder: &str,
        meta: Meta,
        files: &BTreeMap<String, Vec<u8>>,
        figures: BTreeMap<SectionId, Vec<Figure>>,
    ) -> Arc<Package> {
        let mut entries = vec![];
        for (path, bytes) in files {
            entries.push(ManifestEntry {
                path: p(path),
                digest: FileDigest(sha256(bytes)),
                size: bytes.len() as u64,
            });
            self.sources.insert(p(&format!("{folder}/{path}")), bytes.clone());
            self.sources.insert(p(&format!("packages/{id}/{path}")), bytes.clone());
        }
        let sections = files.iter().filter_map(|(path, bytes)| {
            let name = path.strip_suffix(".md").filter(|n| !n.contains('/'))?;
            let text = String::from_utf8_lossy(bytes);
            let links =
                text.split("](").skip(1).filter_map(|rest| rest.split(')').next()).map(|target| Link {
                    target: target.to_owned(),
                    image: text.contains(&format!("![Default rate by score band]({target})")),
                    line: 1,
                    column: 1,
                });
            let headings = text.lines().filter_map(|l| l.strip_prefix("## ")).map(|h| Heading {
                level: 2,
                text: h.into(),
                anchor: h.to_lowercase().replace(' ', "-"),
            });
            Some((
                p(name),
                SectionFacts {
                    title: None,
                    path: p(path),
                    headings: headings.collect(),
                    links: links.collect(),
                    words: 99,
                },
            ))
        });
        let sections = sections.collect();
        Arc::new(Package { id: p(id), meta, manifest: Manifest { files: entries }, sections, figures })
    }

    /// Appends a record and returns its id.
    #[allow(clippy::too_many_arguments)]
    pub fn record(
        &mut self,
        subject: Option<(&Package, u32)>,
        person: &str,
        at: &str,
        step: Option<&str>,
        meaning: &str,
        body: Body,
    ) -> crate::digest::RecordId {
        let seq = self.register.ledger.entries.len() as u64;
        let who = self.people.person(&p(person)).unwrap().clone();
        let kind = format!("{:?}", body.kind()).to_lowercase();
        let record = Record {
            repository: self.register.repository,
            change: None,
            subject: subject.map(|(package, revision)| Subject {
                package: package.id.clone(),
                revision,
                digest: package.digest(),
                model: package.meta.model.clone(),
                chain: PinnedChain { id: self.chain.id.clone(), sha256: self.chain.digest },
            }),
            step: step.map(p),
            role: step.map(p),
            scope: Vec::new(),
            upstream: None,
            signer: Signer {
                acting_for: None,
                key: who.keys[0].fingerprint.clone(),
                name: who.name.clone(),
                person: who.id.clone(),
            },
            meaning: meaning.into(),
            parents: Vec::new(),
            seen: Seen { root: p(&"0f".repeat(32)), size: seq },
            signed_at: p(at),
            nonce: p(&format!("{seq:032x}")),
            ceremony: Ceremony { shown: p(&"5e".repeat(32)), unlock: Unlock::Passphrase },
            assistance: "none".into(),
            body,
        };
        let text = format!(
            "{{\"countersign\":\"record/v1\",\"kind\":\"{kind}\",\"meaning\":{:?},\"nonce\":\"{seq:032x}\",\"signed_at\":\"{at}\",\"signer\":{{\"key\":\"{}\",\"name\":\"{}\",\"person\":\"{person}\"}}}}",
            record.meaning, record.signer.key, record.signer.name
        );
        let signed = Signed { record: text, sig: "-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgJKxoLBJBivUPNTUJUSslQTt2hD\njozKvHarKeN8uYFqgAAAASY291bnRlcnNpZ24tcmVjb3JkAAAAAAAAAAZzaGE1MTIAAABT\n-----END SSH SIGNATURE-----\n".into(), tst: None };
        let prev = self.register.ledger.entries.last().map_or(LineHash::ZERO, |e: &Entry| e.hash);
        let verified = Verified::unproven(record, signed);
        let id = verified.id();
        let entry = Entry {
            seq,
            hash: LineHash(sha256(id.to_string().as_bytes())),
            prev,
            pending: false,
            verified,
            people: Arc::clone(&self.people),
            key_valid: true,
        };
        self.register.ledger.entries.push(entry);
        self.register.ledger.size = seq + 1;
        self.register.ledger.roots.insert(seq + 1, LedgerRoot(sha256(&seq.to_be_bytes())));
        id
    }

    /// Adds a dossier with nothing in it but its package.
    pub fn dossier(
        &mut self,
        id: &str,
        package: Option<Arc<Package>>,
        revisions: Vec<Revision>,
    ) -> &mut Dossier {
        let n = u32::try_from(revisions.len()).unwrap();
        let why = Why {
            rule: "The package passes its chain".into(),
            holds: false,
            because: "Steps are open.".into(),
            records: vec![],
            parts: vec![],
        };
        let outcome = Outcome {
            overrides: vec![],
            next: None,
            package: p(id),
            revision: n,
            as_of: self.register.as_of,
            state: if n == 0 { PackageState::Draft } else { PackageState::InReview },
            steps: vec![],
            fates: vec![],
            threads: vec![],
            findings: vec![],
            conditions: vec![],
            rounds: vec![],
            certificate: None,
            why,
            advice: vec![],
        };
        let chain = package.as_ref().map(|_| Arc::clone(&self.chain));
        let entries = self
            .register
            .ledger
            .entries
            .iter()
            .enumerate()
            .filter(|(_, e)| e.record().package().is_some_and(|x| x.as_str() == id))
            .map(|(i, _)| i)
            .collect();
        let working = if n == 0 { Working::Draft } else { Working::Current };
        let dossier = Dossier {
            id: p(id),
            package,
            diagnostics: Diagnostics::new(),
            chain,
            revisions,
            working,
            entries,
            told: Told::default(),
            outcome,
        };
        self.register.packages.insert(p(id), dossier);
        self.register.packages.get_mut(&p::<PackageId>(id)).unwrap()
    }
}

pub fn step_outcome(
    chain: &Chain,
    id: &str,
    state: StepState,
    seats: Vec<Seat>,
    eligible: &[&str],
) -> StepOutcome {
    let step = chain.step(&p(id)).unwrap();
    StepOutcome {
        id: p(id),
        title: step.title.clone(),
        role: step.role().clone(),
        state,
        approvals: u32::try_from(seats.len()).unwrap(),
        needed: step.needed(),
        seats,
        upstream: p(&"00".repeat(32)),
        eligible: eligible.iter().map(|e| p(e)).collect(),
        why: Why {
            rule: format!("{} has passed", step.title),
            holds: state == StepState::Satisfied,
            because: String::new(),
            records: vec![],
            parts: vec![],
        },
        rule: String::new(),
        opened: None,
        due: None,
        lapses: None,
        fresh_until: None,
        overdue: false,
        escalated_to: vec![],
        unsatisfiable: false,
    }
}

pub fn seat(
    person: &str,
    decision: crate::record::Decision,
    record: crate::digest::RecordId,
    revision: u32,
    at: &str,
) -> Seat {
    Seat {
        person: p(person),
        delegate: None,
        decision,
        record,
        code: FateCode::Counted,
        revision,
        at: p::<Timestamp>(at),
    }
}

pub fn fate(world: &World, id: crate::digest::RecordId, code: FateCode, note: &str) -> Fate {
    let entry = world.register.ledger.entries.iter().find(|e| e.id() == id).unwrap();
    Fate { id, kind: entry.record().kind(), code, note: note.into() }
}

pub fn figures(thin: bool) -> BTreeMap<SectionId, Vec<Figure>> {
    let f = |id: &str,
             value: &str,
             group: Option<&str>,
             interval: Option<(&str, &str)>,
             sample: &str,
             source: &str| Figure {
        id: p(id),
        value: p(value),
        group: group.map(Into::into),
        sample: sample.into(),
        low: interval.map(|i| p(i.0)),
        high: interval.map(|i| p(i.1)),
        source: p(source),
    };
    let oot = "Out-of-time sample, July to December 2025, 184,220 accounts";
    let py = "evidence/evaluation/evaluate.py";
    let mut e = vec![
        f("auc", "0.791", None, Some(("0.784", "0.798")), oot, py),
        f("brier", "0.071", None, None, oot, py),
        f("psi", "0.064", None, None, oot, py),
        f("calibration-error", "0.018", Some("all applicants"), None, oot, py),
        f("score-shift", "1.4", None, None, oot, py),
    ];
    if thin {
        e.insert(4, f("calibration-error", "0.034", Some("thin-file applicants"), None, oot, py));
    }
    let d = [("age 62 and over", "0.94"), ("women", "0.98"), ("recipients of public assistance", "0.86")];
    let d = d.map(|(g, v)| f("air", v, Some(g), None, oot, "evidence/disparate-impact/report.html"));
    BTreeMap::from([(p("evaluation"), e), (p("disparate-impact"), d.to_vec())])
}
