//! Rules that a table of states cannot show: who may decide, findings, threads, conditions, terms.

use super::desk::{Desk, id};
use super::story::{act, summary, tell};
use crate::engine::{
    Case, FateCode, PackageState, ThreadState, certificate, certificate_holds, evaluate, may_decide,
    upstream_for,
};
use crate::id::StepId;
use crate::record::{Body, Decision, Entry};
use crate::time::Timestamp;

fn refused(desk: &Desk, person: &str, step: &str, decision: Decision) -> &'static str {
    let may = desk.with_first(desk.entries.len(), |case| may_decide(case, &id(person), &id(step), decision));
    may.map_or_else(|refusal| refusal.code, |()| "")
}

#[test]
fn a_person_is_told_beforehand() {
    use Decision::{Abstain, Approve, Clarify, Reject};
    let draft = tell("line", "");
    assert_eq!(refused(&draft, "dana", "data", Approve), "NOT_SUBMITTED");
    let desk = tell("line", "ines submit by=drew");
    for (person, step, decision, expected) in [
        ("dana", "data", Approve, ""),
        ("dana", "nowhere", Approve, "NO_SUCH_STEP"),
        ("nobody", "data", Approve, "NOT_ENROLLED"),
        ("milo", "data", Approve, "ROLE_NOT_HELD"),
        ("ines", "data", Approve, "ROLE_NOT_HELD"),
        ("drew", "data", Reject, "SOD_CONTRIBUTOR"),
        ("milo", "model", Approve, "STEP_NOT_OPEN"),
        ("milo", "model", Reject, ""),
        ("milo", "model", Clarify, ""),
        ("milo", "model", Abstain, ""),
    ] {
        assert_eq!(refused(&desk, person, step, decision), expected, "{person} {step} {decision:?}");
    }
    let author = tell("line", "ines submit\n people grant ines data");
    assert_eq!(refused(&author, "ines", "data", Approve), "SOD_AUTHOR");
    let desk = tell("line", "ines submit\n bo approve data");
    assert_eq!(refused(&desk, "bo", "model", Approve), "SOD_ONE_STEP");
    assert_eq!(refused(&desk, "bo", "data", Reject), "ALREADY_DECIDED");
    assert_eq!(refused(&desk, "milo", "model", Approve), "");
    let desk = tell("solo", "ines submit\n milo reject model");
    assert_eq!(refused(&desk, "milo", "model", Approve), "ALREADY_DECIDED");
    let desk = tell("solo", "ines submit\n milo reject model\n ines submit evaluation=new");
    assert_eq!(refused(&desk, "milo", "model", Approve), "");
    let desk = tell("solo", "ines submit\n milo approve model\n ivy certify");
    assert_eq!(refused(&desk, "mara", "model", Reject), "POST_CERTIFICATE");
}

#[test]
fn an_open_question_of_ones_own_bars_approving() {
    let desk = tell("solo", "ines submit\n milo ask evaluation");
    assert_eq!(refused(&desk, "milo", "model", Decision::Approve), "OWN_QUESTION_OPEN");
    assert_eq!(refused(&desk, "milo", "model", Decision::Reject), "");
    // Another person's question bars the step, not the person.
    assert_eq!(refused(&desk, "mara", "model", Decision::Approve), "");
    let desk = tell("solo", "ines submit\n milo ask evaluation\n ines answer 1");
    assert_eq!(refused(&desk, "milo", "model", Decision::Approve), "OWN_QUESTION_OPEN");
    let desk = tell("solo", "ines submit\n milo ask evaluation\n ines answer 1\n milo resolve 1");
    assert_eq!(refused(&desk, "milo", "model", Decision::Approve), "");
    let desk = tell("solo", "ines submit\n milo clarify model");
    assert_eq!(refused(&desk, "milo", "model", Decision::Approve), "OWN_QUESTION_OPEN");
    // Deciding is the asker's way to close an answered request.
    let desk = tell("solo", "ines submit\n milo clarify model\n ines answer 1");
    assert_eq!(refused(&desk, "milo", "model", Decision::Approve), "");
}

