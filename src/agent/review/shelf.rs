//! What was signed goes into Git when its signer asks: exactly those files, on the branch that is checked out.
//!
//! Nothing is ever pushed, and a commit that fails changes nothing about the record.

use super::posts::Led;
use super::room::{Loaded, Room, place};
use crate::digest::RecordId;
use crate::id::PackageId;
use crate::record::{Body, Entry, wording};
use crate::site::desk::Shelf;
use crate::store::{Git, PENDING};

/// Where a record lies.
pub(super) fn of(room: &Room, loaded: &Loaded, id: &RecordId) -> Shelf {
    let entry = loaded.register.ledger.entries.iter().find(|e| e.id() == *id);
    let files = entry.filter(|e| e.pending).map(files).unwrap_or_default();
    let failed = room.inner().uncommitted.get(&id.to_string()).cloned().unwrap_or_default();
    let Some(git) = Git::at(loaded.ws.root()) else {
        return Shelf { files, failed, ..Shelf::default() };
    };
    let committed = !files.is_empty() && git.holds(&files);
    Shelf { branch: git.branch(), git: true, files, committed, failed }
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
    let here = |record: &str| Ok(format!("{}/recorded.html?record={record}#git", place(id)));
    let Ok(record) = form.get("record").parse::<RecordId>() else { return here("") };
    let name = record.to_string();
    let mut entries = loaded.register.ledger.entries.iter();
    let Some(entry) = entries.find(|e| e.id() == record && e.pending) else { return here(&name) };
    let files = files(entry);
    let done = match Git::at(loaded.ws.root()) {
        Some(git) if git.branch().is_none() => Err("no branch is checked out".to_owned()),
        // Committed before, or twice: there is nothing left to do.
        Some(git) if git.holds(&files) => Ok(()),
        Some(git) => {
            let words = wording::event(entry.record());
            git.commit_only(&files, &format!("Sign: {words}\n\nRecord {record}")).map_err(|e| e.to_string())
        }
        None => Err("this folder is not under Git".to_owned()),
    };
    let mut inner = room.inner();
    match done {
        Ok(()) => drop(inner.uncommitted.remove(&name)),
        Err(why) => drop(inner.uncommitted.insert(name.clone(), why)),
    }
    here(&name)
}
