//! The wording of what an export is refused for.

use super::ExportError;
use crate::diag::{Code, Diagnostic};

/// Every code: what it means, what to do.
pub const CODES: &[(&str, &str, &str)] = &[
    (
        "EXPORT_NO_PACKAGE",
        "The repository has no package of that name.",
        "Name one that `countersign status` lists.",
    ),
    (
        "EXPORT_NOT_CERTIFIED",
        "The package was never certified, or its certificate is disputed, so there is nothing to give evidence of.",
        "Do what is missing, then `countersign certify PACKAGE`.",
    ),
    (
        "EXPORT_NOT_APPENDED",
        "The certificate has no place in the ledger yet.",
        "Run `countersign append` first.",
    ),
    (
        "EXPORT_BROKEN",
        "The ledger or a frozen file does not hold.",
        "Run `countersign verify` and restore what it names.",
    ),
];

impl From<ExportError> for Diagnostic {
    fn from(error: ExportError) -> Diagnostic {
        let (code, help) = match &error {
            ExportError::NoPackage(_) => (CODES[0].0, "`countersign status` lists them".to_owned()),
            ExportError::NotCertified { missing, .. } => {
                let first = |a: &crate::engine::Advice| match a.command.as_str() {
                    "" => a.missing.clone(),
                    command => format!("{}: `{command}`", a.missing),
                };
                (CODES[1].0, missing.iter().map(first).collect::<Vec<_>>().join("; "))
            }
            ExportError::NotAppended(_) => (CODES[2].0, "run `countersign append` first".to_owned()),
            ExportError::Broken(_) => (CODES[3].0, "`countersign verify` says more".to_owned()),
        };
        Diagnostic::error(Code(code), error.to_string()).help(help)
    }
}
