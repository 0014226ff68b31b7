//! The five commands that check an evidence folder without this program: as a script, and as a text for
//! people who would rather type them.

use super::bundle::record_path;
use super::gather::Gathered;

/// What a command proves, and the command. `CERT` stands for the certificate's file.
const COMMANDS: [(&str, &str); 5] = [
    ("The folder is as it was exported, no file more, no file less", FOLDER),
    ("The package is the one that was certified", PACKAGE),
    ("Every record was signed by the person it names, with the key it names", SIGNATURES),
    (
        "Every record is the one in the ledger; certificate.json says what was signed; the keys are those the registrars enrolled",
        FACTS,
    ),
    ("No line of the ledger was changed, dropped, added or moved", LEDGER),
];

const FOLDER: &str = r#"sha256sum --quiet --strict -c SHA256SUMS &&
[ "$(find . ! -type d ! -path ./SHA256SUMS | cut -c3- | LC_ALL=C sort)" = "$(cut -c67- SHA256SUMS)" ]"#;

const PACKAGE: &str = r#"(cd package && sha256sum --quiet --strict -c MANIFEST) &&
[ "$(cd package && find . ! -type d ! -path ./MANIFEST ! -path ./chain.toml | cut -c3- | LC_ALL=C sort)" = "$(cut -c67- package/MANIFEST)" ] &&
[ "$(sha256sum package/MANIFEST package/chain.toml | cut -c1-64)" = "$(jq -r '.outcome.digest, .outcome.chain' CERT)" ]"#;

const SIGNATURES: &str = r#"(for r in records/*.json; do
  set -- $(jq -r '.signer | .person, .key' "$r")
  ssh-keygen -Y verify -f allowed_signers -I "$1" -n countersign-record -s "${r%.json}.sig" < "$r" |
    grep -q -F " key $2" || { echo "$r: the signature is not good" >&2; exit 1; }
done)"#;

