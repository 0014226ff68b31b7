//! What this user's review pages remember: sections read, and what was begun and not signed.
//!
//! It lies in the user's own state folder, never in the repository: drafts are nobody else's business. A
//! file that cannot be read is taken for none; without a folder everything lasts as long as the process.

use crate::digest::{hex, sha256};
use crate::id::{PackageId, PersonId, SectionId, StepId};
use crate::site::desk::{ActInput, ChooseForm, Mark};
use crate::store::write_atomic;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Drafts kept; the oldest go first.
const MAX_DRAFTS: usize = 64;
/// Largest file that is read.
const MAX_FILE: u64 = 16 << 20;

/// Something begun and not signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    /// When it was last touched.
    pub at: Timestamp,
    /// Digest of the package it was begun on.
    pub digest: String,
    /// What it is.
    pub draft: Kind,
}

/// The two kinds of draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// A decision in a step.
    Decide {
        /// The package.
        package: PackageId,
        /// The step.
        step: StepId,
        /// As filled in.
        form: ChooseForm,
    },
    /// Anything else.
    Act(ActInput),
}

impl Kind {
    /// The name it is kept under.
    pub(super) fn name(&self) -> String {
        match self {
            Kind::Decide { package, step, .. } => format!("{package}/decide/{step}"),
            Kind::Act(input) => input.name(),
        }
    }

    /// The package it is about; none for what is about people.
    pub(super) fn package(&self) -> Option<&PackageId> {
        match self {
            Kind::Decide { package, .. } => Some(package),
            Kind::Act(input) => input.package.as_ref(),
        }
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Contents {
    #[serde(default)]
    read: BTreeMap<PackageId, BTreeMap<SectionId, Mark>>,
    #[serde(default)]
    drafts: BTreeMap<String, Kept>,
}

/// The memory.
#[derive(Debug)]
pub(super) struct Memory {
    folder: Option<PathBuf>,
    file: String,
    contents: Contents,
}

/// The user's folder for the state of one workspace; `None` when the user has none.
fn folder(root: &Path) -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    let base = absolute("XDG_STATE_HOME").or_else(|| Some(absolute("HOME")?.join(".local/state")))?;
    let root = root.canonicalize().ok()?;
    let key = sha256(root.as_os_str().as_encoded_bytes());
    Some(base.join("countersign").join(hex(&key[..8])))
}

/// Makes a folder that only the user can look into.
fn make(folder: &Path) -> Option<()> {
    std::fs::create_dir_all(folder).ok()?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)).ok()?;
    }
    Some(())
}

impl Memory {
    /// What was remembered of this person in this workspace.
    pub(super) fn open(root: &Path, person: &PersonId) -> Memory {
        let folder = folder(root).filter(|folder| make(folder).is_some());
        let file = format!("{person}.json");
        let read = |folder: &PathBuf| {
            let path = folder.join(&file);
            let facts = path.symlink_metadata().ok()?;
            let fit = facts.is_file() && facts.len() <= MAX_FILE;
            serde_json::from_slice(&fit.then(|| std::fs::read(&path).ok()).flatten()?).ok()
        };
        let contents = folder.as_ref().and_then(read).unwrap_or_default();
        Memory { folder, file, contents }
    }

    /// Where the user's state of this workspace lies.
    pub(super) fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    fn save(&self) {
        let Some(folder) = &self.folder else { return };
        let text = serde_json::to_string(&self.contents).expect("plain data");
        // What cannot be kept costs typing, not truth.
        let _ = write_atomic(&folder.join(&self.file), text.as_bytes());
    }

    /// Sections read, by package.
    pub(super) fn read(&self) -> &BTreeMap<PackageId, BTreeMap<SectionId, Mark>> {
        &self.contents.read
    }

    /// Marks a section as read, or not.
    pub(super) fn mark(&mut self, package: &PackageId, section: SectionId, mark: Option<Mark>) {
        let marks = self.contents.read.entry(package.clone()).or_default();
        match mark {
            Some(mark) => drop(marks.insert(section, mark)),
            None => drop(marks.remove(&section)),
        }
        self.save();
    }

    /// Everything begun and not signed, by name.
    pub(super) fn drafts(&self) -> &BTreeMap<String, Kept> {
        &self.contents.drafts
    }

    /// Keeps a draft.
    pub(super) fn keep(&mut self, draft: Kind, digest: String, at: Timestamp) -> String {
        let name = draft.name();
        self.contents.drafts.insert(name.clone(), Kept { at, digest, draft });
        while self.contents.drafts.len() > MAX_DRAFTS {
            let oldest = self.contents.drafts.iter().min_by_key(|(_, kept)| kept.at);
            let Some(oldest) = oldest.map(|(name, _)| name.clone()) else { break };
            self.contents.drafts.remove(&oldest);
        }
        self.save();
        name
    }

    /// Drops a draft.
    pub(super) fn drop(&mut self, name: &str) {
        if self.contents.drafts.remove(name).is_some() {
            self.save();
        }
    }
}
