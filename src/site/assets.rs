//! Templates and static files: ours are embedded in the program, a user's file of the same name wins.

use super::address::{self, SitePath};
use super::render::SiteError;
use crate::digest::{hex, sha256};
use std::borrow::Cow;
use std::collections::BTreeMap;
use tera::Tera;

macro_rules! embedded {
    ($read:ident $folder:literal: $($name:literal)*) => {
        &[$(($name, $read!(concat!("../../", $folder, "/", $name)))),*]
    };
}

/// Our templates; a test compares the list with the folder.
const TEMPLATES: &[(&str, &str)] = embedded!(include_str "templates":
    "agent-act.html"
    "agent-changes.html"
    "agent-check.html"
    "agent-choose.html"
    "agent-home.html"
    "agent-notice.html"
    "agent-recorded.html"
    "certificate.html"
    "chain.html"
    "delta.html"
    "diff.html"
    "export.html"
    "finder.html"
    "help.html"
    "history.html"
    "inventory.html"
    "layout.html"
    "ledger.html"
    "owners.html"
    "package.html"
    "parts.html"
    "people.html"
    "redline.html"
    "search.html"
    "section.html"
    "segment.html"
);

/// Our static files; a test compares the list with the folder.
const STATICS: &[(&str, &[u8])] = embedded!(include_bytes "site/static":
    "countersign.css"
    "fonts/LICENSE-ibm-plex-mono.txt"
    "fonts/LICENSE-source-sans-3.txt"
    "fonts/LICENSE-source-serif-4.txt"
    "fonts/ibm-plex-mono-latin-400-normal.woff2"
    "fonts/source-sans-3-latin-wght-italic.woff2"
    "fonts/source-sans-3-latin-wght-normal.woff2"
    "fonts/source-serif-4-latin-wght-italic.woff2"
    "fonts/source-serif-4-latin-wght-normal.woff2"
    "search.js"
    "verify.js"
);

/// The one stylesheet.
const STYLESHEET: &str = "countersign.css";
/// The script of the certificate pages.
const VERIFY: &str = "verify.js";
/// The script of the search page. There is no other: each page has one at most.
const SEARCH: &str = "search.js";

/// Templates and static files by name.
#[derive(Debug, Clone)]
pub struct Assets {
    templates: BTreeMap<String, Cow<'static, str>>,
    statics: BTreeMap<String, Cow<'static, [u8]>>,
}

impl Assets {
    /// Ours alone.
    pub fn embedded() -> Assets {
        Assets {
            templates: TEMPLATES.iter().map(|(n, t)| ((*n).to_owned(), Cow::Borrowed(*t))).collect(),
            statics: STATICS.iter().map(|(n, b)| ((*n).to_owned(), Cow::Borrowed(*b))).collect(),
        }
    }

    /// Adds a user's template, or replaces ours of the same name. Templates are trusted input: they come
    /// from the base branch, never from the pull request under review.
    #[must_use]
    pub fn with_template(mut self, name: impl Into<String>, text: impl Into<String>) -> Assets {
        self.templates.insert(name.into(), Cow::Owned(text.into()));
        self
    }

    /// Adds a user's static file, or replaces ours of the same name.
    #[must_use]
    pub fn with_static(mut self, name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Assets {
        self.statics.insert(name.into(), Cow::Owned(bytes.into()));
        self
    }

    /// Names and texts of the templates.
    pub fn templates(&self) -> impl Iterator<Item = (&str, &str)> {
        self.templates.iter().map(|(name, text)| (name.as_str(), text.as_ref()))
    }

    /// Names and bytes of the static files, by the names they had in their folder.
    pub fn statics(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.statics.iter().map(|(name, bytes)| (name.as_str(), bytes.as_ref()))
    }

    /// The compiled templates.
    pub(crate) fn tera(&self) -> Result<Tera, SiteError> {
        // Tera escapes by the template's name: one ending in anything else would print data as markup.
        if let Some(name) = self.templates.keys().find(|name| !name.ends_with(".html")) {
            return Err(SiteError::TemplateName(name.clone()));
        }
        let mut tera = Tera::default();
        tera.add_raw_templates(self.templates().map(|(n, t)| (n.to_owned(), t.to_owned())))
            .map_err(|e| SiteError::Template(chain_of(&e)))?;
        Ok(tera)
    }

    /// SHA-256 over all names and bytes.
    pub(crate) fn digest(&self) -> [u8; 32] {
        let templates = self.templates().map(|(n, t)| ("template", n, t.as_bytes()));
        let statics = self.statics().map(|(n, b)| ("static", n, b));
        let lines: String = templates
            .chain(statics)
            .map(|(sort, name, bytes)| format!("{} {sort} {name}\n", hex(&sha256(bytes))))
            .collect();
        sha256(lines.as_bytes())
    }

    /// The published names of stylesheet and scripts hold their digest, so a cached old one is never used
    /// with new pages.
    pub(crate) fn published(&self, name: &str) -> String {
        match (name, self.statics.get(name), name.split_once('.')) {
            (STYLESHEET | VERIFY | SEARCH, Some(bytes), Some((stem, suffix))) => {
                format!("{stem}-{}.{suffix}", &hex(&sha256(bytes))[..12])
            }
            _ => name.to_owned(),
        }
    }

    /// The stylesheet's published name.
    pub(crate) fn stylesheet(&self) -> String {
        self.published(STYLESHEET)
    }

    /// Where the script of the certificate pages lies.
    pub(crate) fn verifier(&self) -> SitePath {
        address::asset(&self.published(VERIFY))
    }

    /// Where the script of the search page lies.
    pub(crate) fn searcher(&self) -> SitePath {
        address::asset(&self.published(SEARCH))
    }
}

/// An error with all its causes, since Tera puts the place in one and the reason in another.
pub(crate) fn chain_of(error: &dyn std::error::Error) -> String {
    let mut out = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        out.push_str(": ");
        out.push_str(&cause.to_string());
        next = cause.source();
    }
    out
}
