//! The rules of a chain in plain words.

use super::Fact;
use crate::chain::{Carry, Chain, Quorum, Share, Step, Tally, Tie, Voter, Way, When};
use crate::id::RoleId;
use crate::record::People;
use crate::site::words;
use crate::time::Term;

/// Holders of a role by name.
fn holders(people: &People, role: &RoleId) -> String {
    let names: Vec<String> = people.holders(role).map(|p| p.name.clone()).collect();
    if names.is_empty() { "nobody yet".to_owned() } else { words::list(&names) }
}

/// `Role model risk: Ann and Bob`.
fn role(people: &People, role: &RoleId) -> String {
    format!("Role {}: {}", words::role(role), holders(people, role))
}

fn count(n: u32, one: &str) -> String {
    words::count(n as usize, one)
}

/// Which packages a step is for.
pub(super) fn when(when: &When) -> String {
    let key = words::role(&when.meta);
    let values = either(&when.values);
    if when.among {
        format!("Those whose {key} is {values}. Others pass it by without a decision.")
    } else {
        format!("All but those whose {key} is {values}, which pass it by without a decision.")
    }
}

/// `a`, `a or b`, `a, b or c`.
fn either(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// Who decides, and what is enough.
pub(super) fn enough(people: &People, step: &Step) -> Vec<Fact> {
    match step.ways.as_slice() {
        [Way { role: of, tally: Tally::Approvals(n) }] => {
            vec![Fact::new("Who decides", role(people, of)), Fact::new("Approvals needed", n.to_string())]
        }
        [Way { role: of, tally: Tally::Quorum(quorum) }] => {
            vec![Fact::new("Who decides", role(people, of)), Fact::new("Vote needed", vote(people, quorum))]
        }
        ways => {
            let mut facts = vec![Fact::new("What is enough", "Any one of the following.")];
            facts.extend(ways.iter().map(|way| {
                let enough = match &way.tally {
                    Tally::Approvals(n) => format!("{} needed.", count(*n, "approval")),
                    Tally::Quorum(quorum) => vote(people, quorum),
                };
                Fact::new("One way", format!("{}. {enough}", role(people, &way.role)))
            }));
            facts
        }
    }
}

fn vote(people: &People, quorum: &Quorum) -> String {
    let yes = match quorum.yes {
        Share::Count(n) => count(n, "approval"),
        Share::Fraction { numerator, denominator } => {
            format!("approvals by {numerator}/{denominator} of all who may vote, rounded up")
        }
    };
    let presence = if quorum.no_is_present { "approve, abstain or reject" } else { "approve or abstain" };
    let mut text = format!("{yes}. At least {} must {presence}.", quorum.present);
    if let Some(chair) = &quorum.chair {
        text += &format!(
            " One who votes must hold the role {} ({}).",
            words::role(chair),
            holders(people, chair)
        );
    }
    text + match quorum.tie {
        Tie::Fail => " As many votes against as in favor do not pass.",
        Tie::Chair => " With as many votes against as in favor it passes if the chair is in favor.",
    }
}

/// What a rejection does, who can refuse alone, who can set a rejection aside.
pub(super) fn rejection(people: &People, step: &Step) -> Vec<Fact> {
    let waits =
        "The package waits for a new revision that answers every finding. Nothing else moves on.".to_owned();
    let mut facts = vec![Fact::new(
        "After a rejection",
        if step.reject > 1 { format!("It takes {} rejections. {waits}", step.reject) } else { waits },
    )];
    if !step.veto.is_empty() {
        let voters = step.veto.iter().map(|voter| match voter {
            Voter::Role(role) => format!("the role {} ({})", words::role(role), holders(people, role)),
            Voter::Person(id) => people.persons.get(id).map_or_else(|| id.to_string(), |p| p.name.clone()),
        });
        let aside =
            if step.overridable_veto { "Two people can override it." } else { "Nobody can override it." };
        let voters = either(&voters.collect::<Vec<_>>());
        facts.push(Fact::new("Veto", format!("A rejection by {voters} is enough to refuse. {aside}")));
    }
    facts.extend(step.resolve_rejection.as_ref().map(|role| {
        Fact::new(
            "Rejection left standing",
            format!(
                "If those who rejected do not look again by the deadline, the role {} ({}) can set the rejection aside. This is always shown.",
                words::role(role),
                holders(people, role)
            ),
        )
    }));
    facts
}

/// What becomes of an approval when the package changes.
pub(super) fn carry(carry: Carry) -> &'static str {
    match carry {
        Carry::Never => "Every new revision needs a new decision.",
        Carry::Identical => "An approval stands only if no file changed.",
        Carry::OutOfScope => {
            "An approval stands if none of the sections it judged changed; else it is decided anew."
        }
        Carry::Cosmetic => {
            "An approval stands if every section it judged still reads and looks the same; else it is decided anew."
        }
        Carry::Minor => {
            "An approval stands if every section it judged still reads the same. After a small change of wording it stands again once somebody who approved confirms it. Anything else is decided anew."
        }
    }
}

