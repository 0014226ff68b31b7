//! One good record of every kind that came with the whole engine, and how each reads.

use super::hand::{Desk, adaeze, approve};
use countersign::digest::{ChainDigest, DiffDigest, FileDigest, PackageDigest, RecordId, sha256};
use countersign::record::{
    About, Body, Certified, CertifiedCondition, CertifiedDecision, CertifiedRound, CertifiedStep, Certify,
    ClaimedClass, Condition, ConditionEnd, ConditionKind, Confirm, Decide, Decision, Delegate, Discharge,
    Finding, Object, Override, PeopleChange, Reason, Record, Recuse, Retract, Severity, Submit, Verify,
    Waive, deed, parse, print, wording,
};

pub const OTHER: RecordId = RecordId([0xab; 32]);

fn reason() -> String {
    "On leave from Monday.\nTalk to the desk.".to_owned()
}

fn about() -> About {
    About { reason: reason(), record: OTHER }
}

pub fn delegate() -> Delegate {
    Delegate {
        from: "2026-12-01T00:00:00Z".parse().unwrap(),
        packages: Vec::new(),
        principal: "adaeze-okafor".parse().unwrap(),
        reason: reason(),
        steps: vec!["fair-lending".parse().unwrap(), "model-risk".parse().unwrap()],
        to: "tomas-lind".parse().unwrap(),
        until: "2026-12-15T08:30:00Z".parse().unwrap(),
    }
}

pub fn set_aside() -> Override {
    Override {
        about: None,
        expires: "2027-01-31".parse().unwrap(),
        reason: reason(),
        review: "2027-01-15".parse().unwrap(),
        steps: vec!["fair-lending".parse().unwrap()],
    }
}

pub fn condition(kind: ConditionKind) -> Condition {
    Condition {
        due: None,
        id: "rerun".parse().unwrap(),
        kind,
        owner: None,
        step: None,
        text: "Run the tests again on the new hold-out.".to_owned(),
        verifier_role: None,
    }
}

pub fn rejection(severity: Option<Severity>) -> Body {
    let finding = Finding {
        concern: "The hold-out overlaps the training data.".to_owned(),
        figure: None,
        id: "overlap".parse().unwrap(),
        reason: Reason::Documentation,
        required: "Evaluate on data the model has not seen.".to_owned(),
        section: "evaluation".parse().unwrap(),
    };
    let findings = vec![finding];
    Body::Decide(Decide {
        conditions: vec![],
        decision: Decision::Reject,
        findings,
        question: None,
        severity,
    })
}

/// A step passed on a delegate's word, one that is not for the package, one set aside.
pub fn outcome() -> Certified {
    let decision = CertifiedDecision {
        acting_for: Some("adaeze-okafor".parse().unwrap()),
        at: "2026-11-22T10:47:12Z".parse().unwrap(),
        code: "COUNTED_AS".to_owned(),
        decision: Decision::Approve,
        meaning: "I, Tomás Lind, have reviewed revision 1 of credit.".to_owned(),
        name: "Tomás Lind".to_owned(),
        person: "tomas-lind".parse().unwrap(),
        record: OTHER,
        role: "model-risk".parse().unwrap(),
    };
    let step = |step: &str, state: &str| CertifiedStep {
        decisions: Vec::new(),
        due: None,
        overrides: Vec::new(),
        state: state.to_owned(),
        step: step.parse().unwrap(),
    };
    Certified {
        artifact: None,
        chain: ChainDigest([9; 32]),
        conditions: vec![CertifiedCondition {
            condition: Condition {
                verifier_role: Some("audit".parse().unwrap()),
                ..condition(ConditionKind::PreMerge)
            },
            record: OTHER,
            state: Some(ConditionEnd::Verified),
        }],
        digest: PackageDigest(sha256(super::hand::MANIFEST.as_bytes())),
        review_by: None,
        rounds: vec![CertifiedRound { rejections: vec![], revision: 1, submission: OTHER }],
        state: "approved_by_override".to_owned(),
        steps: vec![
            CertifiedStep {
                decisions: vec![decision],
                due: Some("2026-11-27T17:00:00Z".parse().unwrap()),
                ..step("model-risk", "satisfied_with_conditions")
            },
            step("legal", "not_applicable"),
            CertifiedStep {
                overrides: vec![OTHER, RecordId([0xac; 32])],
                ..step("fair-lending", "overridden")
            },
        ],
        supersedes: Some(OTHER),
    }
}

