//! `status`, `explain`, `gate`: where packages stand, why, and whether they may pass.

use super::args::{self, Shape};
use super::context::{Context, dossier, name_of};
use super::model;
use super::out::{Exit, Failure, answer, answer_json, count};
use super::review::parse;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::dossier::{Dossier, GateAnswer, Register, Working, model_version};
use crate::engine::{self, Advice, PackageState, StepState};
use crate::id::PackageId;
use std::fmt::Write as _;

/// One line: package, revision, state.
pub fn line(dossier: &Dossier) -> String {
    let model = dossier
        .package
        .as_ref()
        .map_or(String::new(), |p| format!("{} {}", p.meta.model.name, p.meta.model.version));
    let revision = match dossier.outcome.revision {
        0 => "not submitted".to_owned(),
        n => format!("revision {n}"),
    };
    let differs = match &dossier.working {
        Working::Unsubmitted { files } => {
            format!(" ({} changed since, not submitted)", count(files.len(), "file"))
        }
        _ => String::new(),
    };
    format!("{}  {model}  {revision}  {}{differs}\n", dossier.id, dossier.outcome.state.words())
}

/// One piece of advice, with who can follow it.
pub fn advice(register: &Register, dossier: &Dossier, advice: &Advice) -> String {
    let who: Vec<String> = advice.who.iter().map(|p| name_of(register, p)).collect();
    let who = if who.is_empty() { String::new() } else { format!(" ({})", who.join(" or ")) };
    // A decision that nobody may make is not advised; somebody must be given the role first.
    let step = advice.step.as_ref().filter(|_| advice.who.is_empty());
    let step = step.and_then(|id| dossier.outcome.steps.iter().find(|s| s.id == *id));
    let command = match step.filter(|_| advice.command.starts_with("countersign decide ")) {
        Some(step) => format!("countersign people grant PERSON {}", step.role),
        None => advice.command.clone(),
    };
    let command = if command.is_empty() { command } else { format!("\n      {command}") };
    format!("  → {}{who}{command}\n", advice.missing)
}

/// What still has to be mended or answered, with the words of whoever found it.
fn findings(register: &Register, dossier: &Dossier) -> String {
    let mut text = String::new();
    for found in dossier.outcome.findings.iter().filter(|f| f.open) {
        let answered = match &found.answer {
            Some((revision, _)) => format!(", answered in revision {revision}"),
            None => String::new(),
        };
        let finding = &found.finding;
        let by = name_of(register, &found.by);
        let _ = writeln!(text, "  ! {} in {} (by {by}{answered})", found.id(), finding.section);
        let _ = writeln!(text, "      {}", finding.concern);
        let _ = writeln!(text, "      required: {}", finding.required);
    }
    text
}

/// Shows where packages stand, or how a model version does.
pub fn status(context: &Context, what: Option<&str>) -> Result<Exit, Failure> {
    if matches!(context.shape, Shape::Sarif | Shape::Github) {
        return Err(Failure::cannot(
            "`status` says nothing about files, so it has no `sarif` or `github` shape",
        )
        .help("`--format json` for scripts; `check`, `lint`, `verify` and `gate` have these shapes"));
    }
    let (_, register) = context.load()?;
    if let Some(model) = what.and_then(model_version) {
        return Ok(model::status(context, &register, &model));
    }
    let package: Option<PackageId> = what.map(parse).transpose()?;
    let dossiers: Vec<&Dossier> = match &package {
        Some(id) => vec![dossier(&register, id)?],
        None => register.packages.values().collect(),
    };
    if context.json() {
        let all: Vec<_> = dossiers.iter().map(|d| json(d)).collect();
        match (&package, all.as_slice()) {
            (Some(_), [one]) => answer_json(one),
            _ => answer_json(&all),
        }
        return Ok(Exit::Yes);
    }
    let mut text = String::new();
    for dossier in dossiers {
        text += &line(dossier);
        for step in &dossier.outcome.steps {
            let mark = match step.state {
                StepState::Satisfied | StepState::SatisfiedWithConditions | StepState::Overridden => '✓',
                StepState::Refused | StepState::Error => '✗',
                StepState::Open | StepState::Clarifying | StepState::NeedsConfirm => '•',
                StepState::Waiting | StepState::Stale | StepState::Suspended => '·',
                StepState::NotApplicable => '-',
            };
            let _ = writeln!(
                text,
                "  {mark} {:<28} {} of {}, {}",
                step.title,
                step.approvals,
                count(step.needed as usize, "approval"),
                step.state.words()
            );
        }
        text += &findings(&register, dossier);
        for item in &dossier.outcome.advice {
            text += &advice(&register, dossier, item);
        }
        let errors = dossier.diagnostics.errors();
        if errors > 0 {
            let _ = writeln!(
                text,
                "  {} in the working copy: `countersign check {}`",
                count(errors, "problem"),
                dossier.id
            );
        }
    }
    if text.is_empty() {
        text += "There are no packages yet: make a folder under packages/ with a package.toml.\n";
    }
    answer(&text);
    Ok(Exit::Yes)
}

