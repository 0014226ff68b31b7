//! The one place where a private key is used: for the bytes that were shown, once.

use super::super::draft::{DraftError, seal, store};
use super::super::resubmit;
use super::super::wire::Answer;
use super::door::Door;
use super::form::Form;
use super::memory::{Kept, Kind};
use super::pages::{form_page, stale};
use super::posts::too_old;
use super::room::{Loaded, NotYet, Room, digest_of, lead, place};
use super::tickets::{Drawn, Ticket};
use super::{acts, broken};
use crate::id::PackageId;
use crate::keys::{self, KeyError, SigningKey};
use crate::record::sshsig::SigError;
use crate::record::{Body, Record};
use crate::site::desk::{self, Problem};
use std::sync::PoisonError;
use std::time::{Duration, Instant};

/// Wrong passphrases in a row before signing pauses.
const TRIES: u32 = 5;
/// How long it pauses.
const PAUSE: Duration = Duration::from_secs(600);
/// How old a statement may be when it is signed.
const LASTS_SECONDS: i64 = 30 * 60;

/// Signs a statement that was shown, or says why not.
pub(super) fn sign(room: &Room, door: &Door, id: Option<&PackageId>, ticket: &str, form: &Form) -> Answer {
    // One at a time: a second click waits here, and then finds its ticket used.
    let _one = room.signing.lock().unwrap_or_else(PoisonError::into_inner);
    let loaded = match room.load(true) {
        Ok(loaded) => loaded,
        Err(e) => return broken(&e.to_string()),
    };
    let known = room.ticket(ticket);
    let drawn = match known {
        Some(Ticket::Used(to)) => return lead(door, &to),
        Some(Ticket::Sign(drawn)) if drawn.record.package() == id => drawn,
        _ => return too_old(room, &loaded),
    };
    let kept = room.inner().memory.drafts().get(&drawn.draft).cloned();
    let Some(kept) = kept else {
        // Signed in another window: this one is shown what was recorded.
        let recorded = room.inner().signed.get(&drawn.draft).cloned();
        return recorded.map_or_else(|| too_old(room, &loaded), |to| lead(door, &to));
    };
    if let Err(answer) = still_true(room, door, &loaded, &drawn, &kept) {
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
                let to = format!("{}/check.html?try={next}", place(id));
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
        Err(DraftError::Key(e)) => {
            let (words, more) = refused(&e, room.part.public.is_token());
            return again(&[Problem::new("sign", words)], more);
        }
        Err(e) => return not_recorded(room, &loaded, id, &e.to_string()),
    };
    // The secret is wiped before anything else happens.
    drop(key);
    if let Err(why) = frozen(&loaded, &drawn.record, &kept) {
        return not_recorded(room, &loaded, id, &why);
    }
    match store(&loaded.ws, &signed) {
        Ok(record) => {
            let to = format!("{}/recorded.html?record={record}", place(id));
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

/// A submission is frozen before its record is stored, so that no record names files that are not there.
fn frozen(loaded: &Loaded, record: &Record, kept: &Kept) -> Result<(), String> {
    let (Body::Submit(_), Kind::Act(input), Some(subject)) = (&record.body, &kept.draft, &record.subject)
    else {
        return Ok(());
    };
    let dossier = loaded.register.packages.get(&subject.package);
    let dossier = dossier.ok_or_else(|| "the package is gone".to_owned())?;
    let words = |why: resubmit::Unready| why.words();
    let ready = resubmit::prepare(&loaded.ws, &loaded.register, dossier, &acts::given(dossier, input))
        .map_err(words)?;
    if ready.digest != subject.digest {
        return Err("a file changed while it was signed".to_owned());
    }
    resubmit::freeze(&loaded.ws, dossier, ready.number, &ready.files).map_err(words)
}

fn not_recorded(room: &Room, loaded: &Loaded, id: Option<&PackageId>, why: &str) -> Answer {
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
    drawn: &Drawn,
    kept: &Kept,
) -> Result<(), Box<Answer>> {
    let id = drawn.record.package();
    let shown = drawn.record.subject.as_ref().map(|s| s.digest.to_string()).unwrap_or_default();
    // What is submitted, or certified earlier than the current revision, is not the current revision.
    let shown = match drawn.record.body {
        Body::Submit(_) | Body::Revoke(_) => kept.digest.clone(),
        _ => shown,
    };
    if digest_of(&loaded.register, id) != shown {
        return Err(Box::new(stale(room, loaded, &shown, &kept.draft)));
    }
    let now = match room.draw(loaded, &kept.draft, drawn.agent) {
        Ok(now) => now,
        Err(NotYet::Problems(_)) => return Err(Box::new(lead(door, &form_page(&kept.draft, true)))),
        Err(NotYet::Notice(status, notice)) => return Err(Box::new(room.notice(loaded, status, &notice))),
    };
    let again = |why: &str| {
        let page = format!("{}/check.html?draft={}&again={why}", place(id), drawn.draft);
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

/// Why whoever holds the key did not sign, and what to do, in the words of the page.
fn refused(error: &KeyError, token: bool) -> (String, &'static str) {
    match error {
        KeyError::AgentSilent(seconds) if token => (
            format!("Your hardware key was not touched within {seconds} seconds"),
            "Press the button again, and touch the key when it blinks.",
        ),
        KeyError::AgentSilent(seconds) => (
            format!("Your SSH agent did not answer within {seconds} seconds"),
            "Look for a window of it that asks you to confirm, then press the button again.",
        ),
        KeyError::AgentRefused(_) if token => (
            "Your hardware key did not sign: it was not touched in time, or it is not plugged in".to_owned(),
            "Plug it in, press the button again, and touch the key when it blinks.",
        ),
        KeyError::AgentRefused(_) => (
            "Your SSH agent refused to sign: its question was answered with no, or it is locked".to_owned(),
            "Unlock it, press the button again, and confirm.",
        ),
        KeyError::Signature(SigError::Untouched) => (
            "Your hardware key signed without being touched, so that signature was thrown away".to_owned(),
            "Only a touch shows that somebody was there. Make a key that asks for it (ssh-keygen -t ed25519-sk) and \
             have a registrar enrol it.",
        ),
        e => (desk::sentence(&e.to_string()), ""),
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
