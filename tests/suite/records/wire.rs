//! One record, one byte string.

use super::hand::{Desk, MANIFEST, adaeze, approve, comment, ines, submit};
use countersign::digest::{DiffDigest, FileDigest, PackageDigest, RecordId, SectionDigest, sha256};
use countersign::record::{
    About, Anchor, Answer, Body, Certified, CertifiedCondition, CertifiedDecision, CertifiedRound,
    CertifiedStep, Certify, Change, ClaimedClass, Comment, Condition, ConditionKind, Confirm, Decide,
    Decision, Delegate, Discharge, Finding, Note, Object, Override, PeopleChange, Question, Reason, Record,
    Recuse, Reply, Retract, Submit, Verify, Waive, Withdraw, deed, parse, print, wording,
};
use proptest::prelude::*;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z \"\\\\/\n\t<>&éλ😀]{0,40}x",
        any::<String>().prop_map(|s| {
            let kept: String =
                s.chars().filter(|c| c.is_alphanumeric() || *c == '\n' || c.is_ascii_punctuation()).collect();
            kept + "."
        }),
    ]
}
fn line() -> impl Strategy<Value = String> {
    text().prop_map(|s| s.replace(['\n', '\t'], " "))
}
fn id<T>() -> impl Strategy<Value = T>
where
    T: std::fmt::Debug + std::str::FromStr<Err: std::fmt::Debug>,
{
    "[a-z0-9][a-z0-9-]{0,9}".prop_map(|s| s.parse().unwrap())
}
fn record_id() -> impl Strategy<Value = RecordId> {
    any::<[u8; 32]>().prop_map(RecordId)
}

prop_compose! {
    fn condition()(due in proptest::option::of(Just("2027-03-01".parse().unwrap())), id in id(),
        standing in any::<bool>(), owner in proptest::option::of(id()), text in text()) -> Condition {
        let kind = if standing { ConditionKind::Standing } else { ConditionKind::PostMerge };
        Condition { due, id, kind, owner, step: None, text, verifier_role: None }
    }
}
prop_compose! {
    fn finding()(concern in text(), figure in proptest::option::of(id()), id in id(), required in text(),
        section in id(), reason in 0..4usize) -> Finding {
        let reason = [Reason::Documentation, Reason::Threshold, Reason::Authorization, Reason::Other][reason];
        Finding { concern, figure, id, reason, required, section }
    }
}

fn decide() -> impl Strategy<Value = Body> {
    let decide = |decision, conditions, findings, question| {
        Body::Decide(Decide { conditions, decision, findings, question, severity: None })
    };
    prop_oneof![
        proptest::collection::vec(condition(), 0..2).prop_map(move |c| decide(
            Decision::Approve,
            c,
            vec![],
            None
        )),
        finding().prop_map(move |f| decide(Decision::Reject, vec![], vec![f], None)),
        (id(), text()).prop_map(move |(section, text)| decide(
            Decision::Clarify,
            vec![],
            vec![],
            Some(Question { section, text })
        )),
        Just(decide(Decision::Abstain, vec![], vec![], None)),
    ]
}

fn people() -> impl Strategy<Value = Body> {
    let change = prop_oneof![
        (line(), line(), 1..9u8).prop_map(|(identity, name, seed)| PeopleChange::Enrol {
            email: "a@b".to_owned(),
            identity,
            key: ines().with_key(seed).public(),
            name,
            person: "a.b".parse().unwrap(),
            proof: ines().proof(),
        }),
        (id(), line()).prop_map(|(person, reason)| PeopleChange::Absent {
            from: "2026-12-01".parse().unwrap(),
            person,
            reason,
            until: "2026-12-01".parse().unwrap(),
        }),
        Just(PeopleChange::AddKey {
            key: ines().public(),
            person: "a".parse().unwrap(),
            proof: "p".to_owned(),
        }),
        (line(), proptest::option::of(0..1u64 << 53)).prop_map(|(reason, distrust_from)| {
            PeopleChange::RevokeKey {
                distrust_from,
                key: ines().public().fingerprint(),
                person: "a".parse().unwrap(),
                reason,
            }
        }),
        (id(), id()).prop_map(|(person, role)| PeopleChange::Grant { person, role }),
        (id(), line(), id()).prop_map(|(person, reason, role)| PeopleChange::End { person, reason, role }),
    ];
    proptest::collection::vec(change, 1..4).prop_map(Body::People)
}

