//! The phrases of a story: `who does what`, read aloud as they are written.

use super::event::{Clock, Decided, Delegated, Edit, Event, Fault, How, Line, Said, Seen, Turn, What, Which};
use super::words::{Read, Words, Wrong};
use crate::id::{ConditionId, PersonId, SectionId};
use crate::record::{ClaimedClass, Condition, ConditionKind, Decision};
use crate::time::{Date, Timestamp};

/// What people do, for messages.
const VERBS: &str = "submits resubmits revises approves rejects abstains asks notes answers resolves decides \
    withdraws confirms objects recuses delegates ends declares verifies returns waives overrides seconds \
    certifies revokes retracts repeats gains loses gets joins";

/// Reads one line; `None` if it says nothing.
pub(super) fn line(text: &str) -> Read<Option<Line>> {
    let mut words = Words::of(text)?;
    if words.done() {
        return Ok(None);
    }
    let mut label = None;
    let mut ahead = words.clone();
    if let (Ok(name), true) = (ahead.word("a name"), ahead.eat(":")) {
        label = Some(name.to_owned());
        words = ahead;
    }
    let event = event(&mut words)?;
    words.end()?;
    if label.is_some() && !matches!(event, Event::Record(..)) {
        return Err(words.wrong("only a record can have a name, and this line makes none".to_owned(), ""));
    }
    Ok(Some(Line { label, event }))
}

fn event(words: &mut Words<'_>) -> Read<Event> {
    if let Some(number) = words.peek().and_then(|word| word.strip_prefix('+')) {
        return Ok(Event::Clock(plus(words, number)?));
    }
    if words.eat("at") {
        return Ok(Event::Clock(Clock::At(instant(words)?)));
    }
    if words.eat("the chain becomes") {
        return Ok(Event::Rules(words.word("the name of a chain under [chains]")?.to_owned()));
    }
    if words.eat("another package replaces it") {
        return Ok(Event::Replaced);
    }
    let first = words.word("who does something")?;
    if let Some(owner) = first.strip_suffix("'s") {
        let person = owner.parse().map_err(|_| words.wrong(format!("`{owner}` is no person id"), ""))?;
        words.must("key is revoked")?;
        let from = if words.eat("and distrusted from") { Some(which(words)?) } else { None };
        return Ok(Event::People(person, Turn::KeyRevoked(from)));
    }
    words.back();
    let person: PersonId = words.form("a person id")?;
    if let Some(turn) = turn(words)? {
        return Ok(Event::People(person, turn));
    }
    let mut how = How::default();
    let mut acting_for = None;
    let what = if words.eat("decides for") {
        acting_for = Some(words.form("whose seat is filled")?);
        words.must(":")?;
        what(words, &mut how)?
    } else {
        what(words, &mut how)?
    };
    while options(words, &mut how)? {}
    Ok(Event::Record(person, Box::new(Said { what, acting_for, how })))
}

fn plus(words: &mut Words<'_>, number: &str) -> Read<Clock> {
    let count: Option<u32> = number.parse().ok().filter(|n| *n <= 100_000);
    let Some(count) = count else {
        return Err(words.wrong("a length of time such as `+3 hours` is wanted here".to_owned(), ""));
    };
    words.word("a number")?;
    if words.eat("business") {
        words.word("days")?;
        return Ok(Clock::Business(count));
    }
    let unit = match words.word("minutes, hours, days, weeks or business days")?.trim_end_matches('s') {
        "second" => 1,
        "minute" => 60,
        "hour" => 3600,
        "day" => 86_400,
        "week" => 7 * 86_400,
        _ => {
            words.back();
            let known = "minutes hours days weeks business";
            return Err(words.wrong("a unit of time is wanted here".to_owned(), known));
        }
    };
    Ok(Clock::Plus(i64::from(count) * unit))
}

/// `2026-03-04`, `2026-03-04 09:00` or `2026-03-04T09:00:00Z`; UTC.
pub(super) fn parse_instant(text: &str) -> Option<Timestamp> {
    let (day, time) = match text.split_once(' ') {
        Some((day, time)) => (day, Some(time)),
        None => (text, None),
    };
    match time {
        None => day.parse::<Date>().map(Date::start).ok().or_else(|| day.parse().ok()),
        Some(time) if time.len() == 5 => format!("{day}T{time}:00Z").parse().ok(),
        Some(time) => format!("{day}T{time}Z").parse().ok(),
    }
}

fn instant(words: &mut Words<'_>) -> Read<Timestamp> {
    let day = words.word("a day such as 2026-03-04")?;
    let joined = words.peek().and_then(|time| parse_instant(&format!("{day} {time}")));
    if let Some(found) = joined {
        words.word("a time")?;
        return Ok(found);
    }
    parse_instant(day).ok_or_else(|| {
        words.back();
        words.wrong(
            "a day such as `2026-03-04`, or a day and time such as `2026-03-04 09:00`, is wanted here"
                .to_owned(),
            "",
        )
    })
}

