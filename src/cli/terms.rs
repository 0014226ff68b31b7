//! What a decision says beside its choice: conditions, findings, a question, as the arguments give them.

use super::args;
use super::out::Failure;
use super::review::{parse, section_of};
use crate::dossier::Dossier;
use crate::id::{ConditionId, FigureId, FindingId, PersonId, RoleId, SectionId, StepId};
use crate::record::{
    Condition, ConditionKind, Decide, Decision, Finding, People, Question, Reason, Severity,
};

/// Reads the terms of a decision and refuses what does not go with it.
pub fn terms(
    args: &args::Decide,
    decision: Decision,
    dossier: &Dossier,
    people: &People,
    step: &StepId,
) -> Result<Decide, Failure> {
    let revision = dossier.outcome.revision;
    let outcome = &dossier.outcome;
    let findings = outcome.findings.iter().map(|f| f.id().to_string());
    let taken: Vec<String> = findings.chain(outcome.conditions.iter().map(|c| c.id().to_string())).collect();
    let free = |kind: &'static str| {
        let ids = (1..).map(move |n| format!("{step}-{kind}{revision}-{n}"));
        ids.filter(|id| !taken.contains(id))
    };
    let (mut finding_ids, mut condition_ids) = (free("f"), free("c"));
    let mut conditions = Vec::new();
    for text in &args.condition {
        let id: ConditionId = parse(&condition_ids.next().expect("endless"))?;
        conditions.push(condition(text, id, dossier, people)?);
    }
    let reason = match args.reason {
        args::Reason::Documentation => Reason::Documentation,
        args::Reason::Threshold => Reason::Threshold,
        args::Reason::Authorization => Reason::Authorization,
        args::Reason::Other => Reason::Other,
    };
    if reason == Reason::Threshold {
        missed(dossier, args.figure.as_ref())?;
    } else if args.figure.is_some() {
        return Err(Failure::cannot("`--figure` goes with `--reason threshold`"));
    }
    let mut findings = Vec::new();
    for text in &args.finding {
        let parts: Vec<&str> = text.split('|').map(str::trim).collect();
        let [section, concern, required] = parts.as_slice() else {
            return Err(Failure::cannot(format!(
                "`{text}` is not `section | concern | what would make it approvable`"
            )));
        };
        let section: SectionId = parse(section)?;
        section_of(dossier, &section)?;
        let id: FindingId = parse(&finding_ids.next().expect("endless"))?;
        findings.push(Finding {
            concern: (*concern).to_owned(),
            figure: args.figure.clone(),
            id,
            reason,
            required: (*required).to_owned(),
            section,
        });
    }
    let question = match &args.question {
        None => None,
        Some(text) => {
            let (section, words) = text
                .split_once('|')
                .ok_or_else(|| Failure::cannot(format!("`{text}` is not `section | question`")))?;
            let section: SectionId = parse(section)?;
            section_of(dossier, &section)?;
            Some(Question { section, text: words.trim().to_owned() })
        }
    };
    let wrong = match decision {
        Decision::Reject if findings.is_empty() => Some(
            "a rejection names at least one finding: --finding 'section | concern | what would make it approvable'",
        ),
        Decision::Clarify if question.is_none() => {
            Some("a request for clarification asks something: --question 'section | question'")
        }
        Decision::Approve | Decision::Abstain | Decision::Clarify if !findings.is_empty() => {
            Some("only a rejection has findings")
        }
        Decision::Reject | Decision::Abstain | Decision::Clarify if !conditions.is_empty() => {
            Some("only an approval has conditions")
        }
        Decision::Approve | Decision::Reject | Decision::Abstain if question.is_some() => Some(
            "only a request for clarification has a question; `countersign comment --question` asks one beside a decision",
        ),
        _ => None,
    };
    if args.final_ && decision != Decision::Reject {
        return Err(Failure::cannot("only a rejection can be final"));
    }
    let severity = args.final_.then_some(Severity::Final);
    match wrong {
        Some(words) => Err(Failure::cannot(words)),
        None => Ok(Decide { conditions, decision, findings, question, severity }),
    }
}

