//! One writer at a time: whoever moves or adds records holds this lock from the first read to the last
//! write, so that a record added meanwhile is never lost between a ledger and the pending files.
//!
//! The folder itself is locked: a lock file would be one more thing that somebody could commit, or replace by
//! a link to a file worth emptying.

use super::workspace::{StoreError, Workspace};
use std::fs::File;

/// Held while it lives; the system gives it back even if the process is killed.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "holding it is its use")] File);

impl Workspace {
    /// Waits until nobody else writes records.
    ///
    /// # Errors
    /// When the folder cannot be locked.
    pub fn lock(&self) -> Result<Lock, StoreError> {
        let folder = File::open(self.root()).map_err(StoreError::io(self.root()))?;
        folder.lock().map_err(StoreError::io(self.root()))?;
        Ok(Lock(folder))
    }
}