fn turn(words: &mut Words<'_>) -> Read<Option<Turn>> {
    Ok(Some(if words.eat("gains role") || words.eat("gains") {
        Turn::Gains(words.form("a role")?)
    } else if words.eat("loses role") || words.eat("loses") {
        Turn::Loses(words.form("a role")?)
    } else if words.eat("gets a new key") {
        Turn::KeyRenewed
    } else if words.eat("joins") {
        let roles = if words.eat("as") { words.list("a role")? } else { Vec::new() };
        Turn::Joins(roles)
    } else {
        return Ok(None);
    }))
}

fn what(words: &mut Words<'_>, how: &mut How) -> Read<What> {
    let verb = words.word("what happens")?;
    Ok(match verb {
        "submits" | "resubmits" => submission(words, Vec::new())?,
        "revises" => {
            let edits = edits(words)?;
            submission(words, edits)?
        }
        "approves" => decision(words, Decision::Approve)?,
        "rejects" => decision(words, Decision::Reject)?,
        "abstains" => {
            let _ = words.eat("in") || words.eat("from");
            decision(words, Decision::Abstain)?
        }
        "asks" => {
            if words.eat("in") {
                return decision(words, Decision::Clarify);
            }
            ask(words, true)?
        }
        "notes" => ask(words, false)?,
        "answers" => What::Answer(which(words)?, reason(words, "as asked")),
        "resolves" if words.eat("rejection") => {
            What::ResolveRejection(which(words)?, reason(words, "nobody looked again in time"))
        }
        "resolves" => What::Resolve(which(words)?, reason(words, "")),
        "withdraws" => What::Withdraw(which(words)?, reason(words, "changed my mind")),
        "confirms" => What::Confirm(words.form("a step")?),
        "objects" => {
            words.must("to")?;
            let step = words.form("a step")?;
            let section = if words.eat("on") { Some(words.form("a section")?) } else { None };
            What::Object { step, section, reason: reason(words, "this must not pass") }
        }
        "recuses" => What::Recuse(reason(words, "a conflict of interest")),
        "delegates" => delegation(words)?,
        "ends" => {
            words.must("delegation")?;
            What::Undelegate(which(words)?, reason(words, "back again"))
        }
        "declares" => {
            let (condition, set_by) = condition_of(words)?;
            words.must("met")?;
            What::Discharge(condition, set_by, reason(words, "done"))
        }
        "verifies" | "returns" => {
            let (condition, set_by) = condition_of(words)?;
            What::Verify(condition, set_by, verb == "verifies", reason(words, "looked at it"))
        }
        "waives" => {
            let (condition, set_by) = condition_of(words)?;
            What::Waive(condition, set_by, reason(words, "no longer needed"))
        }
        "overrides" => {
            let steps = words.list("a step")?;
            words.must("until")?;
            let expires = words.form("a date")?;
            let review = if words.eat("review") { Some(words.form("a date")?) } else { None };
            What::Override { steps, expires, review, reason: reason(words, "it cannot wait") }
        }
        "seconds" => {
            let first = which(words)?;
            let expires = if words.eat("until") { Some(words.form("a date")?) } else { None };
            let _ = words.eat("because");
            What::Second { first, expires, reason: words.text().map(str::to_owned) }
        }
        "certifies" => What::Certify,
        "revokes" => What::Revoke(which(words)?, reason(words, "it must not be used")),
        "retracts" => What::Retract(reason(words, "not ready")),
        "repeats" => What::Repeat(which(words)?),
        _ => {
            words.back();
            let _ = how;
            return Err(words.wrong(format!("`{verb}` is nothing that people do"), VERBS));
        }
    })
}

/// A number, a name after `the`, or nothing: then the last one that fits is meant.
fn which(words: &mut Words<'_>) -> Read<Which> {
    if let Some(number) = words.maybe::<usize>() {
        return Ok(Which::Number(number));
    }
    let reserved = ["because", "until", "met", "as", "on", "using", "pending"];
    match words.peek() {
        Some(word) if !reserved.contains(&word) && !word.contains('=') => {
            Ok(Which::Label(words.word("a record")?.to_owned()))
        }
        _ => Ok(Which::Last),
    }
}

fn reason(words: &mut Words<'_>, otherwise: &str) -> String {
    let _ = words.eat("because");
    words.text().unwrap_or(otherwise).to_owned()
}

fn condition_of(words: &mut Words<'_>) -> Read<(ConditionId, Which)> {
    let condition = words.form("a condition")?;
    let set_by = if words.eat("of") { which(words)? } else { Which::Last };
    Ok((condition, set_by))
}