pub fn certify(outcome: Certified) -> Body {
    Body::Certify(Box::new(Certify { outcome }))
}

pub fn absent() -> PeopleChange {
    PeopleChange::Absent {
        from: "2026-12-01".parse().unwrap(),
        person: "adaeze-okafor".parse().unwrap(),
        reason: "parental leave".to_owned(),
        until: "2027-02-28".parse().unwrap(),
    }
}

/// A record of Adaeze's, completed.
pub fn record(body: Body) -> Record {
    wording::complete(Desk::founded().record(&adaeze(), body))
}

pub fn with(body: Body, change: impl Fn(&mut Record)) -> Record {
    let mut record = record(body);
    change(&mut record);
    wording::complete(record)
}

fn at_revision(revision: u32) -> impl Fn(&mut Record) {
    move |record| record.subject.as_mut().unwrap().revision = revision
}

pub fn confirm(class: ClaimedClass, since: u32, revision: u32) -> Record {
    with(Body::Confirm(Confirm { class, diff: DiffDigest([3; 32]), since }), at_revision(revision))
}

pub fn resubmit(class: Option<ClaimedClass>, revision: u32) -> Record {
    let Body::Submit(submit) = super::hand::submit() else { unreachable!("it is a submission") };
    let diff = (revision > 1).then_some(DiffDigest([3; 32]));
    with(Body::Submit(Submit { class, diff, ..submit }), at_revision(revision))
}

/// Name, what it shows, the record.
pub fn good() -> Vec<(&'static str, &'static str, Record)> {
    let object = Object { reason: reason(), section: Some("evaluation".parse().unwrap()) };
    let terms = vec![
        condition(ConditionKind::PreMerge),
        Condition {
            id: "later".parse().unwrap(),
            step: Some("ai-committee".parse().unwrap()),
            verifier_role: Some("audit".parse().unwrap()),
            ..condition(ConditionKind::BeforeStep)
        },
    ];
    let Body::Decide(approval) = approve() else { unreachable!("it is a decision") };
    let seconded = Override { about: Some(OTHER), ..set_aside() };
    let discharge = Discharge {
        condition: "rerun".parse().unwrap(),
        evidence: Some(FileDigest([4; 32])),
        reason: reason(),
        record: OTHER,
    };
    let verify = |accepted| {
        Body::Verify(Verify {
            accepted,
            condition: "rerun".parse().unwrap(),
            reason: reason(),
            record: OTHER,
        })
    };
    let waive = Waive { condition: "rerun".parse().unwrap(), reason: reason(), record: OTHER };
    let wide = Delegate {
        packages: vec!["credit".parse().unwrap()],
        principal: "ines-moreau".parse().unwrap(),
        steps: Vec::new(),
        ..delegate()
    };
    let many = Delegate {
        packages: ["credit", "fraud", "pricing"].map(|p| p.parse().unwrap()).to_vec(),
        steps: ["ai-committee", "fair-lending", "legal", "model-risk"].map(|s| s.parse().unwrap()).to_vec(),
        until: delegate().from.plus_seconds(366 * 86_400),
        ..delegate()
    };
    let acting = |record: &mut Record| record.signer.acting_for = Some("ines-moreau".parse().unwrap());
    vec![
        (
            "good-retract",
            "a revision taken out of review",
            record(Body::Retract(Retract { reason: reason() })),
        ),
        ("good-object", "an objection", record(Body::Object(object.clone()))),
        ("good-object-acting", "an objection in another's seat", with(Body::Object(object), acting)),
        ("good-recuse", "a reviewer steps aside", record(Body::Recuse(Recuse { reason: reason() }))),
        ("good-confirm", "a small change confirmed", confirm(ClaimedClass::Minor, 1, 3)),
        ("good-resolve-rejection", "a rejection set aside", record(Body::ResolveRejection(about()))),
        ("good-delegate", "two steps of every package", record(Body::Delegate(delegate()))),
        (
            "good-delegate-package",
            "every step of one package, by somebody else than the principal",
            record(Body::Delegate(wide)),
        ),
        ("good-undelegate", "a delegation ends", record(Body::Undelegate(about()))),
        ("good-discharge", "a condition said to be met", record(Body::Discharge(discharge))),
        ("good-verify", "and found so", record(verify(true))),
        ("good-verify-returned", "and not found so", record(verify(false))),
        ("good-waive", "a condition dropped", record(Body::Waive(waive))),
        ("good-override", "a step to be set aside", record(Body::Override(set_aside()))),
        ("good-override-second", "agreed to by a second person", record(Body::Override(seconded))),
        ("good-revoke", "a certificate revoked", record(Body::Revoke(about()))),
        ("good-reject-final", "a final rejection", record(rejection(Some(Severity::Final)))),
        ("good-conditions", "conditions of the newer kinds", {
            record(Body::Decide(Decide { conditions: terms, ..approval }))
        }),
        ("good-decide-acting", "an approval in another's seat", with(approve(), acting)),
        ("good-class", "a submission that says how much changed", resubmit(Some(ClaimedClass::Minor), 2)),
        ("good-certify-override", "a certificate over a step set aside", record(certify(outcome()))),
        (
            "good-delegate-many",
            "four steps are counted, three packages named; the longest window",
            record(Body::Delegate(many)),
        ),
        ("good-absent", "somebody is away", record(Body::People(vec![absent()]))),
    ]
}

