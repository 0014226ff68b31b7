//! The wording of everything that can be wrong with a package.

use super::target::Refused;
use crate::diag::{Code, Diagnostic};
use crate::id::SectionId;
use crate::text::{BadPath, RepoPath, SourceFile, Span, nearest};

/// Code, what it means, what to do.
pub const CODES: &[(&str, &str, &str)] = &[
    // The folder.
    ("BAD_PATH", "A file name cannot be part of a package.", "Rename the file."),
    ("CASE_COLLISION", "Two names differ only in upper and lower case.", "Rename one of them."),
    (
        "FILE_NOT_COVERED",
        "A file in the folder is not covered by the digest.",
        "Move it under `evidence/<section>/`, or out.",
    ),
    ("EVIDENCE_PLACE", "Evidence lies under no section of the chain.", "Move it to `evidence/<section>/`."),
    ("TOO_MANY_FILES", "A package has more files than it may.", "Attach fewer files."),
    ("PACKAGE_TOML_MISSING", "The folder has no package.toml.", "Write one."),
    ("FILE_CHANGED", "A file changed while it was read.", "Run the command again."),
    (
        "MANIFEST_SYNTAX",
        "A MANIFEST is not in the one form allowed.",
        "Restore the frozen revision from the history.",
    ),
    // package.toml and figures.
    ("AUTHORS_EMPTY", "A package names no author.", "Name everyone who wrote it; authors cannot approve."),
    ("PACKAGE_DUPLICATE", "A name stands twice where it may stand once.", "Delete one."),
    ("CHAIN_NOT_FOUND", "A package names a chain that does not exist.", "Mend the name, or write the chain."),
    (
        "PLACEHOLDER",
        "A text of the skeleton that `init` wrote stands where the package's own belongs.",
        "Write what the criterion asks for.",
    ),
    (
        "FIGURES_TWICE",
        "A section has more than one file of figures.",
        "Keep one of figures.toml, figures.json, figures.csv.",
    ),
    ("FIGURES_SYNTAX", "A file of figures cannot be parsed.", "Mend the line shown."),
    (
        "FIGURE_DUPLICATE",
        "A figure of the same id and group stands twice.",
        "Delete one, or give them groups.",
    ),
    (
        "FIGURE_INTERVAL",
        "An interval lacks an end, or does not hold its value.",
        "Give both ends, around the value.",
    ),
    ("FIGURE_SOURCE", "The file that a figure comes from is not in the package.", "Attach it."),
    (
        "FIGURE_NOT_JUDGED",
        "No threshold of the chain judges a reported figure.",
        "Delete the figure, or have the chain judge it.",
    ),
    ("FIGURE_EMPTY", "A figure is listed and its keys are empty.", "Fill them in, or delete the figure."),
    ("FIGURE_MISSING", "A threshold of the chain has no reported figure.", "Report the figure."),
    (
        "THRESHOLD_MISSED",
        "A figure misses its threshold and nothing explains it.",
        "Write an [[exception]], if the chain allows one.",
    ),
    (
        "THRESHOLD_BLOCKS",
        "A figure misses a threshold that allows no exception.",
        "The model cannot be submitted as it is.",
    ),
    ("EXCEPTION_NOT_NEEDED", "An exception is written for a threshold that is met.", "Delete the exception."),
    (
        "EXCEPTION_UNKNOWN",
        "An exception names a figure that the package does not report.",
        "Mend section, figure or group.",
    ),
    // Sections.
    ("SECTION_MISSING", "A section of the chain has no file.", "Write `<section>.md`."),
    (
        "SECTION_UNKNOWN",
        "A Markdown file is no section of the chain.",
        "Rename it, or move it under `evidence/`.",
    ),
    (
        "SECTION_EMPTY",
        "A section holds too little prose to be judged.",
        "Write what its criterion asks for; links and attachments do not speak for themselves.",
    ),
    (
        "SECTION_TITLE",
        "The first heading is not the section's title.",
        "Write the title of the chain, or leave it out.",
    ),
    ("HEADING_LEVEL", "A level-1 heading stands inside a section.", "Start sub-headings at `##`."),
    ("HEADING_EMPTY", "A heading has no words.", "Write some, or delete it."),
    (
        "ANCHOR_COLLISION",
        "Headings of two sections would have the same address on the page.",
        "Reword one of them.",
    ),
    // Markdown that would show less or other than it says.
    ("RAW_HTML", "A section holds raw HTML.", "Write it as a Markdown table, or attach a CSV."),
    ("HTML_COMMENT", "A section holds an HTML comment, which reviewers would not see.", "Delete it."),
    (
        "HIDDEN_DEFINITION",
        "A link definition `[label]: target` is never shown.",
        "Write the link inline: `[text](target)`.",
    ),
    ("FOOTNOTE_UNUSED", "Nothing refers to a footnote, or two have one label.", "Refer to it, or delete it."),
    (
        "TABLE_CELL_DROPPED",
        "A table row has more cells than the table has columns.",
        "Add a column, or escape the `|` as `\\|`.",
    ),
    (
        "CODE_INFO",
        "A code block has more than a language after its fence.",
        "Write one word there; the rest would not be shown.",
    ),
    ("LINK_TITLE", "A link has a title, which is not seen on paper or on a phone.", "Put it into the text."),
    (
        "LINK_REFUSED",
        "A link leads where no link may lead.",
        "Link to https, mailto, a heading, a section or a file of the package.",
    ),
    ("LINK_BROKEN", "A relative link leads nowhere.", "Mend the name."),
    (
        "IMAGE_PLACE",
        "An image is not a picture of the section's own evidence.",
        "Put it under `evidence/<section>/` as png, svg, jpg or webp.",
    ),
    ("IMAGE_WORDS", "An image has no words for who cannot see it.", "Write `![what it shows](…)`."),
    // Limits.
    (
        "MARKDOWN_TOO_COMPLEX",
        "A section nests too deep, or takes the parser too long.",
        "Use fewer levels; simplify it.",
    ),
    ("OUTPUT_TOO_LARGE", "A section would become too large a page.", "Attach large tables as CSV."),
    (
        "AND_MORE",
        "There are more messages of one kind than are shown.",
        "Mend those shown and run the command again.",
    ),
];

