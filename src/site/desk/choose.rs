//! Step 1 of the ceremony: which decision, with what. Nothing is recorded yet.

use super::package::{eyebrow, unread};
use super::{Choice, Field, Problem, Reviewer, Summary};
use crate::dossier::Dossier;
use crate::engine::{self, StepState};
use crate::id::{PackageId, PersonId, RoleId, StepId};
use crate::record::{ConditionKind, Decision, Reason};
use crate::site::address;
use crate::site::render::View;
use crate::site::view::stepper::number;
use crate::site::view::{Frame, Index, Link, When};
use crate::site::words;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A decision as it was filled in, kept as it came.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChooseForm {
    /// `approve`, `reject`, `clarify`, `abstain`, or empty.
    pub decision: String,
    /// Terms of an approval.
    pub conditions: Vec<ConditionForm>,
    /// What a rejection says is wrong.
    pub findings: Vec<FindingForm>,
    /// What a request for clarification asks.
    pub question: QuestionForm,
    /// True for a rejection nobody can set aside.
    pub last: bool,
    /// In whose place, if in another's.
    pub seat: String,
}

/// A condition as it was filled in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConditionForm {
    /// The words.
    pub text: String,
    /// Person id, or empty.
    pub owner: String,
    /// The sort, as on the wire.
    pub kind: String,
    /// Day of the date.
    pub day: String,
    /// Month of the date.
    pub month: String,
    /// Year of the date.
    pub year: String,
    /// The step it must be met before, for that sort; empty for every later one.
    pub step: String,
    /// The role that checks it; empty for the role that sets it.
    pub verifier: String,
}

/// A finding as it was filled in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FindingForm {
    /// The section.
    pub section: String,
    /// The reason, as on the wire.
    pub reason: String,
    /// The figure, for a threshold.
    pub figure: String,
    /// The concern.
    pub concern: String,
    /// What would need to change.
    pub required: String,
}

/// A question as it was filled in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct QuestionForm {
    /// The section.
    pub section: String,
    /// The words.
    pub text: String,
}

/// The whole page.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ChooseView {
    pub frame: Frame,
    pub eyebrow: String,
    pub heading: &'static str,
    pub summary: Summary,
    pub question: String,
    pub hint: String,
    pub error: String,
    pub options: Vec<RadioView>,
    pub conditions: Vec<ConditionView>,
    pub findings: Vec<FindingView>,
    pub question_section: Field,
    pub question_text: Field,
    pub last: bool,
    /// Why a final rejection means something here, and what it means.
    pub last_hint: String,
    /// Seats to choose from; empty when there is only the reader's own.
    pub seats: Vec<Choice>,
    pub seats_error: String,
    /// In whose place it is decided, when there is no choice.
    pub acting: String,
    /// What changed since this reader decided, to read first.
    pub read: Option<Link>,
    pub due: Option<When>,
    pub overdue: bool,
    /// What others have decided in this step.
    pub others: Vec<String>,
    pub step: String,
    pub action: String,
    pub ticket: String,
}

impl View for ChooseView {
    const TEMPLATE: &'static str = "agent-choose.html";
}

/// One of the options.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct RadioView {
    pub value: &'static str,
    pub title: &'static str,
    pub consequence: String,
    pub checked: bool,
}

/// One condition.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ConditionView {
    pub number: usize,
    pub text: Field,
    pub kind: Field,
    pub owner: Field,
    pub before: Option<Field>,
    pub verifier: Field,
    pub date: Field,
    pub day: String,
    pub month: String,
    pub year: String,
}

/// One finding.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct FindingView {
    pub number: usize,
    pub section: Field,
    pub reason: Field,
    pub figure: Option<Field>,
    pub concern: Field,
    pub required: Field,
}

