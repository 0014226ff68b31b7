//! Review packages: one folder for one model version (format: SPEC sections 1 and 9).
//!
//! In: the listing of a folder, a way to read its text files, and the chain it names. Out, from
//! [`parse()`]: a [`Package`] of facts and diagnostics for everything wrong with its own files; [`check()`]
//! then judges it against its chain and the other packages. `change` says how much an edit matters;
//! `manifest` is the digest, `meta` package.toml, `figures` the reported numbers, `markdown` the sections
//! (checks, HTML, blocks for the diff), `target` says where a link may lead.
//!
//! *Invariant:* a [`Package`] keeps derived facts, never whole texts: ten thousand fit in memory.

pub mod change;
mod check;
pub mod diagnostics;
mod figures;
mod manifest;
pub mod markdown;
mod meta;
mod parse;
pub mod placeholder;
mod target;

pub use change::{TextChange, change};
pub use check::{LEAST_WORDS, Links, bound, chain_missing, check};
pub use manifest::{Listed, Listing, MAX_EVIDENCE, MAX_FILES, MAX_TEXT, is_covered};
pub use meta::named;
pub use parse::parse;
pub use target::{Refused, Target, target};

use crate::decimal::Decimal;
use crate::digest::{FileDigest, PackageDigest, SectionDigest};
use crate::id::{ChainId, FigureId, Model, PackageId, PersonId, SectionId};
use crate::text::RepoPath;
use crate::time::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One package as it stands in a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// Its id, the folder's name.
    pub id: PackageId,
    /// What package.toml says.
    pub meta: Meta,
    /// Every covered file with its digest.
    pub manifest: Manifest,
    /// Facts of each section file.
    pub sections: BTreeMap<SectionId, SectionFacts>,
    /// Reported figures by section, in file order.
    pub figures: BTreeMap<SectionId, Vec<Figure>>,
}

/// The contents of package.toml.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// Title for people.
    pub title: String,
    /// The chain it must pass.
    pub chain: ChainId,
    /// Who owns the model.
    pub owner: PersonId,
    /// Who wrote the package.
    pub authors: Vec<PersonId>,
    /// Name and version.
    pub model: Model,
    /// URI in the model registry, if any.
    pub registry: Option<String>,
    /// `sha256:` and 64 hex digits of the model artefact, if any.
    pub artifact: Option<String>,
    /// Permitted use, one sentence.
    pub use_: String,
    /// What it must not be used for.
    pub not_for: String,
    /// Environments it may run in.
    pub environments: Vec<String>,
    /// Free strings, protected: any change of package.toml is material.
    pub meta: BTreeMap<String, String>,
    /// Written exceptions.
    pub exceptions: Vec<Exception>,
}

/// A written exception for a threshold that is not met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// Its number in the organization's register.
    pub id: String,
    /// Section.
    pub section: SectionId,
    /// Figure.
    pub figure: FigureId,
    /// Group, if the figure has groups.
    pub group: Option<String>,
    /// Why it should be accepted.
    pub reason: String,
    /// Compensating control.
    pub control: String,
    /// Until when.
    pub until: Option<Date>,
}

/// Facts of one section file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SectionFacts {
    /// File, relative to the package.
    pub path: RepoPath,
    /// The level-1 heading the text starts with, if it does; `check` holds it against the chain's title.
    #[serde(default)]
    pub title: Option<String>,
    /// Headings below the section's title, in order.
    pub headings: Vec<Heading>,
    /// Links and images with their places.
    pub links: Vec<Link>,
    /// Words of prose outside links.
    pub words: usize,
}

/// A heading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heading {
    /// 2 to 6.
    pub level: u8,
    /// Its text.
    pub text: String,
    /// Its anchor, unique in the section.
    pub anchor: String,
}

/// A link or image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// As written.
    pub target: String,
    /// True for an image.
    pub image: bool,
    /// 1-based line in the section file.
    pub line: usize,
    /// 1-based column.
    pub column: usize,
}

/// A reported figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// Id that thresholds name.
    pub id: FigureId,
    /// Value as reported.
    pub value: Decimal,
    /// Group, if reported by group.
    pub group: Option<String>,
    /// On which sample.
    pub sample: String,
    /// Lower end of the interval.
    pub low: Option<Decimal>,
    /// Upper end of the interval.
    pub high: Option<Decimal>,
    /// File in the package that produces it.
    pub source: RepoPath,
}

/// The covered files of a package, sorted bytewise by path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// One entry a file.
    pub files: Vec<ManifestEntry>,
}

/// One covered file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestEntry {
    /// Relative to the package.
    pub path: RepoPath,
    /// SHA-256 of its bytes.
    pub digest: FileDigest,
    /// Its size in bytes.
    pub size: u64,
}

impl Manifest {
    /// The MANIFEST text, exactly as sha256sum prints it.
    pub fn text(&self) -> String {
        Self::lines(self.files.iter())
    }

    fn lines<'a>(files: impl Iterator<Item = &'a ManifestEntry>) -> String {
        files.map(|f| format!("{}  {}\n", f.digest, f.path)).collect()
    }

    /// SHA-256 of [`Manifest::text`].
    pub fn digest(&self) -> PackageDigest {
        PackageDigest(crate::digest::sha256(self.text().as_bytes()))
    }

    /// The files of a section: its Markdown and everything under `evidence/<section>/`; of the reserved
    /// section `package`, package.toml.
    pub fn of_section<'a>(&'a self, section: &SectionId) -> impl Iterator<Item = &'a ManifestEntry> {
        let (file, folder) = if *section == SectionId::package_itself() {
            ("package.toml".to_owned(), None)
        } else {
            (format!("{section}.md"), Some(format!("evidence/{section}/")))
        };
        self.files.iter().filter(move |f| {
            f.path.as_str() == file
                || folder.as_ref().is_some_and(|p| f.path.as_str().starts_with(p.as_str()))
        })
    }

    /// SHA-256 of the MANIFEST lines of a section (SPEC section 1.3).
    pub fn section_digest(&self, section: &SectionId) -> SectionDigest {
        SectionDigest(crate::digest::sha256(Self::lines(self.of_section(section)).as_bytes()))
    }
}

impl Package {
    /// The package digest.
    pub fn digest(&self) -> PackageDigest {
        self.manifest.digest()
    }
}
