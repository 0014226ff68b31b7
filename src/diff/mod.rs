//! What changed between two revisions of a package (format: SPEC section 6).
//!
//! In: two [`Side`]s, a package's facts with the texts of its sections. Out, from [`revisions`]: a
//! [`PackageDiff`] by section, block, table row and cell, figure, field of package.toml and file, each
//! added, removed or modified; sections without a change are named. `leaves` flattens a section into
//! comparable blocks, `align` finds which belong together, `tables` compares rows and cells, `fields`
//! package.toml and figures, `redline` marks words for people, `print` has the two texts of a diff.
//!
//! The digest of the canonical JSON is signed with a resubmission, so everything in that JSON follows
//! rules that SPEC states in full. What depends on a library's taste (which words a redline marks) or on
//! more than the two packages (the verdict of a threshold) is kept out of it.
//!
//! *Invariant:* total and deterministic; nothing here is quadratic in the size of a section.

mod align;
mod fields;
mod leaves;
mod print;
mod redline;
mod tables;

pub use print::{canonical_json, digest, human};
pub use redline::{Run, Tag, redline};

use crate::chain::Chain;
use crate::digest::FileDigest;
use crate::id::{FigureId, SectionId};
use crate::package::{Manifest, Package};
use crate::text::{RepoPath, Sources};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// One revision to compare.
#[derive(Debug, Clone)]
pub struct Side<'a> {
    package: &'a Package,
    chain: Option<&'a Chain>,
    texts: BTreeMap<SectionId, String>,
}

impl<'a> Side<'a> {
    /// A package with the texts of its sections.
    pub fn new(package: &'a Package, texts: BTreeMap<SectionId, String>) -> Self {
        Side { package, chain: None, texts }
    }

    /// Reads the texts from the package's folder.
    ///
    /// # Errors
    /// In words, when a section cannot be read or is not the one the package was read from.
    pub fn load(package: &'a Package, base: &RepoPath, sources: &dyn Sources) -> Result<Self, String> {
        let mut texts = BTreeMap::new();
        for section in sections_of(&package.manifest) {
            let name = format!("{section}.md");
            let Some(entry) = package.manifest.files.iter().find(|f| f.path.as_str() == name) else {
                continue;
            };
            let path = base.join(&name).map_err(|e| e.to_string())?;
            let bytes = sources.read(&path)?;
            if FileDigest(crate::digest::sha256(&bytes)) != entry.digest {
                return Err(format!("{path} changed while it was read"));
            }
            let text = String::from_utf8(bytes).map_err(|_| format!("{path} is not UTF-8"))?;
            texts.insert(section, text);
        }
        Ok(Side::new(package, texts))
    }

    /// The same side under a chain, whose thresholds then judge its figures.
    #[must_use]
    pub fn under(self, chain: &'a Chain) -> Self {
        Side { chain: Some(chain), ..self }
    }
}

/// How a thing changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// It was not there before.
    Added,
    /// It is not there any more.
    Removed,
    /// It is there before and after, and differs.
    Modified,
}

/// Everything that changed. Fields stand in alphabetical order, as in the canonical JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PackageDiff {
    /// Files that belong to no section (a sound package has none).
    pub files: Vec<FileChange>,
    /// package.toml, if its bytes differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package: Option<TomlDiff>,
    /// Sections that changed, by id.
    pub sections: Vec<SectionDiff>,
    /// Sections that did not, by id.
    pub unchanged: Vec<SectionId>,
}

/// What changed in package.toml.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TomlDiff {
    /// Fields, by name; none if only comments or layout changed.
    pub fields: Vec<FieldChange>,
}

/// A field of package.toml.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldChange {
    /// How.
    pub change: Change,
    /// Its dotted name, such as `model.version` or `exception.EX-1.until`.
    pub field: String,
    /// After.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<String>,
    /// Before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
}

/// A section that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SectionDiff {
    /// Blocks of its text, in reading order.
    pub blocks: Vec<BlockChange>,
    /// Whether its text came, went or differs; absent when only evidence changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    /// Its figures, by id and group.
    pub figures: Vec<FigureChange>,
    /// Its evidence, by path.
    pub files: Vec<FileChange>,
    /// True if the text differs and no block does: only emphasis, numbering or layout changed.
    pub formatting: bool,
    /// Which section.
    pub section: SectionId,
}

/// A block that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BlockChange {
    /// How.
    pub change: Change,
    /// The nearest heading above it; empty before the first one.
    pub heading: String,
    /// `heading`, `paragraph`, `item`, `table`, `code`, `image`, `rule` or `raw`.
    pub kind: &'static str,
    /// After.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<String>,
    /// Before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
    /// What changed within a table that was modified.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<TableChange>,
    /// What it stands in: `quote`, `list`, `list/list`, `footnote 1`; empty at the top.
    pub within: String,
}

/// What changed within a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableChange {
    /// Columns that came or went.
    pub columns: Vec<ColumnChange>,
    /// True if rows or columns that stayed are in another order.
    pub moved: bool,
    /// Rows that came, went or differ.
    pub rows: Vec<RowChange>,
}

/// A column that came or went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ColumnChange {
    /// How.
    pub change: Change,
    /// Its title.
    pub column: String,
}

/// A row that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowChange {
    /// The cells that differ; all cells of a row that came or went.
    pub cells: Vec<CellChange>,
    /// How.
    pub change: Change,
    /// Its first cell, which names it.
    pub row: String,
}