pub(crate) fn page(
    index: &Index<'_>,
    reviewer: &Reviewer,
    id: &PackageId,
    step: &StepId,
    form: &ChooseForm,
    problems: &[Problem],
) -> Option<ChooseView> {
    let dossier = index.register.packages.get(id)?;
    let revision = dossier.current()?;
    let chain = &revision.chain;
    let judged = chain.step(step)?;
    let path = address::ceremony(id, "decide.html");
    let mut frame = index.frame(&path, format!("Choose your decision: {}", eyebrow(dossier)));
    frame.crumbs = vec![Link::new("index.html", "Back to the package")];
    if !problems.is_empty() {
        frame.title = format!("Error: {}", frame.title);
    }
    let sections: Vec<(String, String)> = std::iter::once((String::new(), "Choose a section".to_owned()))
        .chain(
            chain
                .sections
                .iter()
                .enumerate()
                .map(|(n, s)| (s.id.to_string(), format!("{}. {}", n + 1, s.title))),
        )
        .collect();
    let hint = if chain.policy.is_empty() { chain.title.clone() } else { chain.policy.clone() };
    let titles: Vec<String> =
        judged.scope.iter().filter_map(|s| chain.section(s)).map(|s| s.title.clone()).collect();
    let people: Vec<(String, String)> = std::iter::once((String::new(), "Nobody named".to_owned()))
        .chain(index.register.people.persons.values().map(|p| (p.id.to_string(), p.name.clone())))
        .collect();
    let figures = missed(dossier);
    let quorum = judged.ways.iter().any(|way| matches!(way.tally, crate::chain::Tally::Quorum(_)));
    let radio = |value, title, consequence: String| RadioView {
        checked: form.decision == value,
        value,
        title,
        consequence,
    };
    let mut options = vec![
        radio(
            "approve",
            "Approve",
            "The package meets your criterion, with the conditions you set below.".to_owned(),
        ),
        radio(
            "reject",
            "Reject",
            format!(
                "The package does not meet your criterion. The authors can submit revision {}.",
                revision.number + 1
            ),
        ),
        radio(
            "clarify",
            "Request clarification",
            "You cannot decide yet. Your question goes to the authors and the review pauses.".to_owned(),
        ),
    ];
    if quorum {
        options.push(radio("abstain", "Abstain", "You count as present and have no vote.".to_owned()));
    }
    let mut later: Vec<(String, String)> = chain
        .steps
        .iter()
        .filter(|s| chain.ancestors(&s.id).iter().any(|before| before.id == *step))
        .map(|s| (s.id.to_string(), format!("Step {}, {}", number(chain, &s.id), s.title)))
        .collect();
    if !later.is_empty() {
        later.insert(0, (String::new(), "Every later step".to_owned()));
    }
    let roles: BTreeSet<&RoleId> =
        index.register.people.persons.values().flat_map(|p| p.roles.iter()).collect();
    let verifiers: Vec<(String, String)> =
        std::iter::once((String::new(), "Somebody of the role that sets it".to_owned()))
            .chain(roles.into_iter().map(|role| (role.to_string(), words::role(role))))
            .collect();
    let outcome = dossier.outcome.steps.iter().find(|s| s.id == *step)?;
    let principals = super::seats(index.register, dossier, outcome, &reviewer.person);
    let case = dossier.case(index.register);
    let own = engine::may_decide(&case.get(), &reviewer.person, step, Decision::Reject).is_ok();
    let mut seats: Vec<Choice> = principals
        .iter()
        .map(|p| Choice {
            value: p.to_string(),
            text: super::stand_in::until(index, dossier, outcome, p, &reviewer.person),
            selected: form.seat == p.as_str(),
        })
        .collect();
    let acting = match seats.as_slice() {
        [one] if !own => one.text.clone(),
        _ => String::new(),
    };
    if own && !seats.is_empty() {
        let selected = form.seat.is_empty();
        seats.insert(0, Choice { value: String::new(), text: "My own seat".to_owned(), selected });
    }
    let mut authority: Vec<&str> = Vec::new();
    if chain.overridable {
        authority.push("nobody can set this step aside over it");
    }
    if judged.resolve_rejection.is_some() {
        authority.push("nobody can set it aside when you are away");
    }
    let authority =
        if authority.is_empty() { String::new() } else { format!(": {}", authority.join(", and ")) };
    let last_hint = format!(
        "An ordinary rejection asks for a new revision, and you look at it again. A final one says that no revision \
         can mend it{authority}. Only you can take it back."
    );
    let at_least = |n: usize| n.max(1);
    let condition = |n: usize| {
        let empty = ConditionForm::default();
        let c = form.conditions.get(n).unwrap_or(&empty);
        let name = |field: &str| format!("condition-{}-{field}", n + 1);
        ConditionView {
            number: n + 1,
            text: Field::new(name("text"), &format!("Condition {}", n + 1), &c.text, problems),
            kind: Field::new(name("kind"), "When must it be met?", &c.kind, problems).among(kinds()),
            owner: Field::new(name("owner"), "Who must see to it?", &c.owner, problems).among(people.clone()),
            date: Field::new(name("day"), "By which date?", "", problems)
                .hint("For example 31 3 2027. May be left empty."),
            before: (!later.is_empty()).then(|| {
                Field::new(name("step"), "Before which step? (for that sort only)", &c.step, problems)
                    .among(later.clone())
            }),
            verifier: Field::new(name("verifier"), "Who checks that it was met?", &c.verifier, problems)
                .among(verifiers.clone()),
            day: c.day.clone(),
            month: c.month.clone(),
            year: c.year.clone(),
        }
    };
    let finding = |n: usize| {
        let empty = FindingForm::default();
        let f = form.findings.get(n).unwrap_or(&empty);
        let name = |field: &str| format!("finding-{}-{field}", n + 1);
        FindingView {
            number: n + 1,
            section: Field::new(name("section"), "Which section do you reject?", &f.section, problems)
                .among(sections.clone()),
            reason: Field::new(name("reason"), "Why?", &f.reason, problems).among(reasons()),
            figure: (!figures.is_empty()).then(|| {
                Field::new(
                    name("figure"),
                    "Which threshold is not met? (for that reason only)",
                    &f.figure,
                    problems,
                )
                .among(figures.clone())
            }),
            concern: Field::new(name("concern"), "What is the concern?", &f.concern, problems),
            required: Field::new(
                name("required"),
                "What would need to change for it to be approvable?",
                &f.required,
                problems,
            ),
        }
    };
    Some(ChooseView {
        eyebrow: eyebrow(dossier),
        heading: "Choose your decision",
        summary: Summary::new(problems, ""),
        question: format!("What do you decide about revision {}?", revision.number),
        hint: format!(
            "Step {}, {}. You judge {}, against {hint}.",
            number(chain, step),
            judged.title,
            words::list(&titles)
        ),
        error: Problem::of(problems, "decision-approve"),
        options,
        conditions: (0..at_least(form.conditions.len())).map(condition).collect(),
        findings: (0..at_least(form.findings.len())).map(finding).collect(),
        question_section: Field::new(
            "question-section",
            "Which section is it about?",
            &form.question.section,
            problems,
        )
        .among(sections.clone()),
        question_text: Field::new(
            "question-text",
            "What do you need to know?",
            &form.question.text,
            problems,
        ),
        last: form.last,
        last_hint,
        seats_error: Problem::of(problems, "seat"),
        seats,
        acting,
        read: super::package::before(index, reviewer, dossier).map(|(_, link)| link),
        due: outcome.due.map(When::from),
        overdue: outcome.overdue,
        others: super::check::others(index, outcome, &reviewer.person),
        step: step.to_string(),
        action: "decide".to_owned(),
        ticket: reviewer.ticket.clone(),
        frame,
    })
}

