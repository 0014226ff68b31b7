//! `append`, `verify`, `log`: the ledger.

use super::args;
use super::context::{Context, dossier};
use super::out::{Exit, Failure, answer, answer_json, count, talk};
use crate::diag::{Code, Diagnostic, Place};
use crate::digest::RecordId;
use crate::dossier::{Break, Dossier, Register};
use crate::engine::PackageState;
use crate::id::PackageId;
use crate::ledger::{self, Ledger, Pending};
use crate::record::{Entry, Kind, wording};
use crate::store::{LEDGER, PENDING, Workspace, compare_with_base, write_atomic};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Moves pending records into the ledger.
pub fn append(context: &Context) -> Result<Exit, Failure> {
    let ws = context.workspace()?;
    let _lock = ws.lock()?;
    let files = ws.pending()?;
    let text = ws.read_or_empty(LEDGER)?;
    let (ledger, moved) = current(&ws, &text)?;
    let known: BTreeSet<RecordId> = ledger.lines().iter().map(|l| l.id).collect();
    let mut waiting = Vec::new();
    for (path, bytes) in &files {
        let record = Pending::parse(path.name(), bytes).map_err(|e| refuse(format!("{path}: {e}")))?;
        let allowed = context.now.plus_seconds(i64::from(ws.config().skew_seconds));
        if record.record.signed_at > allowed {
            return Err(refuse(format!(
                "{path}: it claims to be signed at {}, and it is {} now",
                record.record.signed_at, context.now
            )));
        }
        // A crash after an append leaves a record in both places; it is one record.
        if !known.contains(&record.signed.id()) {
            waiting.push(record);
        }
    }
    let appended = waiting.len();
    let after = ledger::append(&ledger, waiting).map_err(|e| refuse(e.to_string()))?;
    let bytes = after.print();
    if bytes.as_bytes() == text && files.is_empty() {
        if context.json() {
            let root = ledger.root();
            answer_json(
                &serde_json::json!({ "appended": 0, "moved": 0, "lines": after.size(), "root": root }),
            );
        } else {
            answer("Nothing is pending.\n");
        }
        return Ok(Exit::Yes);
    }
    // What is written must verify as a whole, before it replaces anything.
    let mut input = ws.rules()?;
    input.ledger = bytes.clone().into_bytes();
    input.pending = Vec::new();
    let verdict = input.verify();
    if let Some(found) = verdict.breaks.first() {
        return Err(refuse(line(found)));
    }
    // Compare-and-swap: somebody else may have appended since the file was read.
    if ws.read_or_empty(LEDGER)? != text {
        return Err(Failure::cannot("the ledger changed meanwhile; nothing was written")
            .help("run `countersign append` again"));
    }
    // Durable first, then the pending files go: a crash between leaves a record in both places, which
    // readers take as one and the next append cleans up.
    write_atomic(&ws.path(LEDGER), bytes.as_bytes())?;
    for (path, _) in &files {
        let full = ws.path(path.as_str());
        std::fs::remove_file(&full).map_err(|e| Failure::cannot(format!("{}: {e}", full.display())))?;
    }
    if moved > 0 {
        talk(&format!(
            "Two branches had appended: {} of this one behind the other's now.\n",
            if moved == 1 { "1 record stands".to_owned() } else { format!("{moved} records stand") }
        ));
    }
    let size = usize::try_from(after.size()).unwrap_or(usize::MAX);
    if context.json() {
        answer_json(&serde_json::json!({
            "appended": appended, "moved": moved, "lines": size, "root": verdict.root,
        }));
    } else {
        let (records, lines) = (count(appended, "record"), count(size, "line"));
        answer(&format!("{records} appended; the ledger has {lines}, root {}\n", verdict.root));
    }
    Ok(Exit::Yes)
}

