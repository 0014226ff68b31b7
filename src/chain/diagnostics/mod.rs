//! The wording of everything that can be wrong with a chain.

mod lint;

pub(super) use lint::*;

use super::meaning::{PLACEHOLDERS, Wrong};
use crate::diag::{Code, Diagnostic};
use crate::text::{SourceFile, Span, nearest};
use crate::time::Calendar;

/// Code, what it means, what to do.
pub const CODES: &[(&str, &str, &str)] = &[
    ("CHAIN_NAME", "A chain's id is not the name of its file.", "Make them equal."),
    ("CHAIN_EMPTY", "A chain has no section, or no step.", "Add one."),
    ("CHAIN_TOO_LARGE", "A chain has more sections, thresholds or steps than it may.", "Split the chain."),
    ("CHAIN_DUPLICATE", "Two parts of a chain have the same id.", "Rename or delete one of them."),
    ("CHAIN_UNKNOWN_NAME", "A chain names a section or step that it does not have.", "Mend the name."),
    ("CHAIN_CYCLE", "Steps wait for each other in a circle.", "Remove one `after` of the circle."),
    ("SECTION_RESERVED", "A section is called `package`, which means package.toml.", "Choose another id."),
    ("SECTION_NOT_JUDGED", "No step judges a section.", "Add it to the scope of a step."),
    ("STEP_SCOPE", "A step's scope is empty or contradicts itself.", "Name sections, or write `[\"*\"]`."),
    ("STEP_APPROVALS", "A step asks for no approval, or for too many.", "Ask for one or more."),
    (
        "STEP_MEANING",
        "The sentence signers assent to lacks or misspells a placeholder.",
        "Say who decides what about which revision of which package.",
    ),
    (
        "STEP_FORM",
        "A step says twice, or not at all, what is enough to pass it.",
        "Write one of: `role` with `approvals`, `role` with `quorum`, `any_of`.",
    ),
    (
        "STEP_QUORUM",
        "A vote of a step has a number or a rule that cannot hold.",
        "Mend the number or the rule.",
    ),
    (
        "STEP_VETO",
        "A step speaks of a veto that nobody has.",
        "Name who has it in `veto`, or delete the key.",
    ),
    ("STEP_WHEN", "A step does not say which packages it is for.", "Give `in` or `not_in`, with values."),
    (
        "STEP_TERM",
        "A term of a step has no length, or ends before another that it needs.",
        "Write terms in the order in which they shall end.",
    ),
    (
        "STEP_ESCALATION",
        "A step is escalated to a role that decides it anyway.",
        "Escalate to another role, or not at all.",
    ),
    (
        "STEP_RESOLVE_REJECTION",
        "Somebody may set a rejection aside, but no deadline says from when.",
        "Give the step a `deadline`.",
    ),
    (
        "CHAIN_CALENDAR",
        "A chain names a calendar or a time zone that does not exist.",
        "Use one that the message or SPEC section 8 names.",
    ),
    ("CHAIN_MINOR_WORDS", "A chain calls too large a change minor.", "Lower `minor_words`."),
    (
        "THRESHOLD_BOUND",
        "A threshold has no bound, or a band that nothing can meet.",
        "Give `at_least` or `at_most`.",
    ),
    (
        "ROLE_NOT_HELD",
        "A chain names a role that nobody holds, or a person who is not enrolled.",
        "Grant the role, enrol the person, or change the step.",
    ),
    ("ROLE_ONE_HOLDER", "Only one person holds a role: nobody can stand in.", "Grant it to a second person."),
    ("ROLE_NOT_USED", "A role is held that no chain names.", "End the role, or use it."),
    (
        "OFFICE_NOT_HELD",
        "Too few hold a role that the program itself asks for: nobody can issue certificates, or no two can override.",
        "Grant the role.",
    ),
    (
        "STEP_UNREACHABLE",
        "There are not enough persons to fill the steps, as one person fills one step.",
        "Grant the role to the number of persons that the message names.",
    ),
    (
        "STEP_AUTHOR_BLOCKS",
        "When a certain person writes a package, too few remain to approve it.",
        "Grant the role to one more person, or let others write.",
    ),
    (
        "STEP_NOT_PROVEN",
        "A chain has too many alternatives to prove that people can pass it.",
        "Ask for less: fewer ways in `any_of`.",
    ),
    (
        "STEP_NEVER_REFUSED",
        "A step asks for more rejections than there are people to reject, and nobody has a veto.",
        "Lower `reject`, or give somebody a veto.",
    ),
    (
        "STEP_NO_IS_PRESENT",
        "A rejection counts as presence in a vote. Then a no can let pass what would have failed without it.",
        "Delete `no_is_present`, unless your rules of procedure ask for it.",
    ),
    (
        "STEP_ESCALATES_EARLY",
        "Others may decide a step before it is overdue.",
        "Let `after` be no shorter than the deadline.",
    ),
    (
        "STEP_RESOLVES_ITSELF",
        "Those who decide a step may also set its rejections aside.",
        "Name another role in `resolve_rejection`.",
    ),
    (
        "STEP_FRESH_TOO_SHORT",
        "An approval may expire before the later steps are due.",
        "Lengthen `fresh_for`, or shorten the deadlines after it.",
    ),
    (
        "WHEN_NOT_JUDGED",
        "Every step depends on the package's metadata, so nobody in particular judges the metadata.",
        "Add a step without `when`: package.toml is in the scope of every step.",
    ),
    (
        "SECTION_WHEN",
        "For some packages no step judges a section.",
        "Add it to the scope of a step that is for those packages too.",
    ),
];

