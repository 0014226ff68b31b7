//! Every combination of votes (R38) and every order of approvals (R37).

use super::desk::Desk;
use super::story::{act, tell};
use crate::engine::{FateCode, PackageState, StepState};
use proptest::prelude::*;

const VOTERS: [&str; 4] = ["milo", "mara", "max", "mo"];
const VOTES: [&str; 5] = ["", "approve", "reject", "clarify", "abstain"];

/// What the policy says of a vote: one rejection refuses, one question holds up, then the approvals count.
fn by_the_book(votes: &[usize], needed: usize) -> (StepState, PackageState) {
    let cast = |vote: &str| votes.iter().filter(|v| VOTES[**v] == vote).count();
    if cast("reject") > 0 {
        (StepState::Refused, PackageState::ChangesRequired)
    } else if cast("clarify") > 0 {
        (StepState::Clarifying, PackageState::ClarificationPending)
    } else if cast("approve") >= needed {
        (StepState::Satisfied, PackageState::Approved)
    } else {
        (StepState::Open, PackageState::InReview)
    }
}

#[test]
fn every_vote_of_up_to_four() {
    let mut seen = 0;
    for (chain, needed) in [("solo", 1), ("two", 2), ("three", 3)] {
        for voters in 1..=4u32 {
            for mut vector in 0..5usize.pow(voters) {
                let mut votes = Vec::new();
                let mut desk = tell(chain, "ines submit");
                for voter in VOTERS.iter().take(voters as usize) {
                    let vote = vector % 5;
                    vector /= 5;
                    votes.push(vote);
                    if vote > 0 {
                        act(&mut desk, &format!("{voter} {} model", VOTES[vote]));
                    }
                }
                let outcome = desk.outcome();
                let found = (outcome.steps[0].state, outcome.state);
                assert_eq!(found, by_the_book(&votes, needed), "{chain}: {votes:?}");
                assert!(!outcome.advice.is_empty(), "{chain}: {votes:?}");
                seen += 1;
            }
        }
    }
    assert_eq!(seen, 3 * (5 + 25 + 125 + 625));
}

const BANK: [(&str, &str, &[&str]); 4] = [
    ("dana", "data", &[]),
    ("milo", "model", &["data"]),
    ("fay", "fair", &["data"]),
    ("cory", "committee", &["data", "model", "fair"]),
];

/// No approval counts that was signed before every step before it had its approval.
fn in_order(desk: &Desk, order: &[usize], seen: &[usize]) -> Result<(), String> {
    let outcome = desk.outcome();
    let mut passed: Vec<&str> = Vec::new();
    for (position, index) in order.iter().enumerate() {
        let (_, step, before) = BANK[*index];
        let counted = outcome.fates[position + 1].code == FateCode::Counted;
        let may = before.iter().all(|b| {
            // Seen by the signer, and itself in order.
            order.iter().take(seen[position]).any(|i| BANK[*i].1 == *b) && passed.contains(b)
        });
        if counted != may {
            return Err(format!("{order:?} {seen:?}: {step} counted {counted}, may {may}"));
        }
        if counted {
            passed.push(step);
        }
    }
    let all = passed.len() == 4;
    (all == outcome.state.passes()).then_some(()).ok_or(format!("{order:?}: {:?}", outcome.state))
}

#[test]
fn every_order_of_approvals() {
    let mut orders = vec![vec![]];
    for index in 0..4 {
        let insert = |order: &Vec<usize>| -> Vec<Vec<usize>> {
            (0..=order.len()).map(|at| [&order[..at], &[index], &order[at..]].concat()).collect()
        };
        orders = orders.iter().flat_map(insert).collect();
    }
    assert_eq!(orders.len(), 24);
    for order in orders {
        let mut desk = tell("bank", "ines submit");
        for index in &order {
            act(&mut desk, &format!("{} approve {}", BANK[*index].0, BANK[*index].1));
        }
        in_order(&desk, &order, &[0, 1, 2, 3]).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// The same with signers who saw only the first few approvals.
    #[test]
    fn no_approval_precedes_its_gate(
        order in Just(vec![0usize, 1, 2, 3]).prop_shuffle(),
        blind in prop::collection::vec(0usize..4, 4),
    ) {
        let mut desk = tell("bank", "ines submit");
        let mut seen = Vec::new();
        for (position, index) in order.iter().enumerate() {
            seen.push(position.saturating_sub(blind[position]));
            let line = format!("{} approve {} seen={}", BANK[*index].0, BANK[*index].1, seen[position] + 1);
            act(&mut desk, &line);
        }
        in_order(&desk, &order, &seen).map_err(TestCaseError::fail)?;
    }
}
