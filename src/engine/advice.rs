//! What is missing now, who can supply it, and with which command.

use super::admit::ISSUER;
use super::fates::count;
use super::history::History;
use super::may::eligible;
use super::outcome::{Advice, FateCode, PackageState, StepState};
use super::report::{Whole, certificate, state};
use super::steps::{SeatView, StepView};
use super::why::needs;
use crate::id::{PersonId, StepId};
use crate::record::{Body, Decision};
use std::collections::BTreeSet;

/// Everything that would move the package on, the most urgent first.
pub(super) fn advice(history: &History, whole: Option<&Whole>) -> Vec<Advice> {
    let package = &history.case.package;
    let now = state(history, whole, certificate(history).as_ref());
    let submit = |missing: String| Advice {
        step: None,
        missing,
        who: authors(history),
        command: format!("countersign submit {package}"),
        due: None,
        read: None,
    };
    let restore = |missing: String| Advice {
        step: None,
        missing,
        who: Vec::new(),
        command: "countersign verify".to_owned(),
        due: None,
        read: None,
    };
    let Some(whole) = whole else {
        return match now {
            PackageState::Draft => vec![submit("nothing was submitted yet".to_owned())],
            _ => history.errors.iter().cloned().map(restore).collect(),
        };
    };
    match now {
        PackageState::IntegrityError => {
            return vec![restore("the ledger holds a record twice: it must be restored".to_owned())];
        }
        PackageState::Error if history.errors.is_empty() => {
            return vec![submit("its chain has no step: submit under a chain that has".to_owned())];
        }
        PackageState::Error => return history.errors.iter().cloned().map(restore).collect(),
        PackageState::Certified => {
            let late = late_objections(history);
            let missing =
                || format!("{} against the certified revision: a new review is due", count(late, "record"));
            return if late > 0 { vec![submit(missing())] } else { Vec::new() };
        }
        PackageState::Expired => {
            return vec![submit("the certificate ran out: a new review is due".to_owned())];
        }
        PackageState::Approved | PackageState::ApprovedWithConditions => {
            return vec![Advice {
                step: None,
                missing: "every step has passed; the certificate is still to be issued".to_owned(),
                who: issuers(history),
                command: format!("countersign certify {package}"),
                due: None,
                read: None,
            }];
        }
        _ => {}
    }
    let mut all = Vec::new();
    let strays = whole.strays.iter().map(|(step, seat)| (*step, seat));
    let seats = whole.views.iter().flat_map(|view| view.seats.iter().map(|seat| (&view.step.id, seat)));
    for (step, seat) in seats.chain(strays).filter(|(_, seat)| seat.code == FateCode::StandingRejection) {
        all.push(rejection(history, whole, step, seat));
    }
    all.extend(questions(history, whole));
    all.extend(whole.views.iter().filter_map(|view| approvals(history, whole, view)));
    all
}

fn authors(history: &History) -> Vec<PersonId> {
    let Some(submit) = history.submits.len().checked_sub(1) else { return Vec::new() };
    let mut people: BTreeSet<PersonId> = BTreeSet::new();
    people.insert(history.record(history.submits[submit]).signer.person.clone());
    people.extend(history.submission(submit).into_iter().flat_map(|s| s.authors.iter().cloned()));
    people.into_iter().filter(|person| history.case.people.person(person).is_some()).collect()
}

fn issuers(history: &History) -> Vec<PersonId> {
    let holds = |p: &&crate::record::Person| p.roles.iter().any(|role| role.as_str() == ISSUER);
    history.case.people.persons.values().filter(holds).map(|p| p.id.clone()).collect()
}

fn late_objections(history: &History) -> usize {
    use super::history::Ruling;
    let late = |(at, ruling): &(usize, &Ruling)| {
        matches!(ruling, Ruling::Refused(FateCode::PostCertificate, _))
            && !matches!(history.record(*at).body, Body::Certify(_))
    };
    history.rulings.iter().enumerate().filter(late).count()
}

