//! Pages served on 127.0.0.1: a preview for who writes, and the review pages for who signs.
//!
//! In: a workspace and a port. Out: the site over HTTP. `wire` reads requests and writes answers within
//! limits. The preview: `live` holds the pages and derives them anew from what changed, `watch` waits for
//! the disk, `http` answers. The review pages: `review`, on one person's behalf. What it takes to make a
//! record is shared with the command line: `hand` finds the key, `seat` the role, `resubmit` what a submission
//! takes, `draft` composes, signs and stores.
//!
//! *Invariant:* only loopback. The preview only reads; the review pages sign nothing without the session,
//! a ticket used once, and the person's own passphrase or agent.
#![expect(
    clippy::disallowed_methods,
    reason = "sockets have deadlines, and the environment says where an ssh-agent and the user's state are"
)]

mod draft;
mod hand;
mod http;
mod live;
pub mod resubmit;
mod review;
pub mod seat;
mod watch;
mod wire;

pub use draft::{Draft, DraftError, compose, draw_up, heads, seal, store, subject};
pub use hand::{KeyPart, key_of};
pub use live::{Desk, Live, Reach};
pub use review::{Opening, ReviewOptions, review};

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
    /// The person cannot review with this key.
    #[error("{0}")]
    Refused(String),
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
    let server = wire::listen(port)?;
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
    ready(server.address);
    http::run(&server, &state);
    Ok(())
}

fn show(state: &RwLock<Live>, pages: Vec<Page>, put: fn(&mut Live, Vec<Page>)) {
    if let Ok(mut live) = state.write() {
        put(&mut live, pages);
    }
}
