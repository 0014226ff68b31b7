//! Signing on a terminal: show exactly what will be signed, ask, sign, store.
//!
//! What is not about the terminal is shared with the review pages, in [`crate::agent`].

use super::args::Sign;
use super::context::Context;
use super::out::{Failure, talk};
pub use crate::agent::{Draft, KeyPart};
use crate::agent::{draw_up, seal, store as put_away};
use crate::digest::RecordId;
use crate::dossier::Register;
use crate::id::PersonId;
use crate::keys::{self, SigningKey};
use crate::record::{self, People, Person, Record, Signed, Signer};
use crate::store::{PENDING, Workspace};
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

/// Finds the key to sign with, before anything is asked: `--key`, else Git's `countersign.key`, else the
/// one enrolled key that the ssh-agent holds, else `~/.ssh/id_ed25519`.
pub fn key_of(ws: Option<&Workspace>, people: &People, args: &Sign) -> Result<KeyPart, Failure> {
    let found = crate::agent::key_of(ws, people, args.key.as_deref());
    found.map_err(|e| Failure::cannot(e.to_string()))?.ok_or_else(|| {
        Failure::cannot("no signing key was named").help(
            "name one with --key FILE or COUNTERSIGN_KEY, or once and for all with `git config countersign.key FILE`; \
             `ssh-keygen -t ed25519` makes one",
        )
    })
}

/// Makes the key ready: the ssh-agent first, else the key file with its passphrase.
pub fn unlock(part: &KeyPart) -> Result<Box<dyn SigningKey>, Failure> {
    if let Some(socket) = part.in_agent() {
        return Ok(Box::new(keys::agent::open(&socket, part.public.clone())));
    }
    let Some(file) = part.private_file() else {
        return Err(Failure::cannot(format!("the private key {} is not at hand", part.fingerprint()))
            .help("start an ssh-agent that holds it (ssh-add), or name its file with --key"));
    };
    let passphrase = passphrase(file)?;
    let key = keys::openssh::open(file, &passphrase)
        .map_err(|e| Failure::cannot(format!("{e}; nothing has been signed")))?;
    Ok(Box::new(key))
}

/// The passphrase from the file named in the environment, or asked for on the terminal.
fn passphrase(key: &Path) -> Result<zeroize::Zeroizing<String>, Failure> {
    if let Some(path) = std::env::var_os("COUNTERSIGN_PASSPHRASE_FILE") {
        let path = PathBuf::from(path);
        let text = std::fs::read_to_string(&path)
            .map_err(|e| Failure::cannot(format!("COUNTERSIGN_PASSPHRASE_FILE {}: {e}", path.display())))?;
        let text = zeroize::Zeroizing::new(text);
        return Ok(zeroize::Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()));
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::cannot(format!("the passphrase of {} is needed, and this is not a terminal", key.display()))
            .help("load the key into an ssh-agent, or put the passphrase into a file and name it in COUNTERSIGN_PASSPHRASE_FILE"));
    }
    let asked = rpassword::prompt_password(format!("Passphrase of {}: ", key.display()));
    asked.map(zeroize::Zeroizing::new).map_err(|e| Failure::cannot(format!("no passphrase: {e}")))
}

/// Who signs: the enrolled person the key belongs to.
pub fn signer(ws: &Workspace, register: &Register, args: &Sign) -> Result<(Person, KeyPart), Failure> {
    let part = key_of(Some(ws), &register.people, args)?;
    let owner = register.people.owner(&part.fingerprint());
    let Some((person, key)) = owner else {
        return Err(Failure::refused(format!("the key {} is not enrolled here", part.fingerprint()))
            .help("make a request with `countersign people request` and hand it to a registrar"));
    };
    if key.state != record::KeyState::Valid {
        return Err(Failure::refused(format!(
            "the key {} of {} was revoked",
            part.fingerprint(),
            person.name
        )));
    }
    Ok((person.clone(), part))
}

/// Everything a signature needs besides the statement: where, by whom, with which key.
pub struct Pen<'a> {
    context: &'a Context,
    ws: &'a Workspace,
    register: &'a Register,
    args: &'a Sign,
    /// Who signs.
    pub person: Person,
    part: KeyPart,
}

impl<'a> Pen<'a> {
    /// Finds the key and the person it belongs to.
    pub fn take(
        context: &'a Context,
        ws: &'a Workspace,
        register: &'a Register,
        args: &'a Sign,
    ) -> Result<Pen<'a>, Failure> {
        let (person, part) = signer(ws, register, args)?;
        Ok(Pen { context, ws, register, args, person, part })
    }

    /// Composes the record, asks the engine whether it would have its effect, shows it, signs it and puts
    /// it into `chains/pending/`.
    pub fn sign(&self, draft: Draft) -> Result<RecordId, Failure> {
        self.sign_for(None, draft)
    }

    /// The same in the seat of somebody else.
    pub fn sign_for(&self, principal: Option<&PersonId>, draft: Draft) -> Result<RecordId, Failure> {
        let record = self.draw_up(principal, draft)?;
        super::foresee::check(self.register, &record)?;
        let (record, signed) = finish(record, &self.part, self.args.yes)?;
        store(self.ws, &record, &signed)
    }

    /// Composes, shows and signs, without looking ahead; nothing is written yet.
    pub fn prepare(&self, draft: Draft) -> Result<(Record, Signed), Failure> {
        finish(self.draw_up(None, draft)?, &self.part, self.args.yes)
    }

    fn draw_up(&self, principal: Option<&PersonId>, draft: Draft) -> Result<Record, Failure> {
        let signer = Signer {
            acting_for: principal.cloned(),
            key: self.part.fingerprint(),
            name: self.person.name.clone(),
            person: self.person.id.clone(),
        };
        Ok(draw_up(self.ws, self.register, draft, signer, self.context.now, &self.args.assistance)?)
    }
}

/// Puts a signed record into `chains/pending/`, and says so.
pub fn store(ws: &Workspace, record: &Record, signed: &Signed) -> Result<RecordId, Failure> {
    let id = put_away(ws, signed)?;
    talk(&format!("Recorded {}: {}. It waits in {PENDING}/.\n", id.short(), record::wording::event(record)));
    Ok(id)
}

/// Shows the deed, asks, signs, and verifies the own signature before anybody else has to.
pub fn finish(mut record: Record, part: &KeyPart, yes: bool) -> Result<(Record, Signed), Failure> {
    let deed = record::deed(&record);
    let rule = "─".repeat(72);
    talk(&format!("{rule}\nYou sign this statement:\n\n{deed}\n{rule}\n"));
    if !yes && !confirm()? {
        return Err(Failure::refused("nothing has been signed"));
    }
    let key = unlock(part)?;
    record.ceremony.unlock = key.unlock();
    let signed = seal(&record, key.as_ref())?;
    Ok((record, signed))
}

fn confirm() -> Result<bool, Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::cannot(
            "a confirmation is needed, and this is not a terminal; nothing has been signed",
        )
        .help("say --yes once you have read the statement above"));
    }
    talk("Type the whole word yes to sign: ");
    let _ = std::io::stderr().flush();
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(|e| Failure::cannot(e.to_string()))?;
    Ok(line.trim() == "yes")
}
