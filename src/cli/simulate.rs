//! `simulate`: what would be if. It reads and answers; it never writes.

use super::args::Simulate;
use super::context::{Context, dossier, name_of};
use super::out::{Exit, Failure, answer, answer_json};
use crate::dossier::Register;
use crate::engine::{self, Outcome};
use crate::policy::{self, Simulation};
use std::fmt::Write as _;

/// Plays events on top of a package and prints before and after.
pub fn run(context: &Context, args: &Simulate) -> Result<Exit, Failure> {
    let (_, register) = context.load()?;
    let dossier = dossier(&register, &args.package)?;
    let owned = dossier.case(&register);
    let case = owned.get();
    let Some(chain) = dossier.current().map(|revision| revision.chain.clone()) else {
        return Err(Failure::refused(format!("{} was not submitted yet", args.package)));
    };
    let simulation = policy::simulate(&case, chain, &args.events).map_err(|wrong| {
        Failure::cannot("this cannot be imagined")
            .with(wrong)
            .help("write as in `dana approves data`, with people by id; SPEC section 12 lists the phrases")
    })?;
    if context.json() {
        answer_json(&simulation);
    } else {
        answer(&human(&register, &simulation));
    }
    Ok(if simulation.after.gate_open() { Exit::Yes } else { Exit::No })
}

fn human(register: &Register, simulation: &Simulation) -> String {
    let Simulation { before, after, records } = simulation;
    let mut text = String::from("Imagined; nothing was signed and nothing is written.\n\n");
    for record in records {
        let code = record.code.map_or("not judged", engine::FateCode::as_str);
        let _ = writeln!(text, "  {}: {code}", record.record);
        if !record.note.is_empty() {
            let _ = writeln!(text, "    {}", record.note);
        }
    }
    text.push('\n');
    changed(&mut text, &before.package.to_string(), before.state.words(), after.state.words());
    for then in &before.steps {
        let now = after.steps.iter().find(|step| step.id == then.id);
        let words = |o: &engine::StepOutcome| format!("{} of {}, {}", o.approvals, o.needed, o.state.words());
        let now = now.map_or_else(|| "gone".to_owned(), words);
        changed(&mut text, &then.title, &words(then), &now);
    }
    let gate = |outcome: &Outcome| if outcome.gate_open() { "may pass" } else { "not yet" };
    changed(&mut text, "gate", gate(before), gate(after));
    if !after.advice.is_empty() {
        text.push_str("\nThen still missing:\n");
        for advice in &after.advice {
            let who: Vec<String> =
                advice.who.iter().map(|id| format!("{} ({id})", name_of(register, id))).collect();
            let _ = writeln!(text, "- {}", advice.missing);
            if !who.is_empty() {
                let _ = writeln!(text, "  who: {}", who.join(", "));
            }
        }
    }
    text
}

fn changed(text: &mut String, what: &str, before: &str, after: &str) {
    let _ = if before == after {
        writeln!(text, "  {what}: {before}")
    } else {
        writeln!(text, "  {what}: {before} → {after}")
    };
}
