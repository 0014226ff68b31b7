//! Pages served on 127.0.0.1 while somebody writes: build, watch, serve from memory.
//!
//! In: a workspace and a port. Out: the site over HTTP, rendered again when a file is saved. `live` holds
//! the pages and derives them anew from what changed, `watch` waits for the disk, `http` answers and
//! guards against what tiny_http lets through.
//!
//! *Invariant:* only loopback, only reading; nothing here can sign or write.
#![expect(clippy::disallowed_methods, reason = "the environment says where an ssh-agent is")]

mod draft;
mod hand;
mod http;
mod live;
mod watch;

pub use draft::{Draft, DraftError, compose, draw_up, heads, seal, store, subject};
pub use hand::{KeyPart, key_of};
pub use live::{Desk, Live, Reach};

use crate::site::Page;
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
    let (mut desk, live) = Desk::new(ws, now())?;
    let state = Arc::new(RwLock::new(live));
    let server = http::listen(port)?;
    let address = server.server_addr().to_ip().expect("listens on an IP address");
    let watched = Arc::clone(&state);
    let _watcher = watch::start(&root, move |changed| {
        // Rendered beside what is shown: readers wait only while finished pages are put in.
        let mut derive = || {
            match desk.read(changed)? {
                Reach::Nothing => return Ok(None),
                Reach::Package(id) => show(&watched, desk.first(&id), Live::put),
                Reach::Whole => {}
            }
            show(&watched, desk.whole(now())?, Live::put_all);
            Ok::<_, StoreError>(Some(desk.report()))
        };
        match derive() {
            Ok(Some(line)) => talk(&line),
            Ok(None) => {}
            Err(error) => talk(&format!("not rebuilt: {error}\n")),
        }
    })?;
    ready(address);
    http::run(server, &state);
    Ok(())
}

fn show(state: &RwLock<Live>, pages: Vec<Page>, put: fn(&mut Live, Vec<Page>)) {
    if let Ok(mut live) = state.write() {
        put(&mut live, pages);
    }
}
