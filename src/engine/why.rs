//! The tree of reasons: the same for the terminal, the page and the certificate.

use super::fates::{because, count, date, title};
use super::history::History;
use super::outcome::{CertificateOutcome, Fate, FateCode, PackageState, StepState, Why};
use super::report::Whole;
use super::steps::{SeatView, StepView};
use crate::chain::Step;
use crate::record::{Decision, Kind};

/// Why the package is in its state.
pub(super) fn package(
    history: &History,
    whole: Option<&Whole>,
    state: PackageState,
    certificate: Option<&CertificateOutcome>,
    fates: &[Fate],
) -> Why {
    let package = &history.case.package;
    let Some(whole) = whole else {
        let because = history.errors.first().cloned().unwrap_or("nothing was submitted yet".to_owned());
        let rule = format!("Package {package} is submitted for review");
        return Why { rule, holds: false, because, records: Vec::new(), parts: Vec::new() };
    };
    let facts = &history.facts[whole.revision];
    let passed = whole.views.iter().filter(|view| view.state.passed()).count();
    let because = match state {
        PackageState::IntegrityError => {
            format!("{} in the ledger twice", count(history.duplicates.len(), "record"))
        }
        PackageState::Error if whole.views.is_empty() => "its chain has no step".to_owned(),
        PackageState::Error => history.errors.join("; "),
        PackageState::Expired => match certificate.and_then(|c| c.review_by) {
            Some(last) => format!("its certificate ran out on {}", last.human()),
            None => String::new(),
        },
        _ => format!("{passed} of {} passed; it is {}", count(whole.views.len(), "step"), state.words()),
    };
    let mut parts: Vec<Why> = whole.views.iter().map(|view| step(history, whole, view)).collect();
    parts.extend(whole.strays.iter().filter(|(_, seat)| seat.code.in_effect()).map(|(id, stray)| {
        let title = title(history, id);
        let mut why = seat(history, stray);
        why.because = format!("{}; its step {title} is no longer in the chain", why.because);
        why
    }));
    parts.extend(questions(history, whole));
    if let Some(certificate) = certificate {
        parts.push(certified(history, certificate));
        parts.extend(late_objections(certificate, fates));
    }
    Why {
        rule: format!(
            "Revision {} of {package} passes every step of “{}”",
            facts.revision.number,
            facts.chain().title
        ),
        holds: state.passes(),
        because,
        records: Vec::new(),
        parts,
    }
}

/// Why a step is in its state.
pub(super) fn step(history: &History, whole: &Whole, view: &StepView) -> Why {
    let mut parts: Vec<Why> = Vec::new();
    for id in &view.step.after {
        let earlier = whole.views.iter().find(|v| v.step.id == *id);
        let state = earlier.map_or(StepState::Waiting, |v| v.state);
        parts.push(Why {
            rule: format!("{} has passed", title(history, id)),
            holds: state.passed(),
            because: if state == StepState::Satisfied {
                String::new()
            } else {
                format!("it is {}", state.words())
            },
            records: Vec::new(),
            parts: Vec::new(),
        });
    }
    parts.extend(view.seats.iter().map(|s| seat(history, s)));
    if let Some(at) = view.question {
        parts.push(question(history, at));
    }
    Why {
        rule: needs(view.step),
        holds: view.state.passed(),
        because: step_because(history, view),
        records: view.seats.iter().filter(|s| s.counts(history)).map(|s| history.id(s.at)).collect(),
        parts,
    }
}

/// `Model risk needs 1 approval by a model-risk reviewer`.
pub(super) fn needs(step: &Step) -> String {
    let approvals = step.needed() as usize;
    let role = step.role().as_str();
    let by = match (approvals, role.starts_with(['a', 'e', 'i', 'o', 'u'])) {
        (1, true) => format!("an {role} reviewer"),
        (1, false) => format!("a {role} reviewer"),
        _ => format!("different {role} reviewers"),
    };
    format!("{} needs {} by {by}", step.title, count(approvals, "approval"))
}

