//! The tree of reasons: the same for the terminal, the page and the certificate.

use super::clock::{self, Moment};
use super::code::FateCode;
use super::fates::{because, count, date, title};
use super::history::{Aside, Facts, History};
use super::outcome::{CertificateOutcome, ConditionState, Why};
use super::past::Past;
use super::report::Whole;
use super::state::{PackageState, StepState};
use super::steps::{SeatView, StepView};
use super::tally;
use crate::chain::{Quorum, Tally, Tie};
use crate::id::RoleId;
use crate::record::{ConditionKind, Decision};

/// Why the package is in its state.
pub(super) fn package(
    history: &History,
    whole: Option<&Whole>,
    state: PackageState,
    certificate: Option<&CertificateOutcome>,
    moment: &Moment,
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
        PackageState::Error if history.errors.is_empty() => unjudgeable(whole),
        PackageState::Error => history.errors.join("; "),
        PackageState::Withdrawn => match whole.retracted.map(|at| history.record(at)) {
            Some(record) => format!(
                "{} took it out of review on {}: {}",
                record.signer.name,
                date(record.signed_at),
                record.body.reason().unwrap_or_default()
            ),
            None => String::new(),
        },
        PackageState::Lapsed => match &whole.lapsed {
            Some((step, since)) => {
                format!("{} was not decided by {}", title(history, step), since.human())
            }
            None => String::new(),
        },
        PackageState::Superseded => "another package's certificate names it as replaced".to_owned(),
        PackageState::Revoked => match certificate.and_then(|c| c.revoked) {
            Some(by) => format!("its certificate was revoked by record {}", by.short()),
            None => String::new(),
        },
        PackageState::ReReviewDue => super::report::re_review(history, whole).unwrap_or_default(),
        PackageState::ChangesRequired if whole.newer_rules => {
            "its chain has changed, and the new one must be met by packages under review".to_owned()
        }
        PackageState::Expired => match certificate.and_then(|c| c.review_by) {
            Some(last) => format!("its certificate ran out on {}", last.human()),
            None => String::new(),
        },
        _ => format!("{passed} of {} passed; it is {}", count(whole.views.len(), "step"), state.words()),
    };
    let mut parts: Vec<Why> = whole.views.iter().map(|view| step(history, whole, view, moment)).collect();
    parts.extend(whole.strays.iter().filter(|(_, seat)| seat.code.in_effect()).map(|(id, stray)| {
        let title = title(history, id);
        let mut why = seat(history, stray);
        why.because = format!("{}; its step {title} is no longer in the chain", why.because);
        why
    }));
    parts.extend(questions(history, whole));
    if let Some(certificate) = certificate {
        parts.push(certified(history, certificate));
        parts.extend(late_objections(history, certificate));
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
pub(super) fn step(history: &History, whole: &Whole, view: &StepView, moment: &Moment) -> Why {
    let mut parts: Vec<Why> = Vec::new();
    let further = view.waits_for.iter().copied().filter(|id| !view.step.after.contains(id));
    for id in view.step.after.iter().chain(further) {
        let earlier = whole.views.iter().find(|v| v.step.id == *id);
        let state = earlier.map_or(StepState::Waiting, |v| v.state);
        parts.push(Why {
            rule: format!("{} has passed", title(history, id)),
            holds: !view.waits_for.contains(&id),
            because: if state == StepState::Satisfied {
                String::new()
            } else if state.passed() && view.waits_for.contains(&id) {
                let held = view.step.title.as_str();
                format!("it is {}, and something must be done before {held} opens", state.words())
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
    let asides = history.overrides.iter().filter(|aside| aside.says.steps.contains(&view.step.id));
    parts.extend(asides.map(|aside| set_aside(history, whole, aside, moment)));
    parts.extend(running_out(history, &history.facts[whole.revision], view, moment));
    Why {
        rule: format!("{} needs {}", view.step.title, rule(history, view, moment.past)),
        holds: view.state.passed(),
        because: step_because(history, view, moment),
        records: view.seats.iter().filter(|s| s.counts(history)).map(|s| history.id(s.at)).collect(),
        parts,
    }
}

/// What is enough, in words: `1 approval by a model-risk reviewer`.
pub(super) fn rule(history: &History, view: &StepView, past: &Past) -> String {
    let ways = view.step.ways.iter().map(|way| {
        let asks = tally::asks(history, view, way, past) as usize;
        match &way.tally {
            Tally::Approvals(_) => format!("{} by {}", count(asks, "approval"), reviewers(&way.role, asks)),
            Tally::Quorum(quorum) => vote(quorum, &way.role, asks),
        }
    });
    ways.collect::<Vec<_>>().join(", or ")
}

fn reviewers(role: &RoleId, number: usize) -> String {
    // A role that is itself called so is not said twice.
    if role.as_str() == "reviewer" {
        return if number == 1 { "a reviewer".to_owned() } else { "different reviewers".to_owned() };
    }
    match (number, role.as_str().starts_with(['a', 'e', 'i', 'o', 'u'])) {
        (1, true) => format!("an {role} reviewer"),
        (1, false) => format!("a {role} reviewer"),
        _ => format!("different {role} reviewers"),
    }
}

fn vote(quorum: &Quorum, role: &RoleId, asks: usize) -> String {
    let mut words =
        format!("a vote of the {role} reviewers with {} present and {} in favor", quorum.present, asks);
    if let Some(chair) = &quorum.chair {
        words.push_str(&format!(", a {chair} among them"));
    }
    words.push_str(match quorum.tie {
        Tie::Fail => "; a tie fails",
        Tie::Chair => "; the chair decides a tie",
    });
    words
}

/// An override of a step and what became of it.
fn set_aside(history: &History, whole: &Whole, aside: &Aside, moment: &Moment) -> Why {
    let code = super::fates::aside(history, Some(whole), aside, moment);
    let mut records = vec![history.id(aside.at)];
    records.extend(aside.second.map(|second| history.id(second)));
    let names: Vec<&str> = [Some(aside.at), aside.second]
        .into_iter()
        .flatten()
        .map(|at| history.record(at).signer.name.as_str())
        .collect();
    Why {
        rule: format!("Two people set the step aside: {}", names.join(" and ")),
        holds: code == FateCode::Counted,
        because: match code {
            FateCode::Counted => format!("until {}: {}", aside.says.expires.human(), aside.says.reason),
            FateCode::OverrideNeedsSecond => "a second person must sign".to_owned(),
            FateCode::OverrideDeniedFinal => "a final rejection stands".to_owned(),
            FateCode::OverrideDeniedVeto => "a veto stands that cannot be set aside".to_owned(),
            FateCode::Expired => format!("it ended on {}", aside.says.expires.human()),
            FateCode::StaleContent => "the package has changed since".to_owned(),
            other => other.as_str().to_owned(),
        },
        records,
        parts: Vec::new(),
    }
}

/// The deadline of a step, who may decide it besides by now, and when its approvals grow old.
fn running_out(history: &History, facts: &Facts, view: &StepView, moment: &Moment) -> Vec<Why> {
    let mut parts = Vec::new();
    let mut part = |rule: String, holds: bool, because: String| {
        parts.push(Why { rule, holds, because, records: Vec::new(), parts: Vec::new() });
    };
    let open = !view.state.passed();
    let due = view.step.deadline.filter(|_| open);
    if let Some(due) = due.and_then(|term| clock::runs_out(history, facts, view, term, moment)) {
        let late = due <= moment.now;
        let because = if late { "the deadline has passed".to_owned() } else { String::new() };
        part(format!("It is decided by {}", due.human()), !late, because);
    }
    if let Some(lapse) = clock::lapses(history, facts, view, moment) {
        part(
            format!("The review has not lapsed; it does on {}", lapse.human()),
            lapse > moment.now,
            String::new(),
        );
    }
    let roles = if open { clock::escalated(history, facts, view, moment) } else { Vec::new() };
    for role in roles {
        part(format!("Holders of role {role} may decide it too by now"), true, String::new());
    }
    let fresh = view.seats.iter().filter(|seat| seat.counts(history));
    if let Some(until) = fresh.filter_map(|seat| clock::fresh_until(history, view.step, seat.at)).min() {
        part(format!("Its approvals are fresh until {}", until.human()), true, String::new());
    }
    parts
}

/// Why no step can say anything.
fn unjudgeable(whole: &Whole) -> String {
    match whole.views.iter().find(|view| view.state == StepState::Error) {
        Some(view) => {
            let key = view.step.when.as_ref().map(|when| when.meta.as_str()).unwrap_or_default();
            format!(
                "package.toml does not say `{key}` under [meta], so nobody can tell whether {} is for it",
                view.step.title
            )
        }
        None => "no step of its chain is for this package".to_owned(),
    }
}

fn step_because(history: &History, view: &StepView, moment: &Moment) -> String {
    let names = |code: FateCode| -> String {
        let names: Vec<&str> = view.with(code).map(|s| history.record(s.at).signer.name.as_str()).collect();
        names.join(", ")
    };
    let so_far = || {
        let asks = view.step.ways.iter().map(|way| tally::asks(history, view, way, moment.past)).min();
        let asks = asks.unwrap_or(1) as usize;
        let no = view.seats.iter().filter(|seat| {
            seat.code == FateCode::Counted && history.decide(seat.at).decision == Decision::Reject
        });
        match no.count() {
            0 => format!("{} of {} so far", view.counted, count(asks, "approval")),
            no => format!("{} of {} so far, {no} against", view.counted, count(asks, "approval")),
        }
    };
    match view.state {
        StepState::Waiting => {
            let first: Vec<String> = view.waits_for.iter().map(|id| title(history, id)).collect();
            format!("it opens when {} passed", both(&first))
        }
        StepState::Open if view.seats.is_empty() => "nobody has decided yet".to_owned(),
        StepState::Open => so_far(),
        StepState::Clarifying => "a question is open".to_owned(),
        StepState::Satisfied => approved_by(history, view),
        StepState::SatisfiedWithConditions => {
            let conditions = view.conditions(history).count();
            format!("{}, with {}", approved_by(history, view), count(conditions, "condition"))
        }
        StepState::Refused => format!("{} rejected it", names(FateCode::StandingRejection)),
        StepState::Stale => {
            let lost = view.seats.iter().find(|s| {
                matches!(
                    s.code,
                    FateCode::StaleContent
                        | FateCode::UpstreamChanged
                        | FateCode::Expired
                        | FateCode::KeyNotValid
                        | FateCode::SuspectUpstream
                        | FateCode::NeedsConfirm
                ) && history.decide(s.at).decision == Decision::Approve
            });
            let lost = lost.map(|s| (history.record(s.at).signer.name.as_str(), because(history, s)));
            let (name, why) = lost.unwrap_or_default();
            format!("the approval by {name} no longer counts: {why}")
        }
        StepState::NeedsConfirm => {
            format!("{} approved; a small change since is to be confirmed", names(FateCode::NeedsConfirm))
        }
        StepState::NotApplicable => "the package's metadata say so".to_owned(),
        StepState::Overridden => match view.aside.map(|index| &history.overrides[index]) {
            Some(aside) => format!("two people set it aside until {}", aside.says.expires.human()),
            None => String::new(),
        },
        StepState::Error => {
            let key = view.step.when.as_ref().map(|when| when.meta.as_str()).unwrap_or_default();
            format!("package.toml does not say `{key}` under [meta]")
        }
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
        Decision::Reject if tally::is_objection(history, seat) => "objected to",
        Decision::Approve => "approved",
        Decision::Reject => "rejected",
        Decision::Clarify => "asked for clarification of",
        Decision::Abstain => "abstained on",
    };
    let revision = record.revision().unwrap_or(0);
    let mut parts = Vec::new();
    for condition in history.decide(seat.at).conditions.iter().filter(|_| seat.counts(history)) {
        let state = history.condition_state(seat.at, condition, history.present());
        let due = condition.due.filter(|due| !state.ended() && *due < history.case.as_of.date());
        let blocks = matches!(condition.kind, ConditionKind::PreMerge | ConditionKind::BeforeStep);
        parts.push(Why {
            rule: format!("Condition {}: {}", condition.id, condition.text),
            holds: due.is_none() && (state.ended() || !blocks),
            because: match (condition.due, due) {
                _ if state != ConditionState::Open => format!("it is {}", state.words()),
                (_, Some(due)) => format!("overdue since {}", due.human()),
                (Some(due), None) => format!("due {}", due.human()),
                (None, None) => String::new(),
            },
            records: vec![history.id(seat.at)],
            parts: Vec::new(),
        });
    }
    Why {
        rule: match &record.signer.acting_for {
            Some(_) => format!(
                "{}, acting for {}, {did} revision {revision} on {}",
                record.signer.name,
                seat.person,
                date(record.signed_at)
            ),
            None => format!("{} {did} revision {revision} on {}", record.signer.name, date(record.signed_at)),
        },
        holds: matches!(seat.code, FateCode::Counted | FateCode::CountedAs | FateCode::Carried),
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
    let revoked = history.positions.get(&certificate.record).and_then(|at| history.revoked.get(at));
    Why {
        rule: format!("Revision {} was certified on {}", certificate.revision, date(certificate.at)),
        holds: over.is_none() && revoked.is_none(),
        because: match (over, certificate.review_by) {
            _ if revoked.is_some() => {
                let record = revoked.map(|at| history.record(*at));
                let why = record.and_then(|r| r.body.reason()).unwrap_or_default();
                format!("it was revoked: {why}")
            }
            (Some(last), _) => format!("it ran out on {}: the model must be reviewed again", last.human()),
            (None, Some(last)) => format!("it holds until {}", last.human()),
            (None, None) => String::new(),
        },
        records: vec![certificate.record],
        parts: Vec::new(),
    }
}

/// Objections that came after the certificate change nothing in it, but nobody may overlook them.
fn late_objections(history: &History, certificate: &CertificateOutcome) -> Option<Why> {
    let late = super::report::late_objections(history);
    (!late.is_empty()).then(|| Why {
        rule: format!("Nothing was said against revision {} since", certificate.revision),
        holds: false,
        because: format!(
            "{} came after the certificate: a new review is due",
            count(late.len(), "objection")
        ),
        records: late.iter().map(|at| history.id(*at)).collect(),
        parts: Vec::new(),
    })
}
