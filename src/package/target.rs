//! Where a link may lead: an allow-list, judged on the text that the parser hands over (entities and
//! escapes are already undone there).
//!
//! A deny-list of bad schemes has been bypassed in every Markdown library that had one. Here only four
//! forms exist, and what is not one of them is refused.

use crate::id::{PackageId, SectionId};
use crate::text::RepoPath;

/// A link's target, by kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// `http://` or `https://`.
    Web,
    /// `mailto:`.
    Mail,
    /// `#anchor` in the same section.
    Anchor(String),
    /// A file of the package, relative to it.
    File(RepoPath),
    /// Another section, of this package or another one.
    Section {
        /// The other package, if it is another one.
        package: Option<PackageId>,
        /// The section.
        section: SectionId,
        /// A heading in it.
        anchor: Option<String>,
    },
}

/// Why a target is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Nothing there.
    #[error("the link leads nowhere")]
    Empty,
    /// Spaces, control characters or backslashes, which programs read in different ways.
    #[error("the address holds a space, a control character or a backslash")]
    Characters,
    /// Another scheme.
    #[error("`{0}:` is not among http, https and mailto")]
    Scheme(String),
    /// `//host` or `/path`.
    #[error("the address starts with a slash")]
    Absolute,
    /// No host, or a user name before it.
    #[error("the address has no plain host name")]
    Host,
    /// A query in a relative address.
    #[error("a file has no `?`")]
    Query,
    /// Not a path of a package.
    #[error("it is no path inside a package: {0}")]
    Path(String),
}

/// Judges a target.
///
/// # Errors
/// Says why it is none of the forms allowed.
pub fn target(url: &str) -> Result<Target, Refused> {
    if url.is_empty() {
        return Err(Refused::Empty);
    }
    if url.chars().any(|c| c.is_control() || c == '\\' || (c.is_whitespace() && c != ' ')) {
        return Err(Refused::Characters);
    }
    let head = url.split(['/', '?', '#']).next().unwrap_or_default();
    if let Some((scheme, _)) = head.split_once(':') {
        return absolute(url, scheme);
    }
    if url.starts_with('/') {
        return Err(Refused::Absolute);
    }
    let (path, anchor) = match url.split_once('#') {
        Some((path, anchor)) => (path, Some(decoded(anchor)?)),
        None => (url, None),
    };
    if path.contains('?') {
        return Err(Refused::Query);
    }
    match (path, anchor) {
        ("", Some(anchor)) if anchor.is_empty() => Err(Refused::Empty),
        ("", Some(anchor)) => Ok(Target::Anchor(anchor)),
        (path, anchor) => relative(path, anchor),
    }
}

fn absolute(url: &str, scheme: &str) -> Result<Target, Refused> {
    if url.contains(' ') {
        return Err(Refused::Characters);
    }
    let rest = &url[scheme.len() + 1..];
    match scheme.to_ascii_lowercase().as_str() {
        "mailto" if rest.contains('@') && !rest.starts_with('/') => Ok(Target::Mail),
        "http" | "https" => {
            let host = rest.strip_prefix("//").and_then(|r| r.split(['/', '?', '#']).next()).unwrap_or("");
            // `https://bank.example@evil.example/` reads as the first and leads to the second.
            if host.is_empty() || host.contains('@') { Err(Refused::Host) } else { Ok(Target::Web) }
        }
        _ => Err(Refused::Scheme(scheme.chars().take(20).collect())),
    }
}

fn relative(path: &str, anchor: Option<String>) -> Result<Target, Refused> {
    let path = decoded(path)?;
    let path = path.strip_prefix("./").unwrap_or(&path);
    let (package, inside) = match path.strip_prefix("../") {
        Some(rest) => {
            let (name, inside) = rest.split_once('/').ok_or_else(|| Refused::Path(path.to_owned()))?;
            (Some(name.parse().map_err(|e| Refused::Path(format!("{e}")))?), inside)
        }
        None => (None, path),
    };
    let file: RepoPath = inside.parse().map_err(|e| Refused::Path(format!("{e}")))?;
    if let Some(section) = section_of(&file) {
        return Ok(Target::Section { package, section, anchor });
    }
    match (package, anchor) {
        (None, None) => Ok(Target::File(file)),
        (Some(_), _) => Err(Refused::Path("of another package only sections can be linked".to_owned())),
        (None, Some(_)) => Err(Refused::Path("only sections have headings to link to".to_owned())),
    }
}

/// The section a file holds, if it is one; `package.md` cannot be, as `package` means package.toml.
pub fn section_of(file: &RepoPath) -> Option<SectionId> {
    let id = file.as_str().strip_suffix(".md").and_then(|stem| stem.parse().ok());
    id.filter(|id| *id != SectionId::package_itself())
}

/// Undoes `%20`; what it hides must be as plain as the rest.
fn decoded(text: &str) -> Result<String, Refused> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first == b'%' {
            let [a, b, tail @ ..] = rest else {
                return Err(Refused::Characters);
            };
            let digit = |d: u8| char::from(d).to_digit(16).and_then(|d| u8::try_from(d).ok());
            let (Some(a), Some(b)) = (digit(*a), digit(*b)) else {
                return Err(Refused::Characters);
            };
            bytes.push(a * 16 + b);
            rest = tail;
        } else {
            bytes.push(*first);
        }
    }
    let text = String::from_utf8(bytes).map_err(|_| Refused::Characters)?;
    if text.chars().any(|c| c.is_control() || c == '\\') { Err(Refused::Characters) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_forms_pass() {
        assert_eq!(target("HTTPS://a.example/x?y#z"), Ok(Target::Web));
        assert_eq!(target("mailto:a@b.example"), Ok(Target::Mail));
        assert_eq!(target("#known-limits"), Ok(Target::Anchor("known-limits".to_owned())));
        assert_eq!(target("evidence/a/b%20c.csv"), Ok(Target::File("evidence/a/b c.csv".parse().unwrap())));
        assert_eq!(
            target("../other/evaluation.md#auc"),
            Ok(Target::Section {
                package: Some("other".parse().unwrap()),
                section: "evaluation".parse().unwrap(),
                anchor: Some("auc".to_owned()),
            })
        );
    }

    #[test]
    fn nothing_else_does() {
        let bad = [
            "",
            "#",
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "java\nscript:x",
            "java\tscript:x",
            "\u{1}javascript:x",
            "vbscript:x",
            "data:text/html,x",
            "data:image/png;base64,x",
            "file:///etc",
            "ftp://a",
            "tel:1",
            "//evil.example/",
            "/etc/passwd",
            "\\\\evil",
            "https:\\\\evil",
            "http:evil",
            "http://",
            "https://a@b/",
            "https://a b/",
            "../x",
            "../../x/y.md",
            "../X/y.md",
            "a/../b",
            "a?b",
            "%00",
            "%2e%2e/x/y.md#%0a",
            "evidence/%",
            "x:y",
            "blob:x",
            "about:blank",
            "a#b",
        ];
        for url in bad {
            assert!(target(url).is_err(), "{url:?} gave {:?}", target(url));
        }
    }
}
