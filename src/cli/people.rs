//! `people`: who is enrolled, with which keys and roles. Every change is a record of a registrar; the
//! people file is written from the ledger, never the other way round.

use super::args::{self, PeopleAction, Sign};
use super::context::Context;
use super::out::{Exit, Failure, answer, answer_json, talk};
use super::sign::{self, Draft, Pen};
use super::submit::read_toml;
use crate::dossier::Register;
use crate::ledger;
use crate::record::{self, Body, Fingerprint, KeyState, PeopleChange, PublicKey};
use crate::store::{PEOPLE, Workspace, write_atomic};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// A request for enrolment: everything a registrar needs, with proof that the asker holds the key.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestFile {
    repository: crate::digest::RepositoryId,
    person: crate::id::PersonId,
    name: String,
    email: String,
    key: PublicKey,
    proof: String,
}

/// Shows or changes the people.
pub fn run(context: &Context, args: &args::People) -> Result<Exit, Failure> {
    let Some(action) = &args.action else {
        return show(context, args.allowed_signers);
    };
    match action {
        PeopleAction::Request(args) => request(context, args),
        PeopleAction::Sync => sync(context),
        PeopleAction::Enrol(args) => {
            let (ws, register) = context.load_sound()?;
            let file = read_request(&ws, args)?;
            let mut changes = vec![PeopleChange::Enrol {
                email: file.email,
                identity: args.identity.clone(),
                key: file.key,
                name: file.name,
                person: file.person.clone(),
                proof: file.proof,
            }];
            if args.identity.trim().is_empty() {
                return Err(Failure::cannot(
                    "say how the identity was verified: --identity 'method, by whom, when'",
                )
                .help("21 CFR 11.100(b): the identity is verified before the signature is established"));
            }
            let grants = args.role.iter();
            changes.extend(
                grants.map(|role| PeopleChange::Grant { person: file.person.clone(), role: role.clone() }),
            );
            change(context, &ws, &register, &args.sign, changes)
        }
        PeopleAction::Rotate(args) => {
            let (ws, register) = context.load_sound()?;
            let file = read_request(&ws, args)?;
            let changes =
                vec![PeopleChange::AddKey { key: file.key, person: file.person, proof: file.proof }];
            change(context, &ws, &register, &args.sign, changes)
        }
        PeopleAction::Revoke(args) => {
            let (ws, register) = context.load_sound()?;
            let key = fingerprint(&register, args)?;
            let changes = vec![PeopleChange::RevokeKey {
                distrust_from: args.distrust_from,
                key,
                person: args.person.clone(),
                reason: args.reason.clone(),
            }];
            change(context, &ws, &register, &args.sign, changes)
        }
        PeopleAction::Grant(args) => {
            let (ws, register) = context.load_sound()?;
            let changes = vec![PeopleChange::Grant { person: args.person.clone(), role: args.role.clone() }];
            change(context, &ws, &register, &args.sign, changes)
        }
        PeopleAction::Absent(args) => {
            let (ws, register) = context.load_sound()?;
            if args.until < args.from {
                return Err(Failure::cannot("`--until` is before `--from`"));
            }
            let changes = vec![PeopleChange::Absent {
                from: args.from,
                person: args.person.clone(),
                reason: args.reason.clone(),
                until: args.until,
            }];
            change(context, &ws, &register, &args.sign, changes)
        }
        PeopleAction::End(args) => {
            let (ws, register) = context.load_sound()?;
            let changes = vec![PeopleChange::End {
                person: args.person.clone(),
                reason: args.reason.clone(),
                role: args.role.clone(),
            }];
            change(context, &ws, &register, &args.sign, changes)
        }
    }
}

fn show(context: &Context, allowed_signers: bool) -> Result<Exit, Failure> {
    let (_, register) = context.load()?;
    if allowed_signers {
        answer(&ledger::people::allowed_signers(&register.people));
        return Ok(Exit::Yes);
    }
    let persons = register.people.persons.values();
    if context.json() {
        let rows: Vec<_> = persons
            .map(|p| {
                let keys: Vec<_> = p
                    .keys
                    .iter()
                    .map(|k| serde_json::json!({ "fingerprint": k.fingerprint, "public": k.public, "valid": k.state == KeyState::Valid }))
                    .collect();
                serde_json::json!({ "id": p.id, "name": p.name, "email": p.email, "roles": p.roles, "identity": p.identity, "keys": keys })
            })
            .collect();
        answer_json(&rows);
        return Ok(Exit::Yes);
    }
    let mut text = String::new();
    for p in persons {
        let roles: Vec<&str> = p.roles.iter().map(crate::id::RoleId::as_str).collect();
        let roles = if roles.is_empty() { "no role".to_owned() } else { roles.join(", ") };
        let _ = writeln!(text, "{:<22} {:<22} {roles}", p.id.as_str(), p.name);
        for key in &p.keys {
            let state = match &key.state {
                KeyState::Valid => String::new(),
                KeyState::Revoked { reason, .. } => format!("  revoked: {reason}"),
            };
            let _ = writeln!(text, "{:<22} {}{state}", "", key.fingerprint);
        }
    }
    answer(&text);
    Ok(Exit::Yes)
}

