//! The fields of an exported document in words, with what they say of one package.

use super::Index;
use super::certificate::Force;
use crate::export::{Document, End, Head, Reviewer};
use crate::record::{CertifiedCondition, CertifiedRound, ConditionEnd, Decision};
use crate::site::words;
use serde::Serialize;

/// One field of the document.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Row {
    pub field: &'static str,
    pub says: &'static str,
    pub values: Vec<Value>,
}

/// What a field says here.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Value {
    pub text: String,
    /// `hash` for hex, `mono` for addresses, else empty.
    pub class: &'static str,
}

fn text(text: impl Into<String>) -> Value {
    Value { text: text.into(), class: "" }
}

fn hash(of: &impl std::fmt::Display) -> Value {
    Value { text: words::grouped(of), class: "hash" }
}

fn mono(text: impl Into<String>) -> Value {
    Value { text: text.into(), class: "mono" }
}

/// The fields as somebody reads a record: what was decided, on what, by whom, and where it can be found.
pub(super) fn rows(index: &Index<'_>, document: &Document<'_>, force: Force) -> Vec<Row> {
    let head = &document.head;
    let row = |field, says, values| Row { field, says, values };
    let (issued, model, ledger) = (&head.issued, &head.model, &head.ledger);
    let mut out = vec![
        row("state", "The outcome that was certified", outcome(head, force)),
        row("review_by", "The last day on which it holds", vec![text(until(head, force))]),
        row("ended", "What took it out of force before that day", ended(head, force)),
        row("model", "The model version", {
            let mut values = vec![text(format!("{} {}", model.name, model.version))];
            values.extend(model.registry.as_ref().map(|uri| mono(uri.clone())));
            let artifact = model.artifact.as_deref().map(|a| a.strip_prefix("sha256:").unwrap_or(a));
            values.extend(artifact.map(|a| hash(&a)));
            values
        }),
        row("package", "The documentation that was reviewed, with the SHA-256 of its MANIFEST", {
            let package = &head.package;
            vec![text(format!("{}, revision {}", package.id, package.revision)), hash(&package.sha256)]
        }),
        row("chain", "The approval chain it went through, with the SHA-256 of its file", {
            vec![text(head.chain.id.to_string()), hash(&head.chain.sha256)]
        }),
        row(
            "reviewers",
            "Each decision that counted, with the sentence that was signed, the key and the record",
            head.reviewers.iter().map(|r| reviewer(index, r)).collect(),
        ),
        row("conditions", "The terms, word for word, each with the record that set it", conditions(head)),
        row("rounds", "Each revision that was submitted, with the rejections it met", {
            let round = |r: &CertifiedRound| {
                let met = match r.rejections.len() {
                    0 => "no rejection".to_owned(),
                    n => words::count(n, "rejection"),
                };
                text(format!("Revision {}: {met}", r.revision))
            };
            head.rounds.iter().map(round).collect()
        }),
        row("issued", "Who signed the certificate, when, with which key", {
            vec![text(format!("{}, {}", issued.name, issued.at.human())), mono(issued.key.to_string())]
        }),
        row("ledger", "Where the certificate stands in the hash chain", {
            vec![
                text(format!("Entry {}. Its hash:", ledger.index)),
                hash(&ledger.entry),
                text("Hash of the entry before:"),
                hash(&ledger.previous),
                text(format!("Root over the first {}:", words::count(size_of(ledger.size), "line"))),
                hash(&ledger.root),
            ]
        }),
        row("records", "Every signed record behind all this, word for word, with its signature", {
            let (all, own) = (document.records.len(), document.about_package());
            vec![
                text(format!("{} about this package", words::count(own, "record"))),
                text(format!("{} about people and their keys", words::count(all - own, "record"))),
            ]
        }),
        row("format", "Name and version of the form", vec![mono(head.format)]),
    ];
    if let Some(id) = &head.supersedes {
        let replaced =
            row("supersedes", "The certificate of another package that this one replaces", vec![hash(id)]);
        out.insert(3, replaced);
    }
    out
}

fn size_of(n: u64) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

fn outcome(head: &Head, force: Force) -> Vec<Value> {
    let said = match head.state.as_str() {
        "approved" => "Approved",
        "approved_with_conditions" => "Approved with conditions",
        "approved_by_override" => "Approved by override: a step was set aside, and nobody approved it",
        other => other,
    };
    let mut out = vec![text(said)];
    if force != Force::Holds {
        out.push(text("That is what was certified then. It is not in force now."));
    }
    out
}

fn until(head: &Head, force: Force) -> String {
    match head.review_by {
        None => "Not in the file: the chain sets no day".to_owned(),
        Some(day) if force == Force::Expired => format!("{} (has passed)", day.human()),
        Some(day) => day.human(),
    }
}

fn ended(head: &Head, force: Force) -> Vec<Value> {
    let Some(ended) = &head.ended else {
        return vec![text(match force {
            Force::Revoked | Force::Superseded => {
                "Not in the file yet: the record that did it waits to be appended to the ledger"
            }
            _ => "Not in the file: it was neither revoked nor replaced",
        })];
    };
    let how = match ended.how {
        End::Revoked => "Revoked",
        End::Superseded => "Replaced by the certificate of another package",
    };
    vec![text(format!("{how}, {}, by {}", ended.at.human(), ended.name)), hash(&ended.record)]
}

fn reviewer(index: &Index<'_>, r: &Reviewer) -> Value {
    let seat =
        r.acting_for.as_ref().map_or(String::new(), |id| format!(" in the seat of {}", index.name(id)));
    let decision = match r.decision {
        Decision::Approve => "approved",
        _ => "abstained",
    };
    text(format!("{}, {}{seat}: {decision}, {}", r.name, words::role(&r.role), r.at.human()))
}

fn conditions(head: &Head) -> Vec<Value> {
    let one = |c: &CertifiedCondition| {
        let due = c.condition.due.map_or(String::new(), |day| format!(", due {}", day.human()));
        let state = match c.state {
            Some(ConditionEnd::Verified) => ", met and checked before the certificate",
            Some(ConditionEnd::Waived) => ", dropped before the certificate by those who set it",
            None => "",
        };
        text(format!("{}{due}{state}: {}", c.condition.id, c.condition.text))
    };
    match head.conditions.as_slice() {
        [] => vec![text("None")],
        all => all.iter().map(one).collect(),
    }
}