fn certify() -> impl Strategy<Value = Body> {
    (condition(), record_id(), line(), id(), line()).prop_map(|(condition, record, meaning, step, name)| {
        let decision = CertifiedDecision {
            acting_for: None,
            at: "2026-11-22T10:47:12Z".parse().unwrap(),
            code: "COUNTED".to_owned(),
            decision: Decision::Approve,
            meaning,
            name,
            person: "a.b".parse().unwrap(),
            record,
            role: "r".parse().unwrap(),
        };
        Body::Certify(Box::new(Certify {
            outcome: Certified {
                supersedes: None,
                artifact: Some(format!("sha256:{record}")),
                chain: countersign::digest::ChainDigest([9; 32]),
                conditions: vec![CertifiedCondition { condition, record, state: None }],
                digest: PackageDigest(sha256(MANIFEST.as_bytes())),
                review_by: Some("2027-11-22".parse().unwrap()),
                rounds: vec![CertifiedRound { rejections: vec![record], revision: 1, submission: record }],
                state: "approved_with_conditions".to_owned(),
                steps: vec![CertifiedStep {
                    due: None,
                    overrides: Vec::new(),
                    decisions: vec![decision],
                    state: "satisfied".to_owned(),
                    step,
                }],
            },
        }))
    })
}

fn other() -> impl Strategy<Value = Body> {
    prop_oneof![
        (proptest::option::of(record_id()), any::<bool>(), id(), text(), proptest::option::of(text()))
            .prop_map(|(about, blocking, section, text, quote)| {
                let anchor = quote.map(|quote| Anchor { quote, sha256: SectionDigest([4; 32]) });
                Body::Comment(Comment { about, anchor, blocking, section, text })
            }),
        (record_id(), text()).prop_map(|(about, text)| Body::Answer(Reply { about, text })),
        record_id().prop_map(|about| Body::Resolve(Reply { about, text: String::new() })),
        (record_id(), text()).prop_map(|(record, reason)| Body::Withdraw(Withdraw { reason, record })),
        (text(), id(), id(), id()).prop_map(|(words, finding, section, author)| {
            Body::Submit(Submit {
                class: None,
                answers: vec![Answer { finding, how: words.clone(), sections: vec![] }],
                authors: vec![author],
                contributors: vec!["c".parse().unwrap()],
                diff: Some(DiffDigest([3; 32])),
                exceptions: vec![],
                manifest: MANIFEST.to_owned(),
                notes: vec![Note { section, text: words }],
            })
        }),
    ]
}

/// The kinds that came with the whole engine.
fn newer() -> impl Strategy<Value = Body> {
    let about = || (text(), record_id()).prop_map(|(reason, record)| About { reason, record });
    let steps = || proptest::collection::btree_set(id(), 1..3).prop_map(|set| set.into_iter().collect());
    let window = (0..4_000_000_000i64, 1..=366 * 86_400i64);
    prop_oneof![
        text().prop_map(|reason| Body::Retract(Retract { reason })),
        text().prop_map(|reason| Body::Recuse(Recuse { reason })),
        (text(), proptest::option::of(id()))
            .prop_map(|(reason, section)| Body::Object(Object { reason, section })),
        about().prop_map(Body::ResolveRejection),
        about().prop_map(Body::Undelegate),
        about().prop_map(Body::Revoke),
        (text(), steps(), window).prop_map(|(reason, steps, (from, seconds))| {
            let from = countersign::time::Timestamp::from_seconds(from).unwrap();
            Body::Delegate(Delegate {
                from,
                packages: Vec::new(),
                principal: "a.b".parse().unwrap(),
                reason,
                steps,
                to: "c".parse().unwrap(),
                until: from.plus_seconds(seconds),
            })
        }),
        (id(), text(), record_id(), any::<bool>()).prop_map(|(condition, reason, record, shown)| {
            let evidence = shown.then_some(FileDigest([4; 32]));
            Body::Discharge(Discharge { condition, evidence, reason, record })
        }),
        (any::<bool>(), id(), text(), record_id()).prop_map(|(accepted, condition, reason, record)| {
            Body::Verify(Verify { accepted, condition, reason, record })
        }),
        (id(), text(), record_id()).prop_map(|(condition, reason, record)| Body::Waive(Waive {
            condition,
            reason,
            record
        })),
        (proptest::option::of(record_id()), text(), steps()).prop_map(|(about, reason, steps)| {
            let (expires, review) = ("2027-01-31".parse().unwrap(), "2027-02-28".parse().unwrap());
            Body::Override(Override { about, expires, reason, review, steps })
        }),
        Just(Body::Confirm(Confirm { class: ClaimedClass::Cosmetic, diff: DiffDigest([3; 32]), since: 1 })),
    ]
}

