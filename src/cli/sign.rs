//! The one way a record comes to be: compose it, show exactly what will be signed, sign, check, store.
//!
//! Nothing is written before the signature was made and verified, and the record is written in one step,
//! so whatever fails, there is either a whole record or none.

use super::args::Sign;
use super::context::Context;
use super::out::{Failure, talk};
use crate::digest::{Frontier, Nonce, RecordId, RepositoryId, ShownDigest, UpstreamDigest, leaf_hash};
use crate::dossier::Register;
use crate::id::{PackageId, RoleId, StepId};
use crate::keys::{self, SigningKey};
use crate::ledger::Pending;
use crate::record::{
    self, Body, Ceremony, Entry, Fingerprint, People, Person, PublicKey, Record, ScopeEntry, Seen, Signed,
    Signer, Subject,
};
use crate::store::{Git, LEDGER, PENDING, PEOPLE, Workspace, write_new};
use crate::text::RepoPath;
use crate::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

/// A record before it has a signer, a time and a place in history.
#[derive(Debug, Clone)]
pub struct Draft {
    /// What it is about.
    pub subject: Option<Subject>,
    /// The step, for decisions.
    pub step: Option<StepId>,
    /// The role, for decisions.
    pub role: Option<RoleId>,
    /// What was shown, for decisions.
    pub scope: Vec<ScopeEntry>,
    /// Outcome of earlier steps, for decisions.
    pub upstream: Option<UpstreamDigest>,
    /// The sentence of a decision; the other kinds have standard sentences.
    pub meaning: String,
    /// What the kind adds.
    pub body: Body,
}

impl Draft {
    /// A record that is no decision: its kind has a standard sentence.
    pub fn plain(subject: Option<Subject>, body: Body) -> Draft {
        Draft {
            subject,
            step: None,
            role: None,
            scope: Vec::new(),
            upstream: None,
            meaning: String::new(),
            body,
        }
    }
}

/// Finds the key to sign with, before anything is asked: `--key`, else Git's `countersign.key`, else the
/// one enrolled key that the ssh-agent holds, else `~/.ssh/id_ed25519`.
pub fn key_of(ws: Option<&Workspace>, people: &People, args: &Sign) -> Result<PublicPart, Failure> {
    if let Some(path) = &args.key {
        return PublicPart::read(path);
    }
    let configured = ws.and_then(|ws| Git::at(ws.root())).and_then(|git| git.config("countersign.key"));
    if let Some(path) = configured {
        return PublicPart::read(&expand(&path));
    }
    let held: Vec<PublicKey> =
        agent_keys().into_iter().filter(|k| people.owner(&k.fingerprint()).is_some()).collect();
    if let [only] = held.as_slice() {
        return Ok(PublicPart { public: only.clone(), file: None });
    }
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let default = home.join(".ssh/id_ed25519");
    if default.is_file() {
        return PublicPart::read(&default);
    }
    Err(Failure::cannot("no signing key was named").help(
        "name one with --key FILE or COUNTERSIGN_KEY, or once and for all with `git config countersign.key FILE`; \
         `ssh-keygen -t ed25519` makes one",
    ))
}

fn agent_socket() -> Option<PathBuf> {
    std::env::var_os("SSH_AUTH_SOCK").filter(|s| !s.is_empty()).map(PathBuf::from)
}

/// What the ssh-agent holds; nothing when there is none or it does not answer.
fn agent_keys() -> Vec<PublicKey> {
    let held = agent_socket().and_then(|socket| keys::agent::list(&socket).ok());
    held.unwrap_or_default().into_iter().map(|identity| identity.public).collect()
}

fn expand(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(path),
    }
}

/// A public key, with the file its private half is in (unless an agent alone holds it).
#[derive(Debug, Clone)]
pub struct PublicPart {
    /// The public key.
    pub public: PublicKey,
    file: Option<PathBuf>,
}

