//! Every key of a chain, read as SPEC section 8 says.

use super::super::*;
use crate::diag::Diagnostics;
use crate::text::SourceFile;

const ALL: &str = r#"
id = "c"
title = "C"
policy = "P"
calendar = "us-federal"
zone = "America/New_York"
holidays = ["2026-12-24"]
applies_to_inflight = "must"
minor_words = 10
override = false

[[section]]
id = "data"
title = "Data"
criterion = "C."

[[step]]
id = "plain"
role = "a"
meaning = "{name} {decision} {package} {revision}"

[[step]]
id = "vote"
role = "b"
quorum = { present = 3, yes = "2/3", reject = 2, chair = "chair", tie = "chair", no_is_present = true }
veto = ["boss", "person:ana"]
overridable_veto = true
after = ["plain"]
when = { meta = "use", not_in = ["test"] }
scope = ["data"]
carry = "minor"
deadline = "5 business days"
escalate = [{ to = "lead", after = "7 business days" }]
lapse = "90 days"
fresh_for = "6 months"
delegates = ["b", "lead"]
resolve_rejection = "lead"
assistance = "none"
meaning = "{name} {decision} {package} {revision}"

[[step]]
id = "either"
any_of = [{ role = "a", approvals = 2 }, { role = "b", quorum = { present = 2, yes = 2 } }]
reject = 3
meaning = "{name} {decision} {package} {revision}"

[effective]
review_by = "365 days"
"#;

fn read(text: &str) -> Chain {
    let mut out = Diagnostics::new();
    let file = SourceFile::new("chains/c.toml".parse().unwrap(), text.to_owned());
    parse(&file, &mut out).unwrap_or_else(|| panic!("{out:?}"))
}

#[test]
fn every_key_is_read() {
    let chain = read(ALL);
    assert_eq!((chain.calendar.name(), chain.calendar.zone()), ("us-federal", "America/New_York"));
    assert_eq!(chain.calendar.holidays().map(|d| d.to_string()).collect::<Vec<_>>(), ["2026-12-24"]);
    assert_eq!((chain.applies_to_inflight, chain.minor_words, chain.overridable), (true, 10, false));
    let vote = &chain.steps[1];
    let quorum = Quorum {
        present: 3,
        yes: Share::Fraction { numerator: 2, denominator: 3 },
        chair: Some("chair".parse().unwrap()),
        tie: Tie::Chair,
        no_is_present: true,
    };
    assert_eq!(vote.ways, [Way { role: "b".parse().unwrap(), tally: Tally::Quorum(quorum) }]);
    assert_eq!((vote.reject, vote.overridable_veto, vote.assistance), (2, true, false));
    assert_eq!(vote.veto, [Voter::Role("boss".parse().unwrap()), Voter::Person("ana".parse().unwrap())]);
    assert_eq!(vote.when, Some(When { meta: "use".into(), values: vec!["test".into()], among: false }));
    assert_eq!(
        (vote.carry, vote.deadline, vote.lapse),
        (Carry::Minor, Some(Term::BusinessDays(5)), Some(Term::Days(90)))
    );
    assert_eq!(vote.escalate, [Escalation { to: "lead".parse().unwrap(), after: Term::BusinessDays(7) }]);
    assert_eq!(vote.fresh_for, Some(Period::Months(6)));
    assert_eq!(vote.delegates, ["b".parse().unwrap(), "lead".parse().unwrap()]);
    assert_eq!(vote.resolve_rejection, Some("lead".parse().unwrap()));
    let either = &chain.steps[2];
    assert_eq!(either.ways.len(), 2);
    assert_eq!((either.reject, either.roles().count()), (3, 2));
}

/// A chain of the first version: everything it does not say is as SPEC says.
#[test]
fn what_is_not_written_has_its_default() {
    let text: String = ALL.lines().skip(1).take(3).collect::<Vec<_>>().join("\n");
    let rest = "\n[[section]]\nid = \"data\"\ntitle = \"D\"\ncriterion = \"C.\"\n[[step]]\nid = \"one\"\nrole = \"a\"\n\
                meaning = \"{name} {decision} {package} {revision}\"\n";
    let chain = read(&(text + rest));
    assert_eq!(chain.calendar, Calendar::utc());
    assert_eq!((chain.applies_to_inflight, chain.minor_words, chain.overridable), (false, 25, true));
    let plain = Step {
        scope: vec!["data".parse().unwrap()],
        meaning: "{name} {decision} {package} {revision}".to_owned(),
        ..Step::plain("one".parse().unwrap(), "a".parse().unwrap(), 1)
    };
    assert_eq!(chain.steps, [plain]);
}

#[test]
fn parts_of_a_pool_are_rounded_up() {
    let of = |numerator, denominator, pool| Share::Fraction { numerator, denominator }.of(pool);
    assert_eq!([of(2, 3, 3), of(2, 3, 4), of(2, 3, 5), of(1, 2, 5), of(1, 1, 5)], [2, 3, 4, 3, 5]);
    assert_eq!((of(1, 3, 0), Share::Count(4).of(2)), (1, 4));
}
