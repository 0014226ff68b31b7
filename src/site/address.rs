//! Where each page lies, and how one page names another.
//!
//! Every address is relative, so the site works from a folder, from any sub-path of a server, and after
//! being copied into an archive.

use crate::digest::FileDigest;
use crate::id::{ChainId, PackageId, PersonId, SectionId};
use crate::text::RepoPath;
use std::fmt;

/// Packages on one page of the inventory.
pub(crate) const INVENTORY_PAGE: usize = 200;
/// Entries on one page of the ledger; a full page never changes again.
pub(crate) const LEDGER_PAGE: u64 = 500;

/// The address of a file of the site, relative to its top.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct SitePath(String);

impl SitePath {
    /// The address as text, `/`-separated.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What leads from this page back to the top: `../` once for each folder.
    pub(crate) fn root(&self) -> String {
        "../".repeat(self.0.matches('/').count())
    }
}

/// An address read from outside leads nowhere but below the folder of the site.
impl<'de> serde::Deserialize<'de> for SitePath {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        RepoPath::deserialize(d).map(|path| SitePath(path.as_str().to_owned()))
    }
}

impl fmt::Display for SitePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The inventory's first page is the front page; `facet` narrows it to one state.
pub(crate) fn inventory(facet: Option<&str>, page: usize) -> SitePath {
    let stem = facet.map_or("inventory".to_owned(), |f| format!("inventory-{f}"));
    SitePath(match (facet, page) {
        (None, 0) => "index.html".to_owned(),
        (Some(_), 0) => format!("{stem}.html"),
        (_, n) => format!("{stem}-{}.html", n + 1),
    })
}

/// The index of words; `beginning` names one of its pages.
pub(crate) fn find(beginning: Option<&str>) -> SitePath {
    SitePath(match beginning {
        None => "find/index.html".to_owned(),
        Some(two) => format!("find/words-{two}.html"),
    })
}

/// The search page; only the static site and the preview have it.
pub(crate) fn search() -> SitePath {
    SitePath("search.html".to_owned())
}

/// The documents of one group of packages, by number.
pub(crate) fn search_list(group: usize) -> SitePath {
    SitePath(format!("search/{group:02}.js"))
}

/// The words of one group that share a bucket.
pub(crate) fn search_words(group: usize, bucket: usize) -> SitePath {
    SitePath(format!("search/{group:02}-{bucket:02}.js"))
}

/// What is searched besides packages.
pub(crate) fn search_pages() -> SitePath {
    SitePath("search/pages.js".to_owned())
}

/// The plain text of one package, beside its pages.
pub(crate) fn search_text(id: &PackageId) -> SitePath {
    SitePath(format!("packages/{id}/search.js"))
}

/// The owners of packages.
pub(crate) fn owners() -> SitePath {
    SitePath("owners.html".to_owned())
}

/// What one person owns: a folder each, so that page 2 of `x` is not page 1 of `x-2`.
pub(crate) fn owned(id: &PersonId, page: usize) -> SitePath {
    SitePath(match page {
        0 => format!("owners/{id}/index.html"),
        n => format!("owners/{id}/{}.html", n + 1),
    })
}

pub(crate) fn package(id: &PackageId) -> SitePath {
    SitePath(format!("packages/{id}/index.html"))
}

pub(crate) fn round(id: &PackageId, revision: u32) -> SitePath {
    SitePath(format!("packages/{id}/r{revision}.html"))
}

pub(crate) fn diff(id: &PackageId, old: u32, new: u32) -> SitePath {
    SitePath(format!("packages/{id}/diff-{old}-{new}.html"))
}

pub(crate) fn history(id: &PackageId) -> SitePath {
    SitePath(format!("packages/{id}/history.html"))
}

pub(crate) fn certificate(id: &PackageId) -> SitePath {
    SitePath(format!("packages/{id}/certificate.html"))
}

/// What leaves the repository, explained.
pub(crate) fn export(id: &PackageId) -> SitePath {
    SitePath(format!("packages/{id}/export.html"))
}

/// The document itself. In an archive it lies among many, so its name says what it is.
pub(crate) fn document(id: &PackageId, revision: u32) -> SitePath {
    SitePath(format!("packages/{id}/{id}-r{revision}-certificate.json"))
}

/// The form of all such documents.
pub(crate) fn schema() -> SitePath {
    SitePath("certificate.schema.json".to_owned())
}

