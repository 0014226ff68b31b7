//! What was signed goes into Git when its signer asks: exactly those files, on the branch that is checked out;
//! then, asked again, that branch goes to where it is sent.
//!
//! Nothing is pushed unasked, nothing ever by force, and whatever fails, the record stays as it was signed.

use super::posts::Led;
use super::room::{Loaded, Room, place};
use crate::digest::RecordId;
use crate::id::PackageId;
use crate::record::{Body, Entry, wording};
use crate::site::desk::{Shelf, ShelfFailure};
use crate::store::{Git, PENDING};

/// Where a record lies.
pub(super) fn of(room: &Room, loaded: &Loaded, id: &RecordId) -> Shelf {
    let entry = loaded.register.ledger.entries.iter().find(|e| e.id() == *id);
    let files = entry.filter(|e| e.pending).map(files).unwrap_or_default();
    let failed = room.inner().unshelved.get(&id.to_string()).cloned();
    let Some(git) = Git::at(loaded.ws.root()) else {
        return Shelf { files, failed, ..Shelf::default() };
    };
    let committed = !files.is_empty() && git.holds(&files);
    let upstream = git.upstream().filter(|_| committed).map(|(remote, branch)| {
        let branch = branch.strip_prefix("refs/heads/").unwrap_or(&branch).to_owned();
        // A remote can be named by its whole address, which may hold a password.
        let remote = if remote.contains(['/', ':', '@']) { "its remote".to_owned() } else { remote };
        (remote, branch)
    });
    let sent = upstream.is_some() && git.sent(&files);
    let ahead = if upstream.is_some() { git.ahead() } else { 0 };
    Shelf { branch: git.branch(), git: true, files, committed, upstream, sent, ahead, failed }
}

/// The files a record brings: itself, and the frozen folder of a submission.
fn files(entry: &Entry) -> Vec<String> {
    let record = entry.record();
    let mut out = vec![format!("{PENDING}/{}.json", entry.id())];
    if let (Body::Submit(_), Some(subject)) = (&record.body, &record.subject) {
        out.push(format!("packages/{}/revisions/{}", subject.package, subject.revision));
    }
    out
}

/// Commits a record that waits, and leads back to it.
pub(super) fn commit(room: &Room, loaded: &Loaded, id: Option<&PackageId>, form: &super::form::Form) -> Led {
    put(room, loaded, id, form, ShelfFailure::Commit, |git, files, entry| {
        if git.branch().is_none() {
            return Err("no branch is checked out".to_owned());
        }
        if git.holds(files) {
            // Committed before, or twice: there is nothing left to do.
            return Ok(());
        }
        let message = format!("Sign: {}\n\nRecord {}", wording::event(entry.record()), entry.id());
        git.commit_only(files, &message).map_err(|e| e.to_string())
    })
}

/// Sends the branch a record was committed on, and leads back to it.
pub(super) fn push(room: &Room, loaded: &Loaded, id: Option<&PackageId>, form: &super::form::Form) -> Led {
    put(room, loaded, id, form, ShelfFailure::Push, |git, files, _| {
        if !git.holds(files) {
            return Err("it is not committed as it is on this computer".to_owned());
        }
        if git.sent(files) { Ok(()) } else { git.push().map_err(|e| e.to_string()) }
    })
}

fn put(
    room: &Room,
    loaded: &Loaded,
    id: Option<&PackageId>,
    form: &super::form::Form,
    failure: fn(String) -> ShelfFailure,
    act: impl FnOnce(&Git, &[String], &Entry) -> Result<(), String>,
) -> Led {
    let here = |record: &str| Ok(format!("{}/recorded.html?record={record}#git", place(id)));
    let Ok(record) = form.get("record").parse::<RecordId>() else { return here("") };
    let name = record.to_string();
    let mut entries = loaded.register.ledger.entries.iter();
    let Some(entry) = entries.find(|e| e.id() == record && e.pending) else { return here(&name) };
    let git = Git::at(loaded.ws.root());
    let done = git.map_or_else(
        || Err("this folder is not under Git".to_owned()),
        |git| act(&git, &files(entry), entry),
    );
    let mut inner = room.inner();
    match done {
        Ok(()) => drop(inner.unshelved.remove(&name)),
        Err(why) => drop(inner.unshelved.insert(name.clone(), failure(why))),
    }
    here(&name)
}
