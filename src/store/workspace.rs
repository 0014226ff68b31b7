//! One repository of a user: finding it, and reading everything in it once.

use super::config::ConfigFile;
use super::git::Git;
use super::scan::{DiskSources, scan_package};
use super::{cache, diagnostics};
use crate::diag::Diagnostics;
use crate::dossier::{Input, Register, build};
use crate::id::PackageId;
use crate::text::{RepoPath, SourceFile};
use crate::time::Timestamp;
use rayon::prelude::*;
use std::fs::FileType;
use std::io;
use std::path::{Path, PathBuf};

/// The name of the configuration file, and the mark of a workspace.
pub const CONFIG: &str = "countersign.toml";
/// The ledger.
pub const LEDGER: &str = "chains/ledger.jsonl";
/// The people file.
pub const PEOPLE: &str = "chains/people.toml";
/// Where records wait for the ledger.
pub const PENDING: &str = "chains/pending";

/// Why the store cannot answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No configuration file here or above.
    #[error("there is no {CONFIG} in {0} or above it")]
    NoWorkspace(PathBuf),
    /// The configuration cannot be used.
    #[error("{CONFIG} cannot be used")]
    Config(Diagnostics),
    /// A file could not be read or written.
    #[error("{path}: {error}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The site cannot be rendered.
    #[error("{0}")]
    Site(String),
    /// Git could not be asked.
    #[error("git: {0}")]
    Git(String),
}

impl StoreError {
    /// Names the file an I/O error is about.
    pub fn io(path: &Path) -> impl FnOnce(io::Error) -> StoreError + '_ {
        move |error| StoreError::Io { path: path.to_owned(), error }
    }
}

/// A repository with a `countersign.toml`.
#[derive(Debug, Clone)]
pub struct Workspace {
    root: PathBuf,
    config: ConfigFile,
}

impl Workspace {
    /// Finds the workspace at `start` or above it.
    ///
    /// # Errors
    /// When there is none, or its configuration cannot be used.
    pub fn find(start: &Path) -> Result<Workspace, StoreError> {
        let start = start.canonicalize().map_err(StoreError::io(start))?;
        let root = start.ancestors().find(|dir| dir.join(CONFIG).is_file());
        let root = root.ok_or_else(|| StoreError::NoWorkspace(start.clone()))?;
        Workspace::at(root)
    }

