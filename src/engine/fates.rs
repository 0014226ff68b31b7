//! Gives every record exactly one code, with the reason in words.

use super::carry::ChangeClass;
use super::clock::Moment;
use super::code::FateCode;
use super::disputed::DISPUTED;
use super::history::{Aside, History, Ruling};
use super::outcome::Fate;
use super::report::Whole;
use super::steps::{Because, SeatView};
use crate::id::StepId;
use crate::record::{Body, Decision, Record};
use crate::time::Timestamp;
use std::collections::BTreeMap;

/// One fate a record, in ledger order.
pub(super) fn fates(history: &History, whole: Option<&Whole>, moment: &Moment) -> Vec<Fate> {
    let effective: BTreeMap<usize, &SeatView> =
        whole.into_iter().flat_map(Whole::seats).map(|seat| (seat.at, seat)).collect();
    let fate = |at: usize| {
        let record = history.record(at);
        let (code, note) = match &history.rulings[at] {
            Ruling::Refused(code, note) => refused(history, at, *code, note),
            // A stolen key opened something with it.
            Ruling::Stands if !moment.past.has(at) => (FateCode::KeyNotValid, DISPUTED.to_owned()),
            Ruling::Stands => match &record.body {
                Body::Decide(_) | Body::Object(_) => {
                    decision(history, at, effective.get(&at).copied(), moment)
                }
                Body::Comment(comment) => comment_fate(history, at, comment.blocking),
                Body::Confirm(_) => confirmed(history, at, whole),
                Body::Override(_) => override_fate(history, at, whole, moment),
                _ => (FateCode::Noted, noted(record)),
            },
        };
        Fate { id: history.id(at), kind: record.kind(), code, note }
    };
    (0..history.rulings.len()).map(fate).collect()
}

fn refused(history: &History, at: usize, code: FateCode, note: &str) -> (FateCode, String) {
    if code == FateCode::UpstreamChanged {
        // What became of the record later says more than that it never counted.
        if let Some(fate) = taken_back(history, at).or_else(|| replaced(history, at)) {
            return fate;
        }
    }
    (code, note.to_owned())
}

fn decision(
    history: &History,
    at: usize,
    effective: Option<&SeatView>,
    moment: &Moment,
) -> (FateCode, String) {
    if let Some(fate) = taken_back(history, at) {
        return fate;
    }
    if let Some(by) = history.overruled.get(&at).filter(|by| moment.past.has(**by)) {
        let record = history.record(*by);
        let why = record.body.reason().unwrap_or_default();
        let (name, when) = (&record.signer.name, date(record.signed_at));
        return (FateCode::Overruled, format!("{name} set it aside on {when}: {why}"));
    }
    match effective {
        Some(seat) => (seat.code, because(history, seat)),
        None => replaced(history, at).unwrap_or_else(|| (FateCode::Superseded, String::new())),
    }
}

/// A confirmation counts as long as some approval stands by it.
fn confirmed(history: &History, at: usize, whole: Option<&Whole>) -> (FateCode, String) {
    if let Some(fate) = taken_back(history, at) {
        return fate;
    }
    let record = history.record(at);
    let Body::Confirm(confirm) = &record.body else { return (FateCode::Noted, String::new()) };
    let stands = whole.is_some_and(|whole| {
        let step = whole.views.iter().filter(|view| record.step.as_ref() == Some(&view.step.id));
        step.flat_map(|view| &view.seats).any(|seat| {
            seat.code == FateCode::Carried
                && history.record(seat.at).revision() == Some(confirm.since)
                && matches!(&seat.because, Because::Change(ChangeClass::Minor(_)))
        })
    });
    if stands {
        (FateCode::Counted, format!("approvals of revision {} stand by it", confirm.since))
    } else {
        (FateCode::Noted, "no approval stands by it now".to_owned())
    }
}