fn step_because(history: &History, view: &StepView) -> String {
    let names = |code: FateCode| -> String {
        let names: Vec<&str> = view.with(code).map(|s| history.record(s.at).signer.name.as_str()).collect();
        names.join(", ")
    };
    let tally = || format!("{} of {} so far", view.counted, count(view.step.needed() as usize, "approval"));
    match view.state {
        StepState::Waiting => {
            let first: Vec<String> = view.waits_for.iter().map(|id| title(history, id)).collect();
            format!("it opens when {} passed", both(&first))
        }
        StepState::Open if view.seats.is_empty() => "nobody has decided yet".to_owned(),
        StepState::Open => tally(),
        StepState::Clarifying => "a question is open".to_owned(),
        StepState::Satisfied => approved_by(history, view),
        StepState::SatisfiedWithConditions => {
            let conditions = view.conditions(history).count();
            format!("{}, with {}", approved_by(history, view), count(conditions, "condition"))
        }
        StepState::Refused => format!("{} rejected it", names(FateCode::StandingRejection)),
        StepState::Stale => {
            let lost = view.seats.iter().find(|s| {
                matches!(s.code, FateCode::StaleContent | FateCode::UpstreamChanged)
                    && history.decide(s.at).decision == Decision::Approve
            });
            let lost = lost.map(|s| (history.record(s.at).signer.name.as_str(), because(history, s)));
            let (name, why) = lost.unwrap_or_default();
            format!("the approval by {name} no longer counts: {why}")
        }
        StepState::NeedsConfirm => {
            format!("{} approved; a small change since is to be confirmed", names(FateCode::NeedsConfirm))
        }
        StepState::NotApplicable => "the package's metadata say so".to_owned(),
        StepState::Overridden => "two people set it aside".to_owned(),
        StepState::Error => "package.toml does not say whether the step is for it".to_owned(),
        StepState::Suspended => {
            let first: Vec<String> = view.waits_for.iter().map(|id| title(history, id)).collect();
            format!(
                "approved by {}, but it waits until {} passed again",
                names(FateCode::Suspended),
                both(&first)
            )
        }
    }
}

/// `A has`, `A and B have`.
fn both(names: &[String]) -> String {
    match names {
        [one] => format!("{one} has"),
        many => format!("{} have", many.join(" and ")),
    }
}

fn approved_by(history: &History, view: &StepView) -> String {
    let counted = view.seats.iter().filter(|s| s.counts(history));
    let said = counted.map(|s| {
        let record = history.record(s.at);
        format!("{} approved on {}", record.signer.name, date(record.signed_at))
    });
    said.collect::<Vec<_>>().join("; ")
}

fn seat(history: &History, seat: &SeatView) -> Why {
    let record = history.record(seat.at);
    let did = match history.decide(seat.at).decision {
        Decision::Approve => "approved",
        Decision::Reject => "rejected",
        Decision::Clarify => "asked for clarification of",
        Decision::Abstain => "abstained on",
    };
    let revision = record.revision().unwrap_or(0);
    let mut parts = Vec::new();
    for condition in history.decide(seat.at).conditions.iter().filter(|_| seat.counts(history)) {
        let due = condition.due.filter(|due| *due < history.case.as_of.date());
        parts.push(Why {
            rule: format!("Condition {}: {}", condition.id, condition.text),
            holds: due.is_none(),
            because: match (condition.due, due) {
                (_, Some(due)) => format!("overdue since {}", due.human()),
                (Some(due), None) => format!("due {}", due.human()),
                (None, None) => String::new(),
            },
            records: vec![history.id(seat.at)],
            parts: Vec::new(),
        });
    }
    Why {
        rule: format!("{} {did} revision {revision} on {}", record.signer.name, date(record.signed_at)),
        holds: matches!(seat.code, FateCode::Counted | FateCode::Carried),
        because: because(history, seat),
        records: vec![history.id(seat.at)],
        parts,
    }
}

/// Open blocking comments that no step shows: on a section no step of the chain judges now.
fn questions(history: &History, whole: &Whole) -> Option<Why> {
    let at = whole.question?;
    let shown = whole.views.iter().any(|view| view.question.is_some());
    (!shown).then(|| question(history, at))
}

fn question(history: &History, at: usize) -> Why {
    let record = history.record(at);
    let question = history.questions.opened_at(at);
    let section = question.map(|q| q.section.to_string()).unwrap_or_default();
    let answered = question.is_some_and(|q| q.answered);
    Why {
        rule: format!("No question on {section} is open"),
        holds: false,
        because: if answered {
            format!("{} has an answer and has not closed the question", record.signer.name)
        } else {
            format!("{} waits for an answer", record.signer.name)
        },
        records: vec![history.id(at)],
        parts: Vec::new(),
    }
}

fn certified(history: &History, certificate: &CertificateOutcome) -> Why {
    let over = certificate.review_by.filter(|last| history.case.as_of.date() > *last);
    Why {
        rule: format!("Revision {} was certified on {}", certificate.revision, date(certificate.at)),
        holds: over.is_none(),
        because: match (over, certificate.review_by) {
            (Some(last), _) => format!("it ran out on {}: the model must be reviewed again", last.human()),
            (None, Some(last)) => format!("it holds until {}", last.human()),
            (None, None) => String::new(),
        },
        records: vec![certificate.record],
        parts: Vec::new(),
    }
}

/// Objections that came after the certificate change nothing in it, but nobody may overlook them.
fn late_objections(certificate: &CertificateOutcome, fates: &[Fate]) -> Option<Why> {
    let late: Vec<&Fate> = fates
        .iter()
        .filter(|fate| fate.code == FateCode::PostCertificate && fate.kind != Kind::Certify)
        .collect();
    (!late.is_empty()).then(|| Why {
        rule: format!("Nothing was said against revision {} since", certificate.revision),
        holds: false,
        because: format!("{} came after the certificate: a new review is due", count(late.len(), "record")),
        records: late.iter().map(|fate| fate.id).collect(),
        parts: Vec::new(),
    })
}
