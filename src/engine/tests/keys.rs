//! Keys of a chain in a few letters: `model.lapse=48h`, `minor=3`.

use super::desk::id;
use crate::chain::{Carry, Chain, Escalation, Quorum, Share, Tally, Tie, Voter, Way, When};
use crate::time::{Period, Term};

/// Sets one key: of a step (`model.reject=2`) or of the chain (`minor=3`).
pub fn set(chain: &mut Chain, word: &str) {
    let (key, value) = word.split_once('=').unwrap_or((word, ""));
    let Some((step, key)) = key.split_once('.') else {
        match key {
            "minor" => chain.minor_words = value.parse().unwrap(),
            "inflight" => chain.applies_to_inflight = true,
            "rigid" => chain.overridable = false,
            other => panic!("no key {other}"),
        }
        return;
    };
    let step = chain.steps.iter_mut().find(|s| s.id.as_str() == step).unwrap();
    match key {
        "carry" => step.carry = carry(value),
        "reject" => step.reject = value.parse().unwrap(),
        "veto" => step.veto = value.split(',').map(voter).collect(),
        "vetoable" => step.overridable_veto = true,
        "deadline" => step.deadline = Some(term(value)),
        "lapse" => step.lapse = Some(term(value)),
        "fresh" => step.fresh_for = Some(Period::Days(value.parse().unwrap())),
        "delegates" => step.delegates = value.split(',').map(id).collect(),
        "resolve" => step.resolve_rejection = Some(id(value)),
        "unaided" => step.assistance = false,
        "approvals" => step.ways[0].tally = Tally::Approvals(value.parse().unwrap()),
        "quorum" => step.ways[0].tally = Tally::Quorum(quorum(value)),
        "escalate" => {
            let (to, after) = value.split_once(':').unwrap();
            step.escalate.push(Escalation { to: id(to), after: term(after) });
        }
        "or" => {
            let (role, approvals) = value.split_once(':').unwrap();
            let tally = Tally::Approvals(approvals.parse().unwrap());
            step.ways.push(Way { role: id(role), tally });
        }
        "when" => {
            let (among, (meta, values)) = match value.split_once('!') {
                Some(parts) => (false, parts),
                None => (true, value.split_once(':').unwrap()),
            };
            let values = values.split(',').map(str::to_owned).collect();
            step.when = Some(When { meta: meta.to_owned(), values, among });
        }
        other => panic!("no key {other}"),
    }
}

fn carry(word: &str) -> Carry {
    match word {
        "never" => Carry::Never,
        "identical" => Carry::Identical,
        "scope" => Carry::OutOfScope,
        "cosmetic" => Carry::Cosmetic,
        "minor" => Carry::Minor,
        other => panic!("no carry {other}"),
    }
}

fn voter(word: &str) -> Voter {
    match word.strip_prefix('@') {
        Some(person) => Voter::Person(id(person)),
        None => Voter::Role(id(word)),
    }
}

/// `48h`, `3d`, `5b`.
pub fn term(word: &str) -> Term {
    let (number, unit) = word.split_at(word.len() - 1);
    let number = number.parse().unwrap();
    match unit {
        "h" => Term::Hours(number),
        "d" => Term::Days(number),
        "b" => Term::BusinessDays(number),
        other => panic!("no unit {other}"),
    }
}

/// `present,yes`, then in any order `chair`, `tie`, `no`; yes is `2` or `2/3`.
fn quorum(word: &str) -> Quorum {
    let mut parts = word.split(',');
    let present = parts.next().unwrap().parse().unwrap();
    let yes = match parts.next().unwrap().split_once('/') {
        Some((a, b)) => Share::Fraction { numerator: a.parse().unwrap(), denominator: b.parse().unwrap() },
        None => Share::Count(word.split(',').nth(1).unwrap().parse().unwrap()),
    };
    let mut quorum = Quorum { present, yes, chair: None, tie: Tie::Fail, no_is_present: false };
    for part in parts {
        match part {
            "chair" => quorum.chair = Some(id("chair")),
            "tie" => quorum.tie = Tie::Chair,
            "no" => quorum.no_is_present = true,
            other => panic!("no {other} in a quorum"),
        }
    }
    quorum
}