fn kinds() -> Vec<(String, String)> {
    let wire = |kind: ConditionKind| {
        serde_json::to_value(kind).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
    };
    [
        (ConditionKind::Standing, "It holds as long as the approval does"),
        (ConditionKind::PostMerge, "By a date, after the approval"),
        (ConditionKind::PreMerge, "Before the package may merge"),
        (ConditionKind::BeforeStep, "Before later steps open"),
    ]
    .into_iter()
    .map(|(kind, text)| (wire(kind), text.to_owned()))
    .collect()
}

fn reasons() -> Vec<(String, String)> {
    [
        ("documentation", Reason::Documentation),
        ("threshold", Reason::Threshold),
        ("authorization", Reason::Authorization),
        ("other", Reason::Other),
    ]
    .into_iter()
    .map(|(wire, reason)| (wire.to_owned(), words::reason(reason).to_owned()))
    .collect()
}

/// The figures that miss a threshold, to choose from.
fn missed(dossier: &Dossier) -> Vec<(String, String)> {
    let Some(revision) = dossier.current() else { return Vec::new() };
    let mut out: Vec<(String, String)> = Vec::new();
    for threshold in &revision.chain.thresholds {
        let reported = revision.package.figures.get(&threshold.section).into_iter().flatten();
        let misses = reported.filter(|f| f.id == threshold.figure).any(|f| !threshold.met_by(&f.value));
        if misses && out.iter().all(|(id, _)| *id != threshold.figure.to_string()) {
            out.push((threshold.figure.to_string(), threshold.label.clone()));
        }
    }
    if !out.is_empty() {
        out.insert(0, (String::new(), "None".to_owned()));
    }
    out
}

/// Why an approval cannot be signed yet, each with where to mend it. Rejections and questions need no read
/// marks. The reader has read; whether a decision has its effect depends on whose seat it fills.
pub fn gate(
    register: &crate::dossier::Register,
    reviewer: &Reviewer,
    id: &PackageId,
    step: &StepId,
    decision: Decision,
    seat: &PersonId,
) -> Vec<Problem> {
    let Some((dossier, revision)) = register.packages.get(id).and_then(|d| Some((d, d.current()?))) else {
        return Vec::new();
    };
    let mut out = Vec::new();
    if decision == Decision::Approve {
        for section in unread(reviewer, dossier, revision, step) {
            let title = revision.chain.section(&section).map_or("", |s| s.title.as_str());
            out.push(Problem::new(
                format!("index.html#{}", address::section_anchor(&section)),
                format!("You have not marked \u{201c}{title}\u{201d} as read"),
            ));
        }
        let open = dossier.outcome.threads.iter().filter(|t| {
            t.asker == reviewer.person
                && t.blocking
                && matches!(t.state, engine::ThreadState::Open | engine::ThreadState::Answered)
        });
        let clarify = |t: &engine::Thread| {
            register.ledger.entries.iter().any(|e| e.id() == t.id && e.record().step.is_some())
        };
        for thread in open.filter(|t| !(clarify(t) && t.state == engine::ThreadState::Answered)) {
            out.push(Problem::new(
                format!("index.html#{}", address::section_anchor(&thread.section)),
                "A question of yours is open. Close it, or take it back, before you approve",
            ));
        }
    }
    let case = dossier.case(register);
    let refused = engine::may_decide(&case.get(), seat, step, decision).err();
    if let Some(refusal) = refused.filter(|_| out.is_empty()) {
        out.push(Problem::new("index.html#decide", super::home::sentence(&refusal.words)));
    }
    out
}

/// True if a step can be decided by somebody now.
pub fn is_open(state: StepState) -> bool {
    !matches!(state, StepState::Waiting | StepState::NotApplicable | StepState::Overridden | StepState::Error)
}