/// The fixed shape that scripts rely on.
fn json(dossier: &Dossier) -> serde_json::Value {
    let steps = &dossier.outcome.steps;
    serde_json::json!({
        "package": dossier.id,
        "model": dossier.package.as_ref().map(|p| &p.meta.model),
        "revision": dossier.outcome.revision,
        "digest": dossier.current().map(|r| r.package.digest()),
        "state": dossier.outcome.state,
        "working_copy": match &dossier.working {
            Working::Draft => serde_json::json!({ "state": "draft" }),
            Working::Current => serde_json::json!({ "state": "current" }),
            Working::Unsubmitted { files } => serde_json::json!({ "state": "unsubmitted_changes", "files": files }),
        },
        "as_of": dossier.outcome.as_of,
        "steps": steps.iter().map(|s| serde_json::json!({
            "id": s.id, "state": s.state, "role": s.role, "approvals": s.approvals, "needed": s.needed,
        })).collect::<Vec<_>>(),
        "records": dossier.outcome.fates.iter().map(|f| serde_json::json!({
            "id": f.id, "kind": f.kind, "code": f.code, "note": f.note,
        })).collect::<Vec<_>>(),
        "conditions": dossier.outcome.conditions,
        "findings": dossier.outcome.findings,
        "threads": dossier.outcome.threads,
        "certificate": dossier.outcome.certificate,
        "advice": dossier.outcome.advice,
    })
}

/// Shows the tree of reasons.
pub fn explain(context: &Context, package: &PackageId) -> Result<Exit, Failure> {
    let (_, register) = context.load()?;
    let dossier = dossier(&register, package)?;
    if context.json() {
        answer_json(&dossier.outcome);
    } else {
        answer(&line(dossier));
        answer(&engine::explain(&dossier.outcome, &|id| name_of(&register, id)));
    }
    Ok(Exit::Yes)
}

/// Answers whether packages may pass, or whether a model version may be deployed.
pub fn gate(context: &Context, args: &args::Gate) -> Result<Exit, Failure> {
    let (_, register) = context.load()?;
    match args.what.iter().filter_map(|what| model_version(what)).collect::<Vec<_>>().as_slice() {
        [] if args.use_.is_some() || args.env.is_some() || args.artifact.is_some() => {
            return Err(Failure::cannot("`--use`, `--env` and `--artifact` ask about a model version")
                .help("name it as MODEL@VERSION"));
        }
        [] => {}
        [model] if args.what.len() == 1 => return model::gate(context, &register, model, args),
        _ => return Err(Failure::cannot("ask about one model version at a time")),
    }
    let packages: Vec<PackageId> = args.what.iter().map(|what| parse(what)).collect::<Result<_, _>>()?;
    let mut answers: Vec<GateAnswer> = Vec::new();
    if packages.is_empty() {
        answers.extend(register.packages.values().map(Dossier::gate));
    }
    for id in &packages {
        answers.push(dossier(&register, id)?.gate());
    }
    if answers.is_empty() {
        return Err(Failure::cannot("there are no packages to judge"));
    }
    let tampered = register.packages.values().any(|d| {
        d.outcome.state == PackageState::IntegrityError && answers.iter().any(|a| a.package == d.id)
    }) || register.ledger.breaks.iter().any(|b| b.package.is_none());
    let pass = answers.iter().all(|a| a.passes);
    match context.shape {
        Shape::Json => answer_json(&serde_json::json!({ "passes": pass && !tampered, "packages": answers })),
        Shape::Sarif | Shape::Github => {
            let diagnostics: Diagnostics = answers
                .iter()
                .flat_map(|a| a.reasons.iter().map(move |(code, words)| (a, code, words)))
                .map(|(a, code, words)| {
                    let path = format!("packages/{}/package.toml", a.package)
                        .parse()
                        .expect("an id is a plain name");
                    Diagnostic::error(Code(code), format!("{}: {words}", a.package)).in_file(&path)
                })
                .collect();
            answer(&context.render(&diagnostics));
        }
        Shape::Human | Shape::Bundle => {
            let mut text = String::new();
            for a in &answers {
                if a.passes {
                    let _ = writeln!(text, "{}: may pass", a.package);
                }
                for (code, words) in &a.reasons {
                    let _ = writeln!(text, "{}: not yet. {code}: {words}", a.package);
                }
                if let Some(dossier) = register.packages.get(&a.package).filter(|_| !a.passes) {
                    for item in &dossier.outcome.advice {
                        text += &advice(&register, dossier, item);
                    }
                }
            }
            answer(&text);
        }
    }
    Ok(if tampered {
        Exit::Tampered
    } else if pass {
        Exit::Yes
    } else {
        Exit::No
    })
}
