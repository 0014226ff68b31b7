//! The people in force as files: `chains/people.toml` for readers, `allowed_signers` for `ssh-keygen`
//! (SPEC section 5.3).
//!
//! The file holds no delegations, which are about seats and not about persons, and no ledger position: a pending record has none yet, and the file must not change when
//! another branch appends first.

use crate::record::{Key, KeyState, NAMESPACE, People, Person};

/// Starts every people file.
pub const HEADER: &str = "\
# The people of this repository: who they are, which keys they sign with, which roles they hold.
# Written by `countersign people`. Do not edit: `countersign verify` replays the people records of
# chains/ledger.jsonl and chains/pending/ and compares this file byte for byte.
";

/// Prints the people file: persons by id, roles by id, keys by fingerprint.
pub fn print(people: &People) -> String {
    let mut out = HEADER.to_owned();
    for person in people.persons.values() {
        put_person(&mut out, person);
    }
    out
}

fn put_person(out: &mut String, person: &Person) {
    out.push_str("\n[[person]]\n");
    put(out, "id", person.id.as_str());
    put(out, "name", &person.name);
    put(out, "email", &person.email);
    put(out, "identity", &person.identity);
    let roles: Vec<String> = person.roles.iter().map(|role| quote(role.as_str())).collect();
    *out += &format!("roles = [{}]\n", roles.join(", "));
    let mut keys: Vec<&Key> = person.keys.iter().collect();
    keys.sort_by(|a, b| a.fingerprint.cmp(&b.fingerprint));
    for key in keys {
        out.push_str("\n[[person.key]]\n");
        put(out, "fingerprint", key.fingerprint.as_str());
        put(out, "public", key.public.as_str());
        match &key.state {
            KeyState::Valid => put(out, "state", "valid"),
            KeyState::Revoked { reason, distrust_from, .. } => {
                put(out, "state", "revoked");
                put(out, "reason", reason);
                if let Some(from) = distrust_from {
                    *out += &format!("distrust_from = {from}\n");
                }
            }
        }
    }
    for (from, absence) in &person.absences {
        out.push_str("\n[[person.absence]]\n");
        put(out, "from", &from.to_string());
        put(out, "until", &absence.until.to_string());
        put(out, "reason", &absence.reason);
    }
}

fn put(out: &mut String, key: &str, value: &str) {
    *out += &format!("{key} = {}\n", quote(value));
}

/// A TOML basic string. Values are one line without control characters; the record parser saw to it.
fn quote(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The file with which `ssh-keygen -Y verify -f allowed_signers -I <person> -n countersign-record`
/// checks a record's signature without this program: valid keys only.
pub fn allowed_signers(people: &People) -> String {
    let mut out = String::new();
    for person in people.persons.values() {
        for key in person.keys.iter().filter(|key| key.state == KeyState::Valid) {
            out += &format!("{} namespaces=\"{NAMESPACE}\" {}\n", person.id, key.public.as_str());
        }
    }
    out
}