fn rejection(history: &History, whole: &Whole, step: &StepId, seat: &SeatView) -> Advice {
    let package = &history.case.package;
    let record = history.record(seat.at);
    let revision = record.revision().unwrap_or(0);
    let findings = count(history.decide(seat.at).findings.len(), "finding");
    let name = &record.signer.name;
    if history.facts[whole.revision].revision.number > revision {
        let short = history.id(seat.at).short();
        let gone = history.facts[whole.revision].index(step).is_none();
        let command = if gone {
            format!("countersign withdraw {package} {short}")
        } else {
            format!("countersign decide {package} approve --step {step}")
        };
        return Advice {
            step: Some(step.clone()),
            missing: format!(
                "{name} rejected revision {revision} ({findings}) and has not looked at the new one"
            ),
            who: vec![seat.person.clone()],
            command,
            due: None,
            read: None,
        };
    }
    Advice {
        step: Some(step.clone()),
        missing: format!("{name} rejected revision {revision}: {findings} to be answered by a new revision"),
        who: authors(history),
        command: format!("countersign submit {package}"),
        due: None,
        read: None,
    }
}

fn questions(history: &History, whole: &Whole) -> Vec<Advice> {
    let package = &history.case.package;
    let in_effect: BTreeSet<usize> =
        whole.seats().filter(|seat| seat.code == FateCode::OpenQuestion).map(|seat| seat.at).collect();
    let open = history
        .questions
        .all
        .iter()
        .filter(|q| q.blocking && q.closed.is_none() && (!q.clarify || in_effect.contains(&q.opened)));
    open.map(|q| {
        let record = history.record(q.opened);
        let (name, short) = (&record.signer.name, history.id(q.opened).short());
        if q.answered {
            Advice {
                step: record.step.clone(),
                missing: format!("the question by {name} on {} was answered and is not closed", q.section),
                who: vec![q.asker.clone()],
                command: format!("countersign resolve {package} {short}"),
                due: None,
                read: None,
            }
        } else {
            Advice {
                step: record.step.clone(),
                missing: format!("the question by {name} on {} waits for an answer", q.section),
                who: authors(history),
                command: format!("countersign answer {package} {short}"),
                due: None,
                read: None,
            }
        }
    })
    .collect()
}

fn approvals(history: &History, whole: &Whole, view: &StepView) -> Option<Advice> {
    if !matches!(view.state, StepState::Open | StepState::Stale | StepState::Clarifying | StepState::Refused)
    {
        return None;
    }
    let needed = view.step.needed();
    let missing = needed.saturating_sub(view.counted) as usize;
    if missing == 0 {
        return None;
    }
    // Whose rejection stands is told to look again elsewhere: an approval besides it moves nothing.
    let objecting: Vec<&PersonId> = view.with(FateCode::StandingRejection).map(|seat| seat.person).collect();
    if objecting.len() >= missing {
        return None;
    }
    let mut who = eligible(history, whole, view);
    who.retain(|person| !objecting.contains(&person));
    let able = who.len() + objecting.len();
    let asked =
        view.with(FateCode::OpenQuestion).filter(|s| history.decide(s.at).decision == Decision::Clarify);
    let mut words = match view.counted {
        0 => needs(view.step),
        _ => format!("{}: {} more", needs(view.step), count(missing, "approval")),
    };
    if able < missing {
        let role = view.step.role();
        words.push_str(&match able {
            0 => format!("; nobody who holds role {role} may decide this package: a registrar must grant it"),
            1 => format!("; only 1 holder of role {role} may still decide"),
            n => format!("; only {n} holders of role {role} may still decide"),
        });
    } else if asked.count() > 0 {
        words.push_str("; a question is open");
    }
    Some(Advice {
        step: Some(view.step.id.clone()),
        missing: words,
        who,
        command: format!("countersign decide {} approve --step {}", history.case.package, view.step.id),
        due: None,
        read: None,
    })
}