pub(super) fn chain_name(file: &SourceFile, span: Span, id: &str) -> Diagnostic {
    Diagnostic::error(
        Code("CHAIN_NAME"),
        format!("the chain is called `{id}`, its file `{}`", file.path().name()),
    )
    .at(file, span)
    .help(format!("rename the file to `{id}.toml`, or mend the id"))
}

pub(super) fn none_of(file: &SourceFile, span: Span, what: &str) -> Diagnostic {
    Diagnostic::error(Code("CHAIN_EMPTY"), format!("the chain has no {what}"))
        .at(file, span)
        .help(format!("add a [[{what}]]"))
}

pub(super) fn too_many(file: &SourceFile, span: Span, what: &str, count: usize, most: usize) -> Diagnostic {
    Diagnostic::error(Code("CHAIN_TOO_LARGE"), format!("the chain has {count} {what}s; {most} are allowed"))
        .at(file, span)
        .help("split the chain")
}

pub(super) fn duplicate(file: &SourceFile, span: Span, what: &str, id: &str, first: Span) -> Diagnostic {
    let line = file.line_of(first.start);
    Diagnostic::error(Code("CHAIN_DUPLICATE"), format!("a second {what} is called `{id}`"))
        .at(file, span)
        .label(format!("the first is in line {line}"))
        .help("rename or delete one of them")
}

pub(super) fn twice(file: &SourceFile, span: Span, id: &str) -> Diagnostic {
    Diagnostic::error(Code("CHAIN_DUPLICATE"), format!("`{id}` is named twice"))
        .at(file, span)
        .help("name it once")
}

pub(super) fn unknown<'a>(
    file: &SourceFile,
    span: Span,
    what: &str,
    name: &str,
    known: impl Iterator<Item = &'a str>,
) -> Diagnostic {
    let d = Diagnostic::error(
        Code("CHAIN_UNKNOWN_NAME"),
        format!("the chain has no {what} `{}`", name.escape_debug()),
    )
    .at(file, span);
    match nearest(name, known) {
        Some(meant) => d.help(format!("did you mean `{meant}`?")),
        None => d.help(format!("add the {what}, or mend the name")),
    }
}

pub(super) fn cycle(file: &SourceFile, span: Span, names: &[&str]) -> Diagnostic {
    let circle = match names {
        [one] => format!("step `{one}` waits for itself"),
        [first, ..] => format!("steps wait for each other: `{}` after `{first}`", names.join("` after `")),
        [] => "steps wait for each other".to_owned(),
    };
    Diagnostic::error(Code("CHAIN_CYCLE"), circle)
        .at(file, span)
        .help("none of them could ever open: remove one `after`")
}

