//! `certify`: the outcome of an approved package becomes its certificate.

use super::args;
use super::context::{Context, dossier, name_of};
use super::out::{Exit, Failure, answer, answer_json};
use super::sign::{self, Draft};
use super::submit::subject;
use crate::dossier::Working;
use crate::engine;
use crate::record::{Body, Certify};

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
    let hand = sign::signer(&ws, &register, &args.sign)?;
    let issuer = "issuer".parse().expect("a plain id");
    if !hand.0.roles.contains(&issuer) {
        return Err(Failure::refused(format!(
            "ROLE_NOT_HELD: {} does not hold the role `issuer`",
            hand.0.name
        )));
    }
    let outcome = engine::certificate(&dossier.case(&register).get()).map_err(|missing| {
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
    let draft = Draft::plain(Some(subject), Body::Certify(Box::new(Certify { outcome })));
    let id = sign::sign(context, &ws, &register, &args.sign, &hand, draft)?;
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
