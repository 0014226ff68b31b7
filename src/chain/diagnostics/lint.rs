//! The wording of what is legal in a chain and cannot work with the people there are.

use super::super::fill::{Short, names};
use crate::diag::{Code, Diagnostic};
use crate::id::ChainId;
use crate::text::RepoPath;

fn place(chain: &ChainId) -> RepoPath {
    format!("chains/{chain}.toml").parse().expect("an id is a plain name")
}

fn error(chain: &ChainId, code: &'static str, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(Code(code), message).in_file(&place(chain))
}

fn warning(chain: &ChainId, code: &'static str, message: impl Into<String>) -> Diagnostic {
    Diagnostic::warning(Code(code), message).in_file(&place(chain))
}

pub(in super::super) fn role_not_held(chain: &ChainId, step: &str, role: &str) -> Diagnostic {
    error(chain, "ROLE_NOT_HELD", format!("nobody holds the role `{role}` of step `{step}`"))
        .help(format!("grant `{role}` to somebody"))
}

/// `so` says what cannot happen then.
pub(in super::super) fn idle_role(chain: &ChainId, step: &str, role: &str, so: &str) -> Diagnostic {
    warning(chain, "ROLE_NOT_HELD", format!("nobody holds the role `{role}`: in step `{step}` {so}"))
        .help(format!("grant `{role}` to somebody, or change the step"))
}

pub(in super::super) fn person_unknown(chain: &ChainId, step: &str, person: &str) -> Diagnostic {
    warning(
        chain,
        "ROLE_NOT_HELD",
        format!("`{person}` has a veto in step `{step}`, but nobody is enrolled under that id"),
    )
    .help("mend the id, or enrol the person")
}

pub(in super::super) fn one_holder(chain: &ChainId, role: &str, person: &str) -> Diagnostic {
    warning(chain, "ROLE_ONE_HOLDER", format!("only `{person}` holds the role `{role}`"))
        .help("when that person is away, nobody can decide: grant the role to a second person")
}

pub(in super::super) fn role_not_used(role: &str, persons: &[&str]) -> Diagnostic {
    Diagnostic::warning(
        Code("ROLE_NOT_USED"),
        format!("no step asks for the role `{role}` held by {}", names(persons)),
    )
    .help("end the role, or use it in a chain")
}

pub(in super::super) fn no_issuer() -> Diagnostic {
    Diagnostic::warning(
        Code("OFFICE_NOT_HELD"),
        "nobody holds the role `issuer`: no certificate can be issued",
    )
    .help("grant `issuer` to somebody")
}

pub(in super::super) fn one_override(person: &str) -> Diagnostic {
    Diagnostic::warning(
        Code("OFFICE_NOT_HELD"),
        format!("only `{person}` holds the role `override`: an override takes two persons"),
    )
    .help("grant `override` to a second person, or end the role")
}

pub(in super::super) fn unreachable(chain: &ChainId, short: &Short) -> Diagnostic {
    error(chain, "STEP_UNREACHABLE", short.to_string()).help(short.help())
}

pub(in super::super) fn author_blocks(chain: &ChainId, author: &str, short: &Short) -> Diagnostic {
    warning(
        chain,
        "STEP_AUTHOR_BLOCKS",
        format!("a package written by `{author}` could never be approved: {short}"),
    )
    .help(short.help())
}

pub(in super::super) fn not_proven(chain: &ChainId) -> Diagnostic {
    warning(
        chain,
        "STEP_NOT_PROVEN",
        "the steps have too many alternatives to prove that people can pass them",
    )
    .help("ask for less: fewer ways in `any_of`")
}

pub(in super::super) fn never_refused(chain: &ChainId, step: &str, reject: u32, people: usize) -> Diagnostic {
    warning(
        chain,
        "STEP_NEVER_REFUSED",
        format!("step `{step}` is refused by {reject} rejections, but only {people} can reject"),
    )
    .help("lower `reject`, or name somebody in `veto`")
}

pub(in super::super) fn no_is_present(chain: &ChainId, step: &str) -> Diagnostic {
    warning(
        chain,
        "STEP_NO_IS_PRESENT",
        format!(
            "in step `{step}` a rejection counts as presence: it can let pass what would else have failed"
        ),
    )
    .help("delete `no_is_present`, unless your rules of procedure ask for it")
}

pub(in super::super) fn escalates_early(chain: &ChainId, step: &str, role: &str, after: &str) -> Diagnostic {
    warning(
        chain,
        "STEP_ESCALATES_EARLY",
        format!("the role `{role}` may decide step `{step}` after {after}, before it is overdue"),
    )
    .help("let `after` be no shorter than the deadline")
}

pub(in super::super) fn resolves_itself(chain: &ChainId, step: &str, role: &str) -> Diagnostic {
    warning(
        chain,
        "STEP_RESOLVES_ITSELF",
        format!("the role `{role}` decides step `{step}` and may set its rejections aside"),
    )
    .help("name another role in `resolve_rejection`")
}

pub(in super::super) fn fresh_too_short(chain: &ChainId, step: &str, fresh: &str, later: u32) -> Diagnostic {
    warning(
        chain,
        "STEP_FRESH_TOO_SHORT",
        format!("an approval of step `{step}` holds {fresh}, but the steps after it may take {later} days"),
    )
    .help("lengthen `fresh_for`, or shorten the deadlines after it")
}

pub(in super::super) fn when_not_judged(chain: &ChainId, key: &str) -> Diagnostic {
    error(
        chain,
        "WHEN_NOT_JUDGED",
        format!("steps depend on `{key}` of the package, and there is no step that every package passes"),
    )
    .help("add a step without `when`: else an author could skip reviewers by changing that word unseen")
}

pub(in super::super) fn section_when(chain: &ChainId, section: &str, example: &str) -> Diagnostic {
    warning(
        chain,
        "SECTION_WHEN",
        format!("no step judges the section `{section}` of a package with {example}"),
    )
    .help("add it to the scope of a step that is for those packages too")
}
