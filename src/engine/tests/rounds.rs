//! What stays of round after round: rejections, findings, answers, threads; and the edges of a time.

use super::desk::{Desk, id};
use super::story::{act, summary, tell};
use crate::engine::clock;
use crate::engine::history::History;
use crate::engine::{FateCode, FindingOutcome, PackageState, StepState, ThreadState, may_decide};
use crate::record::Decision;

fn refused(desk: &Desk, person: &str, step: &str, decision: Decision) -> (&'static str, String) {
    let may = desk.with_first(desk.entries.len(), |case| may_decide(case, &id(person), &id(step), decision));
    may.map_or_else(|refusal| (refusal.code, refusal.words), |()| ("", String::new()))
}

fn eligible(desk: &Desk, step: usize) -> Vec<String> {
    desk.outcome().steps[step].eligible.iter().map(ToString::to_string).collect()
}

/// Every round stays: who rejected which revision, what was found, in which revision it was answered.
#[test]
fn r65_five_rounds_of_rejection_and_resubmission() {
    let mut desk = tell("line", "ines submit\n dana approve data");
    for round in 1..=5_u32 {
        act(&mut desk, &format!("milo reject model finding=f{round},g{round}"));
        let outcome = desk.outcome();
        assert_eq!(outcome.state, PackageState::ChangesRequired, "round {round}");
        assert_eq!(outcome.steps[1].state, StepState::Refused, "round {round}");
        assert_eq!(outcome.revision, round);
        act(&mut desk, &format!("ines submit evaluation=text{round} answers=f{round},g{round}"));
        let outcome = desk.outcome();
        assert_eq!(outcome.state, PackageState::ChangesRequired, "answered is not cleared: round {round}");
        assert_eq!(outcome.revision, round + 1);
        assert_eq!(outcome.rounds.len(), round as usize + 1);
    }
    let rows = |desk: &Desk| {
        let row = |f: FindingOutcome| (f.id().to_string(), f.revision, f.answer.map(|a| a.0), f.open);
        desk.outcome().findings.into_iter().map(row).collect::<Vec<_>>()
    };
    let expected = |open| -> Vec<_> {
        let of = |round| ["f", "g"].map(|f| (format!("{f}{round}"), round, Some(round + 1), open));
        (1..=5_u32).flat_map(of).collect()
    };
    assert_eq!(rows(&desk), expected(true), "open until who found it lets it go");
    act(&mut desk, "milo approve model");
    assert_eq!(rows(&desk), expected(false));

    let outcome = desk.outcome();
    assert_eq!(outcome.state, PackageState::Approved);
    let (rejected, submitted) = (|n: usize| 2 * n, |n: usize| if n == 1 { 0 } else { 2 * n - 1 });
    for (index, round) in outcome.rounds.iter().enumerate() {
        let number = index + 1;
        assert_eq!(round.revision as usize, number);
        assert_eq!(round.submission, desk.record_id(submitted(number)));
        let rejections: Vec<_> = (number < 6).then(|| desk.record_id(rejected(number))).into_iter().collect();
        assert_eq!(round.rejections, rejections, "round {number}");
    }
    assert_eq!(outcome.rounds.len(), 6);
    assert_eq!(
        summary(&outcome),
        "approved | satisfied satisfied | NOTED CARRIED SUPERSEDED NOTED SUPERSEDED NOTED SUPERSEDED NOTED \
         SUPERSEDED NOTED SUPERSEDED NOTED COUNTED"
    );
    // The answers can be read out of the submissions: each says how.
    assert!(outcome.findings.iter().all(|f| f.answer.as_ref().is_some_and(|(_, a)| a.how == "said it")));
    act(&mut desk, "ivy certify");
    let outcome = desk.outcome();
    assert_eq!(outcome.state, PackageState::Certified);
    let crate::record::Body::Certify(certify) = &desk.entries.last().unwrap().record().body else { panic!() };
    assert_eq!(certify.outcome.rounds.len(), 6, "the certificate freezes every round");
    assert!(certify.outcome.rounds[..5].iter().all(|round| round.rejections.len() == 1));
}

/// A word said before something was found cannot be the answer to it.
#[test]
fn an_answer_comes_after_the_finding() {
    let mut desk = tell("solo", "ines submit answers=f1\n milo reject model finding=f1");
    let answered = |desk: &Desk| desk.outcome().findings[0].answer.as_ref().map(|(revision, _)| *revision);
    assert_eq!(answered(&desk), None);
    act(&mut desk, "ines submit evaluation=new answers=f1");
    assert_eq!(answered(&desk), Some(2));
}

/// A request for clarification whose asker went on to decide is settled, closed or not.
#[test]
fn deciding_settles_the_askers_request() {
    let mut desk = tell("solo", "ines submit\n milo clarify model\n ines answer 1");
    assert_eq!(desk.outcome().threads[0].state, ThreadState::Answered);
    act(&mut desk, "milo approve model");
    assert_eq!(desk.outcome().threads[0].state, ThreadState::Resolved);
    let unanswered = tell("solo", "ines submit\n milo clarify model\n milo reject model");
    assert_eq!(unanswered.outcome().threads[0].state, ThreadState::Resolved);
}

/// What no longer counts does not make a step look older than it is.
#[test]
fn a_step_is_as_fresh_as_what_counts() {
    let story = "ines submit\n milo approve model\n ines submit evaluation=new\n time 3d\n mara approve model
        now 2026-09-25T00:00:00Z";
    let desk = tell("solo model.fresh=10", story);
    assert_eq!(summary(&desk.outcome()), "approved | satisfied | NOTED STALE_CONTENT NOTED COUNTED");
    let signed = desk.entries[3].record().signed_at.date();
    assert_eq!(signed.to_string(), "2026-09-24");
    assert_eq!(desk.outcome().steps[0].fresh_until.unwrap().to_string(), "2026-10-04");
}