pub(super) fn reserved_section(file: &SourceFile, span: Span) -> Diagnostic {
    Diagnostic::error(Code("SECTION_RESERVED"), "`package` is the reserved name of package.toml")
        .at(file, span)
        .help("choose another id")
}

pub(super) fn not_judged(file: &SourceFile, id: &str) -> Diagnostic {
    let at = file.text().find(&format!("\"{id}\"")).unwrap_or(0);
    Diagnostic::error(Code("SECTION_NOT_JUDGED"), format!("no step judges the section `{id}`"))
        .at(file, Span { start: at, end: at + id.len() + 2 })
        .help("add it to the scope of a step: an approval would not cover it")
}

pub(super) fn empty_scope(file: &SourceFile, span: Span) -> Diagnostic {
    Diagnostic::error(Code("STEP_SCOPE"), "the step judges no section")
        .at(file, span)
        .help("name sections, or leave `scope` out for all of them")
}

pub(super) fn star_and_names(file: &SourceFile, span: Span) -> Diagnostic {
    Diagnostic::error(Code("STEP_SCOPE"), "`*` already means every section")
        .at(file, span)
        .help("write `[\"*\"]` alone, or only names")
}

pub(super) fn approvals(file: &SourceFile, span: Span, most: u32) -> Diagnostic {
    Diagnostic::error(Code("STEP_APPROVALS"), format!("a step needs between 1 and {most} approvals"))
        .at(file, span)
        .help("a step that nobody need approve would pass by itself")
}

pub(super) fn two_forms(file: &SourceFile, span: Span, key: &str, other: &str) -> Diagnostic {
    Diagnostic::error(Code("STEP_FORM"), format!("`{key}` cannot stand beside `{other}`"))
        .at(file, span)
        .help("keep one of them: only one can say what is enough")
}

pub(super) fn no_way(file: &SourceFile, span: Span, most: u32) -> Diagnostic {
    Diagnostic::error(Code("STEP_FORM"), format!("`any_of` needs between 1 and {most} ways to pass"))
        .at(file, span)
        .help("write for example `any_of = [{ role = \"legal\", approvals = 2 }]`")
}

pub(super) fn reject_of_a_way(file: &SourceFile, span: Span) -> Diagnostic {
    Diagnostic::error(Code("STEP_FORM"), "one way of `any_of` cannot have a `reject` of its own")
        .at(file, span)
        .help("write `reject` at the step: a rejection refuses it whichever way others go")
}

pub(super) fn reject_twice(file: &SourceFile, span: Span) -> Diagnostic {
    Diagnostic::error(Code("STEP_FORM"), "the step says twice how many rejections refuse it")
        .at(file, span)
        .help("write `reject` in the quorum or at the step")
}

pub(super) fn quorum_number(file: &SourceFile, span: Span, key: &str, most: u32) -> Diagnostic {
    Diagnostic::error(Code("STEP_QUORUM"), format!("`{key}` must be between 1 and {most}")).at(file, span)
}

pub(super) fn tie_without_chair(file: &SourceFile, span: Span) -> Diagnostic {
    Diagnostic::error(Code("STEP_QUORUM"), "a tie cannot be broken by a chair that there is not")
        .at(file, span)
        .help("name the role of the chair in `chair`, or write `tie = \"fail\"`")
}

pub(super) fn no_veto(file: &SourceFile, span: Span) -> Diagnostic {
    Diagnostic::error(Code("STEP_VETO"), "nobody has a veto in this step")
        .at(file, span)
        .help("name who has it in `veto`, or delete `overridable_veto`")
}

pub(super) fn when_form(file: &SourceFile, span: Span) -> Diagnostic {
    Diagnostic::error(Code("STEP_WHEN"), "`when` needs either `in` or `not_in`")
        .at(file, span)
        .help("write for example `when = { meta = \"use\", in = [\"credit\"] }`")
}

pub(super) fn when_empty(file: &SourceFile, span: Span) -> Diagnostic {
    Diagnostic::error(Code("STEP_WHEN"), "`when` names no value")
        .at(file, span)
        .help("name values, or delete `when`: without it the step is for every package")
}

