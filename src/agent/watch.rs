//! Waits for the disk.
//!
//! Folders are watched, not files: an editor that saves by renaming would leave a watched file one save
//! behind. Events are gathered until the disk is quiet for a moment, and no two builds run at once.

use super::ServeError;
use super::live::relative;
use notify::{RecursiveMode, Watcher as _};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// How long the disk must be quiet: long enough for write, fsync and rename of one save.
const QUIET: Duration = Duration::from_millis(12);
/// How long a stream of events may put off a build.
const PATIENCE: usize = 20;

/// Calls `changed` with the paths that changed, from one thread. Watching ends when the handle is dropped.
pub(super) fn start(
    root: &Path,
    mut changed: impl FnMut(&BTreeSet<String>) + Send + 'static,
) -> Result<notify::RecommendedWatcher, ServeError> {
    let (send, receive) = channel();
    let top = root.to_owned();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let Ok(event) = event else { return };
        if matches!(event.kind, notify::EventKind::Access(_)) {
            return; // our own reading
        }
        for path in event.paths {
            if let Some(path) = relative(&top, &path) {
                let _ = send.send(path);
            }
        }
    })
    .map_err(|e| ServeError::Watch(e.to_string()))?;
    // Only the folders that matter: a build that writes site/public must not start the next one.
    for folder in ["packages", "chains", "templates", "site/static"] {
        let folder = root.join(folder);
        if folder.is_dir() {
            watcher.watch(&folder, RecursiveMode::Recursive).map_err(|e| ServeError::Watch(e.to_string()))?;
        }
    }
    watcher.watch(root, RecursiveMode::NonRecursive).map_err(|e| ServeError::Watch(e.to_string()))?;
    std::thread::spawn(move || {
        while let Ok(first) = receive.recv() {
            let mut paths = BTreeSet::from([first]);
            for _ in 0..PATIENCE {
                match receive.recv_timeout(QUIET) {
                    Ok(path) => drop(paths.insert(path)),
                    Err(RecvTimeoutError::Timeout) => break,
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            }
            changed(&paths);
        }
    });
    Ok(watcher)
}
