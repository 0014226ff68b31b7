//! Durable writes. The order of system calls is the point:
//!
//! ```text
//! open(dir/.tmp-XXXX, O_CREAT|O_EXCL) → write → fsync(file) → rename / link to the name → fsync(dir)
//! ```
//!
//! A crash before the rename leaves a temporary file that readers skip; after it, the whole new file.
//! Writing in place would leave half a ledger; renaming before fsync can leave an empty one.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Why a write did not happen. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The file is there already with other bytes.
    #[error("{0} is there already with other contents; nothing was changed")]
    Exists(PathBuf),
    /// The system refused.
    #[error("{path}: {error}; nothing was changed")]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

/// The folder a file lies in. A name alone has the parent ``, which no system call takes.
fn parent(path: &Path) -> &Path {
    path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn staged(path: &Path, bytes: &[u8]) -> io::Result<(tempfile::NamedTempFile, PathBuf)> {
    let dir = parent(path).to_owned();
    std::fs::create_dir_all(&dir)?;
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o644));
    }
    let mut temp = builder.prefix(".tmp-").tempfile_in(&dir)?;
    temp.write_all(bytes)?;
    temp.as_file().sync_all()?;
    Ok((temp, dir))
}

fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// Replaces a file as a whole, durably.
///
/// # Errors
/// When the system refuses; the old file then stands.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let wrap = |error| WriteError::Io { path: path.to_owned(), error };
    let (temp, dir) = staged(path, bytes).map_err(wrap)?;
    temp.persist(path).map_err(|e| wrap(e.error))?;
    sync_dir(&dir).map_err(wrap)
}

/// Replaces a file as a whole, not durably: for what can be derived again.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let dir = parent(path);
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o644));
    }
    builder.prefix(".tmp-");
    let mut temp = match builder.tempfile_in(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            std::fs::create_dir_all(dir)?;
            builder.tempfile_in(dir)?
        }
        made => made?,
    };
    temp.write_all(bytes)?;
    temp.persist(path).map_err(|e| e.error)?;
    Ok(())
}

/// Writes a file that must not be there yet, durably. The same bytes twice are fine.
///
/// # Errors
/// When it is there with other bytes, or the system refuses.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let wrap = |error| WriteError::Io { path: path.to_owned(), error };
    let (temp, dir) = staged(path, bytes).map_err(wrap)?;
    match temp.persist_noclobber(path) {
        Ok(_) => sync_dir(&dir).map_err(wrap),
        Err(e) if e.error.kind() == io::ErrorKind::AlreadyExists => {
            if std::fs::read(path).map_err(wrap)? == bytes {
                Ok(())
            } else {
                Err(WriteError::Exists(path.to_owned()))
            }
        }
        Err(e) => Err(wrap(e.error)),
    }
}

/// Writes a whole folder that must not be there yet: all files into a temporary sibling, each synced,
/// then one rename.
///
/// # Errors
/// When the folder is there, or the system refuses.
pub fn write_new_folder(path: &Path, files: &[(String, Vec<u8>)]) -> Result<(), WriteError> {
    let wrap = |error| WriteError::Io { path: path.to_owned(), error };
    if path.exists() {
        return Err(WriteError::Exists(path.to_owned()));
    }
    let parent = parent(path).to_owned();
    std::fs::create_dir_all(&parent).map_err(wrap)?;
    let temp = tempfile::Builder::new().prefix(".tmp-").tempdir_in(&parent).map_err(wrap)?;
    for (name, bytes) in files {
        let file = temp.path().join(name);
        let dir = file.parent().expect("a file in a folder");
        std::fs::create_dir_all(dir).map_err(wrap)?;
        let mut out = File::create(&file).map_err(wrap)?;
        out.write_all(bytes).map_err(wrap)?;
        out.sync_all().map_err(wrap)?;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(temp.path(), std::fs::Permissions::from_mode(0o755)).map_err(wrap)?;
    }
    let temp = temp.keep();
    std::fs::rename(&temp, path).map_err(wrap)?;
    sync_dir(&parent).map_err(wrap)
}