/// The ledger to append to. When Git left two versions in the file, the base's stands and the other side's
/// records are appended anew.
fn current(ws: &Workspace, text: &[u8]) -> Result<(Ledger, usize), Failure> {
    let text = std::str::from_utf8(text).map_err(|_| refuse(format!("{LEDGER} is not UTF-8")))?;
    if !text.contains("\n<<<<<<<") && !text.starts_with("<<<<<<<") {
        return Ok((Ledger::parse(text).map_err(|e| refuse(format!("{LEDGER}: {e}")))?, 0));
    }
    let sides = ledger::read_conflict(text).map_err(|e| refuse(e.to_string()))?;
    let base = match ws.base_ledger() {
        Some(bytes) => Ledger::parse(&String::from_utf8_lossy(&bytes)).map_err(|e| refuse(e.to_string()))?,
        None => {
            let ours: String = sides[0].iter().map(|line| line.print() + "\n").collect();
            Ledger::parse(&ours).map_err(|e| refuse(e.to_string()))?
        }
    };
    let mended = ledger::mend(&base, &sides).map_err(|e| refuse(e.to_string()))?;
    Ok((mended.ledger, mended.moved.len()))
}

fn refuse(words: String) -> Failure {
    Failure::tampered(format!("nothing was written: {words}"))
}

fn line(found: &Break) -> String {
    let place = found.line.map_or(String::new(), |n| format!(":{n}"));
    let record = found.record.map_or(String::new(), |r| format!(" (record {})", r.short()));
    format!("{}: {}{place}: {}{record}", found.code, found.path, found.message)
}

/// Answers about integrity.
pub fn verify(context: &Context, args: &args::Verify) -> Result<Exit, Failure> {
    // Whatever day is asked for, what was signed holds as a whole or not at all.
    let ws = context.workspace()?;
    let register = context.derive(&ws)?;
    let mut breaks = register.ledger.breaks.clone();
    breaks.extend(future(context, &ws, &register));
    let mut compared = None;
    let mut notes = Vec::new();
    if let Some(rev) = &args.base {
        let report = compare_with_base(&ws, &register, rev)?;
        breaks.extend(report.breaks);
        notes = report.notes;
        compared = Some(report.commit);
    }
    let merged = if args.merged { uncertified(&register) } else { Vec::new() };
    if register.ledger.entries.is_empty() && breaks.is_empty() {
        return Err(Failure::cannot("there is no ledger yet, so there is nothing to verify"));
    }
    report(
        context,
        &register,
        &Found { breaks: &breaks, notes: &notes, merged: &merged },
        compared.as_deref(),
    );
    Ok(match (breaks.is_empty(), merged.is_empty()) {
        (true, true) => Exit::Yes,
        (true, false) => Exit::No,
        (false, _) => Exit::Tampered,
    })
}

/// What `verify` found: what does not hold, what is only said, and what nobody approved.
struct Found<'a> {
    breaks: &'a [Break],
    notes: &'a [Break],
    merged: &'a [Break],
}

/// Packages that are here although their current revision never passed its gate. What ran out or was
/// revoked later had passed.
fn uncertified(register: &Register) -> Vec<Break> {
    let passed = |d: &&Dossier| {
        let later = matches!(
            d.outcome.state,
            PackageState::Expired
                | PackageState::ReReviewDue
                | PackageState::Revoked
                | PackageState::Superseded
                | PackageState::IntegrityError
        );
        d.outcome.revision == 0 || later || d.outcome.gate_open()
    };
    let found = register.packages.values().filter(|d| !passed(d));
    found
        .map(|d| {
            let mut mine = d.entries.iter().map(|at| &register.ledger.entries[*at]);
            let submit = mine.find(|e| {
                e.record().kind() == Kind::Submit && e.record().revision() == Some(d.outcome.revision)
            });
            let by = submit.map_or("nobody known".to_owned(), |e| e.record().signer.name.clone());
            let state = match d.outcome.state {
                state if state.passes() => "waiting for a condition to be met before merging",
                state => state.words(),
            };
            Break {
                code: "UNCERTIFIED_MERGE",
                path: d.base().join("package.toml").expect("plain"),
                line: None,
                record: submit.map(Entry::id),
                package: Some(d.id.clone()),
                message: format!(
                    "revision {} of {}, submitted by {by}, is {state}",
                    d.outcome.revision, d.id
                ),
            }
        })
        .collect()
}

