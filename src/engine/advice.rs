//! What is missing now, who can supply it, by when, what they must read, and with which command.

use super::admit::ISSUER;
use super::carry::ChangeClass;
use super::clock::{self, Moment};
use super::code::FateCode;
use super::fates::{count, title};
use super::history::History;
use super::may::eligible;
use super::outcome::{Advice, CertificateOutcome, ConditionState};
use super::report::{Whole, certificate, late_objections, state};
use super::state::{PackageState, StepState};
use super::steps::{Because, SeatView, StepView};
use super::tally;
use super::why::rule;
use crate::id::{PersonId, StepId};
use crate::record::{Condition, ConditionKind, Decision};
use crate::time::{Date, Timestamp};
use std::collections::BTreeSet;

impl Advice {
    fn new(missing: impl Into<String>, who: Vec<PersonId>, command: impl Into<String>) -> Advice {
        let (missing, command) = (missing.into(), command.into());
        Advice { step: None, missing, who, command, due: None, read: None }
    }

    fn in_step(self, step: &StepId) -> Advice {
        Advice { step: Some(step.clone()), ..self }
    }

    fn by(self, due: Option<Timestamp>) -> Advice {
        Advice { due, ..self }
    }
}

/// Everything that would move the package on, the most urgent first.
pub(super) fn advice(history: &History, whole: Option<&Whole>, moment: &Moment) -> Vec<Advice> {
    let package = &history.case.package;
    let now = state(history, whole, certificate(history).as_ref());
    let submit =
        |missing: &str| Advice::new(missing, authors(history), format!("countersign submit {package}"));
    let restore = |missing: &str| Advice::new(missing, Vec::new(), "countersign verify");
    let errors = || history.errors.iter().map(|error| restore(error)).collect();
    let Some(whole) = whole else {
        return match now {
            PackageState::Draft => vec![submit("nothing was submitted yet")],
            _ => errors(),
        };
    };
    match now {
        PackageState::IntegrityError => {
            return vec![restore("the ledger holds a record twice: it must be restored")];
        }
        PackageState::Error if !history.errors.is_empty() => return errors(),
        PackageState::Error if whole.views.is_empty() => {
            return vec![submit("its chain has no step: submit under a chain that has")];
        }
        PackageState::Error => {
            return vec![submit("package.toml must say what the chain asks for under [meta]")];
        }
        PackageState::Withdrawn => {
            return vec![submit("it was taken out of review: a new revision begins anew")];
        }
        PackageState::Lapsed => return vec![submit("the review lapsed: a new revision begins anew")],
        PackageState::Revoked => return vec![submit("the certificate was revoked: a new review is due")],
        PackageState::Expired => return vec![submit("the certificate ran out: a new review is due")],
        PackageState::ReReviewDue => {
            let mut all = conditions(history, whole);
            let late = late_objections(history).len();
            if late > 0 {
                let late = count(late, "objection");
                all.push(submit(&format!("{late} against the certified revision: a new review is due")));
            }
            return all;
        }
        PackageState::Certified => return conditions(history, whole),
        PackageState::Superseded => return Vec::new(),
        PackageState::Approved | PackageState::ApprovedWithConditions | PackageState::ApprovedByOverride => {
            let first = conditions(history, whole);
            let blocks = history_pre_merge(history, whole);
            let issue = Advice::new(
                "every step has passed; the certificate is still to be issued",
                issuers(history),
                format!("countersign certify {package}"),
            );
            return if blocks { first } else { std::iter::once(issue).chain(first).collect() };
        }
        PackageState::ChangesRequired if whole.newer_rules => {
            return vec![submit("its chain has changed and must be met: submit under the new one")];
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
    all.extend(overrides(history, whole, moment));
    all.extend(whole.views.iter().filter_map(|view| confirmation(history, whole, view)));
    all.extend(whole.views.iter().filter_map(|view| approvals(history, whole, view, moment)));
    all.extend(conditions(history, whole));
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

fn rejection(history: &History, whole: &Whole, step: &StepId, seat: &SeatView) -> Advice {
    let package = &history.case.package;
    let record = history.record(seat.at);
    let revision = record.revision().unwrap_or(0);
    let name = &record.signer.name;
    let current = history.facts[whole.revision].revision.number;
    if tally::is_final(history, seat.at) {
        let short = history.id(seat.at).short();
        let missing = format!("{name} rejected revision {revision} for good");
        let command = format!("countersign withdraw {package} {short}");
        return Advice::new(missing, vec![seat.person.clone()], command).in_step(step);
    }
    if tally::is_objection(history, seat) {
        let short = history.id(seat.at).short();
        let missing = format!("{name} objected to revision {revision}");
        let command = format!("countersign withdraw {package} {short}");
        return Advice::new(missing, vec![seat.person.clone()], command).in_step(step);
    }
    let findings = count(history.decide(seat.at).findings.len(), "finding");
    if current > revision {
        let short = history.id(seat.at).short();
        let gone = history.facts[whole.revision].index(step).is_none();
        let command = if gone {
            format!("countersign withdraw {package} {short}")
        } else {
            format!("countersign decide {package} approve --step {step}")
        };
        let missing =
            format!("{name} rejected revision {revision} ({findings}) and has not looked at the new one");
        let mut advice = Advice::new(missing, vec![seat.person.clone()], command).in_step(step);
        advice.read = Some((revision, current));
        return advice;
    }
    let missing = format!("{name} rejected revision {revision}: {findings} to be answered by a new revision");
    Advice::new(missing, authors(history), format!("countersign submit {package}")).in_step(step)
}

fn questions(history: &History, whole: &Whole) -> Vec<Advice> {
    let package = &history.case.package;
    let in_effect: BTreeSet<usize> =
        whole.seats().filter(|seat| seat.code == FateCode::OpenQuestion).map(|seat| seat.at).collect();
    let all = history.questions.all.iter();
    let open =
        all.filter(|q| q.blocking && history.is_open(q) && (!q.clarify || in_effect.contains(&q.opened)));
    open.map(|q| {
        let record = history.record(q.opened);
        let (name, short) = (&record.signer.name, history.id(q.opened).short());
        let advice = if q.answered {
            let missing = format!("the question by {name} on {} was answered and is not closed", q.section);
            Advice::new(missing, vec![q.asker.clone()], format!("countersign resolve {package} {short}"))
        } else {
            let missing = format!("the question by {name} on {} waits for an answer", q.section);
            Advice::new(missing, authors(history), format!("countersign answer {package} {short}"))
        };
        Advice { step: record.step.clone(), ..advice }
    })
    .collect()
}

/// Overrides that wait for a second person.
fn overrides(history: &History, whole: &Whole, moment: &Moment) -> Vec<Advice> {
    let waits = history.overrides.iter().filter(|aside| {
        history.aside_code(aside, whole.revision, moment) == FateCode::OverrideNeedsSecond
            && history.taken_back(aside.at).is_none()
            && aside.says.expires >= moment.now.date()
    });
    let advice = |aside: &super::history::Aside| {
        let record = history.record(aside.at);
        let holds = |p: &&crate::record::Person| {
            p.id != record.signer.person
                && p.roles.iter().any(|role| role.as_str() == super::exceptions::OVERRIDE)
        };
        let who = history.case.people.persons.values().filter(holds).map(|p| p.id.clone()).collect();
        let steps: Vec<String> = aside.says.steps.iter().map(|step| title(history, step)).collect();
        let missing = format!(
            "{} asked to set {} aside; a second person must sign",
            record.signer.name,
            steps.join(" and ")
        );
        let (package, short) = (&history.case.package, history.id(aside.at).short());
        Advice::new(missing, who, format!("countersign override {package} --second {short}"))
    };
    waits.map(advice).collect()
}

/// Who may confirm a small change, and from which revision on it must be read.
fn confirmation(history: &History, whole: &Whole, view: &StepView) -> Option<Advice> {
    if view.state != StepState::NeedsConfirm {
        return None;
    }
    let waits: Vec<&SeatView> = view.with(FateCode::NeedsConfirm).collect();
    let since = waits.iter().filter_map(|seat| history.record(seat.at).revision()).max()?;
    let words = waits.iter().find_map(|seat| match &seat.because {
        Because::Change(class @ ChangeClass::Minor(_)) => Some(class.words()),
        _ => None,
    });
    let who = waits.iter().map(|seat| seat.person.clone()).collect();
    let missing = format!(
        "{}: {}; one of those who approved must confirm it",
        view.step.title,
        words.unwrap_or_default()
    );
    let command = format!("countersign confirm {} --step {}", history.case.package, view.step.id);
    let mut advice = Advice::new(missing, who, command).in_step(&view.step.id);
    advice.read = Some((since, history.facts[whole.revision].revision.number));
    Some(advice)
}

fn approvals(history: &History, whole: &Whole, view: &StepView, moment: &Moment) -> Option<Advice> {
    if !matches!(view.state, StepState::Open | StepState::Stale | StepState::Clarifying | StepState::Refused)
    {
        return None;
    }
    let ways = view.step.ways.iter();
    let missing = ways.map(|way| tally::missing(history, view, way, moment.past)).min().unwrap_or(1) as usize;
    if missing == 0 && view.state != StepState::Open {
        return None;
    }
    // Whose rejection stands is told to look again elsewhere: an approval besides it moves nothing.
    let objecting: Vec<&PersonId> = view.with(FateCode::StandingRejection).map(|seat| seat.person).collect();
    if objecting.len() >= missing.max(1) {
        return None;
    }
    let mut who = eligible(history, whole, view);
    who.retain(|person| !objecting.contains(&person));
    let able = who.len() + objecting.len();
    let asked =
        view.with(FateCode::OpenQuestion).filter(|s| history.decide(s.at).decision == Decision::Clarify);
    let needs = format!("{} needs {}", view.step.title, rule(history, view, moment.past));
    let mut words = match view.counted {
        0 => needs,
        _ => format!("{needs}: {} more", count(missing.max(1), "approval")),
    };
    if able < missing {
        let roles: Vec<&str> = view.step.roles().map(crate::id::RoleId::as_str).collect();
        let role = roles.join(" or ");
        words.push_str(&match able {
            0 => format!("; nobody who holds role {role} may decide this package: a registrar must grant it"),
            1 => format!("; only 1 holder of role {role} may still decide"),
            n => format!("; only {n} holders of role {role} may still decide"),
        });
    } else if asked.count() > 0 {
        words.push_str("; a question is open");
    }
    let facts = &history.facts[whole.revision];
    let due = view.step.deadline.and_then(|term| clock::runs_out(history, facts, view, term, moment));
    let command = format!("countersign decide {} approve --step {}", history.case.package, view.step.id);
    let mut advice = Advice::new(words, who, command).in_step(&view.step.id).by(due);
    advice.read = read(history, whole, view, &advice.who);
    Some(advice)
}

/// The shortest change these people must read: from the newest revision one of them decided in the step.
fn read(history: &History, whole: &Whole, view: &StepView, who: &[PersonId]) -> Option<(u32, u32)> {
    let current = history.facts[whole.revision].revision.number;
    let seats = view.seats.iter().filter(|seat| who.contains(seat.person));
    let since = seats.filter_map(|seat| history.record(seat.at).revision()).max()?;
    (since < current).then_some((since, current))
}

fn history_pre_merge(history: &History, whole: &Whole) -> bool {
    open_conditions(history, whole).iter().any(|(_, _, c, _)| c.kind == ConditionKind::PreMerge)
}

fn open_conditions<'a>(
    history: &History<'a>,
    whole: &Whole<'a>,
) -> Vec<(&'a StepId, usize, &'a Condition, ConditionState)> {
    let present = history.present();
    let all = whole.conditions(history).filter(|(_, _, c)| c.kind != ConditionKind::Standing);
    let with = all.map(|(step, at, c)| (step, at, c, history.condition_state(at, c, present)));
    with.filter(|(_, _, _, state)| !state.ended()).collect()
}

/// What is to be done about open conditions: those that stop something, then those that are due.
fn conditions(history: &History, whole: &Whole) -> Vec<Advice> {
    let package = &history.case.package;
    let advice = |(step, at, condition, state): (&StepId, usize, &Condition, ConditionState)| {
        let due = condition.due.map(end_of);
        let when = condition.due.map(|due| format!(", due {}", due.human())).unwrap_or_default();
        let id = &condition.id;
        let advice = if state == ConditionState::Discharged {
            let role = condition.verifier_role.as_ref().or(history.record(at).role.as_ref());
            let people = &history.case.people;
            let who = role.into_iter().flat_map(|role| people.holders(role)).map(|p| p.id.clone()).collect();
            let missing = format!("condition {id} is said to be met and must be checked{when}");
            Advice::new(
                missing,
                who,
                format!("countersign verify-condition {package} {id} --met --reason \"...\""),
            )
        } else {
            let who = condition.owner.clone().map_or_else(|| authors(history), |owner| vec![owner]);
            let missing = format!("condition {id} is to be met{when}: {}", brief(&condition.text));
            Advice::new(missing, who, format!("countersign discharge {package} {id} --how \"...\""))
        };
        advice.in_step(step).by(due)
    };
    let mut open = open_conditions(history, whole);
    open.sort_by_key(|(_, at, condition, _)| {
        let blocks = matches!(condition.kind, ConditionKind::PreMerge | ConditionKind::BeforeStep);
        (!blocks, condition.due.is_none(), condition.due, *at)
    });
    open.into_iter().map(advice).collect()
}

/// The beginning of a text, to be recognized by: the whole of it stands elsewhere.
fn brief(text: &str) -> String {
    const LONG: usize = 90;
    if text.chars().count() <= LONG {
        return text.to_owned();
    }
    let start: String = text.chars().take(LONG).collect();
    let whole = start.rsplit_once(' ').map_or(start.as_str(), |(words, _)| words);
    format!("{}…", whole.trim_end_matches([',', ';', ':', '.']))
}

/// The first instant after a day.
pub(super) fn end_of(day: Date) -> Timestamp {
    day.start().plus_seconds(24 * 60 * 60)
}

/// The next thing that runs out after now, with what it is.
pub(super) fn next(
    history: &History,
    whole: Option<&Whole>,
    certificate: Option<&CertificateOutcome>,
    moment: &Moment,
) -> Option<(Timestamp, String)> {
    let whole = whole?;
    let facts = &history.facts[whole.revision];
    let mut all: Vec<(Timestamp, String)> = Vec::new();
    for view in &whole.views {
        let title = &view.step.title;
        let open = !view.state.passed();
        if let Some(due) = view.step.deadline.filter(|_| open)
            && let Some(due) = clock::runs_out(history, facts, view, due, moment)
        {
            all.push((due, format!("the deadline of {title}")));
        }
        for escalation in view.step.escalate.iter().filter(|_| open) {
            if let Some(from) = clock::runs_out(history, facts, view, escalation.after, moment) {
                all.push((from, format!("{title} is escalated to {}", escalation.to)));
            }
        }
        if let Some(lapse) = clock::lapses(history, facts, view, moment) {
            all.push((lapse, format!("the review lapses, unless {title} passes")));
        }
        let fresh = view.seats.iter().filter(|seat| seat.counts(history) && certificate.is_none());
        all.extend(fresh.filter_map(|seat| {
            let until = clock::fresh_until(history, view.step, seat.at)?;
            Some((end_of(until), format!("the approval by {} in {title} grows too old", seat.person)))
        }));
        if let Some(aside) = view.aside.map(|index| &history.overrides[index]) {
            all.push((end_of(aside.says.expires), format!("the override of {title} ends")));
            all.push((end_of(aside.says.review), format!("the override of {title} is to be looked back on")));
        }
    }
    for (_, _, condition, _) in open_conditions(history, whole) {
        all.extend(condition.due.map(|due| (end_of(due), format!("condition {} is due", condition.id))));
    }
    if let Some(until) = certificate.filter(|c| c.revoked.is_none()).and_then(|c| c.review_by) {
        all.push((end_of(until), "the certificate runs out".to_owned()));
    }
    all.into_iter().filter(|(at, _)| *at > history.case.as_of).min()
}