fn error(code: &'static str, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(Code(code), message)
}

fn did_you_mean<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>, otherwise: &str) -> String {
    nearest(wrong, known).map_or_else(|| otherwise.to_owned(), |meant| format!("did you mean `{meant}`?"))
}

/// `abc…`: a short printable piece of untrusted text.
fn short(text: &str) -> String {
    let mut piece: String = text.chars().take(60).collect();
    if piece.len() < text.len() {
        piece.push('…');
    }
    piece.escape_debug().to_string().replace("\\'", "'").replace("\\\"", "\"")
}

// --- the folder

pub(super) fn bad_path(base: &RepoPath, why: &BadPath) -> Diagnostic {
    error("BAD_PATH", format!("{why}")).in_file(base).help("rename the file")
}

pub(super) fn case_collision(base: &RepoPath, one: &str, other: &str) -> Diagnostic {
    error("CASE_COLLISION", format!("`{one}` and `{other}` differ only in upper and lower case"))
        .in_file(base)
        .help("rename one: some computers can hold only one of them")
}

pub(super) fn not_covered(path: &RepoPath) -> Diagnostic {
    error("FILE_NOT_COVERED", "no signature would cover this file").in_file(path).help(
        "a package holds package.toml, <section>.md and evidence/<section>/…; move the file there or out",
    )
}

pub(super) fn too_many_files(base: &RepoPath, count: usize, most: usize) -> Diagnostic {
    error("TOO_MANY_FILES", format!("the package has {count} files; {most} are allowed"))
        .in_file(base)
        .help("attach fewer files, for example one CSV in place of many")
}

pub(super) fn evidence_place(path: &RepoPath, folder: Option<&str>, known: &[&str]) -> Diagnostic {
    match folder {
        None => error("EVIDENCE_PLACE", "the file lies directly under evidence/")
            .in_file(path)
            .help("move it to evidence/<section>/, so that it is in the scope of who judges that section"),
        Some(folder) => error("EVIDENCE_PLACE", format!("the chain has no section `{folder}`"))
            .in_file(path)
            .help(did_you_mean(folder, known.iter().copied(), "move the file under a section of the chain")),
    }
}

pub(super) fn package_toml_missing(base: &RepoPath) -> Diagnostic {
    error("PACKAGE_TOML_MISSING", "the package has no package.toml").in_file(base).help("write one")
}

pub(super) fn file_changed(path: &RepoPath) -> Diagnostic {
    error("FILE_CHANGED", "the file changed while it was read").in_file(path).help("run the command again")
}

