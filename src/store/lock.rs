//! One writer at a time: whoever moves or adds records holds this lock from the first read to the last
//! write, so that a record added meanwhile is never lost between a ledger and the pending files.

use super::workspace::{StoreError, Workspace};
use std::fs::File;

const FILE: &str = ".countersign/lock";

/// Held while it lives; the system gives it back even if the process is killed.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "holding it is its use")] File);

impl Workspace {
    /// Waits until nobody else writes records.
    ///
    /// # Errors
    /// When the lock file cannot be made.
    pub fn lock(&self) -> Result<Lock, StoreError> {
        let path = self.path(FILE);
        std::fs::create_dir_all(self.path(".countersign")).map_err(StoreError::io(&path))?;
        let file = File::create(&path).map_err(StoreError::io(&path))?;
        file.lock().map_err(StoreError::io(&path))?;
        Ok(Lock(file))
    }
}