/// A cell that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CellChange {
    /// Title of its column.
    pub column: String,
    /// After.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<String>,
    /// Before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
}

/// A figure that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FigureChange {
    /// How.
    pub change: Change,
    /// Which figure.
    pub figure: FigureId,
    /// Of which group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// After.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<FigureFacts>,
    /// Before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<FigureFacts>,
    /// The threshold and whether it is met: for pages, never in the digest.
    #[serde(skip)]
    pub verdict: Option<Verdict>,
}

/// What is reported of a figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FigureFacts {
    /// Upper end of the interval, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub high: Option<String>,
    /// Lower end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub low: Option<String>,
    /// Sample.
    pub sample: String,
    /// File that produces it.
    pub source: RepoPath,
    /// Value, as written.
    pub value: String,
}

/// A figure against its threshold, before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The bound in words, of the new chain where it judges the figure, else of the old one.
    pub bound: String,
    /// Whether the new value meets the new chain's bound.
    pub new_met: Option<bool>,
    /// Whether the old value met the old chain's bound.
    pub old_met: Option<bool>,
}

/// A file that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileChange {
    /// How; `modified` means replaced by other bytes of the same name.
    pub change: Change,
    /// Digest after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<FileDigest>,
    /// Digest before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<FileDigest>,
    /// Its path in the package.
    pub path: RepoPath,
}

/// Compares two revisions.
pub fn revisions(old: &Side<'_>, new: &Side<'_>) -> PackageDiff {
    let (before, after) = (&old.package.manifest, &new.package.manifest);
    let mut diff = PackageDiff::default();
    let itself = SectionId::package_itself();
    if before.section_digest(&itself) != after.section_digest(&itself) {
        diff.package = Some(TomlDiff { fields: fields::toml(&old.package.meta, &new.package.meta) });
    }
    let both: BTreeSet<SectionId> = sections_of(before).union(&sections_of(after)).cloned().collect();
    let mut covered: BTreeSet<&RepoPath> = BTreeSet::new();
    for section in both {
        covered.extend(before.of_section(&section).chain(after.of_section(&section)).map(|f| &f.path));
        if before.section_digest(&section) == after.section_digest(&section) {
            diff.unchanged.push(section);
        } else {
            diff.sections.push(section_diff(old, new, section));
        }
    }
    diff.files =
        file_changes(before, after, |path| path.as_str() != "package.toml" && !covered.contains(path));
    diff
}

/// The sections a diff touches; `package` stands for package.toml.
pub fn touched_sections(diff: &PackageDiff) -> BTreeSet<SectionId> {
    let itself = diff.package.iter().map(|_| SectionId::package_itself());
    itself.chain(diff.sections.iter().map(|s| s.section.clone())).collect()
}

fn section_diff(old: &Side<'_>, new: &Side<'_>, section: SectionId) -> SectionDiff {
    let (before, after) = (&old.package.manifest, &new.package.manifest);
    let name = format!("{section}.md");
    let file = |m: &Manifest| m.files.iter().find(|f| f.path.as_str() == name).map(|f| f.digest);
    let change = compare(file(before), file(after));
    let text = |side: &Side<'_>| side.texts.get(&section).cloned().unwrap_or_default();
    let blocks = match change {
        Some(_) => align::blocks(&leaves::leaves(&text(old)), &leaves::leaves(&text(new))),
        None => Vec::new(),
    };
    let folder = format!("evidence/{section}/");
    SectionDiff {
        formatting: change == Some(Change::Modified) && blocks.is_empty(),
        blocks,
        change,
        figures: fields::figures(old, new, &section),
        files: file_changes(before, after, |path| path.as_str().starts_with(&folder)),
        section,
    }
}

/// `None` if both are equal or absent.
fn compare<T: PartialEq>(old: Option<T>, new: Option<T>) -> Option<Change> {
    match (old, new) {
        (Some(a), Some(b)) if a != b => Some(Change::Modified),
        (Some(_), None) => Some(Change::Removed),
        (None, Some(_)) => Some(Change::Added),
        _ => None,
    }
}

fn file_changes(old: &Manifest, new: &Manifest, of: impl Fn(&RepoPath) -> bool) -> Vec<FileChange> {
    let map = |m: &Manifest| -> BTreeMap<RepoPath, FileDigest> {
        m.files.iter().filter(|f| of(&f.path)).map(|f| (f.path.clone(), f.digest)).collect()
    };
    let (old, new) = (map(old), map(new));
    let paths: BTreeSet<&RepoPath> = old.keys().chain(new.keys()).collect();
    paths
        .into_iter()
        .filter_map(|path| {
            let (before, after) = (old.get(path).copied(), new.get(path).copied());
            let change = compare(before, after)?;
            Some(FileChange { change, new: after, old: before, path: path.clone() })
        })
        .collect()
}

/// Every section that a manifest has a text or evidence of.
fn sections_of(manifest: &Manifest) -> BTreeSet<SectionId> {
    let id = |path: &RepoPath| -> Option<SectionId> {
        match path.strip("evidence") {
            Some(below) => below.split_once('/')?.0.parse().ok(),
            None if path.parent().is_none() => path.as_str().strip_suffix(".md")?.parse().ok(),
            None => None,
        }
    };
    let itself = SectionId::package_itself();
    manifest.files.iter().filter_map(|f| id(&f.path)).filter(|section| *section != itself).collect()
}
