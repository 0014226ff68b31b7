//! The one place where a private key is used: for the bytes that were shown, once.

use super::super::draft::{DraftError, seal, store};
use super::super::wire::Answer;
use super::broken;
use super::door::Door;
use super::form::Form;
use super::memory::Kept;
use super::pages::{form_page, stale};
use super::posts::too_old;
use super::room::{Loaded, NotYet, Room, digest_of, lead};
use super::tickets::{Drawn, Ticket};
use crate::id::PackageId;
use crate::keys::{self, KeyError, SigningKey};
use crate::record::Record;
use crate::site::desk::Problem;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

/// Wrong passphrases in a row before signing pauses.
const TRIES: u32 = 5;
/// How long it pauses.
const PAUSE: Duration = Duration::from_secs(600);
/// How old a statement may be when it is signed.
const LASTS_SECONDS: i64 = 30 * 60;

/// Signs a statement that was shown, or says why not.
pub(super) fn sign(room: &Room, door: &Door, id: &PackageId, ticket: &str, form: &Form) -> Answer {
    // One at a time: a second click waits here, and then finds its ticket used.
    let _one = room.signing.lock().unwrap_or_else(PoisonError::into_inner);
    let loaded = match room.load(true) {
        Ok(loaded) => loaded,
        Err(e) => return broken(&e.to_string()),
    };
    let known = room.ticket(ticket);
    let drawn = match known {
        Some(Ticket::Used(to)) => return lead(door, &to),
        Some(Ticket::Sign(drawn)) if drawn.record.package() == Some(id) => drawn,
        _ => return too_old(room, &loaded),
    };
    let kept = room.inner().memory.drafts().get(&drawn.draft).cloned();
    let Some(kept) = kept else { return too_old(room, &loaded) };
    if let Err(answer) = still_true(room, door, &loaded, id, &drawn, &kept) {
        return *answer;
    }
    let typed = form.words("reviewer");
    // A page of its own, so that reloading it or coming back to it sends nothing twice.
    let again = |problems: &[Problem], more: &str| {
        let tried = Drawn {
            problems: problems.to_vec(),
            more: more.to_owned(),
            typed: typed.clone(),
            ..(*drawn).clone()
        };
        let mut inner = room.inner();
        match inner.tickets.give(Ticket::Sign(Box::new(tried))) {
            Ok(next) => {
                let to = format!("packages/{id}/check.html?try={next}");
                inner.tickets.used(ticket, &to);
                lead(door, &to)
            }
            Err(e) => broken(&e.to_string()),
        }
    };
    if let Some(words) = wrong_name(room, &typed) {
        return again(&[Problem::new("reviewer", words)], "");
    }
    let key = match unlock(room, &drawn, form.get("passphrase")) {
        Ok(key) => key,
        Err((problem, more)) => return again(&[problem], &more),
    };
    let signed = match seal(&drawn.record, key.as_ref()) {
        Ok(signed) => signed,
        Err(DraftError::Key(e)) => return again(&[Problem::new("sign", e.to_string())], ""),
        Err(e) => return not_recorded(room, &loaded, id, &e.to_string()),
    };
    // The secret is wiped before anything else happens.
    drop(key);
    match store(&loaded.ws, &signed) {
        Ok(record) => {
            let to = format!("packages/{id}/recorded.html?record={record}");
            let mut inner = room.inner();
            inner.tickets.used(ticket, &to);
            inner.signed.insert(drawn.draft.clone(), to.clone());
            inner.memory.drop(&drawn.draft);
            drop(inner);
            // The next page shows the record whatever was read a moment ago.
            let _ = room.load(true);
            lead(door, &to)
        }
        Err(e) => not_recorded(room, &loaded, id, &e.to_string()),
    }
}

fn not_recorded(room: &Room, loaded: &Loaded, id: &PackageId, why: &str) -> Answer {
    match NotYet::cannot(id, why) {
        NotYet::Notice(status, notice) => room.notice(loaded, status, &notice),
        NotYet::Problems(_) => broken(why),
    }
}