#[test]
fn every_new_kind_has_one_spelling_and_is_read_back() {
    let kinds: std::collections::BTreeSet<_> = good().iter().map(|(_, _, r)| r.kind()).collect();
    assert!(kinds.len() >= 15, "{kinds:?}");
    for (name, _, record) in good() {
        let bytes = print(&record);
        assert_eq!(parse(&bytes).as_ref(), Ok(&record), "{name}");
        let value: serde_json::Value = serde_json::from_str(&bytes).unwrap();
        assert_eq!(serde_json::to_string(&value).unwrap(), bytes, "{name}: keys are sorted at every depth");
    }
}

/// What a record's deed says of its substance: from below the chain digest to above the person.
fn told(record: &Record) -> String {
    let text = deed(record);
    let kept = |l: &&str| {
        let common = ["package:", "revision:", "package digest:", "model:", "version:", "chain:"];
        !common.iter().chain(&["chain digest:", "shown:", "earlier steps:", "key:"]).any(|c| l.starts_with(c))
            && !["assistance:", "repository:", "person:", "name: Adaeze"].iter().any(|c| l.starts_with(c))
    };
    text.lines().filter(kept).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_new_kind_reads_well() {
    let read: Vec<String> = good()
        .iter()
        .map(|(name, _, r)| format!("## {name}\n\n{}\n\n{}\n", wording::event(r), told(r)))
        .collect();
    insta::assert_snapshot!(read.join("\n"));
}

#[test]
fn r45_a_certificate_never_says_that_a_step_was_passed_when_it_was_not() {
    let said = |change: &dyn Fn(&mut Certified)| {
        let mut outcome = outcome();
        change(&mut outcome);
        let meaning = record(certify(outcome)).meaning;
        meaning.split(" has passed ").nth(1).unwrap().to_owned()
    };
    assert_eq!(
        said(&|_| ()),
        "every step of chain bank-credit that applies to it, except step fair-lending, set aside by override."
    );
    assert_eq!(said(&|o| o.steps.truncate(2)), "every step of chain bank-credit that applies to it.");
    assert_eq!(said(&|o| o.steps.truncate(1)), "every step of chain bank-credit.");
}

#[test]
fn r39_whoever_acts_for_another_says_so_in_the_sentence() {
    let (_, _, objection) = good().swap_remove(2);
    assert!(objection.meaning.starts_with("I, Adaeze Okafor, for ines-moreau, as model-risk, object to"));
    assert!(deed(&objection).contains("acting for: ines-moreau\n"));
}
