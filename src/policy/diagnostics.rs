//! The wording of everything that can be wrong with a policy test.

use super::words::Wrong;
use crate::diag::{Code, Diagnostic};
use crate::text::{RepoPath, SourceFile, Span};

/// Code, what it means, what to do.
pub const CODES: &[(&str, &str, &str)] = &[
    (
        "POLICY_STORY",
        "A story or chain in a policy test is not written so that its lines can be counted.",
        "Write it between ''' and ''', without escapes.",
    ),
    (
        "POLICY_EVENT",
        "A line of a story cannot be read.",
        "Write who does what, as in `dana approves data`; SPEC section 12 lists the phrases.",
    ),
    (
        "POLICY_PLAY",
        "A line of a story can be read, but it cannot happen at that point.",
        "Mend the line, or tell first what it needs.",
    ),
    ("POLICY_CHAIN", "The chain that a policy test names cannot be read.", "Mend its name, or the chain."),
    (
        "POLICY_EXPECT",
        "An expectation names a state, code, step or record that there is not.",
        "Mend the name; SPEC section 12 lists what can be expected.",
    ),
    ("POLICY_EMPTY", "A policy test has no case, or a case expects nothing.", "Add what is expected."),
    ("POLICY_DUPLICATE", "Two cases of one file have the same name.", "Rename one of them."),
    ("POLICY_TOO_LARGE", "A policy test has more cases or lines than it may.", "Split it."),
];

pub(super) fn story(file: &SourceFile, span: Span, key: &str) -> Diagnostic {
    Diagnostic::error(Code("POLICY_STORY"), format!("`{key}` is not written line by line"))
        .at(file, span)
        .help("write it between ''' and ''', without escapes")
}

/// A line that cannot be read; `at` is where it starts in the file.
pub(super) fn event(file: &SourceFile, at: usize, wrong: &Wrong) -> Diagnostic {
    let span = Span { start: at + wrong.start, end: at + wrong.end };
    Diagnostic::error(Code("POLICY_EVENT"), wrong.message.clone()).at(file, span).help(wrong.help.clone())
}

/// The same for a line that stands in no file.
pub(super) fn loose_event(line: &str, wrong: &Wrong) -> Diagnostic {
    Diagnostic::error(Code("POLICY_EVENT"), format!("in \"{line}\": {}", wrong.message))
        .help(wrong.help.clone())
}

pub(super) fn play(file: &SourceFile, span: Span, why: &str) -> Diagnostic {
    Diagnostic::error(Code("POLICY_PLAY"), format!("this cannot happen here: {why}")).at(file, span)
}

pub(super) fn loose_play(line: &str, why: &str) -> Diagnostic {
    Diagnostic::error(Code("POLICY_PLAY"), format!("\"{line}\" cannot happen here: {why}"))
}

pub(super) fn chain_unreadable(file: &SourceFile, span: Span, path: &RepoPath, why: &str) -> Diagnostic {
    Diagnostic::error(Code("POLICY_CHAIN"), format!("the chain {path} cannot be read: {why}")).at(file, span)
}

pub(super) fn chain_wrong(file: &SourceFile, span: Span, what: &str) -> Diagnostic {
    Diagnostic::error(Code("POLICY_CHAIN"), format!("the chain {what} is wrong in itself"))
        .at(file, span)
        .help("its own messages say where; `countersign check` prints them too")
}

pub(super) fn no_chain(file: &SourceFile) -> Diagnostic {
    Diagnostic::error(Code("POLICY_CHAIN"), "the file names no chain")
        .in_file(file.path())
        .help("write `chain = \"bank-credit\"` for chains/bank-credit.toml, or give the whole chain as chain_toml = '''...'''")
}

pub(super) fn chain_not_given<'n>(
    file: &SourceFile,
    span: Span,
    name: &str,
    known: impl Iterator<Item = &'n String>,
) -> Diagnostic {
    let known: Vec<&str> = known.map(String::as_str).collect();
    Diagnostic::error(Code("POLICY_CHAIN"), format!("[chains] has no `{}`", name.escape_debug()))
        .at(file, span)
        .help(if known.is_empty() {
            "add it there".to_owned()
        } else {
            format!("known: {}", known.join(", "))
        })
}

pub(super) fn expectation(file: &SourceFile, span: Span, message: String, help: String) -> Diagnostic {
    Diagnostic::error(Code("POLICY_EXPECT"), message).at(file, span).help(help)
}

pub(super) fn expects_nothing(file: &SourceFile, span: Span) -> Diagnostic {
    Diagnostic::error(Code("POLICY_EMPTY"), "the case expects nothing, so it cannot fail")
        .at(file, span)
        .help("add expect = { state = \"...\" }")
}

pub(super) fn no_case(file: &SourceFile) -> Diagnostic {
    Diagnostic::error(Code("POLICY_EMPTY"), "the file has no [[case]]").in_file(file.path())
}

pub(super) fn duplicate(file: &SourceFile, span: Span, name: &str) -> Diagnostic {
    Diagnostic::error(Code("POLICY_DUPLICATE"), format!("another case is called \"{name}\" already"))
        .at(file, span)
}

pub(super) fn too_large(file: &SourceFile, span: Span, what: &str, most: usize) -> Diagnostic {
    Diagnostic::error(Code("POLICY_TOO_LARGE"), format!("there are more than {most} {what}")).at(file, span)
}
