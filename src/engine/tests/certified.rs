//! What a certificate freezes, part by part, and that none of it can be forged.

use super::desk::{Desk, id};
use super::story::{act, summary, tell};
use crate::digest::{ChainDigest, PackageDigest, RecordId};
use crate::engine::{FateCode, PackageState, certificate, certificate_holds};
use crate::record::{Body, Certified, ConditionEnd, Decision};

/// Approved in the second round, with one term met and one open.
const STORY: &str = "ines submit\n dana reject data\n ines submit training-data=new\n dana approve data with=c1
    drew approve data with=c2\n milo approve model\n fay approve fair\n ines discharge 3 c1\n drew verify 3 c1 as=data
    cory approve committee";

/// Certifies the story with something in the certificate changed.
fn forged(change: impl Fn(&mut Certified)) -> Desk {
    let mut desk = tell("bank", STORY);
    let mut record = desk.certification("ivy", 2, &desk.all());
    let Body::Certify(certify) = &mut record.body else { panic!() };
    change(&mut certify.outcome);
    desk.push_entry(record, true, false);
    desk
}

fn holds(desk: &Desk) -> Result<(), String> {
    let last = desk.record_id(desk.entries.len() - 1);
    desk.with_first(desk.entries.len(), |case| certificate_holds(case, &last))
}

/// One part of a certificate, forged.
type Forgery = (&'static str, fn(&mut Certified));

/// Every part must be what evaluation gives; what is wrong is named, and nothing else.
#[test]
fn no_part_of_a_certificate_can_be_forged() {
    let forgeries: [Forgery; 24] = [
        ("artifact", |c| c.artifact = Some(format!("sha256:{}", "0".repeat(64)))),
        ("chain", |c| c.chain = ChainDigest([9; 32])),
        ("conditions", |c| c.conditions.clear()),
        ("conditions", |c| c.conditions[0].state = Some(ConditionEnd::Waived)),
        ("conditions", |c| c.conditions[1].state = Some(ConditionEnd::Verified)),
        ("conditions", |c| c.conditions[0].condition.text.push('!')),
        ("conditions", |c| c.conditions[0].record = RecordId([9; 32])),
        ("digest", |c| c.digest = PackageDigest([9; 32])),
        ("rounds", |c| _ = c.rounds.remove(0)),
        ("rounds", |c| c.rounds[0].rejections.clear()),
        ("rounds", |c| c.rounds[1].submission = RecordId([9; 32])),
        ("review_by", |c| c.review_by = None),
        ("review_by", |c| c.review_by = Some(id("2099-01-01"))),
        ("state", |c| c.state = "approved".to_owned()),
        ("state", |c| c.state = "approved_by_override".to_owned()),
        ("steps", |c| _ = c.steps.pop()),
        ("steps", |c| c.steps.swap(1, 2)),
        ("steps", |c| c.steps[0].state = "satisfied".to_owned()),
        ("steps", |c| c.steps[0].decisions.clear()),
        ("steps", |c| c.steps[0].decisions[0].name = "Somebody Else".to_owned()),
        ("steps", |c| c.steps[0].decisions[0].decision = Decision::Abstain),
        ("steps", |c| c.steps[0].decisions[0].meaning.push('!')),
        ("steps", |c| c.steps[0].due = Some(id("2099-01-01T00:00:00Z"))),
        ("steps", |c| c.steps[0].overrides.push(RecordId([9; 32]))),
    ];
    for (index, (part, forge)) in forgeries.into_iter().enumerate() {
        let desk = forged(forge);
        let expected = format!("NOT_APPLICABLE: it says otherwise than the records before it about {part}");
        assert_eq!(holds(&desk), Err(expected), "forgery {index}");
        let outcome = desk.outcome();
        assert_eq!(outcome.state, PackageState::ApprovedWithConditions, "forgery {index}: {part}");
        assert_eq!(outcome.certificate, None, "forgery {index}: {part}");
    }
    let both = forged(|c| {
        c.state = "approved".to_owned();
        c.digest = PackageDigest([9; 32]);
    });
    assert!(holds(&both).unwrap_err().ends_with("about digest, state"));
    let honest = forged(|_| ());
    assert_eq!(holds(&honest), Ok(()));
    assert_eq!(honest.outcome().state, PackageState::Certified);
}

/// What it replaces is for the issuer to say: the records of this package cannot tell.
#[test]
fn what_a_certificate_supersedes_is_free() {
    let desk = forged(|c| c.supersedes = Some(RecordId([5; 32])));
    assert_eq!(holds(&desk), Ok(()));
    assert_eq!(desk.outcome().state, PackageState::Certified);
}

/// A decision that fell with a new revision is no part of the outcome frozen.
#[test]
fn only_decisions_in_effect_are_frozen() {
    let desk = tell(
        "solo",
        "ines submit\n milo approve model\n ines submit evaluation=new\n mara approve model\n max abstain model",
    );
    assert_eq!(summary(&desk.outcome()), "approved | satisfied | NOTED STALE_CONTENT NOTED COUNTED COUNTED");
    let frozen = desk.with_first(desk.entries.len(), certificate).unwrap();
    let decisions = frozen.steps[0].decisions.iter();
    let frozen: Vec<(&str, &str)> = decisions.map(|d| (d.person.as_str(), d.code.as_str())).collect();
    assert_eq!(frozen, [("mara", "COUNTED"), ("max", "COUNTED")]);
}

/// It stays in the ledger and had its effect then; it is only not in force any more.
#[test]
fn a_certificate_signed_with_a_stolen_key_is_not_in_force() {
    let mut desk = tell("solo", "ines submit\n milo approve model\n ivy certify");
    let certified = desk.outcome().certificate.unwrap();
    assert_eq!(certified.record, desk.record_id(2));
    act(&mut desk, "people distrust ivy 3");
    assert_eq!(desk.outcome().certificate, Some(certified), "what the key signed before stays");
    act(&mut desk, "people distrust ivy 2");
    let outcome = desk.outcome();
    assert_eq!((outcome.state, outcome.certificate), (PackageState::Approved, None));
    assert_eq!(outcome.fates[2].code, FateCode::Noted);
    assert_eq!(holds(&desk), Ok(()), "it says what the records said");
    // Long after its review date nothing expires that was never in force.
    act(&mut desk, "now 2029-01-01T00:00:00Z");
    assert_eq!(desk.outcome().state, PackageState::Approved);
}