/// Who is told that he may approve is not refused by the engine, and the other way round.
#[test]
fn what_is_said_beforehand_comes_true() {
    let stories = [
        "ines submit",
        "ines submit by=drew\n dana approve data",
        "ines submit\n bo approve data",
        "ines submit\n dana approve data\n milo approve model",
        "ines submit\n dana clarify data\n ines answer 1",
        "ines submit\n dana approve data\n ines submit training-data=new",
        "dana submit\n drew reject data\n dana submit training-data=new",
    ];
    let mut seen = (0, 0);
    for story in stories {
        for person in ["ines", "dana", "drew", "milo", "bo", "cory"] {
            for step in ["data", "model"] {
                let mut desk = tell("line", story);
                let said = refused(&desk, person, step, Decision::Approve);
                if said == "ALREADY_DECIDED" || said == "OWN_QUESTION_OPEN" {
                    continue;
                }
                act(&mut desk, &format!("{person} approve {step}"));
                let code = desk.outcome().fates.last().unwrap().code;
                if said.is_empty() {
                    assert_eq!(code, FateCode::Counted, "{story}: {person} {step}");
                    seen.0 += 1;
                } else {
                    assert_eq!(code.as_str(), said, "{story}: {person} {step}");
                    seen.1 += 1;
                }
            }
        }
    }
    assert!(seen.0 > 5 && seen.1 > 20, "{seen:?}");
}

#[test]
fn eligible_is_who_may_still_approve() {
    let desk = tell("line", "ines submit by=drew\n people grant ines data");
    let outcome = desk.outcome();
    let names: Vec<&str> = outcome.steps[0].eligible.iter().map(|p| p.as_str()).collect();
    assert_eq!(names, ["bo", "dana"]);
    let desk = tell("line", "ines submit\n bo approve data");
    let outcome = desk.outcome();
    let names: Vec<&str> = outcome.steps[1].eligible.iter().map(|p| p.as_str()).collect();
    assert_eq!(names, ["mara", "max", "milo", "mo"]);
}