/// Makes a request, signed by the new key.
fn request(context: &Context, args: &args::Request) -> Result<Exit, Failure> {
    let ws = context.workspace()?;
    let part = sign::key_of(Some(&ws), &record::People::default(), &args.sign)?;
    let repository = ws.config().repository;
    let statement = record::enrol_statement(repository, &args.person, &part.public);
    talk(&format!("You sign with {}:\n\n{statement}\n", part.fingerprint()));
    let key = sign::unlock(&part)?;
    let proof = key
        .sign(record::ENROL_NAMESPACE, statement.as_bytes())
        .map_err(|e| Failure::cannot(e.to_string()))?;
    let file = RequestFile {
        repository,
        person: args.person.clone(),
        name: args.name.clone(),
        email: args.email.clone(),
        key: part.public,
        proof,
    };
    let text = toml::to_string(&file).map_err(|e| Failure::cannot(e.to_string()))?;
    // A bare file name has no folder to make durable; the whole path has.
    let out = std::path::absolute(&args.out).map_err(|e| Failure::cannot(e.to_string()))?;
    write_atomic(&out, text.as_bytes())?;
    answer(&format!(
        "{}: hand this to a registrar, who runs `countersign people enrol`.\n",
        args.out.display()
    ));
    Ok(Exit::Yes)
}

fn read_request(ws: &Workspace, args: &args::Enrol) -> Result<RequestFile, Failure> {
    let file: RequestFile = read_toml(&args.request)?;
    if file.repository != ws.config().repository {
        return Err(Failure::refused("this request was made for another repository"));
    }
    Ok(file)
}

fn fingerprint(register: &Register, args: &args::Revoke) -> Result<Fingerprint, Failure> {
    let person = register.people.person(&args.person);
    let person = person.ok_or_else(|| Failure::cannot(format!("nobody is enrolled as `{}`", args.person)))?;
    let bare = |text: &str| text.strip_prefix("SHA256:").unwrap_or(text).to_owned();
    let wanted = bare(args.fingerprint.trim());
    let found = person.keys.iter().find(|k| bare(k.fingerprint.as_str()) == wanted);
    found.map(|k| k.fingerprint.clone()).ok_or_else(|| {
        let known: Vec<&str> = person.keys.iter().map(|k| k.fingerprint.as_str()).collect();
        Failure::cannot(format!("{} has no such key", person.name))
            .help(format!("keys: {}", known.join(", ")))
    })
}

fn change(
    context: &Context,
    ws: &Workspace,
    register: &Register,
    args: &Sign,
    changes: Vec<PeopleChange>,
) -> Result<Exit, Failure> {
    let pen = Pen::take(context, ws, register, args)?;
    let registrar = "registrar".parse().expect("a plain id");
    if !pen.person.roles.contains(&registrar) {
        return Err(Failure::refused(format!(
            "ROLE_NOT_HELD: {} does not hold the role `registrar`",
            pen.person.name
        )));
    }
    let draft = Draft::plain(None, Body::People(changes));
    let id = pen.sign(draft)?;
    write_people(context, ws)?;
    if context.json() {
        answer_json(&serde_json::json!({ "record": id }));
    } else {
        answer(&format!("{PEOPLE} is written anew. Commit it together with chains/pending.\n"));
    }
    Ok(Exit::Yes)
}

/// Writes the people file from the ledger, after a crash or an edit by hand.
fn sync(context: &Context) -> Result<Exit, Failure> {
    let ws = context.workspace()?;
    write_people(context, &ws)?;
    answer(&format!("{PEOPLE} is what the ledger says.\n"));
    Ok(Exit::Yes)
}

fn write_people(context: &Context, ws: &Workspace) -> Result<(), Failure> {
    let register = ws.load(context.now)?;
    let text = ledger::people::print(&register.people);
    Ok(write_atomic(&ws.path(PEOPLE), text.as_bytes())?)
}