/// Whether the statement is still what this person would sign now.
fn still_true(
    room: &Room,
    door: &Door,
    loaded: &Loaded,
    id: &PackageId,
    drawn: &Drawn,
    kept: &Kept,
) -> Result<(), Box<Answer>> {
    let shown = drawn.record.subject.as_ref().map(|s| s.digest.to_string()).unwrap_or_default();
    if digest_of(&loaded.register, id) != shown {
        return Err(Box::new(stale(room, loaded, id, &shown, &kept.draft)));
    }
    let now = match room.draw(loaded, &kept.draft, drawn.agent) {
        Ok(now) => now,
        Err(NotYet::Problems(_)) => return Err(Box::new(lead(door, &form_page(&kept.draft, true)))),
        Err(NotYet::Notice(status, notice)) => return Err(Box::new(room.notice(loaded, status, &notice))),
    };
    let again = |why: &str| {
        let page = format!("packages/{id}/check.html?draft={}&again={why}", drawn.draft);
        Err(Box::new(lead(door, &page)))
    };
    let age = room.now().seconds() - drawn.record.signed_at.seconds();
    if !(-60..=LASTS_SECONDS).contains(&age) {
        return again("old");
    }
    if now != (Record { nonce: now.nonce, signed_at: now.signed_at, ..drawn.record.clone() }) {
        return again("changed");
    }
    Ok(())
}

/// The reviewer ID is the first of the two things a signature asks for.
fn wrong_name(room: &Room, typed: &str) -> Option<String> {
    match typed {
        "" => Some("Enter your reviewer ID".to_owned()),
        id if id == room.person.as_str() => None,
        id => Some(format!("\u{201c}{id}\u{201d} is not the reviewer ID this key belongs to")),
    }
}

type Locked = (Problem, String);

fn unlock(room: &Room, drawn: &Drawn, passphrase: &str) -> Result<Box<dyn SigningKey>, Locked> {
    let problem = |words: &str| (Problem::new("passphrase", words), String::new());
    if drawn.agent {
        let socket = room.part.in_agent();
        let socket = socket.ok_or_else(|| {
            (Problem::new("sign", "Your SSH agent does not hold this key now"), String::new())
        })?;
        return Ok(Box::new(keys::agent::open(&socket, room.part.public.clone())));
    }
    let paused = room.inner().paused;
    if let Some(until) = paused.filter(|until| *until > Instant::now()) {
        let minutes = until.saturating_duration_since(Instant::now()).as_secs() / 60 + 1;
        return Err(problem(&format!(
            "Signing is paused for {minutes} more minutes after {TRIES} wrong passphrases"
        )));
    }
    if passphrase.is_empty() {
        return Err(problem("Enter the passphrase of your signing key"));
    }
    let Some(file) = room.part.private_file() else {
        return Err(problem("Your key file is not there any more"));
    };
    match keys::openssh::open(file, passphrase) {
        Ok(key) if key.public() == room.part.public => {
            room.inner().misses = 0;
            Ok(Box::new(key))
        }
        Ok(_) => Err(problem("The key file holds another key now")),
        Err(KeyError::WrongPassphrase { .. }) => {
            let mut inner = room.inner();
            inner.misses += 1;
            let left = TRIES.saturating_sub(inner.misses);
            let more = if left == 0 {
                inner.misses = 0;
                inner.paused = Some(Instant::now() + PAUSE);
                "Signing is paused for 10 minutes.".to_owned()
            } else {
                let tries = if left == 1 { "1 more try".to_owned() } else { format!("{left} more tries") };
                format!("You have {tries} before signing is paused for 10 minutes.")
            };
            Err((Problem::new("passphrase", "That passphrase does not open your signing key"), more))
        }
        Err(e) => Err(problem(&e.to_string())),
    }
}