/// How long things may take, and how long an approval holds.
pub(super) fn time(people: &People, step: &Step) -> Vec<Fact> {
    let within = |term: &Term| {
        format!("Within {term} of its opening. The clock stands still while the author is asked something.")
    };
    let mut facts: Vec<Fact> = step.deadline.iter().map(|d| Fact::new("Deadline", within(d))).collect();
    facts.extend(step.escalate.iter().map(|e| {
        Fact::new(
            "Escalation",
            format!(
                "After {} the role {} ({}) may decide too. What is enough stays the same.",
                e.after,
                words::role(&e.to),
                holders(people, &e.to)
            ),
        )
    }));
    facts.extend(step.lapse.iter().map(|lapse| {
        Fact::new("Lapse", format!("If it has not passed after {lapse}, the review ends without approval."))
    }));
    facts.extend(step.fresh_for.iter().map(|fresh| {
        Fact::new(
            "An approval holds",
            format!("{fresh}, unless a certificate is issued by then. After that it is decided anew."),
        )
    }));
    facts
}

/// Who may stand in, and whether a decision may be prepared with AI assistance.
pub(super) fn others(people: &People, step: &Step) -> Vec<Fact> {
    let mut facts = Vec::new();
    if !step.delegates.is_empty() {
        let roles = step.delegates.iter().map(|r| format!("{} ({})", words::role(r), holders(people, r)));
        facts.push(Fact::new(
            "Standing in",
            format!(
                "A reviewer can name somebody of the role {} to stand in for a time.",
                either(&roles.collect::<Vec<_>>())
            ),
        ));
    }
    if !step.assistance {
        facts.push(Fact::new(
            "AI assistance",
            "Not allowed in this step: the reviewer reads and decides unaided.",
        ));
    }
    facts
}

/// Rules of the whole chain that are not as usual.
pub(super) fn whole(chain: &Chain) -> Vec<Fact> {
    let mut facts = Vec::new();
    if chain.steps.iter().any(|s| s.deadline.is_some() || s.lapse.is_some() || !s.escalate.is_empty()) {
        let calendar = &chain.calendar;
        let mut text = "Mondays to Fridays".to_owned();
        if let Some(title) = calendar.title() {
            text += &format!(" but {title}");
        }
        let days: Vec<String> = calendar.holidays().map(|day| day.human()).collect();
        if !days.is_empty() {
            text += &format!("; also not {}", words::list(&days));
        }
        facts.push(Fact::new(
            "Business days",
            format!("{text}. A day ends at midnight in {}.", place(calendar.zone())),
        ));
    }
    if chain.steps.iter().any(|s| s.carry == Carry::Minor) {
        facts.push(Fact::new(
            "A small change of wording",
            format!(
                "At most {} since the last full decision, in prose only: no number, name, link, table or word such as “not” or “must”.",
                count(chain.minor_words, "changed word")
            ),
        ));
    }
    if chain.applies_to_inflight {
        facts.push(Fact::new(
            "When this chain changes",
            "Packages under review must be submitted again under the new chain.",
        ));
    }
    facts.push(Fact::new(
        "Override",
        if chain.overridable {
            "Two people of the role override, neither of them author or reviewer of the package, can set a step aside for a stated time. This is always shown and never looks like an approval."
        } else {
            "Nobody can set a step aside."
        },
    ));
    facts
}