    /// Opens the workspace whose configuration lies in `root` itself.
    ///
    /// # Errors
    /// When the configuration cannot be read or used.
    pub fn at(root: &Path) -> Result<Workspace, StoreError> {
        let path = root.join(CONFIG);
        let text = std::fs::read_to_string(&path).map_err(StoreError::io(&path))?;
        let file = SourceFile::new(CONFIG.parse().expect("a plain name"), text);
        let mut diagnostics = Diagnostics::new();
        let config = ConfigFile::parse(&file, &mut diagnostics).ok_or(StoreError::Config(diagnostics))?;
        Ok(Workspace { root: root.to_owned(), config })
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The configuration.
    pub fn config(&self) -> &ConfigFile {
        &self.config
    }

    /// The place on disk of a path in the repository.
    pub fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Reads files on behalf of the pure floors.
    pub fn sources(&self) -> DiskSources {
        DiskSources::new(self.root.clone())
    }

    /// Reads the whole workspace and derives everything known of it at `as_of`.
    ///
    /// # Errors
    /// When a folder or file cannot be read at all; what is merely wrong in it is in the register.
    pub fn load(&self, as_of: Timestamp) -> Result<Register, StoreError> {
        let input = self.input()?;
        let known = cache::read(&self.root);
        let (register, facts) = build(&input, &self.sources(), &known, as_of);
        cache::write(&self.root, &known, &facts);
        Ok(register)
    }

    /// Reads the whole workspace without judging it.
    ///
    /// # Errors
    /// When a folder or file cannot be read at all.
    pub fn input(&self) -> Result<Input, StoreError> {
        let folder = self.path("packages");
        let mut problems = Diagnostics::new();
        let ids: Vec<PackageId> = entries(&folder)?
            .into_iter()
            .filter(|(name, kind)| (kind.is_dir() || kind.is_symlink()) && !name.starts_with('.'))
            .filter_map(|(name, _)| match name.parse() {
                Ok(id) => Some(id),
                Err(_) => {
                    problems.push(diagnostics::bad_package_name(&name));
                    None
                }
            })
            .collect();
        let packages =
            ids.par_iter().map(|id| scan_package(&self.root, id)).collect::<Result<Vec<_>, StoreError>>()?;
        let mut input = self.rules()?;
        input.problems.extend(problems);
        Ok(Input { packages, ..input })
    }

    /// Reads configuration, chains, people and ledger, without any package.
    ///
    /// # Errors
    /// When a folder or file cannot be read at all.
    pub fn rules(&self) -> Result<Input, StoreError> {
        let mut problems = Diagnostics::new();
        Ok(Input {
            config: self.config.settings(),
            chains: self.chains(&mut problems)?,
            ledger: self.read_or_empty(LEDGER)?,
            pending: self.pending()?,
            people: self.read_or_empty(PEOPLE)?,
            packages: Vec::new(),
            problems,
        })
    }

    /// The bytes of a file; none if it is not there.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn read_or_empty(&self, path: &str) -> Result<Vec<u8>, StoreError> {
        let path = self.path(path);
        match std::fs::read(&path) {
            Ok(bytes) => Ok(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(StoreError::Io { path, error }),
        }
    }

    /// The ledger as the base branch has it: lines that cannot move any more. Without a remote, that of the
    /// local main branch.
    pub fn base_ledger(&self) -> Option<Vec<u8>> {
        let git = Git::at(&self.root)?;
        [self.config.base.as_str(), "main", "master"].iter().find_map(|rev| git.file(rev, LEDGER))
    }

    /// Every chain file, in the order of names. `people.toml` is not a chain.
    fn chains(&self, problems: &mut Diagnostics) -> Result<Vec<SourceFile>, StoreError> {
        let mut out = Vec::new();
        for name in list(&self.path("chains"))? {
            if !name.ends_with(".toml") || name == "people.toml" {
                continue;
            }
            let Ok(path) = format!("chains/{name}").parse::<RepoPath>() else {
                problems.push(diagnostics::bad_chain_name(&name));
                continue;
            };
            let bytes = self.read_or_empty(path.as_str())?;
            out.extend(crate::diag::common::text(&path, bytes, crate::chain::MAX_CHAIN, problems));
        }
        Ok(out)
    }

    /// Every pending file, in the order of names.
    ///
    /// # Errors
    /// When the folder or a file cannot be read.
    pub fn pending(&self) -> Result<Vec<(RepoPath, Vec<u8>)>, StoreError> {
        let mut out = Vec::new();
        for name in list(&self.path(PENDING))? {
            // An interrupted write leaves its temporary file; it was never a record.
            if name.starts_with('.') {
                continue;
            }
            let path = format!("{PENDING}/{name}");
            let bytes = self.read_or_empty(&path)?;
            let path =
                path.parse().unwrap_or_else(|_| format!("{PENDING}/unreadable-name").parse().expect("plain"));
            out.push((path, bytes));
        }
        Ok(out)
    }
}

/// The names in a folder, sorted; none if the folder is not there.
pub(super) fn list(folder: &Path) -> Result<Vec<String>, StoreError> {
    Ok(entries(folder)?.into_iter().map(|(name, _)| name).collect())
}

/// The same with what each is; links are not followed.
pub(super) fn entries(folder: &Path) -> Result<Vec<(String, FileType)>, StoreError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(StoreError::Io { path: folder.to_owned(), error }),
    };
    let mut out = Vec::new();
    for entry in entries {
        let entry = entry.map_err(StoreError::io(folder))?;
        let kind = entry.file_type().map_err(StoreError::io(folder))?;
        out.push((entry.file_name().to_string_lossy().into_owned(), kind));
    }
    out.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(out)
}