/// An evidence file lies under its own SHA-256: two revisions share an unchanged file, and `sha256sum`
/// of a download can be compared with its address.
pub(crate) fn evidence(id: &PackageId, digest: &FileDigest, path: &RepoPath) -> SitePath {
    SitePath(format!("packages/{id}/evidence/{digest}/{}", inert(path.name())))
}

pub(crate) fn chain(id: &ChainId) -> SitePath {
    SitePath(format!("chains/{id}.html"))
}

pub(crate) fn ledger() -> SitePath {
    SitePath("ledger/index.html".to_owned())
}

/// The page that holds an entry, named by its first entry.
pub(crate) fn segment(seq: u64) -> SitePath {
    SitePath(format!("ledger/{}.html", seq / LEDGER_PAGE * LEDGER_PAGE))
}

pub(crate) fn people() -> SitePath {
    SitePath("people.html".to_owned())
}

pub(crate) fn help() -> SitePath {
    SitePath("help.html".to_owned())
}

/// What awaits a person; only the review pages have it.
pub(crate) fn awaiting() -> SitePath {
    SitePath("review/index.html".to_owned())
}

/// A step of the signing ceremony, of a package or of what is about people; only the review pages have them.
pub(crate) fn ceremony<'a>(id: impl Into<Option<&'a PackageId>>, page: &str) -> SitePath {
    SitePath(match id.into() {
        Some(id) => format!("packages/{id}/{page}"),
        None => format!("review/{page}"),
    })
}

pub(crate) fn asset(name: &str) -> SitePath {
    SitePath(format!("static/{name}"))
}

/// A link from a page (by its root) to an address, with an optional anchor.
pub(crate) fn href(root: &str, to: &SitePath, anchor: &str) -> String {
    let mut out = String::with_capacity(root.len() + to.0.len() + anchor.len() + 1);
    out.push_str(root);
    encode(&to.0, &mut out);
    if !anchor.is_empty() {
        out.push('#');
        encode(anchor, &mut out);
    }
    out
}

/// The anchor of a person on the page of people.
pub(crate) fn person_anchor(id: &PersonId) -> String {
    format!("person-{id}")
}

/// The anchor of a section. Anchors inside its text are this with a dot behind it, and ids hold no dot, so
/// no two anchors of a page can meet.
pub(crate) fn section_anchor(section: &SectionId) -> String {
    format!("section-{section}")
}

/// The anchor of a heading in a section.
pub(crate) fn heading_anchor(section: &SectionId, heading: &str) -> String {
    format!("{}.{heading}", section_anchor(section))
}

/// Files a browser only shows or saves. Any other file could be run by a browser that guesses its type
/// (HTML, SVG, XML, scripts, names without a suffix): it is published with `.txt` behind its name, which
/// every server and `file://` treat as plain text.
fn inert(name: &str) -> String {
    const SHOWN: [&str; 17] = [
        "csv", "doc", "docx", "gif", "gz", "jpeg", "jpg", "json", "md", "parquet", "pdf", "png", "toml",
        "txt", "webp", "xlsx", "zip",
    ];
    let known = name.rsplit_once('.').is_some_and(|(stem, suffix)| {
        !stem.is_empty() && SHOWN.contains(&suffix.to_ascii_lowercase().as_str())
    });
    if known { name.to_owned() } else { format!("{name}.txt") }
}

/// Percent-encodes everything that could end a path or mean something in an address.
fn encode(text: &str, out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(DIGITS[usize::from(byte >> 4)]));
            out.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_runs_keeps_its_suffix() {
        for (name, published) in [
            ("a.html", "a.html.txt"),
            ("a.svg", "a.svg.txt"),
            ("a.XHTML", "a.XHTML.txt"),
            ("README", "README.txt"),
            (".png", ".png.txt"),
            ("a.csv", "a.csv"),
            ("a.PNG", "a.PNG"),
        ] {
            assert_eq!(inert(name), published);
        }
    }

    #[test]
    fn addresses_are_encoded_and_relative() {
        let page = package(&"x".parse().unwrap());
        assert_eq!(page.root(), "../../");
        let odd = SitePath("packages/x/a b#?%é.csv".to_owned());
        assert_eq!(href("../", &odd, ""), "../packages/x/a%20b%23%3F%25%C3%A9.csv");
        assert_eq!(href("", &segment(1234), "entry-1234"), "ledger/1000.html#entry-1234");
    }
}
