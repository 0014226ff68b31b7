//! One repository of a user: finding it, and reading everything in it once.

use super::config::ConfigFile;
use super::git::Git;
use super::scan::{DiskSources, scan_package};
use super::{cache, diagnostics, plain};
use crate::diag::Diagnostics;
use crate::dossier::{Input, Register, build};
use crate::id::PackageId;
pub use crate::ledger::{LEDGER, PENDING_FOLDER as PENDING, PEOPLE};
use crate::text::{RepoPath, SourceFile};
use crate::time::Timestamp;
use rayon::prelude::*;
use std::fs::FileType;
use std::io;
use std::path::{Path, PathBuf};

/// The name of the configuration file, and the mark of a workspace.
pub const CONFIG: &str = "countersign.toml";
/// Largest chain or configuration file that is read at all.
const MAX_RULES: u64 = 1 << 20;

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
        let root = start.ancestors().find(|dir| dir.join(CONFIG).symlink_metadata().is_ok());
        let root = root.ok_or_else(|| StoreError::NoWorkspace(start.clone()))?;
        Workspace::at(root)
    }

    /// Opens the workspace whose configuration lies in `root` itself.
    ///
    /// # Errors
    /// When the configuration cannot be read or used.
    pub fn at(root: &Path) -> Result<Workspace, StoreError> {
        let path = root.join(CONFIG);
        let bytes = plain::read(root, Path::new(CONFIG), MAX_RULES).map_err(StoreError::io(&path))?;
        let text = String::from_utf8(bytes).map_err(|_| StoreError::Io {
            path,
            error: io::Error::new(io::ErrorKind::InvalidData, "is not UTF-8"),
        })?;
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
        let mut problems = Diagnostics::new();
        let ids: Vec<PackageId> = entries(&self.root, "packages")?
            .into_iter()
            .filter(|e| (e.kind.is_dir() || e.kind.is_symlink()) && !e.name.starts_with('.'))
            .filter_map(|e| match e.name.parse() {
                // An id can still be a name that no file may have everywhere: `con`.
                Ok(id) if e.utf8 && e.name.parse::<RepoPath>().is_ok() => Some(id),
                _ => {
                    problems.push(diagnostics::bad_package_name(&e.name));
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
        match plain::read(&self.root, Path::new(path), limit(path)) {
            Ok(bytes) => Ok(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(StoreError::Io { path: self.path(path), error }),
        }
    }

    /// Whether a folder of the repository is there. Who writes into or removes a folder asks first.
    ///
    /// # Errors
    /// When it, or a folder it lies in, is a symbolic link or no folder: nothing may be written there.
    pub fn plain_folder(&self, path: &str) -> Result<bool, StoreError> {
        let found = plain::folder(&self.root, Path::new(path));
        found.map(|place| place.is_some()).map_err(StoreError::io(&self.path(path)))
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
        for Entry { name, utf8, .. } in entries(&self.root, "chains")? {
            if !name.ends_with(".toml") || name == "people.toml" {
                continue;
            }
            let path = format!("chains/{name}").parse::<RepoPath>();
            let Some(path) = path.ok().filter(|_| utf8) else {
                problems.push(diagnostics::bad_chain_name(&name));
                continue;
            };
            let bytes = self.read_or_empty(path.as_str())?;
            out.extend(crate::diag::common::text(&path, bytes, crate::chain::MAX_CHAIN, problems));
        }
        Ok(out)
    }

    /// Every policy test, `chains/tests/*.toml`, in the order of names.
    ///
    /// # Errors
    /// When the folder or a file cannot be read.
    pub fn policy_tests(&self, problems: &mut Diagnostics) -> Result<Vec<SourceFile>, StoreError> {
        let mut out = Vec::new();
        for Entry { name, utf8, .. } in entries(&self.root, TESTS)? {
            let path = format!("{TESTS}/{name}").parse::<RepoPath>();
            let Some(path) = path.ok().filter(|_| utf8 && name.ends_with(".toml")) else { continue };
            out.extend(self.policy_test(&path, problems)?);
        }
        Ok(out)
    }

    /// One policy test; `None` if it is no text, which is reported.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn policy_test(
        &self,
        path: &RepoPath,
        problems: &mut Diagnostics,
    ) -> Result<Option<SourceFile>, StoreError> {
        let full = self.path(path.as_str());
        let bytes =
            plain::read(&self.root, Path::new(path.as_str()), MAX_RULES).map_err(StoreError::io(&full))?;
        Ok(crate::diag::common::text(path, bytes, crate::policy::MAX_FILE, problems))
    }

    /// Every pending file, in the order of names.
    ///
    /// # Errors
    /// When the folder or a file cannot be read.
    pub fn pending(&self) -> Result<Vec<(RepoPath, Vec<u8>)>, StoreError> {
        let mut out = Vec::new();
        for Entry { name, utf8, .. } in entries(&self.root, PENDING)? {
            // An interrupted write leaves its temporary file; it was never a record.
            if name.starts_with('.') {
                continue;
            }
            let path = format!("{PENDING}/{name}");
            // A name that cannot be said cannot be read by it either; that nothing is in it is reported.
            let bytes = if utf8 { self.read_or_empty(&path)? } else { Vec::new() };
            let path =
                path.parse().unwrap_or_else(|_| format!("{PENDING}/unreadable-name").parse().expect("plain"));
            out.push((path, bytes));
        }
        Ok(out)
    }
}

/// Where policy tests are.
const TESTS: &str = "chains/tests";

/// Bytes a file of the repository may have.
fn limit(path: &str) -> u64 {
    if path == LEDGER {
        4 << 30
    } else if path == PEOPLE {
        64 << 20
    } else if path.starts_with(PENDING) {
        2 << 20
    } else if path.starts_with("packages/") {
        crate::package::MAX_EVIDENCE
    } else {
        MAX_RULES
    }
}

/// Something in a folder.
pub(super) struct Entry {
    /// Its name, legible even if it is not UTF-8.
    pub name: String,
    /// Whether `name` is its very name.
    pub utf8: bool,
    /// What it is; links are not followed.
    pub kind: FileType,
}

/// What lies in a folder below `root`, sorted by name; nothing if the folder is not there.
pub(super) fn entries(root: &Path, path: &str) -> Result<Vec<Entry>, StoreError> {
    let place = root.join(path);
    let Some(folder) = plain::folder(root, Path::new(path)).map_err(StoreError::io(&place))? else {
        return Ok(Vec::new());
    };
    let mut out = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(StoreError::io(&folder))? {
        let entry = entry.map_err(StoreError::io(&folder))?;
        let kind = entry.file_type().map_err(StoreError::io(&folder))?;
        let name = entry.file_name();
        let utf8 = name.to_str().is_some();
        out.push(Entry { name: name.to_string_lossy().into_owned(), utf8, kind });
    }
    out.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(out)
}