/// Reads `text | owner | date | key=value ...`; what has no `=` stands in its place.
fn condition(text: &str, id: ConditionId, dossier: &Dossier, people: &People) -> Result<Condition, Failure> {
    let mut parts = text.split('|').map(str::trim);
    let words = parts.next().unwrap_or_default().to_owned();
    let (mut owner, mut due, mut kind, mut step, mut verifier_role) = (None, None, None, None, None);
    let mut places = ["owner", "due"].into_iter();
    for part in parts {
        let (key, value) = match part.split_once('=') {
            Some((key, value)) => (key.trim(), value.trim()),
            None => match places.next() {
                Some(place) => (place, part),
                None => return Err(unreadable(text, part)),
            },
        };
        match key {
            _ if value.is_empty() => {}
            "owner" => owner = Some(parse::<PersonId>(value)?),
            "due" => due = Some(parse(value)?),
            "kind" => kind = Some(condition_kind(value).ok_or_else(|| unreadable(text, part))?),
            "step" => step = Some(parse::<StepId>(value)?),
            "verifier" | "verifier_role" => verifier_role = Some(parse::<RoleId>(value)?),
            _ => return Err(unreadable(text, part)),
        }
    }
    if let Some(owner) = &owner
        && people.person(owner).is_none()
    {
        let known: Vec<&str> = people.persons.keys().map(PersonId::as_str).collect();
        return Err(Failure::cannot(format!("nobody is enrolled as `{owner}`, who would own the condition"))
            .help(format!("enrolled: {}", known.join(", "))));
    }
    if let Some(step) = &step {
        let known: Vec<&str> = dossier.outcome.steps.iter().map(|s| s.id.as_str()).collect();
        if !known.contains(&step.as_str()) {
            return Err(Failure::cannot(format!(
                "there is no step `{step}` that a condition could come before"
            ))
            .help(format!("steps: {}", known.join(", "))));
        }
        if kind.is_some_and(|kind| kind != ConditionKind::BeforeStep) {
            return Err(Failure::cannot("`step=` goes with `kind=before_step` alone"));
        }
    }
    if let Some(role) = &verifier_role
        && people.holders(role).next().is_none()
    {
        return Err(Failure::cannot(format!(
            "nobody holds the role `{role}`, which would verify the condition"
        )));
    }
    let kind = kind.unwrap_or(match (&step, due) {
        (Some(_), _) => ConditionKind::BeforeStep,
        (None, Some(_)) => ConditionKind::PostMerge,
        (None, None) => ConditionKind::Standing,
    });
    Ok(Condition { due, id, kind, owner, step, text: words, verifier_role })
}

fn condition_kind(word: &str) -> Option<ConditionKind> {
    Some(match word.replace('-', "_").as_str() {
        "pre_merge" => ConditionKind::PreMerge,
        "before_step" => ConditionKind::BeforeStep,
        "post_merge" => ConditionKind::PostMerge,
        "standing" => ConditionKind::Standing,
        _ => return None,
    })
}

fn unreadable(text: &str, part: &str) -> Failure {
    Failure::cannot(format!("`{part}` in the condition `{text}` was not understood")).help(
        "`text | owner | YYYY-MM-DD`, then `kind=pre_merge`, `kind=before_step`, `kind=post_merge` or \
         `kind=standing`, `step=STEP`, `verifier=ROLE`",
    )
}

/// A finding about a threshold names a figure that really misses one.
fn missed(dossier: &Dossier, figure: Option<&FigureId>) -> Result<(), Failure> {
    let current = dossier.current().expect("a decision is about a revision");
    let mut all: Vec<&str> = Vec::new();
    for threshold in &current.chain.thresholds {
        let reported = current.package.figures.get(&threshold.section).into_iter().flatten();
        if reported.filter(|f| f.id == threshold.figure).any(|f| !threshold.met_by(&f.value)) {
            all.push(threshold.figure.as_str());
        }
    }
    if figure.is_some_and(|f| all.contains(&f.as_str())) {
        return Ok(());
    }
    let known = if all.is_empty() {
        "every threshold is met".to_owned()
    } else {
        format!("not met: {}", all.join(", "))
    };
    Err(Failure::cannot("`--reason threshold` needs a figure that misses its threshold: --figure ID")
        .help(known))
}
