//! `test`: plays the policy tests of a workspace.

use super::args::Test;
use super::context::Context;
use super::out::{Exit, Failure, answer, answer_json, talk};
use crate::diag::{self, Diagnostics};
use crate::policy;

/// Plays the tests and says which are not as expected.
pub fn run(context: &Context, args: &Test) -> Result<Exit, Failure> {
    let workspace = context.workspace()?;
    let mut problems = Diagnostics::new();
    let mut files = Vec::new();
    for path in &args.files {
        files.extend(workspace.policy_test(path, &mut problems)?);
    }
    if args.files.is_empty() {
        files = workspace.policy_tests(&mut problems)?;
        if files.is_empty() && problems.is_empty() {
            return Err(Failure::cannot("there are no policy tests")
                .help("put some into chains/tests/*.toml; SPEC section 12 shows how they are written"));
        }
    }
    let mut report = policy::run(&files, &workspace.sources(), args.filter.as_deref());
    if args.files.is_empty() && args.filter.is_none() {
        // A chain that no case uses would otherwise not be missed.
        for chain in &workspace.rules()?.chains {
            report.knows(chain);
        }
    }
    problems.extend(std::mem::take(&mut report.problems));
    report.problems = problems;
    if context.json() {
        answer_json(&report.json());
    } else {
        talk(&diag::render(&report.problems, diag::Format::Human, false));
        answer(&report.human());
    }
    if report.problems.has_errors() {
        return Ok(Exit::CouldNotAnswer);
    }
    if report.cases.is_empty() {
        return Err(Failure::cannot("no case has that name"));
    }
    Ok(if report.failed() > 0 { Exit::No } else { Exit::Yes })
}
