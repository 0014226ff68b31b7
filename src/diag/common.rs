//! Messages that any text file of the user's can raise, and the one way bytes become a [`SourceFile`].

use super::{Code, Diagnostic, Diagnostics};
use crate::text::{Invisible, RepoPath, SourceFile, Span, invisible};

/// Code, what it means, what to do.
pub const CODES: &[(&str, &str, &str)] = &[
    (
        "FILE_UNREADABLE",
        "A file that is named or listed cannot be read.",
        "Put the file there, or mend its name.",
    ),
    (
        "FILE_TOO_LARGE",
        "A file is larger than its kind may be.",
        "Shorten it, or attach the bulk as evidence.",
    ),
    ("NOT_UTF8", "A text file is not UTF-8.", "Save it as UTF-8."),
    (
        "CARRIAGE_RETURN",
        "A text file has carriage returns, which do not show but are part of its digest.",
        "Save it with LF line ends.",
    ),
    (
        "INVISIBLE_CHARACTER",
        "A text holds a character that cannot be seen or that changes the order of reading.",
        "Delete the character; nobody can sign what cannot be seen.",
    ),
    ("TOML_SYNTAX", "A TOML file cannot be parsed.", "Mend the line shown."),
    ("UNKNOWN_KEY", "A file has a key that means nothing there.", "Delete it, or mend its spelling."),
    ("MISSING_KEY", "A file lacks a key that it must have.", "Add the key."),
    ("BAD_VALUE", "A value is of the wrong type or form.", "Write it in the form that the message names."),
];

/// Messages of one code shown for one file before the rest are only counted.
pub const SHOWN: usize = 20;

/// Bytes as text: at most `limit`, UTF-8, LF, nothing invisible. Problems that leave the text readable
/// are reported and the text is returned all the same.
pub fn text(path: &RepoPath, bytes: Vec<u8>, limit: usize, out: &mut Diagnostics) -> Option<SourceFile> {
    if bytes.len() > limit {
        out.push(too_large(path, bytes.len() as u64, limit as u64));
        return None;
    }
    match String::from_utf8(bytes) {
        Ok(text) => {
            let file = SourceFile::new(path.clone(), text);
            characters(&file, out);
            Some(file)
        }
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let file = SourceFile::new(path.clone(), String::from_utf8_lossy(error.as_bytes()).into_owned());
            out.push(not_utf8(&file, at));
            None
        }
    }
}

/// Reports carriage returns (once) and invisible characters.
pub fn characters(file: &SourceFile, out: &mut Diagnostics) {
    if let Some(at) = file.text().find('\r') {
        out.push(carriage_return(file, at));
    }
    let mut found = 0;
    for character in invisible(file.text()).filter(|i| i.character != '\r') {
        found += 1;
        if found > SHOWN {
            break;
        }
        let span = Span { start: character.at, end: character.at + character.character.len_utf8() };
        out.push(hidden(file, span, &character));
    }
}

/// The file cannot be read.
pub fn unreadable(path: &RepoPath, why: &str) -> Diagnostic {
    Diagnostic::error(Code("FILE_UNREADABLE"), format!("`{path}` cannot be read: {why}")).in_file(path)
}

/// The file is too large.
pub fn too_large(path: &RepoPath, size: u64, limit: u64) -> Diagnostic {
    Diagnostic::error(Code("FILE_TOO_LARGE"), format!("`{path}` has {size} bytes; {limit} are allowed"))
        .in_file(path)
        .help("shorten it, or attach the bulk as evidence")
}

fn not_utf8(file: &SourceFile, at: usize) -> Diagnostic {
    Diagnostic::error(Code("NOT_UTF8"), "the file is not UTF-8")
        .at(file, Span { start: at, end: at + 1 })
        .label("this byte is not text")
        .help("save the file as UTF-8")
}

fn carriage_return(file: &SourceFile, at: usize) -> Diagnostic {
    Diagnostic::error(Code("CARRIAGE_RETURN"), "the file has carriage returns")
        .at(file, Span { start: at, end: at + 1 })
        .label("this line ends in CR")
        .help("save the file with LF line ends; the digest covers every byte")
}

/// A character that cannot be seen.
pub fn hidden(file: &SourceFile, span: Span, character: &Invisible) -> Diagnostic {
    Diagnostic::error(
        Code("INVISIBLE_CHARACTER"),
        format!("the text holds the invisible character {character}"),
    )
    .at(file, span)
    .label("here")
    .help("delete it: reviewers sign what they can see")
}

/// A TOML file cannot be parsed.
pub(super) fn syntax(file: &SourceFile, span: Span, message: &str) -> Diagnostic {
    Diagnostic::error(Code("TOML_SYNTAX"), format!("not valid TOML: {}", message.trim().replace('\n', "; ")))
        .at(file, span)
}

/// A key that means nothing there.
pub fn unknown_key(file: &SourceFile, span: Span, key: &str, what: &str, meant: Option<&str>) -> Diagnostic {
    let d = Diagnostic::error(Code("UNKNOWN_KEY"), format!("{what} has no key `{}`", key.escape_debug()))
        .at(file, span);
    match meant {
        Some(name) => d.help(format!("did you mean `{name}`?")),
        None => d.help("delete it"),
    }
}

/// A key that must be there.
pub fn missing_key(file: &SourceFile, span: Span, key: &str, what: &str) -> Diagnostic {
    Diagnostic::error(Code("MISSING_KEY"), format!("{what} needs the key `{key}`")).at(file, span)
}

/// A value of the wrong type or form.
pub fn bad_value(file: &SourceFile, span: Span, key: &str, wrong: &str) -> Diagnostic {
    Diagnostic::error(Code("BAD_VALUE"), format!("`{key}`: {wrong}")).at(file, span)
}
