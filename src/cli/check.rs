//! `check` and `lint`: everything that is wrong with what people wrote.

use super::context::{Context, dossier};
use super::out::{Exit, Failure, answer, count, talk};
use crate::diag::Diagnostics;
use crate::id::PackageId;

/// Says everything that is wrong with packages and chains.
pub fn run(context: &Context, packages: &[PackageId]) -> Result<Exit, Failure> {
    let (_, register) = context.load()?;
    let mut found = Diagnostics::new();
    if packages.is_empty() {
        found.extend(register.diagnostics.clone());
        for dossier in register.packages.values() {
            found.extend(dossier.diagnostics.clone());
        }
    }
    for id in packages {
        found.extend(dossier(&register, id)?.diagnostics.clone());
    }
    let looked = if packages.is_empty() { register.packages.len() } else { packages.len() };
    Ok(report(
        context,
        &found,
        &format!("{}, {}", count(looked, "package"), count(register.chains.len(), "chain")),
    ))
}

/// Says what is wrong with the chains, or cannot work with the people enrolled.
pub fn lint(context: &Context) -> Result<Exit, Failure> {
    let (_, register) = context.load()?;
    let mut found = register.diagnostics.clone();
    found.extend(register.lint.clone());
    Ok(report(context, &found, &count(register.chains.len(), "chain")))
}

fn report(context: &Context, found: &Diagnostics, looked: &str) -> Exit {
    answer(&context.render(found));
    let (errors, all) = (found.errors(), found.iter().count());
    match (errors, all - errors) {
        (0, 0) => talk(&format!("{looked}: nothing is wrong.\n")),
        (errors, warnings) => {
            talk(&format!("{looked}: {}, {}.\n", count(errors, "error"), count(warnings, "warning")));
        }
    }
    if errors > 0 { Exit::No } else { Exit::Yes }
}