/// The window is half open: its first second is in it, its last second is the one before `until`.
#[test]
fn a_delegate_at_the_exact_second() {
    let code = |window: &str, ahead: i64| {
        let mut desk = tell("line", &format!("people delegate dana drew {window}\n ines submit"));
        desk.ahead = ahead;
        act(&mut desk, "drew approve data for=dana");
        let outcome = desk.outcome();
        (outcome.fates[1].code, outcome.steps[0].state)
    };
    let counted = (FateCode::CountedAs, StepState::Satisfied);
    let refused = (FateCode::DelegationInvalid, StepState::Open);
    assert_eq!(code("until=1", -1), counted, "a second before the end");
    assert_eq!(code("until=1", 0), refused, "at the end");
    assert_eq!(code("until=1", 1), refused);
    assert_eq!(code("from=1", -1), refused, "a second before it begins");
    assert_eq!(code("from=1", 0), counted, "at its begin");
    assert_eq!(code("from=1 until=1", 0), refused, "an empty window");
}

/// A deputy is named among those who can still approve only while it would count.
#[test]
fn who_stands_in_is_eligible_while_it_would_count() {
    let chain = "line data.delegates=model,fair";
    let of = |lines: &str| eligible(&tell(chain, lines), 0);
    let own = ["bo", "dana", "drew"];
    assert_eq!(of("ines submit"), own);
    assert_eq!(of("people delegate dana milo\n ines submit"), ["bo", "dana", "drew", "milo"]);
    assert_eq!(of("people delegate dana milo\n people delegate milo fay\n ines submit"), own, "away himself");
    assert_eq!(of("people delegate dana milo\n ines submit by=milo"), own, "a contributor");
    assert_eq!(of("people delegate dana milo\n milo submit"), own, "an author");
    assert_eq!(of("people delegate dana milo\n ines submit\n milo recuse"), own, "stepped aside");
    assert_eq!(of("people delegate dana cory\n ines submit"), own, "without a role that may stand in");
    assert_eq!(of("people delegate cory milo\n ines submit"), own, "for somebody who may not either");
    let mut desk = tell(chain, "people delegate dana milo until=5\n ines submit");
    desk.as_of = desk.minute(5).plus_seconds(-1);
    assert_eq!(eligible(&desk, 0), ["bo", "dana", "drew", "milo"]);
    desk.as_of = desk.minute(5);
    assert_eq!(eligible(&desk, 0), own, "the window is over");
}

/// A chain may name a person nobody enrolled; that gives nobody a say.
#[test]
fn a_veto_of_somebody_nobody_knows() {
    let desk = tell("two model.veto=@nobody", "ines submit");
    assert_eq!(refused(&desk, "nobody", "model", Decision::Reject).0, "NOT_ENROLLED");
    assert_eq!(refused(&desk, "nobody", "model", Decision::Approve).0, "NOT_ENROLLED");
    let desk = tell("two model.veto=@hugh", "ines submit");
    assert_eq!(refused(&desk, "hugh", "model", Decision::Reject).0, "");
    assert_eq!(refused(&desk, "hugh", "model", Decision::Approve).0, "ROLE_NOT_HELD");
}

/// Who comes too early is told which step must pass first, and how that one stands.
#[test]
fn who_comes_too_early_is_told_what_for() {
    let desk = tell("line", "ines submit");
    let words = refused(&desk, "milo", "model", Decision::Approve).1;
    assert_eq!(words, "Model is not open: Data must pass first and is open");
    let desk = tell("line", "ines submit\n dana reject data");
    let words = refused(&desk, "milo", "model", Decision::Approve).1;
    assert!(words.starts_with("Model is not open: Data must pass first and is "), "{words}");
}

/// package.toml is compared by its bytes alone, whatever somebody may call a text of it.
#[test]
fn package_toml_is_never_compared_as_a_text() {
    let mut desk = Desk::new("line data.carry=cosmetic");
    desk.files.insert("package.md".to_owned(), "the same".to_owned());
    // Who abstains need not name the right digests; then package.toml looks changed to the engine.
    for line in ["ines submit", "dana abstain data break=scope-digest", "ines submit limits=new"] {
        act(&mut desk, line);
    }
    let outcome = desk.outcome();
    assert_eq!(outcome.fates[1].code, FateCode::StaleContent, "{}", summary(&outcome));
}

/// The calendar wants pauses in order that do not overlap; signers' clocks need not agree.
#[test]
fn an_answer_before_its_question_is_no_pause() {
    let mut desk = Desk::new("solo model.lapse=48h");
    let lines = [
        (0, "ines submit"),
        (20_000, "mara ask evaluation"),
        (0, "ines answer 1"),
        (60, "mara note evaluation about=1"),
        (7200, "ines answer 1"),
        (7100, "max ask evaluation"),
        (7300, "ines answer 5"),
    ];
    for (ahead, line) in lines {
        desk.ahead = ahead;
        act(&mut desk, line);
    }
    let time = |at: usize| desk.entries[at].record().signed_at;
    desk.with_first(desk.entries.len(), |case| {
        let history = History::read(case);
        let pauses = clock::pauses(&history, &desk.chain.steps[0], &history.today(case.as_of));
        assert_eq!(pauses, [(time(3), time(6))], "the first answer is no pause, the others are one");
    });
}