/// The fate of an override's request or second.
fn override_fate(history: &History, at: usize, whole: Option<&Whole>, moment: &Moment) -> (FateCode, String) {
    if let Some(fate) = taken_back(history, at) {
        return fate;
    }
    let Some(set_aside) = history.overrides.iter().find(|a| a.at == at || a.second == Some(at)) else {
        return (FateCode::NotApplicable, String::new());
    };
    let code = aside(history, whole, set_aside, moment);
    let note = match code {
        FateCode::Counted => format!("in force until {}", set_aside.says.expires.human()),
        FateCode::OverrideNeedsSecond => "waits for a second person with the role override".to_owned(),
        FateCode::Expired => format!("ended on {}", set_aside.says.expires.human()),
        FateCode::OverrideDeniedFinal => "a final rejection stands in one of its steps".to_owned(),
        FateCode::OverrideDeniedVeto => {
            "a veto that cannot be set aside stands in one of its steps".to_owned()
        }
        FateCode::StaleContent => {
            format!("made on revision {}; the package has changed since", set_aside.revision + 1)
        }
        FateCode::KeyNotValid => DISPUTED.to_owned(),
        _ => String::new(),
    };
    (code, note)
}

/// What became of an override as a whole.
pub(super) fn aside(
    history: &History,
    whole: Option<&Whole>,
    set_aside: &Aside,
    moment: &Moment,
) -> FateCode {
    let revision = whole.map_or(set_aside.revision, |whole| whole.revision);
    let code = history.aside_code(set_aside, revision, moment);
    if code != FateCode::Counted {
        return code;
    }
    let views = whole.into_iter().flat_map(|whole| &whole.views);
    let mine = views.filter(|view| set_aside.says.steps.contains(&view.step.id));
    let denied = mine.filter_map(|view| history.denied(view)).max();
    denied.unwrap_or(code)
}

fn taken_back(history: &History, at: usize) -> Option<(FateCode, String)> {
    let by = history.record(history.taken_back(at)?);
    let why = by.body.reason().unwrap_or_default();
    let who = if by.signer.person == history.record(at).signer.person {
        String::new()
    } else {
        format!(" by {}", by.signer.name)
    };
    Some((FateCode::Withdrawn, format!("taken back{who} on {}: {why}", date(by.signed_at))))
}

fn replaced(history: &History, at: usize) -> Option<(FateCode, String)> {
    let record = history.record(at);
    let seat = history.seats.get(record.step.as_ref()?)?.get(history.seat_person(at))?;
    let by = seat.later(at)?;
    let later = history.record(by);
    let when = date(later.signed_at);
    if later.signer.acting_for.is_none() && record.signer.acting_for.is_some() {
        let note = format!("{} decided in person on {when}", later.signer.name);
        return Some((FateCode::SupersededByPrincipal, note));
    }
    Some((FateCode::Superseded, format!("{} decided again on {when}", later.signer.name)))
}

fn comment_fate(history: &History, at: usize, blocking: bool) -> (FateCode, String) {
    if let Some(fate) = taken_back(history, at) {
        return fate;
    }
    match history.questions.opened_at(at) {
        Some(question) if blocking && history.is_open(question) && question.answered => {
            (FateCode::OpenQuestion, "answered; its asker has not closed it".to_owned())
        }
        Some(question) if blocking && history.is_open(question) => {
            (FateCode::OpenQuestion, "waits for an answer".to_owned())
        }
        Some(_) if blocking => (FateCode::Noted, "closed by its asker".to_owned()),
        _ => (FateCode::Noted, noted(history.record(at))),
    }
}

