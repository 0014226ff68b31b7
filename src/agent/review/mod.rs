//! The review pages: what awaits one person, decided and signed in the browser.
//!
//! In: a workspace, a person and this person's key. Out: pages on 127.0.0.1, and records in
//! `chains/pending/`. `door` lets nobody in but one session of one browser; `room` knows the person, reads
//! the workspace anew for every page, and holds the tickets; `pages` answers reading, `posts` answers forms;
//! `form` reads what a form sends, `acts`, `people` and `terms` turn it into a record; `sign` signs; `shelf`
//! commits and sends what was signed when asked to; `memory` keeps
//! drafts and read marks in the user's own folder.
//!
//! *Invariant:* only `sign` touches a private key, for exactly the bytes that were shown, and the passphrase
//! is wiped after it. Templates of the repository are not used: a pull request could change what is shown.

mod acts;
mod door;
mod form;
mod memory;
mod pages;
mod people;
mod posts;
mod room;
mod shelf;
mod sign;
mod terms;
mod tickets;

use super::hand::key_of;
use super::wire::{self, Answer, Request, plain};
use super::{ServeError, wire::Server};
use crate::id::{PackageId, PersonId};
use crate::record::KeyState;
use crate::store::Workspace;
use crate::time::Timestamp;
use door::Door;
use room::Room;
use std::path::PathBuf;

/// Bytes of a form: a dozen findings in long words.
const MAX_FORM: usize = 512 * 1024;

/// What the review pages are told when they start.
pub struct ReviewOptions {
    /// The port; 0 takes a free one.
    pub port: u16,
    /// Who reviews; whoever the key belongs to, if `None`.
    pub person: Option<PersonId>,
    /// The key file.
    pub key: Option<PathBuf>,
    /// Declared AI assistance, in every record that is signed.
    pub assistance: String,
    /// The package to open first.
    pub package: Option<PackageId>,
}

/// Where the pages are, for whoever opens the browser.
pub struct Opening {
    /// The address that opens the session, once.
    pub url: String,
    /// A file of the user's own that leads there: other users cannot read it, as they can read arguments.
    pub file: Option<PathBuf>,
    /// The person.
    pub name: String,
}

/// Serves the review pages until the process ends.
///
/// # Errors
/// When the key is not enrolled, the workspace cannot be read, or the port is taken.
pub fn review(
    ws: Workspace,
    options: ReviewOptions,
    now: impl Fn() -> Timestamp + Send + Sync + 'static,
    ready: impl FnOnce(&Opening),
    talk: impl Fn(&str) + Send + Sync + 'static,
) -> Result<(), ServeError> {
    let register = ws.load(now())?;
    let refused = |why: String| ServeError::Refused(why);
    let part = key_of(Some(&ws), &register.people, options.key.as_deref());
    let part = part.map_err(|e| refused(e.to_string()))?;
    let part = match (part, &options.person) {
        (Some(part), _) => part,
        (None, _) => {
            return Err(refused(
                "no signing key was named: name one with --key FILE or COUNTERSIGN_KEY, or once and for all with \
                 `git config countersign.key FILE`"
                    .to_owned(),
            ));
        }
    };
    let (person, key) = register.people.owner(&part.fingerprint()).ok_or_else(|| {
        refused(format!(
            "the key {} is not enrolled here; make a request with `countersign people request` and hand it to a \
             registrar",
            part.fingerprint()
        ))
    })?;
    if key.state != KeyState::Valid {
        return Err(refused(format!("the key {} of {} was revoked", part.fingerprint(), person.name)));
    }
    if let Some(named) = options.person.as_ref().filter(|named| **named != person.id) {
        return Err(refused(format!(
            "the key {} is that of {} ({}), not of {named}; name the right one with --key FILE",
            part.fingerprint(),
            person.name,
            person.id
        )));
    }
    let (person, name) = (person.id.clone(), person.name.clone());
    drop(register);
    let server = wire::listen(options.port)?;
    let room = Room::new(ws, person, part, options.assistance, Box::new(now))
        .map_err(|e| ServeError::Refused(e.to_string()))?;
    let first = options.package.map_or_else(String::new, |id| format!("packages/{id}/index.html"));
    let door = Door::new(server.address, first).map_err(|e| ServeError::Refused(e.to_string()))?;
    let url = door.opening();
    let file = room.leave_opening(&url);
    ready(&Opening { url, file, name });
    serve(&server, &door, &room, &talk);
    Ok(())
}

fn serve(server: &Server, door: &Door, room: &Room, talk: &(impl Fn(&str) + Sync)) {
    wire::run(server, MAX_FORM, &|request: &Request| -> Answer {
        match door.admit(request) {
            door::Passed::Turned(answer) => answer,
            door::Passed::Opened(answer) => {
                room.forget_opening();
                talk(&format!(
                    "The pages were opened in a browser; any earlier session has ended. To open them once more: {}\n",
                    door.opening()
                ));
                answer
            }
            door::Passed::Reads { path, query } => pages::answer(room, door, &path, &query),
            door::Passed::Sends { path } => posts::answer(room, door, &path, &request.body),
        }
    });
}

/// Something went wrong that no page can explain.
fn broken(why: &str) -> Answer {
    plain(500, &format!("{why}\nNothing has been signed.\n"))
}
