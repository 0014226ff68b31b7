//! The one door for text people wrote: from a section's file to HTML that is safe to print as it is.
//!
//! A view model holds a [`Prose`]: the file's digest and where its links lead. That is all the page's key
//! needs; the file itself is read and turned into HTML only when the page has to be rendered.

use super::passages::LISTED;
use crate::digest::{FileDigest, sha256};
use crate::package::markdown::{self, HtmlOptions, Points, Said};
use crate::text::{RepoPath, Sources};
use serde::Serialize;
use std::collections::BTreeMap;

/// HTML made by us from checked Markdown. The only type that templates print without escaping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct SafeHtml(String);

/// Where a link or image of a section leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "to")]
pub(crate) enum Target {
    /// An address as it stands in the page.
    Href {
        /// The address.
        href: String,
    },
    /// An SVG image of the package, put into the page as data: in an `<img>` no script of it runs, and
    /// it has no address of its own at which one could.
    Inline {
        /// SHA-256 of the image.
        digest: FileDigest,
        /// Where it lies.
        #[serde(skip)]
        source: RepoPath,
    },
}

/// The text of one section.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Prose {
    /// Where it lies.
    #[serde(skip)]
    pub source: RepoPath,
    /// SHA-256 of the file.
    pub digest: FileDigest,
    /// Put before every anchor of the section, with a dot between.
    pub prefix: String,
    /// The section's title, which the text may repeat as its first heading.
    pub title: String,
    /// Where its links and images lead; a target that is not here leads nowhere.
    pub links: BTreeMap<String, Target>,
    /// On a page where it can be commented on: the address up to the number of a passage, and how many
    /// passages come before those of the text.
    pub points: Option<(String, usize)>,
    /// Filled in before rendering.
    pub html: Option<SafeHtml>,
}

impl Prose {
    /// Reads and renders the text. False, and no HTML, when the file is not the one the digest names.
    pub(crate) fn fill(&mut self, sources: &dyn Sources) -> bool {
        let Some(text) =
            exact(sources, &self.source, &self.digest).and_then(|bytes| String::from_utf8(bytes).ok())
        else {
            return false;
        };
        let resolve = |target: &str| match self.links.get(target)? {
            Target::Href { href } => Some(href.clone()),
            Target::Inline { digest, .. } => Some(placeholder(digest)),
        };
        let options =
            HtmlOptions { prefix: &self.prefix, title: Some(&self.title), shift: 1, resolve: &resolve };
        let html = match &self.points {
            Some((address, offset)) => {
                let points = Points { address, offset: *offset, most: LISTED };
                markdown::html_pointing(&text, &options, points)
            }
            None => markdown::html(&text, &options),
        };
        let (mut html, mut whole) = (html.as_str().to_owned(), true);
        // Images last: a writer of Markdown rightly refuses `data:` addresses, ours included.
        for target in self.links.values() {
            if let Target::Inline { digest, source } = target {
                match exact(sources, source, digest) {
                    Some(bytes) => {
                        html = html.replace(&format!("src=\"{}\"", placeholder(digest)), &data_uri(&bytes))
                    }
                    None => whole = false,
                }
            }
        }
        self.html = Some(SafeHtml(html));
        whole
    }
}

/// The words of a section without markup; `None` when the file is not the one the digest names.
pub(crate) fn words(sources: &dyn Sources, path: &RepoPath, digest: &FileDigest) -> Option<Vec<Said>> {
    let text = String::from_utf8(exact(sources, path, digest)?).ok()?;
    Some(markdown::paragraphs(&text))
}

fn data_uri(svg: &[u8]) -> String {
    use base64::Engine as _;
    format!("src=\"data:image/svg+xml;base64,{}\"", base64::engine::general_purpose::STANDARD.encode(svg))
}

fn placeholder(digest: &FileDigest) -> String {
    format!("inline.{digest}")
}

/// The bytes of a file, if they are the ones its digest names.
pub(crate) fn exact(sources: &dyn Sources, path: &RepoPath, digest: &FileDigest) -> Option<Vec<u8>> {
    sources.read(path).ok().filter(|bytes| FileDigest(sha256(bytes)) == *digest)
}