fn ask(words: &mut Words<'_>, blocking: bool) -> Read<What> {
    words.must("on")?;
    let section = words.form("a section")?;
    let text = words.text().unwrap_or("why?").to_owned();
    Ok(What::Ask { section, text, blocking })
}

fn edits(words: &mut Words<'_>) -> Read<Vec<Edit>> {
    if words.eat("nothing") {
        return Ok(Vec::new());
    }
    let mut all = Vec::new();
    loop {
        all.push(if words.eat("back to revision") {
            Edit::BackTo(words.form("a number")?)
        } else if words.eat("evidence of") {
            let section = words.form("a section")?;
            Edit::Evidence(section, words.text().unwrap_or("other figures").to_owned())
        } else if words.eat("package meta") {
            let pair = words.word("a pair such as tier=2")?;
            let Some((key, value)) = pair.split_once('=') else {
                words.back();
                return Err(words.wrong("a pair such as `tier=2` is wanted here".to_owned(), ""));
            };
            Edit::Meta(key.to_owned(), value.to_owned())
        } else if words.eat("package use") {
            Edit::Use(words.must_text("the permitted use")?.to_owned())
        } else {
            let section: SectionId = words.form("a section")?;
            // A story has one line for each event; `\n` in a text begins a new line of the page.
            Edit::Section(section, words.must_text("the new text")?.replace("\\n", "\n"))
        });
        if !(words.eat(",") || words.eat("and")) {
            return Ok(all);
        }
    }
}

fn submission(words: &mut Words<'_>, edits: Vec<Edit>) -> Read<What> {
    let (mut helpers, mut claim, mut answers) = (Vec::new(), None, Vec::new());
    loop {
        if words.eat("with help of") {
            helpers = words.list("a person id")?;
        } else if words.eat("claiming") {
            claim = Some(match words.word("cosmetic, minor or material")? {
                "cosmetic" => ClaimedClass::Cosmetic,
                "minor" => ClaimedClass::Minor,
                "material" => ClaimedClass::Material,
                _ => {
                    words.back();
                    let known = "cosmetic minor material";
                    return Err(words.wrong("a class of change is wanted here".to_owned(), known));
                }
            });
        } else if words.eat("answering") {
            answers = words.list("a finding")?;
        } else {
            return Ok(What::Submit { edits, helpers, claim, answers });
        }
        let _ = words.eat(",");
    }
}

fn decision(words: &mut Words<'_>, decision: Decision) -> Read<What> {
    let step = words.form("a step")?;
    let mut said = Decided {
        step,
        decision,
        conditions: Vec::new(),
        findings: Vec::new(),
        question: None,
        finally: false,
    };
    match decision {
        Decision::Approve => {
            while words.eat("with condition") || words.eat("and condition") || words.eat(", condition") {
                said.conditions.push(condition(words)?);
            }
        }
        Decision::Reject => loop {
            if words.eat("finding") || words.eat("and finding") || words.eat(", finding") {
                let id = Some(words.form("a finding's id")?);
                let section = if words.eat("on") { Some(words.form("a section")?) } else { None };
                said.findings.push((id, section, words.text().unwrap_or("it is not shown").to_owned()));
            } else if words.eat("finally") {
                said.finally = true;
            } else if let Some(text) = words.text() {
                said.findings.push((None, None, text.to_owned()));
            } else {
                break;
            }
        },
        Decision::Clarify => {
            let section = if words.eat("on") { Some(words.form("a section")?) } else { None };
            said.question = Some((section, words.text().unwrap_or("why?").to_owned()));
        }
        Decision::Abstain => {}
    }
    Ok(What::Decide(said))
}

fn condition(words: &mut Words<'_>) -> Read<Condition> {
    let mut condition = Condition {
        due: None,
        id: words.form("a condition's id")?,
        kind: ConditionKind::Standing,
        owner: None,
        step: None,
        text: words.text().unwrap_or("do it").to_owned(),
        verifier_role: None,
    };
    loop {
        if words.eat("pre_merge") || words.eat("before merging") {
            condition.kind = ConditionKind::PreMerge;
        } else if words.eat("post_merge") || words.eat("after merging") {
            condition.kind = ConditionKind::PostMerge;
        } else if words.eat("standing") {
            condition.kind = ConditionKind::Standing;
        } else if words.eat("before_step") || words.eat("before later steps") {
            condition.kind = ConditionKind::BeforeStep;
        } else if words.eat("before step") {
            condition.kind = ConditionKind::BeforeStep;
            condition.step = Some(words.form("a step")?);
        } else if words.eat("due") {
            condition.due = Some(words.form("a date")?);
        } else if words.eat("owner") {
            condition.owner = Some(words.form("a person id")?);
        } else if words.eat("verified by") {
            condition.verifier_role = Some(words.form("a role")?);
        } else {
            return Ok(condition);
        }
    }
}

