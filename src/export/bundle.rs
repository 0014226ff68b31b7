//! The evidence folder.
//!
//! What each file is anchored to: `package/` to its MANIFEST, the MANIFEST and the chain to digests inside
//! the signed certificate, each record to its own id and to its line in the ledger, the ledger to itself
//! (every line names the hash of the one before) and its last line to `certificate.json`, that document
//! to the signed certificate and the ledger, `allowed_signers` to the people records, those to the root of
//! trust. The ledger ends with the last line that is about the package or about people, or that ended the
//! certificate: lines of other packages after it prove nothing here. `SHA256SUMS` holds what can be derived and is there for reading only.

use super::commands;
use super::document::{Document, SCHEMA};
use super::gather::Gathered;
use super::path;
use crate::digest::{hex, sha256};
use crate::record::{Entry, NAMESPACE, People};
use crate::text::RepoPath;

/// The folder's files, sorted by path.
pub(super) fn bundle(gathered: &Gathered<'_>, document: &Document<'_>) -> Vec<(RepoPath, Vec<u8>)> {
    let manifest = gathered.facts.revision.package.manifest.text();
    let mut files: Vec<(RepoPath, Vec<u8>)> = vec![
        (path("allowed_signers"), allowed_signers(&gathered.facts.register.people).into_bytes()),
        (path("certificate.json"), document.print()),
        (path("certificate.schema.json"), SCHEMA.as_bytes().to_vec()),
        (path("ledger.jsonl"), gathered.ledger.clone()),
        (path("package/MANIFEST"), manifest.into_bytes()),
        (path("package/chain.toml"), gathered.chain_toml.clone()),
        (path("people.toml"), gathered.people.clone()),
        (path("VERIFY.txt"), commands::verify_txt(gathered).into_bytes()),
        (path("verify.sh"), commands::verify_sh(gathered).into_bytes()),
    ];
    for (name, bytes) in &gathered.files {
        files.push((path(&format!("package/{name}")), bytes.clone()));
    }
    for entry in &gathered.facts.entries {
        let signed = entry.verified.signed();
        files.push((path(&format!("{}.json", record_path(entry))), signed.record.clone().into_bytes()));
        files.push((path(&format!("{}.sig", record_path(entry))), signed.sig.clone().into_bytes()));
    }
    files.sort();
    let sums: String =
        files.iter().map(|(path, bytes)| format!("{}  {path}\n", hex(&sha256(bytes)))).collect();
    files.push((path("SHA256SUMS"), sums.into_bytes()));
    files.sort();
    files
}

/// `records/000017-<id>`: sorted by name is sorted by position.
pub(super) fn record_path(entry: &Entry) -> String {
    format!("records/{:06}-{}", entry.seq, entry.id())
}

/// Every key ever enrolled, revoked ones too: whether a key was valid is a question of the position in
/// the ledger, and a signature made before the revocation must still verify.
fn allowed_signers(people: &People) -> String {
    let keys = people.persons.values().flat_map(|person| person.keys.iter().map(move |key| (person, key)));
    keys.map(|(person, key)| format!("{} namespaces=\"{NAMESPACE}\" {}\n", person.id, key.public.as_str()))
        .collect()
}
