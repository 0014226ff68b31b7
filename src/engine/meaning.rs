//! The exact sentence a step asks its signers to assent to.

use crate::chain::Step;
use crate::id::RoleId;
use crate::record::wording::{Terms, expand};
use crate::record::{Decision, Subject};

/// Fills a step's sentence for one signer, role, subject and decision. `{role}`, `{package}` are ids,
/// `{step}` is the step's title; for a delegate, `name` is what [`printed`] gives.
pub fn meaning(step: &Step, role: &RoleId, name: &str, subject: &Subject, decision: Decision) -> String {
    let terms = Terms {
        name,
        role: role.as_str(),
        revision: subject.revision,
        package: subject.package.as_str(),
        model: &subject.model.name,
        version: &subject.model.version,
        decision,
        step: &step.title,
    };
    expand(&step.meaning, &terms)
}

/// The name that stands in the sentence: the signer's, and whom he acts for.
pub fn printed(signer: &str, principal: Option<&str>) -> String {
    match principal {
        Some(principal) => format!("{signer}, acting for {principal}"),
        None => signer.to_owned(),
    }
}
