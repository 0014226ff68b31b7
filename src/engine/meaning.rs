//! The exact sentence a step asks its signers to assent to.

use crate::chain::Step;
use crate::record::{Decision, Subject};

/// Fills a step's sentence for one signer, subject and decision. Placeholders are replaced once, from
/// left to right, so a name that looks like a placeholder stays a name; an unknown one stays as written.
pub fn meaning(step: &Step, name: &str, subject: &Subject, decision: Decision) -> String {
    let revision = subject.revision.to_string();
    let value = |placeholder: &str| -> Option<&str> {
        Some(match placeholder {
            "name" => name,
            "role" => step.role.as_str(),
            "revision" => &revision,
            "package" => subject.package.as_str(),
            "model" => &subject.model.name,
            "version" => &subject.model.version,
            "decision" => verb(decision),
            "step" => &step.title,
            _ => return None,
        })
    };
    let mut out = String::with_capacity(step.meaning.len() + 64);
    let mut rest = step.meaning.as_str();
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        rest = &rest[open..];
        let filled = rest.find('}').and_then(|close| Some((close, value(&rest[1..close])?)));
        match filled {
            Some((close, text)) => {
                out.push_str(text);
                rest = &rest[close + 1..];
            }
            None => {
                out.push('{');
                rest = &rest[1..];
            }
        }
    }
    out + rest
}

/// A decision as a verb that can stand before what is decided.
pub(super) fn verb(decision: Decision) -> &'static str {
    match decision {
        Decision::Approve => "approve",
        Decision::Reject => "reject",
        Decision::Clarify => "request clarification of",
        Decision::Abstain => "abstain from deciding on",
    }
}