fn delegation(words: &mut Words<'_>) -> Read<What> {
    let principal = if words.eat("to") {
        None
    } else {
        let principal = words.form("whose seat is filled")?;
        words.must("to")?;
        Some(principal)
    };
    let to = words.form("who fills the seat")?;
    words.must("from")?;
    let from = instant(words)?;
    words.must("until")?;
    let until = instant(words)?;
    let (mut steps, mut packages) = (Vec::new(), Vec::new());
    loop {
        if words.eat("for step") || words.eat("for steps") {
            steps = words.list("a step")?;
        } else if words.eat("for package") {
            packages = words.list("a package")?;
        } else {
            break;
        }
    }
    let reason = reason(words, "leave");
    Ok(What::Delegate(Delegated { principal, to, from, until, steps, packages, reason }))
}

/// Reads one more word on how the record came to be; false if there is none.
fn options(words: &mut Words<'_>, how: &mut How) -> Read<bool> {
    if words.eat("on revision") {
        how.revision = Some(words.form("a number")?);
    } else if words.eat("as") {
        how.role = Some(words.form("a role")?);
    } else if words.eat("using AI") {
        how.assistance = Some(words.must_text("tool and kind")?.to_owned());
    } else if words.eat("from pull request") {
        how.pull_request = Some(words.form("a number")?);
    } else if words.eat("pending") {
        how.pending = true;
    } else if let Some(list) = words.peek().and_then(|word| word.strip_prefix("seen=")) {
        let list = list.to_owned();
        words.word("seen")?;
        how.seen = Some(seen(words, &list)?);
    } else if let Some(thing) = words.peek().and_then(|word| word.strip_prefix("wrong=")) {
        how.wrong = Some(fault(words, thing)?);
        words.word("wrong")?;
    } else {
        return Ok(false);
    }
    Ok(true)
}

/// `seen=4`: the first four records; `seen=1,3`: these two and what their signers had seen.
fn seen(words: &mut Words<'_>, list: &str) -> Read<Seen> {
    let one = |text: &str| match text.parse() {
        Ok(number) => Which::Number(number),
        Err(_) => Which::Label(text.to_owned()),
    };
    // `seen=4,` means record 4 alone, with what its signer had seen; the comma is a word by then.
    if !list.contains(',') && !words.eat(",") {
        return match list.parse() {
            Ok(count) => Ok(Seen::First(count)),
            Err(_) => Ok(Seen::These(vec![one(list)])),
        };
    }
    Ok(Seen::These(list.split(',').filter(|part| !part.is_empty()).map(one).collect()))
}

fn fault(words: &Words<'_>, thing: &str) -> Result<Fault, Wrong> {
    Ok(match thing {
        "repository" => Fault::Repository,
        "package" => Fault::Package,
        "revision" => Fault::Revision,
        "digest" => Fault::Digest,
        "chain" => Fault::Chain,
        "meaning" => Fault::Meaning,
        "scope" => Fault::Scope,
        "upstream" => Fault::Upstream,
        "name" => Fault::Name,
        _ => {
            let known = "repository package revision digest chain meaning scope upstream name";
            return Err(words.wrong(format!("nothing called `{thing}` can be wrong with a record"), known));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        match line(text) {
            Ok(Some(line)) => format!("{:?}", line.event),
            Ok(None) => "nothing".to_owned(),
            Err(wrong) => format!("{} at {}..{}; {}", wrong.message, wrong.start, wrong.end, wrong.help),
        }
    }

    #[test]
    fn lines_are_read_as_they_are_spoken() {
        assert!(
            told("dana approves data with condition c1 \"retrain\" pre_merge due 2026-05-01")
                .contains("PreMerge")
        );
        assert!(
            told("drew decides for dana: approves data").contains("acting_for: Some(PersonId(\"dana\"))")
        );
        assert!(told("dana delegates to drew from 2026-03-01 until 2026-04-01 12:00 for step data because \"leave\"")
            .contains("2026-04-01T12:00:00"));
        assert!(
            told("x: milo rejects model finding f1 on evaluation \"why\" finally seen=1,3")
                .contains("finally: true")
        );
        assert!(told("+2 business days").contains("Business(2)"));
        assert!(told("dana's key is revoked").contains("KeyRevoked"));
        assert_eq!(told("  # a remark"), "nothing");
    }

    #[test]
    fn what_is_not_understood_is_said_with_its_place() {
        assert_eq!(
            told("dana aproves data"),
            "`aproves` is nothing that people do at 5..12; did you mean `approves`?"
        );
        assert_eq!(told("dana approves"), "a step is wanted here at 13..14; ");
        assert_eq!(told("dana approves data maybe"), "these words mean nothing here at 19..24; ");
        assert!(told("x: +3 hours").starts_with("only a record can have a name"));
    }
}
