//! Pages served on 127.0.0.1 while somebody writes: build, watch, serve from memory.
//!
//! In: a workspace and a port. Out: the site over HTTP, rendered again when a file is saved. `live` holds
//! the state and derives the site anew from what changed, `watch` waits for the disk, `http` answers and
//! guards against what tiny_http lets through.
//!
//! *Invariant:* only loopback, only reading; nothing here can sign or write.

mod http;
mod live;
mod watch;

pub use live::Live;

use crate::store::{StoreError, Workspace};
use crate::time::Timestamp;
use std::net::SocketAddr;
use std::sync::{Arc, RwLock};

/// Why the preview cannot run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The workspace cannot be read or rendered.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The port is taken, or the system refuses.
    #[error("127.0.0.1:{port}: {why}")]
    Listen {
        /// The port asked for.
        port: u16,
        /// What the system said.
        why: String,
    },
    /// The disk cannot be watched.
    #[error("the folder cannot be watched: {0}")]
    Watch(String),
}

/// Serves the workspace until the process ends. `now` gives the instant to judge at; `ready` is called once
/// with the address; `talk` gets a line for each rebuild.
///
/// # Errors
/// When the first build fails, the port is taken, or the disk cannot be watched.
pub fn serve(
    ws: Workspace,
    port: u16,
    now: impl Fn() -> Timestamp + Send + 'static,
    ready: impl FnOnce(SocketAddr),
    talk: impl Fn(&str) + Send + 'static,
) -> Result<(), ServeError> {
    let root = ws.root().to_owned();
    let state = Arc::new(RwLock::new(Live::new(ws, now())?));
    let server = http::listen(port)?;
    let address = server.server_addr().to_ip().expect("listens on an IP address");
    let watched = Arc::clone(&state);
    let _watcher = watch::start(&root, move |changed| {
        // Built beside the old state: readers never see a half-built site.
        let next = watched.read().map(|live| live.after(changed, now())).ok();
        match next {
            Some(Ok(Some(next))) => {
                let line = next.report();
                if let Ok(mut live) = watched.write() {
                    *live = next;
                }
                talk(&line);
            }
            Some(Err(error)) => talk(&format!("not rebuilt: {error}\n")),
            Some(Ok(None)) | None => {}
        }
    })?;
    ready(address);
    http::run(server, &state);
    Ok(())
}
