//! `status MODEL@VERSION` and `gate MODEL@VERSION`: was this model approved, and may it be deployed so?

use super::args;
use super::context::Context;
use super::out::{Exit, Failure, answer, answer_json};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::dossier::{Deployment, ModelState, Question, Register, Standing, Term};
use crate::id::Model;
use std::fmt::Write as _;

/// Says how a model version stands.
pub fn status(context: &Context, register: &Register, model: &Model) -> Exit {
    let found = register.deployment(model, &Question::default());
    if context.json() {
        answer_json(&serde_json::json!({
            "model": found.model,
            "state": found.state,
            "as_of": found.as_of,
            "packages": found.packages,
        }));
    } else {
        answer(&words(&found));
    }
    if found.state == ModelState::Unknown { Exit::No } else { Exit::Yes }
}

/// Answers whether it may be deployed.
pub fn gate(
    context: &Context,
    register: &Register,
    model: &Model,
    args: &args::Gate,
) -> Result<Exit, Failure> {
    let question =
        Question { use_: args.use_.clone(), environment: args.env.clone(), artifact: args.artifact.clone() };
    let found = register.deployment(model, &question);
    match context.shape {
        args::Shape::Json => answer_json(&found),
        args::Shape::Sarif | args::Shape::Github => answer(&context.render(&diagnostics(&found))),
        args::Shape::Human | args::Shape::Bundle => {
            let mut text = String::new();
            let name = format!("{} {}", model.name, model.version);
            if found.passes {
                let _ = writeln!(text, "{name}: may be deployed");
            }
            for (code, reason) in &found.reasons {
                let _ = writeln!(text, "{name}: no. {code}: {reason}");
            }
            if let Some(first) = found.packages.first() {
                text += &facts(first);
            }
            answer(&text);
        }
    }
    Ok(if found.reasons.iter().any(|(code, _)| *code == "INTEGRITY_ERROR") {
        Exit::Tampered
    } else if found.passes {
        Exit::Yes
    } else {
        Exit::No
    })
}

fn diagnostics(found: &Deployment) -> Diagnostics {
    let package = found.packages.first().map(|first| first.package.to_string());
    let path = package.map_or("packages".to_owned(), |id| format!("packages/{id}/package.toml"));
    let path = path.parse().expect("an id is a plain name");
    let name = format!("{} {}", found.model.name, found.model.version);
    let reasons = found.reasons.iter();
    reasons
        .map(|(code, words)| Diagnostic::error(Code(code), format!("{name}: {words}")).in_file(&path))
        .collect()
}

fn words(found: &Deployment) -> String {
    let mut text = format!("{} {} is {}.\n", found.model.name, found.model.version, found.state.words());
    if found.packages.is_empty() {
        text += "No package is about it; `countersign status` shows the models there are.\n";
    }
    for standing in &found.packages {
        text += &facts(standing);
    }
    text
}

/// What a certificate says, in the order in which people ask.
fn facts(standing: &Standing) -> String {
    let revision = match standing.revision {
        0 => "not submitted".to_owned(),
        n => format!("revision {n}"),
    };
    let mut text =
        format!("\n  package       {}, {revision}, {}\n", standing.package, standing.state.words());
    let mut line = |label: &str, value: &str| {
        let _ = writeln!(text, "  {label:<13} {value}");
    };
    if let Some(certificate) = &standing.certificate {
        line("certificate", &certificate.record.to_string());
        line("issued", &format!("{}, {}", certificate.at.human(), certificate.outcome.replace('_', " ")));
        match certificate.review_by {
            Some(day) => line("holds until", &day.human()),
            None => line("holds until", "no day is set"),
        }
        if let Some(artifact) = &certificate.artifact {
            line("artefact", artifact);
        }
    }
    match &standing.use_class {
        Some(class) => line("use", &format!("{class}: {}", standing.use_)),
        None => line("use", &standing.use_),
    }
    line("not for", &standing.not_for);
    if standing.environments.is_empty() {
        line("environments", "any");
    } else {
        line("environments", &standing.environments.join(", "));
    }
    for term in &standing.conditions {
        line("condition", &condition(term));
    }
    text
}

fn condition(term: &Term) -> String {
    let due = match (term.condition.due, term.state.ended()) {
        (Some(day), false) if term.overdue => format!(", OVERDUE since {}", day.human()),
        (Some(day), false) => format!(", due {}", day.human()),
        _ => String::new(),
    };
    format!("{} ({}{due}): {}", term.id(), term.state.words(), term.condition.text)
}
