//! The exact sentence a step asks its signers to assent to.

use crate::chain::Step;
use crate::record::wording::{Terms, expand};
use crate::record::{Decision, Subject};

/// Fills a step's sentence for one signer, subject and decision. `{role}`, `{package}` are ids, `{step}`
/// is the step's title.
pub fn meaning(step: &Step, name: &str, subject: &Subject, decision: Decision) -> String {
    let terms = Terms {
        name,
        role: step.role().as_str(),
        revision: subject.revision,
        package: subject.package.as_str(),
        model: &subject.model.name,
        version: &subject.model.version,
        decision,
        step: &step.title,
    };
    expand(&step.meaning, &terms)
}