pub(super) fn no_time(file: &SourceFile, span: Span, term: &dyn std::fmt::Display) -> Diagnostic {
    Diagnostic::error(Code("STEP_TERM"), format!("{term} is no time at all"))
        .at(file, span)
        .help("give a longer one, or delete the key")
}

pub(super) fn lapses_first(file: &SourceFile, span: Span, event: &str) -> Diagnostic {
    Diagnostic::error(Code("STEP_TERM"), format!("the review lapses before the step {event}"))
        .at(file, span)
        .help("let it lapse later: `deadline` and `escalate` come first")
}

pub(super) fn escalates_to_itself(file: &SourceFile, span: Span, role: &str) -> Diagnostic {
    Diagnostic::error(Code("STEP_ESCALATION"), format!("the role `{role}` decides this step anyway"))
        .at(file, span)
        .help("escalate to another role, or not at all")
}

pub(super) fn no_deadline(file: &SourceFile, span: Span) -> Diagnostic {
    Diagnostic::error(
        Code("STEP_RESOLVE_REJECTION"),
        "a rejection may be set aside only after the deadline, and the step has none",
    )
    .at(file, span)
    .help("give the step a `deadline`, or delete `resolve_rejection`")
}

pub(super) fn no_calendar(file: &SourceFile, span: Span, name: &str) -> Diagnostic {
    let d =
        Diagnostic::error(Code("CHAIN_CALENDAR"), format!("there is no calendar `{}`", name.escape_debug()))
            .at(file, span);
    match nearest(name, Calendar::NAMES) {
        Some(meant) => d.help(format!("did you mean `{meant}`?")),
        None => d.help(format!(
            "there are `{}`; further days off go into `holidays`",
            Calendar::NAMES.join("`, `")
        )),
    }
}

pub(super) fn no_zone(file: &SourceFile, span: Span, name: &str) -> Diagnostic {
    Diagnostic::error(Code("CHAIN_CALENDAR"), format!("there is no time zone `{}`", name.escape_debug()))
        .at(file, span)
        .help("write its name in the tz database, such as `America/New_York`, `Europe/Berlin` or `UTC`")
}

pub(super) fn minor_words(file: &SourceFile, span: Span, most: u32) -> Diagnostic {
    Diagnostic::error(Code("CHAIN_MINOR_WORDS"), format!("`minor_words` is at most {most}"))
        .at(file, span)
        .help("a larger change deserves a new decision")
}

pub(super) fn meaning(file: &SourceFile, span: Span, wrong: &Wrong) -> Diagnostic {
    let code = Code("STEP_MEANING");
    match wrong {
        Wrong::Unknown(name) => {
            let d = Diagnostic::error(code, format!("there is no placeholder `{{{}}}`", name.escape_debug()));
            let help = match nearest(name, PLACEHOLDERS) {
                Some(meant) => format!("did you mean `{{{meant}}}`?"),
                None => format!("there are {{{}}}", PLACEHOLDERS.join("} {")),
            };
            d.at(file, span).help(help)
        }
        Wrong::Brace => Diagnostic::error(code, "the sentence has a brace without its partner")
            .at(file, span)
            .help("write placeholders as `{name}`"),
        Wrong::Missing(names) => {
            let wanted = names.join("}` or `{");
            Diagnostic::error(code, format!("the sentence does not hold `{{{wanted}}}`"))
                .at(file, span)
                .help("a signature means: this person decided this about that state of that package")
        }
    }
}

pub(super) fn no_bound(file: &SourceFile, span: Span) -> Diagnostic {
    Diagnostic::error(Code("THRESHOLD_BOUND"), "the threshold has no bound")
        .at(file, span)
        .help("give `at_least`, `at_most`, or both for a band")
}

pub(super) fn empty_band(file: &SourceFile, span: Span) -> Diagnostic {
    Diagnostic::error(Code("THRESHOLD_BOUND"), "no value can meet this threshold")
        .at(file, span)
        .label("less than `at_least`")
        .help("exchange the bounds")
}