pub(super) fn manifest_syntax(file: &SourceFile, line: usize, wrong: &str) -> Diagnostic {
    let start = file.line_start(line);
    error("MANIFEST_SYNTAX", format!("line {line} of the MANIFEST {wrong}"))
        .at(file, Span { start, end: start + file.line(line).len() })
        .help("a MANIFEST has lines `<sha256>  <path>`, sorted by path, each ended by LF")
}

// --- package.toml

pub(super) fn authors_empty(file: &SourceFile, span: Span) -> Diagnostic {
    error("AUTHORS_EMPTY", "the package names no author")
        .at(file, span)
        .help("list the person ids of everyone who wrote it: they can never approve it")
}

pub(super) fn duplicate(file: &SourceFile, span: Span, what: &str, name: &str) -> Diagnostic {
    error("PACKAGE_DUPLICATE", format!("{what} `{}` is there twice", short(name)))
        .at(file, span)
        .help("delete one")
}

pub(super) fn chain_not_found(name: &str, known: &[&str]) -> Diagnostic {
    let otherwise = format!("write chains/{name}.toml");
    error("CHAIN_NOT_FOUND", format!("there is no chain `{name}`")).help(did_you_mean(
        name,
        known.iter().copied(),
        &otherwise,
    ))
}

/// A text of the skeleton that nobody replaced.
pub(super) fn placeholder(file: &SourceFile, span: Span, what: &str) -> Diagnostic {
    error("PLACEHOLDER", "this is still the text that init wrote")
        .at(file, span)
        .help(format!("write {what} in its place"))
}

// --- figures

/// One message for a figure of which nothing but the id was written.
pub(super) fn figure_empty(file: &SourceFile, span: Span, id: &str, empty: &[&str]) -> Diagnostic {
    let keys: Vec<String> = empty.iter().map(|key| format!("`{key}`")).collect();
    let (keys, verb) = match keys.as_slice() {
        [one] => (one.clone(), "is"),
        [rest @ .., last] => (format!("{} and {last}", rest.join(", ")), "are"),
        [] => (String::new(), "is"),
    };
    error("FIGURE_EMPTY", format!("the figure `{}` is not filled in: {keys} {verb} empty", short(id)))
        .at(file, span)
        .help("write the figure as reported, on which data, and the file in this package that produces it")
}

pub(super) fn figures_twice(path: &RepoPath, first: &str) -> Diagnostic {
    error("FIGURES_TWICE", format!("the section's figures are already in {first}"))
        .in_file(path)
        .help("keep one of them")
}

pub(super) fn figures_syntax(file: &SourceFile, span: Span, wrong: &str) -> Diagnostic {
    error("FIGURES_SYNTAX", wrong.to_owned()).at(file, span)
}

pub(super) fn figure_duplicate(file: &SourceFile, span: Span, name: &str) -> Diagnostic {
    error("FIGURE_DUPLICATE", format!("the figure {name} is reported twice"))
        .at(file, span)
        .help("delete one, or give them different groups")
}

pub(super) fn interval(file: &SourceFile, span: Span, wrong: &str) -> Diagnostic {
    error("FIGURE_INTERVAL", wrong.to_owned())
        .at(file, span)
        .help("give `low` and `high` around the value, or neither")
}

/// A figure's place: its file and the span of its id there, if they could be found again.
pub(super) fn put(d: Diagnostic, place: Option<(&SourceFile, Span)>, path: &RepoPath) -> Diagnostic {
    match place {
        Some((file, span)) => d.at(file, span),
        None => d.in_file(path),
    }
}

pub(super) fn figure_source(source: &RepoPath, known: &[&str]) -> Diagnostic {
    error("FIGURE_SOURCE", format!("`{source}` is not in the package")).help(did_you_mean(
        source.as_str(),
        known.iter().copied(),
        "attach the file that produces the figure",
    ))
}

pub(super) fn figure_not_judged(name: &str, chain: &str, known: &[&str]) -> Diagnostic {
    error("FIGURE_NOT_JUDGED", format!("no threshold of `{chain}` judges the figure {name}"))
        .label("nobody would say whether this is good enough")
        .help(did_you_mean(
            name.trim_matches('`'),
            known.iter().copied(),
            "delete the figure, or add a [[threshold]] to the chain",
        ))
}

pub(super) fn figure_missing(figure: &str, section: &SectionId, bound: &str) -> Diagnostic {
    error("FIGURE_MISSING", format!("the figure `{figure}` is not reported; policy wants {bound}"))
        .help(format!("report it in evidence/{section}/figures.toml"))
}

