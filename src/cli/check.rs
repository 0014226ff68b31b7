//! `check` and `lint`: everything that is wrong with what people wrote.

use super::context::{Context, dossier};
use super::out::{Exit, Failure, answer, talk};
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
    Ok(report(context, &found, &format!("{looked} package(s), {} chain(s)", register.chains.len())))
}

/// Says what is wrong with the chains, or cannot work with the people enrolled.
pub fn lint(context: &Context) -> Result<Exit, Failure> {
    let (_, register) = context.load()?;
    let mut found = register.diagnostics.clone();
    found.extend(register.lint.clone());
    Ok(report(context, &found, &format!("{} chain(s)", register.chains.len())))
}

fn report(context: &Context, found: &Diagnostics, looked: &str) -> Exit {
    answer(&context.render(found));
    let (errors, all) = (found.errors(), found.iter().count());
    match (errors, all - errors) {
        (0, 0) => talk(&format!("{looked}: nothing is wrong.\n")),
        (errors, warnings) => talk(&format!("{looked}: {errors} error(s), {warnings} warning(s).\n")),
    }
    if errors > 0 { Exit::No } else { Exit::Yes }
}
