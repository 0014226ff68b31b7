//! What would become of a record, before its signer signs in vain.

use super::context::dossier;
use super::out::{Failure, talk};
use crate::dossier::Register;
use crate::engine::{self, FateCode};
use crate::record::{Body, Decision, Record};

/// Refuses a record about a package that would have no effect. Objections are never refused: letting one
/// fall for a formality would open the gate. Who objects is told that it will not count.
pub fn check(register: &Register, record: &Record) -> Result<(), Failure> {
    let Some(package) = record.package() else { return Ok(()) };
    let dossier = dossier(register, package)?;
    let case = dossier.case(register);
    let (fate, _) = engine::foresee(&case.get(), record.clone())
        .map_err(|e| Failure::refused(format!("{e}; nothing has been signed")))?;
    if has_effect(fate.code) {
        return Ok(());
    }
    let words =
        if fate.note.is_empty() { fate.code.to_string() } else { format!("{}: {}", fate.code, fate.note) };
    if objects(&record.body) {
        talk(&format!("Note: this would be kept and shown, and it would not count. {words}\n"));
        return Ok(());
    }
    Err(Failure::refused(words).help(help(fate.code)))
}

/// True for a code under which a record does what its signer means it to do.
fn has_effect(code: FateCode) -> bool {
    code.in_effect() || matches!(code, FateCode::Noted | FateCode::OverrideNeedsSecond)
}

fn objects(body: &Body) -> bool {
    match body {
        Body::Object(_) => true,
        Body::Decide(decide) => matches!(decide.decision, Decision::Reject | Decision::Clarify),
        Body::Comment(comment) => comment.blocking,
        _ => false,
    }
}

/// What to do, in the words of DIAGNOSTICS.md.
fn help(code: FateCode) -> String {
    let row = engine::diagnostics::CODES.iter().find(|(name, ..)| *name == code.as_str());
    match row {
        Some((_, _, what)) if *what != "Nothing." => format!("{what} Nothing has been signed."),
        _ => "nothing has been signed".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_that_is_no_effect_has_a_way_out() {
        for code in FateCode::ALL.into_iter().filter(|code| !has_effect(*code)) {
            assert!(help(code).ends_with("signed.") || help(code).ends_with("signed"), "{code}");
        }
        assert!(has_effect(FateCode::CountedAs) && has_effect(FateCode::OverrideNeedsSecond));
        assert!(!has_effect(FateCode::StepNotOpen) && !has_effect(FateCode::NotApplicable));
    }
}