/// Code, what it means, what to do.
pub const CODES: &[(&str, &str, &str)] = &[
    (
        "SIGNED_IN_FUTURE",
        "A pending record claims a time that has not come yet, by more than the allowed skew.",
        "Set the clock right and sign again. In the ledger it would keep every later record from following it.",
    ),
    (
        "UNCERTIFIED_MERGE",
        "A package is on the main branch although its current revision has not passed its gate.",
        "Complete its review, or take the revision back out of the main branch; find out who merged past the gate.",
    ),
];

/// Pending records from the future. Those in the ledger were looked at when they were appended; a day that is
/// re-derived later must not make them wrong.
fn future(context: &Context, ws: &Workspace, register: &Register) -> Vec<Break> {
    let allowed = context.now.plus_seconds(i64::from(ws.config().skew_seconds));
    let pending = register.ledger.entries.iter().filter(|e| e.pending && e.record().signed_at > allowed);
    pending
        .map(|e| Break {
            code: CODES[0].0,
            path: format!("{PENDING}/{}.json", e.id()).parse().expect("an id is a plain name"),
            line: None,
            record: Some(e.id()),
            package: e.record().package().cloned(),
            message: format!(
                "it claims to be signed at {}, and it is {} now",
                e.record().signed_at,
                context.now
            ),
        })
        .collect()
}

fn report(context: &Context, register: &Register, found: &Found<'_>, compared: Option<&str>) {
    let breaks = found.breaks;
    let pending = register.ledger.entries.iter().filter(|e| e.pending).count();
    let frozen: usize = register.packages.values().map(|d| d.revisions.len()).sum();
    if context.json() {
        answer_json(&serde_json::json!({
            "holds": breaks.is_empty(),
            "lines": register.ledger.size,
            "root": register.ledger.root,
            "pending": pending,
            "frozen_revisions": frozen,
            "compared_with": compared,
            "breaks": breaks,
            "notes": found.notes,
            "merged": found.merged,
        }));
        return;
    }
    if context.shape != args::Shape::Human {
        let errors = breaks.iter().chain(found.merged).map(|b| diagnostic(b, true));
        let notes = found.notes.iter().map(|b| diagnostic(b, false));
        answer(&context.render(&errors.chain(notes).collect()));
        return;
    }
    let mut text = String::new();
    if breaks.is_empty() {
        let people = register.people.persons.len();
        let persons = if people == 1 { "1 person".to_owned() } else { format!("{people} people") };
        let size = usize::try_from(register.ledger.size).unwrap_or(usize::MAX);
        let records = register.ledger.entries.len();
        let barred = register.ledger.entries.iter().filter(|e| !e.key_valid).count();
        let _ = writeln!(
            text,
            "Everything holds: {}, {pending} pending, {}, {persons}.",
            count(size, "ledger line"),
            count(frozen, "frozen revision")
        );
        let mut claim = |what: String, how: &str| {
            let _ = writeln!(text, "  ✓ {what:<46} {how}");
        };
        claim(
            format!("{}, strict Ed25519", count(records, "signature")),
            "each record's bytes by the key it names",
        );
        if barred > 0 {
            claim(
                format!("{barred} of them by a key not valid there"),
                "kept and shown; they count for nothing",
            );
        }
        claim(
            format!("{} in one hash chain", count(size, "line")),
            "each names the SHA-256 of the one before",
        );
        claim(
            "no record dropped from what a signer had seen".to_owned(),
            "each signature names the ledger's root",
        );
        claim(format!("{persons}, their keys and roles"), "people.toml is what the records add up to");
        claim(
            format!("{}, chains included", count(frozen, "frozen revision")),
            "each file against the signed MANIFEST",
        );
        let _ = writeln!(text, "Ledger root    {}", register.ledger.root);
        let _ = writeln!(text, "Root of trust  {} (compare it with your own copy)", register.root_of_trust);
        if let Some(commit) = compared {
            let _ = writeln!(
                text,
                "Nothing of commit {} is missing or changed.",
                &commit[..commit.len().min(12)]
            );
        }
    } else {
        let _ = writeln!(
            text,
            "TAMPERED: {} not hold.",
            if breaks.len() == 1 { "1 thing does".to_owned() } else { format!("{} things do", breaks.len()) }
        );
        for found in breaks {
            let _ = writeln!(text, "  {}", line(found));
        }
        let _ = writeln!(
            text,
            "\nRestore the files named from the history of the repository; DIAGNOSTICS.md explains each code."
        );
    }
    if !found.merged.is_empty() {
        let _ = writeln!(text, "\nHere, and not past the gate:");
        found.merged.iter().for_each(|b| {
            let _ = writeln!(text, "  {}", line(b));
        });
    }
    found.notes.iter().for_each(|b| {
        let _ = writeln!(text, "Note: {}", line(b));
    });
    answer(&text);
}

