//! Wording of what is wrong with the workspace itself.

use crate::diag::{Code, Diagnostic};
use crate::text::{RepoPath, SourceFile, Span};

/// Code, what it means, what to do.
pub const CODES: &[(&str, &str, &str)] = &[
    (
        "BAD_CONFIG",
        "`countersign.toml` cannot be read as TOML, lacks a key, or has one that is not known.",
        "Mend the line shown. The keys are `name`, `repository`, `root`, `base` and `skew_seconds`.",
    ),
    (
        "BAD_PACKAGE_NAME",
        "A folder under `packages/` has a name that cannot be a package id.",
        "Rename it: lowercase letters, digits and hyphens, at most 64.",
    ),
    (
        "BAD_CHAIN_NAME",
        "A file under `chains/` has a name that cannot be stored everywhere.",
        "Rename it: lowercase letters, digits and hyphens, then `.toml`.",
    ),
    (
        "NOT_A_FILE",
        "A package holds a symbolic link, a submodule, a socket or another thing that is not a plain file or folder.",
        "Replace it by a plain copy: what is signed must be in the folder itself.",
    ),
];

fn code(name: &str) -> Code {
    let row = CODES.iter().find(|row| row.0 == name);
    Code(row.expect("every code of this file is in the table").0)
}

pub(super) fn bad_config(file: &SourceFile, error: &toml::de::Error) -> Diagnostic {
    let d = Diagnostic::error(code("BAD_CONFIG"), error.message().to_owned())
        .help("the keys are name, repository, root, base and skew_seconds; `countersign init` writes them");
    match error.span() {
        Some(span) => d.at(file, Span::from(span)),
        None => d.in_file(file.path()),
    }
}

pub(super) fn bad_package_name(name: &str) -> Diagnostic {
    Diagnostic::error(
        code("BAD_PACKAGE_NAME"),
        format!("the folder packages/{} cannot be a package", name.escape_debug()),
    )
    .help("lowercase letters, digits and hyphens, at most 64, starting with a letter or digit")
}

pub(super) fn bad_chain_name(name: &str) -> Diagnostic {
    Diagnostic::error(
        code("BAD_CHAIN_NAME"),
        format!("the file chains/{} cannot be a chain", name.escape_debug()),
    )
    .help("name it like the chain's id, with .toml behind it")
}

pub(super) fn not_a_file(folder: &RepoPath, name: &str, what: &str) -> Diagnostic {
    Diagnostic::error(
        code("NOT_A_FILE"),
        format!("{folder}/{} is {what}, not a plain file", name.escape_debug()),
    )
    .in_file(folder)
    .help("put a plain copy in the folder: only what lies there can be signed")
}