impl PublicPart {
    fn read(path: &Path) -> Result<PublicPart, Failure> {
        let name = path.to_string_lossy();
        let private = PathBuf::from(name.strip_suffix(".pub").unwrap_or(&name));
        let public = PathBuf::from(format!("{}.pub", private.display()));
        let public = keys::openssh::read_public(&public).map_err(|e| Failure::cannot(e.to_string()))?;
        Ok(PublicPart { public, file: Some(private) })
    }

    /// The key's fingerprint.
    pub fn fingerprint(&self) -> Fingerprint {
        self.public.fingerprint()
    }

    /// Makes the key ready: the ssh-agent first, else the key file with its passphrase.
    pub fn unlock(&self) -> Result<Box<dyn SigningKey>, Failure> {
        if let Some(socket) = agent_socket().filter(|_| agent_keys().contains(&self.public)) {
            return Ok(Box::new(keys::agent::open(&socket, self.public.clone())));
        }
        let Some(file) = self.file.as_deref().filter(|f| f.is_file()) else {
            return Err(Failure::cannot(format!("the private key {} is not at hand", self.fingerprint()))
                .help("start an ssh-agent that holds it (ssh-add), or name its file with --key"));
        };
        let passphrase = passphrase(file)?;
        let key = keys::openssh::open(file, &passphrase)
            .map_err(|e| Failure::cannot(format!("{e}; nothing has been signed")))?;
        Ok(Box::new(key))
    }
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
pub fn signer(ws: &Workspace, register: &Register, args: &Sign) -> Result<(Person, PublicPart), Failure> {
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

/// Composes the record for a person, shows it, signs it and puts it into `chains/pending/`.
pub fn sign(
    context: &Context,
    ws: &Workspace,
    register: &Register,
    args: &Sign,
    hand: &(Person, PublicPart),
    draft: Draft,
) -> Result<RecordId, Failure> {
    let (record, signed) = prepare(context, ws, register, args, hand, draft)?;
    store(ws, &record, &signed)
}

/// Composes, shows and signs; nothing is written yet.
pub fn prepare(
    context: &Context,
    ws: &Workspace,
    register: &Register,
    args: &Sign,
    (person, part): &(Person, PublicPart),
    draft: Draft,
) -> Result<(Record, Signed), Failure> {
    let seen = seen(ws, register)?;
    let record = compose(
        ws.config().repository,
        draft,
        Signer {
            acting_for: None,
            key: part.fingerprint(),
            name: person.name.clone(),
            person: person.id.clone(),
        },
        |package| heads(register.ledger.entries.iter(), package, seen.size),
        seen,
        context.now,
        &args.assistance,
    )?;
    finish(record, part, args.yes)
}

/// Puts a signed record into `chains/pending/`, once it is certain that everything still verifies with it.
pub fn store(ws: &Workspace, record: &Record, signed: &Signed) -> Result<RecordId, Failure> {
    let pending = Pending::new(signed.clone()).map_err(|e| Failure::cannot(e.to_string()))?;
    let path: RepoPath = format!("{PENDING}/{}", pending.file_name()).parse().expect("an id is a plain name");
    let text = pending.print();
    let _lock = ws.lock()?;
    let mut input = ws.rules()?;
    input.pending.push((path.clone(), text.clone().into_bytes()));
    // The people file is written after the record that changes it.
    let wrong = input.verify().breaks.into_iter().find(|b| b.path.as_str() != PEOPLE);
    if let Some(found) = wrong {
        return Err(Failure::refused(format!("{}: {}; nothing was recorded", found.code, found.message)));
    }
    write_new(&ws.path(path.as_str()), text.as_bytes())?;
    let id = signed.id();
    talk(&format!("Recorded {}: {}. It waits in {PENDING}/.\n", id.short(), record::wording::event(record)));
    Ok(id)
}

/// Puts a record together, with the sentence of its kind and the digest of what is then shown.
pub fn compose(
    repository: RepositoryId,
    draft: Draft,
    signer: Signer,
    heads: impl FnOnce(Option<&PackageId>) -> Vec<RecordId>,
    seen: Seen,
    signed_at: Timestamp,
    assistance: &str,
) -> Result<Record, Failure> {
    let nonce = keys::random().map_err(|e| Failure::cannot(e.to_string()))?;
    let parents = heads(draft.subject.as_ref().map(|s| &s.package));
    Ok(record::wording::complete(Record {
        repository,
        change: None,
        subject: draft.subject,
        step: draft.step,
        role: draft.role,
        scope: draft.scope,
        upstream: draft.upstream,
        signer,
        meaning: draft.meaning,
        parents,
        seen,
        signed_at,
        nonce: Nonce(nonce),
        ceremony: Ceremony { shown: ShownDigest([0; 32]), unlock: record::Unlock::Passphrase },
        assistance: assistance.to_owned(),
        body: draft.body,
    }))
}

/// Shows the deed, asks, signs, and verifies the own signature before anybody else has to.
pub fn finish(mut record: Record, part: &PublicPart, yes: bool) -> Result<(Record, Signed), Failure> {
    let deed = record::deed(&record);
    let rule = "─".repeat(72);
    talk(&format!("{rule}\nYou sign this statement:\n\n{deed}\n{rule}\n"));
    if !yes && !confirm()? {
        return Err(Failure::refused("nothing has been signed"));
    }
    let key = part.unlock()?;
    record.ceremony.unlock = key.unlock();
    let bytes = record::print(&record);
    let sig = key
        .sign(record::NAMESPACE, bytes.as_bytes())
        .map_err(|e| Failure::cannot(format!("{e}; nothing has been signed")))?;
    let signed = Signed { record: bytes, sig, tst: None };
    let verified = record::verify(signed.clone());
    verified.map_err(|e| {
        Failure::cannot(format!("the new signature does not verify ({e}); nothing was recorded"))
    })?;
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

/// The records a new one follows: the latest about its package (or, for people records, about people). Of
/// what `seen` does not cover, records of the other sort too: who was enrolled or revoked before a decision
/// must stay before it, however pending records are ordered by an append.
pub fn heads<'a>(
    entries: impl Iterator<Item = &'a Entry>,
    package: Option<&PackageId>,
    seen: u64,
) -> Vec<RecordId> {
    // Each stream of records has heads of its own: the causal past of a decision is read from records about
    // its package alone, so a people record between two of them must not hide the first.
    let mut streams: BTreeMap<Option<&PackageId>, BTreeSet<RecordId>> = BTreeMap::new();
    for entry in entries {
        let about = entry.record().package();
        let other = about.is_none() || package.is_none();
        if about == package || (other && entry.seq >= seen) {
            let heads = streams.entry(about).or_default();
            for parent in &entry.record().parents {
                heads.remove(parent);
            }
            heads.insert(entry.id());
        }
    }
    streams.into_values().flatten().collect::<BTreeSet<_>>().into_iter().collect()
}

/// The part of the ledger that cannot move any more: all of it, or as far as the base has it. Lines that
/// only this branch has may be appended anew elsewhere, and a signature must not bind their position.
fn seen(ws: &Workspace, register: &Register) -> Result<Seen, Failure> {
    let whole = Seen { root: register.ledger.root, size: register.ledger.size };
    let Some(base) = ws.base_ledger() else {
        return Ok(whole);
    };
    let here = ws.read_or_empty(LEDGER)?;
    let mut frontier = Frontier::default();
    for (ours, theirs) in here.split_inclusive(|b| *b == b'\n').zip(base.split_inclusive(|b| *b == b'\n')) {
        if ours != theirs || !ours.ends_with(b"\n") {
            break;
        }
        frontier.push(leaf_hash(&ours[..ours.len() - 1]));
    }
    Ok(Seen { root: frontier.root(), size: frontier.size() })
}