fn diagnostic(found: &Break, error: bool) -> Diagnostic {
    let record = found.record.map_or(String::new(), |r| format!(" (record {r})"));
    let words = format!("{}{record}", found.message);
    let mut d = match error {
        true => Diagnostic::error(Code(found.code), words),
        false => Diagnostic::warning(Code(found.code), words),
    };
    d.place = Some(Place {
        line: found.line.map_or(0, |n| n as usize),
        column: 1,
        ..Place::file(found.path.clone())
    });
    d
}

/// Shows the audit trail.
pub fn log(context: &Context, package: Option<&PackageId>) -> Result<Exit, Failure> {
    let (_, register) = context.load()?;
    let wanted = |e: &&Entry| package.is_none() || e.record().package() == package;
    if let Some(id) = package {
        dossier(&register, id)?;
    }
    let entries: Vec<&Entry> = register.ledger.entries.iter().filter(wanted).collect();
    let code = |e: &Entry| {
        let dossier = e.record().package().and_then(|p| register.packages.get(p))?;
        dossier.outcome.fates.iter().find(|f| f.id == e.id()).map(|f| f.code)
    };
    if context.json() {
        let rows: Vec<_> = entries
            .iter()
            .map(|e| {
                serde_json::json!({
                    "seq": e.seq, "pending": e.pending, "id": e.id(), "kind": e.record().kind(),
                    "package": e.record().package(), "revision": e.record().revision(),
                    "person": e.record().signer.person, "name": e.record().signer.name,
                    "signed_at": e.record().signed_at, "event": wording::event(e.record()), "code": code(e),
                    "hash": e.hash, "prev": e.prev,
                })
            })
            .collect();
        answer_json(&rows);
        return Ok(Exit::Yes);
    }
    let mut text = String::new();
    for e in entries {
        let seq = if e.pending { "pending".to_owned() } else { format!("{:>7}", e.seq) };
        let about = e.record().package().map_or(String::new(), |p| format!("{p}: "));
        let note = code(e).map_or(String::new(), |c| format!("  [{}]", c.as_str()));
        let _ = writeln!(
            text,
            "{seq}  {}  {}  {about}{}{note}",
            e.record().signed_at,
            e.id().short(),
            wording::event(e.record())
        );
    }
    if text.is_empty() {
        let _ = writeln!(text, "The audit trail is empty. Records wait in {PENDING} or stand in {LEDGER}.");
    }
    answer(&text);
    Ok(Exit::Yes)
}
