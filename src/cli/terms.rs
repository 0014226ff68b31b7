//! What a decision says beside its choice: conditions, findings, a question, as the arguments give them.

use super::args;
use super::out::Failure;
use super::review::{parse, section_of};
use crate::dossier::Dossier;
use crate::id::{ConditionId, FigureId, FindingId, PersonId, SectionId, StepId};
use crate::record::{Condition, ConditionKind, Decide, Decision, Finding, People, Question, Reason};

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
        let mut parts = text.split('|').map(str::trim);
        let words = parts.next().unwrap_or_default().to_owned();
        let owner = parts.next().filter(|p| !p.is_empty()).map(parse::<PersonId>).transpose()?;
        if let Some(owner) = &owner
            && people.person(owner).is_none()
        {
            let known: Vec<&str> = people.persons.keys().map(PersonId::as_str).collect();
            return Err(Failure::cannot(format!(
                "nobody is enrolled as `{owner}`, who would own the condition"
            ))
            .help(format!("enrolled: {}", known.join(", "))));
        }
        let due = parts.next().filter(|p| !p.is_empty()).map(parse).transpose()?;
        let id: ConditionId = parse(&condition_ids.next().expect("endless"))?;
        let kind = if due.is_some() { ConditionKind::PostMerge } else { ConditionKind::Standing };
        conditions.push(Condition { due, id, kind, owner, step: None, text: words, verifier_role: None });
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
    match wrong {
        Some(words) => Err(Failure::cannot(words)),
        None => Ok(Decide { conditions, decision, findings, question, severity: None }),
    }
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
