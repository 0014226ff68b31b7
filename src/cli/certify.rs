//! `certify`: the outcome of an approved package becomes its certificate.

use super::args;
use super::context::{Context, dossier, name_of};
use super::out::{Exit, Failure, answer, answer_json};
use super::sign::{Draft, Pen};
use super::submit::subject;
use crate::agent::seat::replaceable;
use crate::digest::RecordId;
use crate::dossier::{Dossier, Register, Working};
use crate::engine;
use crate::record::{Body, Certify, Subject};

/// Freezes the outcome.
pub fn run(context: &Context, args: &args::Certify) -> Result<Exit, Failure> {
    let (ws, register) = context.load_sound()?;
    let dossier = dossier(&register, &args.package)?;
    let subject = subject(dossier, &register.ledger.entries)?;
    if let Working::Unsubmitted { .. } = dossier.working {
        return Err(Failure::refused(format!(
            "UNSUBMITTED_CHANGES: the working copy is not revision {}; submit it or restore it first",
            subject.revision
        )));
    }
    // The certificate names the ledger it rests on, so everything it rests on must be in the ledger.
    let waiting = dossier.entries.iter().filter(|at| register.ledger.entries[**at].pending).count();
    if waiting > 0 {
        return Err(Failure::refused(format!(
            "{waiting} record(s) of {} are not in the ledger yet",
            args.package
        ))
        .help("run `countersign append`, then certify"));
    }
    let pen = Pen::take(context, &ws, &register, &args.sign)?;
    let issuer = "issuer".parse().expect("a plain id");
    if !pen.person.roles.contains(&issuer) {
        return Err(Failure::refused(format!(
            "ROLE_NOT_HELD: {} does not hold the role `issuer`",
            pen.person.name
        )));
    }
    let supersedes = replaced(&register, dossier, &subject, args.supersedes.as_deref())?;
    let case = dossier.case(&register);
    let mut outcome = engine::certificate(&case.get()).map_err(|missing| {
        let words: Vec<String> = missing
            .iter()
            .map(|a| {
                let who: Vec<String> = a.who.iter().map(|p| name_of(&register, p)).collect();
                if who.is_empty() {
                    a.missing.clone()
                } else {
                    format!("{} ({})", a.missing, who.join(" or "))
                }
            })
            .collect();
        Failure::refused(format!("{} cannot be certified yet: {}", args.package, words.join("; ")))
    })?;
    outcome.supersedes = supersedes;
    let draft = Draft::plain(Some(subject), Body::Certify(Box::new(Certify { outcome })));
    let id = pen.sign(draft)?;
    if context.json() {
        answer_json(&serde_json::json!({ "record": id, "package": args.package }));
    } else {
        answer(&format!(
            "{} is certified: record {id}\nRun `countersign append` to put it into the ledger.\n",
            args.package
        ));
    }
    Ok(Exit::Yes)
}

/// The certificate of another package for the same model version that this one replaces. Two in force for
/// one version would answer the question of what is approved twice.
fn replaced(
    register: &Register,
    dossier: &Dossier,
    subject: &Subject,
    named: Option<&str>,
) -> Result<Option<RecordId>, Failure> {
    let others = replaceable(register, dossier);
    let known = || -> String {
        let all: Vec<String> = others.iter().map(|(id, d)| format!("{} of {}", id.short(), d.id)).collect();
        all.join(", ")
    };
    match named {
        None if others.is_empty() => Ok(None),
        None => Err(Failure::refused(format!(
            "CERTIFICATE_CONFLICT: {} {} has a certificate in force already: {}",
            subject.model.name,
            subject.model.version,
            known()
        ))
        .help("name the one this replaces: --supersedes RECORD")),
        Some(start) => {
            let found: Vec<RecordId> = others
                .iter()
                .map(|(id, _)| *id)
                .filter(|id| start.len() >= 4 && id.to_string().starts_with(start))
                .collect();
            match found.as_slice() {
                [one] => Ok(Some(*one)),
                _ => Err(Failure::refused(format!(
                    "no certificate of another package for {} {} begins with `{start}`",
                    subject.model.name, subject.model.version
                ))
                .help(if others.is_empty() {
                    "there is none in force".to_owned()
                } else {
                    format!("in force: {}", known())
                })),
            }
        }
    }
}