pub(super) fn threshold_missed(name: &str, value: &str, bound: &str, entry: &str) -> Diagnostic {
    error("THRESHOLD_MISSED", format!("{name} is {value}; policy wants {bound}"))
        .label("not met")
        .help(format!("write in package.toml: {entry}"))
}

pub(super) fn threshold_blocks(name: &str, value: &str, bound: &str) -> Diagnostic {
    error("THRESHOLD_BLOCKS", format!("{name} is {value}; policy wants {bound} and allows no exception"))
        .label("not met")
        .help("the model cannot be submitted as it is")
}

pub(super) fn exception_not_needed(id: &str, name: &str) -> Diagnostic {
    error(
        "EXCEPTION_NOT_NEEDED",
        format!("exception `{}` is for {name}, which meets its threshold", short(id)),
    )
    .help("delete the exception")
}

pub(super) fn exception_blocked(id: &str, name: &str) -> Diagnostic {
    error("THRESHOLD_BLOCKS", format!("exception `{}`: the chain allows none for {name}", short(id)))
        .help("the model cannot be submitted as it is")
}

pub(super) fn exception_unknown(id: &str, name: &str, known: &[&str]) -> Diagnostic {
    error("EXCEPTION_UNKNOWN", format!("exception `{}`: the package reports no figure {name}", short(id)))
        .help(did_you_mean(name.trim_matches('`'), known.iter().copied(), "mend section, figure or group"))
}

// --- sections

pub(super) fn section_missing(path: &RepoPath, title: &str, criterion: &str) -> Diagnostic {
    error("SECTION_MISSING", format!("the section “{title}” is missing"))
        .in_file(path)
        .help(format!("write it; it must show: {criterion}"))
}

pub(super) fn section_unknown(path: &RepoPath, name: &str, chain: &str, known: &[&str]) -> Diagnostic {
    error("SECTION_UNKNOWN", format!("the chain `{chain}` has no section `{name}`"))
        .in_file(path)
        .help(did_you_mean(name, known.iter().copied(), "move the file under evidence/, or delete it"))
}

pub(super) fn section_name(path: &RepoPath, name: &str) -> Diagnostic {
    error("SECTION_UNKNOWN", format!("`{name}` cannot be the id of a section"))
        .in_file(path)
        .help("rename the file to the section it holds, or move it under evidence/<section>/")
}

pub(super) fn section_empty(path: &RepoPath, words: usize, least: usize, criterion: &str) -> Diagnostic {
    let had = match words {
        0 => "no words of prose".to_owned(),
        1 => "one word of prose".to_owned(),
        n => format!("{n} words of prose"),
    };
    error("SECTION_EMPTY", format!("the section has {had} outside links; {least} are the least"))
        .in_file(path)
        .help(format!("say what the criterion asks for: {criterion}"))
}

pub(super) fn section_title(title: &str) -> Diagnostic {
    error("SECTION_TITLE", "the first heading is not the section's title")
        .help(format!("write `# {title}`, or leave the heading out"))
}

pub(super) fn anchor_collision(path: &RepoPath, id: &str, other: &SectionId) -> Diagnostic {
    error("ANCHOR_COLLISION", format!("a heading would have the address `#{id}`, as one of `{other}` has"))
        .in_file(path)
        .help("reword one of the two headings")
}

pub(super) fn title_level(file: &SourceFile, span: Span) -> Diagnostic {
    error("HEADING_LEVEL", "a level-1 heading inside a section")
        .at(file, span)
        .help("start sub-headings at `##`; the section's title comes from the chain")
}

pub(super) fn empty_heading(file: &SourceFile, span: Span) -> Diagnostic {
    error("HEADING_EMPTY", "the heading has no words").at(file, span).help("write some, or delete it")
}

// --- Markdown

pub(super) fn raw_html(file: &SourceFile, span: Span, html: &str, section: &SectionId) -> Diagnostic {
    let start = html.trim_start();
    let line_end = file.line_start(file.line_of(span.start) + 1).saturating_sub(1);
    let span = Span { start: span.start, end: span.end.min(line_end.max(span.start + 1)) };
    if start.starts_with("<!--") {
        return error("HTML_COMMENT", "an HTML comment is not shown to reviewers")
            .at(file, span)
            .help("delete it: nobody signs what is hidden");
    }
    let table = start.get(..6).is_some_and(|s| s.eq_ignore_ascii_case("<table"));
    let help = if table {
        format!("write it as a Markdown table or attach a CSV under evidence/{section}/")
    } else {
        "write it as Markdown; only <br>, <sub>…</sub> and <sup>…</sup> may stand as they are".to_owned()
    };
    error("RAW_HTML", "raw HTML is not rendered").at(file, span).help(help)
}

