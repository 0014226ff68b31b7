//! Gives every record exactly one code, with the reason in words.

use super::carry::ChangeClass;
use super::history::{History, Ruling};
use super::outcome::{Fate, FateCode};
use super::report::Whole;
use super::steps::{Because, SeatView};
use crate::id::StepId;
use crate::record::{Body, Record};
use crate::time::Timestamp;
use std::collections::BTreeMap;

/// One fate a record, in ledger order.
pub(super) fn fates(history: &History, whole: Option<&Whole>) -> Vec<Fate> {
    let effective: BTreeMap<usize, &SeatView> =
        whole.into_iter().flat_map(Whole::seats).map(|seat| (seat.at, seat)).collect();
    let fate = |at: usize| {
        let record = history.record(at);
        let (code, note) = match &history.rulings[at] {
            Ruling::Refused(code, note) => refused(history, at, *code, note),
            Ruling::Stands => match &record.body {
                Body::Decide(_) => decision(history, at, effective.get(&at).copied()),
                Body::Comment(comment) => comment_fate(history, at, comment.blocking),
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

fn decision(history: &History, at: usize, effective: Option<&SeatView>) -> (FateCode, String) {
    if let Some(fate) = taken_back(history, at) {
        return fate;
    }
    match effective {
        Some(seat) => (seat.code, because(history, seat)),
        None => replaced(history, at).unwrap_or_else(|| (FateCode::Superseded, String::new())),
    }
}

fn taken_back(history: &History, at: usize) -> Option<(FateCode, String)> {
    let by = *history.withdrawn.get(&at)?;
    let Body::Withdraw(withdraw) = &history.record(by).body else { return None };
    let when = date(history.record(by).signed_at);
    Some((FateCode::Withdrawn, format!("taken back on {when}: {}", withdraw.reason)))
}

fn replaced(history: &History, at: usize) -> Option<(FateCode, String)> {
    let record = history.record(at);
    let seat = history.seats.get(record.step.as_ref()?)?.get(&record.signer.person)?;
    let later = history.record(seat.later(at)?);
    let when = date(later.signed_at);
    Some((FateCode::Superseded, format!("{} decided again on {when}", later.signer.name)))
}

fn comment_fate(history: &History, at: usize, blocking: bool) -> (FateCode, String) {
    if let Some(fate) = taken_back(history, at) {
        return fate;
    }
    match history.questions.opened_at(at) {
        Some(question) if blocking && question.closed.is_none() && question.answered => {
            (FateCode::OpenQuestion, "answered; its asker has not closed it".to_owned())
        }
        Some(question) if blocking && question.closed.is_none() => {
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
        (Because::Upstream(step), FateCode::Suspended) => {
            format!("{} is not passed now; it counts again if that returns the same", title(history, step))
        }
        (Because::Upstream(step), _) => {
            format!("{} has passed with another outcome since", title(history, step))
        }
        (_, FateCode::Counted) => "counts".to_owned(),
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