/// Why an effective decision has its code.
pub(super) fn because(history: &History, seat: &SeatView) -> String {
    let revision = history.record(seat.at).revision().unwrap_or(0);
    match (&seat.because, seat.code) {
        (Because::Barred(bar, named_in), _) => format!("{} {} revision {named_in}", seat.person, bar.did()),
        (Because::Note(note), _) => (*note).to_owned(),
        (Because::Expired(until), _) => format!("it was fresh until {}", until.human()),
        (Because::Change(class), FateCode::NeedsConfirm) => {
            format!(
                "made on revision {revision}; {} since: somebody who approved must confirm it",
                class.words()
            )
        }
        (Because::Change(class), FateCode::Carried) => {
            format!("made on revision {revision} and kept: {}", class.words())
        }
        (Because::Change(ChangeClass::Material(_)), FateCode::StaleContent) => {
            let Because::Change(class) = &seat.because else { return String::new() };
            format!("made on revision {revision}; {} since", class.words())
        }
        (Because::Change(_), FateCode::StaleContent) => {
            format!("made on revision {revision}; this step keeps no decision over a revision of this kind")
        }
        (Because::Upstream(step), FateCode::SuspectUpstream) => {
            format!("it rests on a decision in {} that is disputed", title(history, step))
        }
        (Because::Upstream(step), FateCode::Suspended) => {
            format!("{} is not passed now; it counts again if that returns the same", title(history, step))
        }
        (Because::Upstream(step), _) => {
            format!("{} has passed with another outcome since", title(history, step))
        }
        (_, FateCode::Counted) if history.decide(seat.at).decision == Decision::Reject => {
            "counts as a no; there are too few to refuse the step".to_owned()
        }
        (_, FateCode::Counted) => "counts".to_owned(),
        (_, FateCode::CountedAs) => format!("counts in the seat of {}", seat.person),
        (_, FateCode::Overruled) => "set aside with its step by two people".to_owned(),
        (_, FateCode::StandingRejection) if super::tally::is_objection(history, seat) => {
            "stands until this person approves or takes it back".to_owned()
        }
        (_, FateCode::StandingRejection) => {
            let findings = history.decide(seat.at).findings.len();
            format!(
                "stands, with {}, until this person approves or takes it back",
                count(findings, "finding")
            )
        }
        (_, FateCode::OpenQuestion) => match history.questions.opened_at(seat.at) {
            Some(question) if question.answered => "answered; its asker has not closed it".to_owned(),
            _ => "waits for an answer".to_owned(),
        },
        (_, FateCode::Noted) => "closed by its asker; has no vote".to_owned(),
        _ => String::new(),
    }
}

fn noted(record: &Record) -> String {
    match &record.body {
        Body::Submit(_) => format!("revision {} entered review", record.revision().unwrap_or(0)),
        Body::Comment(_) => "a note".to_owned(),
        Body::Answer(_) => "an answer".to_owned(),
        Body::Resolve(_) => "closes a thread".to_owned(),
        Body::Withdraw(withdraw) => format!("takes record {} back", withdraw.record.short()),
        Body::Certify(_) => format!("certifies revision {}", record.revision().unwrap_or(0)),
        Body::Retract(_) => format!("takes revision {} out of review", record.revision().unwrap_or(0)),
        Body::Recuse(_) => format!("{} takes no part from here on", record.signer.name),
        Body::ResolveRejection(about) => format!("sets rejection {} aside", about.record.short()),
        Body::Discharge(says) => format!("declares condition {} met", says.condition),
        Body::Verify(says) if says.accepted => format!("finds condition {} met", says.condition),
        Body::Verify(says) => format!("gives condition {} back", says.condition),
        Body::Waive(says) => format!("drops condition {}", says.condition),
        Body::Revoke(about) => format!("revokes certificate {}", about.record.short()),
        _ => String::new(),
    }
}

/// A step's title, by the newest chain that has the step.
pub(super) fn title(history: &History, step: &StepId) -> String {
    let chains = history.facts.iter().rev().map(|facts| facts.chain());
    chains
        .filter_map(|chain| chain.step(step))
        .map(|step| step.title.clone())
        .next()
        .unwrap_or(step.to_string())
}

/// `1 finding`, `2 findings`.
pub(super) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// The day and time for people.
pub(super) fn date(at: Timestamp) -> String {
    at.human()
}