pub(super) fn definition(file: &SourceFile, span: Span) -> Diagnostic {
    error("HIDDEN_DEFINITION", "a link definition is not shown to reviewers")
        .at(file, span)
        .help("write the link inline, `[text](target)`; if no link is meant, write `\\[`")
}

pub(super) fn unused_footnote(file: &SourceFile, span: Span, name: &str) -> Diagnostic {
    let line_end = file.line_start(file.line_of(span.start) + 1).saturating_sub(1);
    error("FOOTNOTE_UNUSED", format!("nothing refers to the footnote `{}`", short(name)))
        .at(file, Span { start: span.start, end: span.end.min(line_end.max(span.start + 1)) })
        .help(format!("write `[^{}]` where it belongs, or delete it; a label must be unique", short(name)))
}

pub(super) fn dropped_cell(file: &SourceFile, span: Span) -> Diagnostic {
    error("TABLE_CELL_DROPPED", "the row has more cells than the table has columns")
        .at(file, span)
        .label("this would not be shown")
        .help("add a column, or write a `|` inside a cell as `\\|`")
}

pub(super) fn code_info(file: &SourceFile, span: Span) -> Diagnostic {
    let line_end = file.line_start(file.line_of(span.start) + 1).saturating_sub(1);
    error("CODE_INFO", "the words after the fence are not shown")
        .at(file, Span { start: span.start, end: line_end.max(span.start + 1) })
        .help("write one language name there, or nothing")
}

pub(super) fn link_title(file: &SourceFile, span: Span) -> Diagnostic {
    error("LINK_TITLE", "a link's title is not seen on paper or on a phone")
        .at(file, span)
        .help("put it into the text")
}

pub(super) fn link_refused(file: &SourceFile, span: Span, url: &str, why: &Refused) -> Diagnostic {
    error("LINK_REFUSED", format!("the link `{}` is refused: {why}", short(url)))
        .at(file, span)
        .help("link to https://…, mailto:…, `#heading`, `section.md`, `../package/section.md` or `evidence/<section>/file`")
}

pub(super) fn link_broken(what: &str, wrong: &str, known: &[&str]) -> Diagnostic {
    error("LINK_BROKEN", format!("the link leads nowhere: there is no {what} `{}`", short(wrong)))
        .help(did_you_mean(wrong, known.iter().copied(), "mend the name, or delete the link"))
}

pub(super) fn image_place(file: &SourceFile, span: Span, url: &str, section: &SectionId) -> Diagnostic {
    error("IMAGE_PLACE", format!("`{}` is not a picture of this section's evidence", short(url)))
        .at(file, span)
        .help(format!("put it at evidence/{section}/….png, .svg, .jpg or .webp: what is signed must not come from elsewhere"))
}

pub(super) fn image_words(file: &SourceFile, span: Span) -> Diagnostic {
    Diagnostic::warning(Code("IMAGE_WORDS"), "the image has no words for who cannot see it")
        .at(file, span)
        .help("write `![what it shows](…)`")
}

// --- limits

pub(super) fn section_too_large(path: &RepoPath, size: usize) -> Diagnostic {
    crate::diag::common::too_large(path, size as u64, super::markdown::MAX_SECTION as u64)
}

pub(super) fn too_deep(file: &SourceFile, span: Span) -> Diagnostic {
    let most = super::markdown::MAX_DEPTH;
    error("MARKDOWN_TOO_COMPLEX", format!("the text nests deeper than {most} levels"))
        .at(file, span)
        .help("use fewer lists, quotes and emphases within each other")
}

pub(super) fn too_much_work(path: &RepoPath) -> Diagnostic {
    error("MARKDOWN_TOO_COMPLEX", "the text takes the parser too long").in_file(path).help("simplify it")
}

pub(super) fn output(path: &RepoPath, most: usize) -> Diagnostic {
    error("OUTPUT_TOO_LARGE", format!("the section would become more than {most} bytes of page"))
        .in_file(path)
        .help("attach large tables as CSV")
}

pub(super) fn and_more(path: &RepoPath, code: &str) -> Diagnostic {
    error("AND_MORE", format!("more messages {code} are not shown"))
        .in_file(path)
        .help("mend those shown and run the command again")
}