prop_compose! {
    fn record()(body in prop_oneof![decide(), people(), certify(), other(), newer()], name in line(), meaning in line(),
        mut parents in proptest::collection::vec(record_id(), 0..3), nonce in any::<[u8; 16]>(),
        size in 0..1u64 << 53, pull in proptest::option::of(0..1u64 << 53), seconds in 0..4_000_000_000i64) -> Record {
        let revised = matches!(body, Body::Submit(_) | Body::Confirm(_));
        let mut record = Desk::default().record(&adaeze(), body);
        if let Some(subject) = record.subject.as_mut().filter(|_| revised) {
            subject.revision = 2;
        }
        parents.sort();
        record.parents = parents;
        record.signer.name = name;
        record.meaning = meaning;
        record.nonce.0 = nonce;
        record.seen.size = size;
        record.signed_at = countersign::time::Timestamp::from_seconds(seconds).unwrap();
        record.change = pull.map(|pull_request| Change {
            forge: "github".to_owned(),
            head: String::new(),
            pull_request,
            repository_id: "1".to_owned(),
        });
        wording::complete(record)
    }
}

proptest! {
    #[test]
    fn print_and_parse_are_inverse(record in record()) {
        let bytes = print(&record);
        let back = parse(&bytes).map_err(|e| TestCaseError::fail(format!("{e}: {bytes}")))?;
        prop_assert_eq!(&back, &record);
        prop_assert_eq!(print(&back), bytes.clone());
        // Sorted keys at every depth: a map of values prints in key order.
        let value: serde_json::Value = serde_json::from_str(&bytes).unwrap();
        prop_assert_eq!(serde_json::to_string(&value).unwrap(), bytes);
    }

    #[test]
    fn what_parses_is_what_would_be_printed(record in record(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = print(&record).into_bytes();
        let at = at.index(bytes.len());
        if cut { bytes.remove(at); } else { bytes[at] = byte; }
        if let Ok(text) = String::from_utf8(bytes)
            && let Ok(read) = parse(&text) {
            prop_assert_eq!(print(&read), text);
        }
    }

    #[test]
    fn no_text_can_pass_for_a_label_of_the_deed(words in text()) {
        let forged = format!("fine\ndecision: approve\n{words}");
        let mut desk = Desk::default();
        let record = desk.record(&ines(), comment(&forged));
        let labels = |r: &Record| deed(r).lines().filter(|l| !l.starts_with(' ')).count();
        let plain = desk.record(&ines(), comment("fine"));
        prop_assert_eq!(labels(&record), labels(&plain));
    }
}

#[test]
fn an_unfit_record_is_printed_and_refused_never_mended() {
    let reason = |change: &dyn Fn(&mut Record)| {
        let mut record = Desk::default().record(&adaeze(), approve());
        change(&mut record);
        parse(&print(&wording::complete(record))).unwrap_err().to_string()
    };
    let decide = |record: &mut Record, change: &dyn Fn(&mut Decide)| {
        if let Body::Decide(decide) = &mut record.body {
            change(decide);
        }
    };
    assert!(reason(&|r| decide(r, &|d| d.decision = Decision::Reject)).contains("`conditions`"));
    assert!(reason(&|r| decide(r, &|d| d.decision = Decision::Clarify)).contains("`conditions`"));
    assert!(reason(&|r| decide(r, &|d| d.conditions.push(d.conditions[0].clone()))).contains("twice"));
    assert!(reason(&|r| decide(r, &|d| d.conditions[0].text = " \n".to_owned())).contains("empty"));
    assert!(reason(&|r| decide(r, &|d| d.conditions[0].text = "a\u{202e}b".to_owned())).contains("U+202E"));
    assert!(reason(&|r| decide(r, &|d| d.conditions[0].text = "x".repeat(65_537))).contains("at most"));
    let bare_rejection = |d: &mut Decide| {
        d.decision = Decision::Reject;
        d.conditions.clear();
    };
    assert!(reason(&|r| decide(r, &bare_rejection)).contains("`findings` is empty"));
    assert!(reason(&|r| r.step = None).contains("`step`"));
    assert!(reason(&|r| r.role = None).contains("`role`"));
    assert!(reason(&|r| r.upstream = None).contains("`upstream`"));
    assert!(reason(&|r| r.scope.clear()).contains("`scope` is empty"));
    assert!(reason(&|r| r.scope.push(r.scope[0].clone())).contains("twice"));
    assert!(reason(&|r| r.subject = None).contains("`chain`"));
    assert!(reason(&|r| r.parents = vec![RecordId([2; 32]), RecordId([1; 32])]).contains("sorted"));
    assert!(reason(&|r| r.parents = vec![RecordId([2; 32]); 2]).contains("twice"));
    assert!(reason(&|r| r.seen.size = 1 << 53).contains("2^53"));
    assert!(reason(&|r| r.signer.name = "a\nb".to_owned()).contains("U+000A"));
    assert!(reason(&|r| r.body = submit()).contains("cannot have"));
    assert!(reason(&|r| r.body = Body::People(vec![])).contains("cannot have"));
}

#[test]
fn sentence_and_deed_are_what_the_record_says() {
    let record = wording::complete(Desk::default().record(&ines(), submit()));
    let mut other = record.clone();
    other.meaning = "I, Ines Moreau, approve.".to_owned();
    other.ceremony.shown = countersign::record::shown(&other);
    assert!(parse(&print(&other)).unwrap_err().to_string().contains("`meaning`"));
    other = record.clone();
    other.ceremony.shown.0[0] ^= 1;
    assert!(parse(&print(&other)).unwrap_err().to_string().contains("deed"));
    other = record;
    if let Body::Submit(submit) = &mut other.body {
        submit.manifest.push('\n');
    }
    assert!(parse(&print(&wording::complete(other))).unwrap_err().to_string().contains("`manifest`"));
}

#[test]
fn the_deed_and_the_event_read_well() {
    let record = wording::complete(Desk::founded().record(&adaeze(), approve()));
    assert_eq!(
        wording::event(&record),
        "Adaeze Okafor approved revision 1 in step model-risk, with 1 condition"
    );
    assert_eq!(
        deed(&record),
        concat!(
            "I, Adaeze Okafor, as model-risk, have reviewed revision 1 of credit.\n",
            "\n",
            "record: decide\n",
            "package: credit\n",
            "revision: 1\n",
            "package digest: 1ce848cf7c8cac7a3de7b78b117119ac8087188b2c1c0ca9182f61a963e33b9b\n",
            "model: consumer-credit-pd\n",
            "version: 2.1.0\n",
            "chain: bank-credit\n",
            "chain digest: 0909090909090909090909090909090909090909090909090909090909090909\n",
            "step: model-risk\n",
            "role: model-risk\n",
            "decision: approve\n",
            "condition: monitoring\n",
            "kind: post_merge\n",
            "owner: ines-moreau\n",
            "due: 2027-01-31\n",
            "text: Report drift monthly.\n",
            "    To the model risk desk.\n",
            "shown: evaluation 0505050505050505050505050505050505050505050505050505050505050505\n",
            "earlier steps: 0606060606060606060606060606060606060606060606060606060606060606\n",
            "person: adaeze-okafor\n",
            "name: Adaeze Okafor\n",
            "key: SHA256:4A9jyZBOhnKZvcGQ6TRFbf5Gymb41AfYvYaVmWHD+G4\n",
            "assistance: none\n",
            "repository: 07070707070707070707070707070707\n",
        )
    );
}