/// `America/New_York` as `New York (America)`.
fn place(zone: &str) -> String {
    match zone.rsplit_once('/') {
        Some((area, city)) => format!("{} ({})", city.replace('_', " "), area.replace('_', " ")),
        None => zone.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Diagnostics;
    use crate::text::SourceFile;

    const CHAIN: &str = r#"
id = "c"
title = "C"
calendar = "target"
zone = "Europe/Berlin"
holidays = ["2026-12-24"]
applies_to_inflight = "must"
minor_words = 10
override = false
[[section]]
id = "s"
title = "S"
criterion = "C."
[[step]]
id = "vote"
role = "ai-committee"
quorum = { present = 3, yes = "2/3", reject = 2, chair = "committee-chair", tie = "chair" }
veto = ["head-of-risk", "person:ana"]
when = { meta = "risk-tier", not_in = ["low", "none"] }
carry = "minor"
deadline = "5 business days"
escalate = [{ to = "risk-lead", after = "7 business days" }]
lapse = "90 days"
fresh_for = "6 months"
delegates = ["ai-committee", "risk-lead"]
resolve_rejection = "risk-lead"
assistance = "none"
meaning = "{name} {decision} {package} {revision}"
[[step]]
id = "either"
any_of = [{ role = "legal", approvals = 2 }, { role = "counsel" }]
meaning = "{name} {decision} {package} {revision}"
"#;

    /// No rule of a chain is left out of its page.
    #[test]
    fn every_rule_is_said_in_plain_words() {
        let mut out = Diagnostics::new();
        let file = SourceFile::new("chains/c.toml".parse().unwrap(), CHAIN.to_owned());
        let chain = crate::chain::parse(&file, &mut out).unwrap_or_else(|| panic!("{out:?}"));
        let people = People::default();
        let mut facts = whole(&chain);
        for step in &chain.steps {
            facts.extend(step.when.as_ref().map(|w| Fact::new("For which packages", when(w))));
            facts.extend([enough(&people, step), rejection(&people, step)].concat());
            facts.extend([time(&people, step), others(&people, step)].concat());
        }
        let said: Vec<String> = facts.iter().map(|fact| format!("{}: {}", fact.term, fact.text)).collect();
        for words in [
            "Business days: Mondays to Fridays but the closing days of TARGET",
            "also not 24 December 2026. A day ends at midnight in Berlin (Europe).",
            "At most 10 changed words",
            "must be submitted again under the new chain",
            "Override: Nobody can set a step aside.",
            "All but those whose risk tier is low or none, which pass it by",
            "approvals by 2/3 of all who may vote, rounded up. At least 3 must approve or abstain. One who votes must hold the role committee chair (nobody yet). With as many votes against as in favor it passes if the chair is in favor.",
            "It takes 2 rejections.",
            "A rejection by the role head of risk (nobody yet) or ana is enough to refuse. Nobody can override it.",
            "Deadline: Within 5 business days of its opening.",
            "After 7 business days the role risk lead (nobody yet) may decide too.",
            "Lapse: If it has not passed after 90 days, the review ends without approval.",
            "An approval holds: 6 months,",
            "name somebody of the role ai committee (nobody yet) or risk lead (nobody yet)",
            "Rejection left standing: If those who rejected do not look again by the deadline, the role risk lead",
            "AI assistance: Not allowed",
            "One way: Role legal: nobody yet. 2 approvals needed.",
            "One way: Role counsel: nobody yet. 1 approval needed.",
        ] {
            assert!(said.iter().any(|s| s.contains(words)), "`{words}` is not in:\n{}", said.join("\n"));
        }
    }
}