#[test]
fn findings_are_answered_and_let_go() {
    let mut desk =
        tell("solo", "ines submit\n milo reject model finding=f1,f2\n mara reject model finding=f3");
    let open = |desk: &Desk| -> Vec<(String, bool, Option<u32>)> {
        let found = desk.outcome().findings;
        found.into_iter().map(|f| (f.id().to_string(), f.open, f.answer.map(|a| a.0))).collect()
    };
    let row = |id: &str, open, answer| (id.to_owned(), open, answer);
    assert_eq!(open(&desk), [row("f1", true, None), row("f2", true, None), row("f3", true, None)]);
    act(&mut desk, "ines submit evaluation=new answers=f1,f3");
    assert_eq!(open(&desk), [row("f1", true, Some(2)), row("f2", true, None), row("f3", true, Some(2))]);
    act(&mut desk, "milo reject model finding=f4");
    act(&mut desk, "mara withdraw 2");
    let rows =
        [row("f1", true, Some(2)), row("f2", true, None), row("f3", false, Some(2)), row("f4", true, None)];
    assert_eq!(open(&desk), rows);
    act(&mut desk, "ines submit evaluation=newer answers=f1,f2,f4");
    act(&mut desk, "milo approve model");
    assert!(open(&desk).iter().all(|f| !f.1));
    let rounds = desk.outcome().rounds;
    assert_eq!(rounds.iter().map(|r| r.rejections.len()).collect::<Vec<_>>(), [2, 1, 0]);
    assert_eq!(rounds.iter().map(|r| r.revision).collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn threads_take_turns() {
    let mut desk = tell("flat", "ines submit\n fay ask limits");
    let state = |desk: &Desk| {
        let threads = desk.outcome().threads;
        (threads[0].state, threads[0].replies.len(), threads[0].outdated)
    };
    assert_eq!(state(&desk), (ThreadState::Open, 0, false));
    act(&mut desk, "ines answer 1");
    assert_eq!(state(&desk), (ThreadState::Answered, 1, false));
    act(&mut desk, "milo note limits about=1");
    assert_eq!(state(&desk), (ThreadState::Answered, 2, false), "a bystander changes no turn");
    act(&mut desk, "fay note limits about=1");
    assert_eq!(state(&desk), (ThreadState::Open, 3, false));
    act(&mut desk, "ines submit limits=new");
    assert_eq!(state(&desk), (ThreadState::Open, 3, true));
    act(&mut desk, "ines note limits about=1");
    assert_eq!(state(&desk), (ThreadState::Answered, 4, true));
    act(&mut desk, "fay resolve 1");
    assert_eq!(state(&desk), (ThreadState::Resolved, 5, true));
    let note = tell("flat", "ines submit\n fay note limits");
    assert_eq!(state(&note).0, ThreadState::Note);
}

fn at(desk: &Desk, now: &str) -> crate::engine::Outcome {
    let entries: Vec<&Entry> = desk.entries.iter().collect();
    let now: Timestamp = id(now);
    desk.with(&entries, |case| evaluate(&Case { as_of: now, ..case.clone() }))
}

#[test]
fn conditions_fall_overdue() {
    let desk = tell("solo", "ines submit\n milo approve model with=c1 due=2027-03-01");
    for (now, overdue) in
        [("2027-02-28T00:00:00Z", false), ("2027-03-01T23:59:59Z", false), ("2027-03-02T00:00:00Z", true)]
    {
        let outcome = at(&desk, now);
        assert_eq!(outcome.conditions.len(), 1);
        assert_eq!(outcome.conditions[0].overdue, overdue, "{now}");
        assert_eq!(outcome.state, PackageState::ApprovedWithConditions);
    }
    let stale = tell("solo", "ines submit\n milo approve model with=c1\n ines submit evaluation=new");
    assert!(stale.outcome().conditions.is_empty(), "only counted approvals set terms");
}

#[test]
fn a_certificate_runs_out() {
    let mut desk = tell("solo", "ines submit\n milo approve model\n ivy certify");
    let record = desk.entries[2].record();
    let Body::Certify(certify) = &record.body else { panic!() };
    let last = certify.outcome.review_by.unwrap();
    assert_eq!(at(&desk, &format!("{last}T23:59:59Z")).state, PackageState::Certified);
    let over = last.start().plus_seconds(86_400);
    let outcome = at(&desk, &over.to_string());
    assert_eq!(outcome.state, PackageState::Expired);
    assert!(!outcome.state.passes());
    assert_eq!(outcome.certificate.unwrap().review_by, Some(last));
    act(&mut desk, "ines submit limits=new");
    assert_eq!(at(&desk, &over.to_string()).state, PackageState::Approved, "carried into a new review");
}

#[test]
fn a_certificate_says_what_evaluation_says() {
    let mut desk = tell(
        "bank",
        "ines submit\n dana reject data finding=f1\n ines submit training-data=new answers=f1
         dana approve data with=c1\n milo approve model\n fay approve fair\n cory approve committee",
    );
    let case = |desk: &Desk| desk.with_first(desk.entries.len(), certificate);
    let frozen = case(&desk).unwrap();
    assert_eq!(frozen.state, "approved_with_conditions");
    assert_eq!(frozen.steps.iter().map(|s| s.decisions.len()).collect::<Vec<_>>(), [1, 1, 1, 1]);
    assert_eq!(frozen.rounds.len(), 2);
    assert_eq!(frozen.rounds[0].rejections, [desk.record_id(1)]);
    assert_eq!(frozen.conditions[0].record, desk.record_id(3));
    act(&mut desk, "ivy certify");
    let holds = |desk: &Desk, at: usize| {
        let id = desk.record_id(at);
        desk.with_first(desk.entries.len(), |case| certificate_holds(case, &id))
    };
    assert_eq!(holds(&desk, 7), Ok(()));
    assert!(holds(&desk, 6).unwrap_err().contains("is not a certificate"));
    let mut other = tell("solo", "ines submit\n milo approve model\n ivy certify break=outcome");
    assert!(holds(&other, 2).unwrap_err().contains("about steps"));
    assert_eq!(summary(&other.outcome()), "approved | satisfied | NOTED COUNTED NOT_APPLICABLE");
    act(&mut other, "milo withdraw 1");
    let missing = case(&other).unwrap_err();
    assert!(missing[0].missing.contains("1 approval"), "{missing:?}");
}

#[test]
fn the_upstream_digest_is_what_the_specification_says() {
    let desk = tell("line", "ines submit\n dana approve data with=c1 due=2027-03-01");
    let digest = |step: &str| {
        let step: StepId = id(step);
        desk.with_first(desk.entries.len(), |case| upstream_for(case, &step)).unwrap()
    };
    let sha = |text: &str| crate::digest::hex(&crate::digest::sha256(text.as_bytes()));
    assert_eq!(digest("data").to_string(), sha(r#"{"countersign":"upstream/v1","steps":[]}"#));
    let record = desk.record_id(1);
    let expected = format!(
        concat!(
            r#"{{"countersign":"upstream/v1","steps":[{{"conditions":[{{"condition":{{"due":"2027-03-01","#,
            r#""id":"c1","kind":"post_merge","owner":"ines","text":"do it"}},"record":"{record}"}}],"#,
            r#""decisions":[{{"decision":"approve","person":"dana","record":"{record}"}}],"#,
            r#""outcome":"satisfied_with_conditions","step":"data"}}]}}"#
        ),
        record = record
    );
    assert_eq!(digest("model").to_string(), sha(&expected));
    assert_eq!(desk.outcome().steps[1].upstream, digest("model"));
}

/// Ten thousand records of one package, each seen by the next signer: anything that looks at all records
/// for each record would take minutes here.
#[test]
fn a_long_history_is_quick() {
    let mut desk = tell("line", "ines submit\n dana approve data");
    let lines = [
        "milo approve model",
        "drew ask training-data",
        "drew resolve",
        "fay note limits",
        "milo withdraw",
        "mara approve model",
        "mara reject model",
        "mara withdraw",
        "drew approve data",
        "drew withdraw",
    ];
    let mut last = 0;
    for turn in 0..1000 {
        for line in lines {
            // Told with what each signer saw: the newest record and, through it, everything.
            let line = if line.ends_with("resolve") || line.ends_with("withdraw") {
                format!("{line} {last} seen={},", desk.entries.len() - 1)
            } else {
                format!("{line} seen={},", desk.entries.len() - 1)
            };
            last = desk.entries.len();
            if turn < 2 {
                act(&mut desk, &line);
            } else {
                let mut record = desk.entries[last - lines.len()].record().clone();
                record.parents = vec![desk.entries[last - 1].id()];
                record.nonce.0[..8].copy_from_slice(&(last as u64).to_be_bytes());
                let fix = |target: &mut crate::digest::RecordId| *target = desk.entries[last - 1].id();
                match &mut record.body {
                    Body::Withdraw(withdraw) => fix(&mut withdraw.record),
                    Body::Resolve(reply) => fix(&mut reply.about),
                    _ => {}
                }
                desk.push_entry(record, true, false);
            }
        }
    }
    let outcome = desk.outcome();
    assert_eq!(outcome.fates.len(), 10_002);
    let count = |code| outcome.fates.iter().filter(|f| f.code == code).count();
    assert!(count(FateCode::Withdrawn) >= 2000, "{}", count(FateCode::Withdrawn));
}

#[test]
fn who_stepped_aside_or_asked_to_set_a_step_aside_is_told() {
    let desk = tell("line", "people grant olga data\n ines submit\n dana recuse\n olga override model");
    assert_eq!(refused(&desk, "dana", "data", Decision::Approve), "RECUSED");
    assert_eq!(refused(&desk, "olga", "data", Decision::Approve), "SOD_ONE_STEP");
    let desk = tell("line", "ines submit\n ines retract");
    assert_eq!(refused(&desk, "dana", "data", Decision::Approve), "STEP_NOT_OPEN");
}