const FACTS: &str = r#"(for r in records/*.json; do
  id=${r##*-}; id=${id%.json}
  [ "$(sha256sum < "$r" | cut -c1-64)" = "$id" ] &&
  jq -j --arg id "$id" 'select(.id == $id).record' ledger.jsonl | cmp -s - "$r" &&
  jq -j --arg id "$id" 'select(.id == $id).sig' ledger.jsonl | cmp -s - "${r%.json}.sig" ||
    { echo "$r: not the record of the ledger" >&2; exit 1; }
done) &&
[ "$(LC_ALL=C ls records)" = "$(jq -r '.records[] | (.index | tostring | "000000"[length:] + .) + "-\(.id)" | "\(.).json", "\(.).sig"' certificate.json)" ] &&
jq -e -n --slurpfile doc certificate.json --slurpfile cert CERT --slurpfile ledger ledger.jsonl --rawfile signers allowed_signers --rawfile toml package/package.toml '
  $doc[0] as $d | $cert[0] as $c |
  [$ledger[] | . + {said: (.record | fromjson)}] as $all |
  ($all | map({key: .id, value: .said}) | from_entries) as $said |
  {
    package: ($d.package == {id: $c.package, revision: $c.revision, sha256: $c.digest}),
    model: ($d.model.name == $c.model.name and $d.model.version == $c.model.version and $d.model.artifact == $c.outcome.artifact
      and ($d.model.registry as $uri | $uri == null or ($toml | contains($uri)))),
    terms: ([$d.chain, $d.state, $d.review_by, $d.supersedes, $d.conditions, $d.rounds]
      == [$c.chain, ($c.outcome | .state, .review_by, .supersedes, .conditions, .rounds)]),
    ended: ($d.ended == null or ($d.ended as $e | $said[$e.record] | . != null and .signed_at == $e.at and .signer.name == $e.name
      and (if $e.how == "revoked" then .kind == "revoke" and .record == $d.issued.record
        else .kind == "certify" and .outcome.supersedes == $d.issued.record end))),
    issued: ($d.issued == {at: $c.signed_at, key: $c.signer.key, meaning: $c.meaning, name: $c.signer.name,
      person: $c.signer.person, record: $all[$d.ledger.index].id} and $all[$d.ledger.index].said == $c),
    reviewers: ($d.reviewers == [$c.outcome.steps[] as $s | $s.decisions[]
      | {step: $s.step} + . + {key: $said[.record].signer.key}]),
    decisions: all($d.reviewers[]; . as $r | $said[.record]
      | [.package, .step, .role, .decision, .signed_at, .meaning, .signer.name, .signer.person]
      == [$c.package, ($r | .step, .role, .decision, .at, .meaning, .name, .person)]),
    ledger: ($d.ledger.root_of_trust == $all[0].id and $d.ledger.repository == $c.repository
      and $d.ledger.previous == $all[$d.ledger.index].prev),
    complete: ([$d.records[].id] == [$all[] | select(.said.package == null or .said.package == $c.package) | .id]),
    records: all($d.records[]; . as $r | $all[.index] | [.id, .prev, .record, .sig, .tst, .said.kind]
      == ($r | [.id, .previous, .record, .signature, .token, .kind])),
    entries: all(($d.records + [$d.ledger])[]; .entry == ($all[.index + 1].prev // $d.ledger.head)),
    keys: ($signers == (reduce ($all[].said | select(.kind == "people")) as $p ({n: 0, roles: {}, keys: []};
      . as $before |
      (if .n > 0 and ((.roles[$p.signer.person] // []) | index("registrar") | not) then null else
        reduce $p.changes[] as $x (.;
          if . == null then null
          elif $x.op == "enrol" then
            if .roles[$x.person] or any(.keys[]; .[1] == $x.key) then null
            else .roles[$x.person] = [] | .keys += [[$x.person, $x.key]] end
          elif .roles[$x.person] == null then null
          elif $x.op == "add_key" then
            if any(.keys[]; .[1] == $x.key) then null else .keys += [[$x.person, $x.key]] end
          elif $x.op == "grant" then
            if .roles[$x.person] | index($x.role) then null else .roles[$x.person] += [$x.role] end
          elif $x.op == "end" then
            if .roles[$x.person] | index($x.role) then .roles[$x.person] -= [$x.role] else null end
          else . end) end) // $before | .n += 1)
      | [.keys | sort_by(.[0])[] | "\(.[0]) namespaces=\"countersign-record\" \(.[1])\n"] | add))
  } | [to_entries[] | select(.value | not) | .key]
  | if . == [] then true else "certificate.json does not agree with the records about: \(join(", "))\n" | halt_error(1) end' > /dev/null"#;

const LEDGER: &str = r#"hashes=$(while IFS= read -r line; do printf '%s' "$line" | sha256sum; done < ledger.jsonl | cut -c1-64) &&
[ "$(printf '%064d\n' 0; printf '%s\n' "$hashes")" = "$(jq -r .prev ledger.jsonl; jq -r .ledger.head certificate.json)" ] &&
[ "$(jq -r .seq ledger.jsonl; jq -r .ledger.size certificate.json)" = "$(jq -s -r 'range(length + 1)' ledger.jsonl)" ]"#;

fn certificate_path(gathered: &Gathered<'_>) -> String {
    format!("{}.json", record_path(gathered.facts.certificate))
}

fn commands(gathered: &Gathered<'_>) -> impl Iterator<Item = (&'static str, String)> {
    let certificate = certificate_path(gathered);
    COMMANDS.iter().map(move |(proves, command)| (*proves, command.replace("CERT", &certificate)))
}

/// The script: the same commands, each must succeed.
pub(super) fn verify_sh(gathered: &Gathered<'_>) -> String {
    let mut out = String::from(
        "#!/bin/sh\n# Checks this evidence folder with sha256sum, ssh-keygen and jq. VERIFY.txt explains.\n\
         # Exit code 0: everything holds. 1: something does not.\n\
         cd -- \"$(dirname -- \"$0\")\" || exit 1\nstatus=0\n",
    );
    for (number, (proves, command)) in (1..).zip(commands(gathered)) {
        out += &format!(
            "\n# {number}. {proves}.\nif\n{command}\nthen echo \"yes  {number}. {proves}.\"\n\
             else echo \"NO   {number}. {proves}.\"; status=1\nfi\n"
        );
    }
    out += "\nexit $status\n";
    out
}

/// The text.
pub(super) fn verify_txt(gathered: &Gathered<'_>) -> String {
    let record = gathered.facts.record();
    let revision = gathered.facts.revision.number;
    let mut out = format!(
        "HOW TO CHECK THIS FOLDER WITHOUT COUNTERSIGN\n\n\
         It holds the evidence that revision {revision} of package {} (model {} version {}) was certified by\n\
         {} on {}. You need sha256sum, ssh-keygen (OpenSSH 8.2 or newer) and jq (1.6 or\n\
         newer), and a POSIX shell. `sh verify.sh` runs the five commands below and exits with 0 only if all\n\
         of them succeed. To run them yourself, go to this folder and paste them one by one; after each,\n\
         `echo $?` must print 0.\n",
        gathered.facts.package,
        gathered.facts.revision.package.meta.model.name,
        gathered.facts.revision.package.meta.model.version,
        record.signer.name,
        record.signed_at.human(),
    );
    for (number, (proves, command)) in (1..).zip(commands(gathered)) {
        out += &format!("\n{number}. {proves}:\n\n{command}\n");
    }
    out += &format!(
        "\nWHAT THE COMMANDS CANNOT TELL YOU\n\n\
         A folder can prove that it is whole, not where it comes from. Compare two ids with what you know\n\
         from elsewhere (the organization, its repository, an earlier folder):\n\n\
         \x20 root of trust  {}\n\
         \x20   the first line of ledger.jsonl, by which the first registrar was enrolled; every key in\n\
         \x20   allowed_signers was enrolled by a chain of records that starts there\n\
         \x20 certificate    {}\n\n\
         Whether the steps of package/chain.toml were followed is certified by the issuer's signature over the\n\
         whole outcome. To derive it again from the records, run `countersign verify` on the repository.\n\
         people.toml is there for reading: names, roles and keys as the people records in the ledger give them.\n\n\
         VERIFY.txt and verify.sh are part of SHA256SUMS, but somebody who changes the folder can change them\n\
         too: if in doubt, take them from another export.\n",
        gathered.facts.register.root_of_trust,
        gathered.facts.certificate.id(),
    );
    out
}
