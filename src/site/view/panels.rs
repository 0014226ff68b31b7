//! The panels around the sections of a package page: banners, problems, advice, options, reasons.

use super::{Banner, Index, Link, Tag, When, invalid, standing, stepper};
use crate::dossier::{Dossier, Working};
use crate::engine::{PackageState, Why};
use crate::record::Body;
use crate::site::address;
use crate::site::words;
use serde::Serialize;

/// Problems shown of a draft; the rest is counted.
const PROBLEMS_SHOWN: usize = 100;

/// What is wrong with a draft.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Problems {
    pub heading: String,
    pub rows: Vec<Problem>,
    pub more: String,
}

/// One problem.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Problem {
    pub place: String,
    pub message: String,
    pub help: String,
    pub tag: Tag,
    pub code: &'static str,
}

/// Something that would move the package on.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct AdviceView {
    pub missing: String,
    pub who: String,
    pub command: String,
    pub due: Option<When>,
    /// The shortest change these people must read.
    pub read: Option<Link>,
}

/// What a reviewer can do now, as commands: the site has no forms.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Options {
    pub lede: String,
    pub choices: Vec<Choice>,
    pub open: String,
}

/// One option with equal weight.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Choice {
    pub title: &'static str,
    pub consequence: &'static str,
    pub command: String,
}

/// A node of the tree of reasons.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct WhyView {
    pub rule: String,
    pub holds: bool,
    pub because: String,
    pub parts: Vec<WhyView>,
}

/// What stands above everything else, the gravest first.
pub(crate) fn banners(
    index: &Index<'_>,
    dossier: &Dossier,
    root: &str,
    n: u32,
    past: bool,
    resubmitted: bool,
) -> Vec<Banner> {
    let mut out: Vec<Banner> = invalid(index, root, dossier).into_iter().collect();
    if past {
        return out;
    }
    if let Working::Unsubmitted { files } = &dossier.working {
        out.push(Banner {
            tone: "warn",
            heading: format!("The files of this package changed after revision {n} was submitted"),
            text: "The signatures below are not for this text. This page shows the frozen revision, which is what \
                   was signed. Changed since:"
                .to_owned(),
            items: files.iter().map(ToString::to_string).collect(),
            link: None,
        });
    }
    let outcome = &dossier.outcome;
    // Nothing that reads like an approval stands beside a broken record.
    let sound = out.iter().all(|b| b.tone != "bad");
    let ended = standing::ended(index, dossier, root, outcome.state).filter(|_| sound);
    let told = ended.is_some();
    out.extend(ended);
    let certificate = outcome.certificate.as_ref().filter(|_| sound && !told);
    if let Some(certificate) = certificate {
        let to = address::href(root, &address::certificate(&dossier.id), "");
        let until =
            certificate.review_by.map_or(String::new(), |d| format!(" It holds until {}.", d.human()));
        if certificate.revision == n && outcome.state == PackageState::Certified {
            out.push(Banner {
                tone: "ok",
                heading: format!("Revision {n} is approved"),
                text: format!("Its certificate was issued on {}.{until}", certificate.at.date().human()),
                items: Vec::new(),
                link: Some(Link::new(to, "Read the certificate")),
            });
        } else {
            let revoked = if certificate.revoked.is_some() { " It was revoked." } else { "" };
            out.push(Banner {
                tone: "warn",
                heading: format!("Revision {n} is not certified"),
                text: format!("The last certificate is for revision {}.{revoked}", certificate.revision),
                items: Vec::new(),
                link: Some(Link::new(to, "Read the last certificate")),
            });
        }
    }
    if resubmitted {
        let old = n - 1;
        let rejected = outcome.rounds.iter().find(|r| r.revision == old).map_or(&[][..], |r| &r.rejections);
        let who: Vec<String> = rejected
            .iter()
            .filter_map(|id| index.entry(id))
            .map(|e| match &e.record().body {
                Body::Object(_) => format!(
                    "{} objected to revision {old} on {}.",
                    e.record().signer.name,
                    e.record().signed_at.date().human()
                ),
                Body::Decide(d) => format!(
                    "{} rejected revision {old} on {} with {}.",
                    e.record().signer.name,
                    e.record().signed_at.date().human(),
                    words::count(d.findings.len(), "finding")
                ),
                _ => String::new(),
            })
            .collect();
        let to = address::href(root, &address::diff(&dossier.id, old, n), "");
        out.push(Banner {
            tone: "info",
            heading: "This is a resubmission".to_owned(),
            text: who.join(" "),
            items: Vec::new(),
            link: Some(Link::new(
                to,
                format!("See exactly what changed between revision {old} and revision {n}"),
            )),
        });
    }
    out
}

/// What is wrong with a draft; `None` when nothing is.
pub(crate) fn problems(dossier: &Dossier) -> Option<Problems> {
    if dossier.diagnostics.is_empty() {
        return None;
    }
    let all = dossier.diagnostics.sorted();
    let rows = all.iter().take(PROBLEMS_SHOWN).map(|d| Problem {
        place: d.place.as_ref().map_or(String::new(), |p| match p.line {
            0 => p.path.to_string(),
            line => format!("{}:{line}:{}", p.path, p.column),
        }),
        message: finished(&d.message),
        help: finished(&d.help),
        tag: match d.severity {
            crate::diag::Severity::Error => Tag::new("bad", "cross", "To mend"),
            crate::diag::Severity::Warning => Tag::new("warn", "dash", "To consider"),
        },
        code: d.code.0,
    });
    let errors = dossier.diagnostics.errors();
    let heading = match errors {
        0 => format!("{} to consider before submitting", words::count(all.len(), "point")),
        n => format!("{} to mend before submitting", words::count(n, "problem")),
    };
    let hidden = all.len().saturating_sub(PROBLEMS_SHOWN);
    Some(Problems {
        heading,
        rows: rows.collect(),
        more: if hidden == 0 {
            String::new()
        } else {
            format!("{hidden} more are listed by countersign check {}.", dossier.id)
        },
    })
}

/// What is missing, and who can supply it.
pub(crate) fn advice(index: &Index<'_>, dossier: &Dossier, root: &str) -> Vec<AdviceView> {
    let all = dossier.outcome.advice.iter();
    all.map(|a| AdviceView {
        missing: sentence(&a.missing),
        who: index.names(&a.who).join(", "),
        command: a.command.clone(),
        due: a.due.map(When::end),
        read: a.read.map(|pair| stepper::changes(dossier, root, pair)),
    })
    .collect()
}

/// With a capital letter and a full stop, unless it is empty.
fn finished(text: &str) -> String {
    if text.is_empty() { String::new() } else { crate::site::desk::sentence(text) }
}

/// With a capital letter, unless it begins with the name of a file or a key, which is spelled as it is.
pub(crate) fn sentence(text: &str) -> String {
    let first = text.split_whitespace().next().unwrap_or_default().trim_end_matches(['.', ',', ':', ';']);
    if first.contains(['.', '_', '/', '=', '`']) {
        return text.to_owned();
    }
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |c| c.to_uppercase().chain(chars).collect())
}

/// The three options of a reviewer, with equal weight.
pub(crate) fn options(dossier: &Dossier) -> Options {
    let id = &dossier.id;
    let open = dossier.outcome.steps.iter().filter(|s| {
        use crate::engine::StepState::{Clarifying, NeedsConfirm, Open, Refused, Stale};
        matches!(s.state, Open | Clarifying | Refused | Stale | NeedsConfirm)
    });
    let open: Vec<String> = open.map(|s| format!("“{}”", s.title)).collect();
    let lede = if open.is_empty() {
        "No step can be decided now.".to_owned()
    } else {
        let verb = if open.len() == 1 { "step is" } else { "steps are" };
        format!(
            "The {verb} open: {}. A reviewer of an open step has three options. Choosing one does not record \
             anything yet: the wording is checked first, then signed. A signed decision cannot be changed.",
            words::list(&open)
        )
    };
    Options {
        lede,
        choices: vec![
            Choice {
                title: "Approve",
                consequence: "Records that the package meets the step's criteria, with any conditions set. The steps that wait for this one open.",
                command: format!("countersign decide {id} approve"),
            },
            Choice {
                title: "Reject",
                consequence: "Records what does not meet the criteria and what would need to change. The authors can submit a new revision.",
                command: format!("countersign decide {id} reject"),
            },
            Choice {
                title: "Request clarification",
                consequence: "Sends a question to the authors. The step waits for the answer; nothing is approved or rejected.",
                command: format!("countersign decide {id} clarify"),
            },
        ],
        open: format!("countersign review {id}"),
    }
}

/// The reasons as a tree.
pub(crate) fn why(node: &Why) -> WhyView {
    WhyView {
        rule: node.rule.clone(),
        holds: node.holds,
        because: node.because.clone(),
        parts: node.parts.iter().map(why).collect(),
    }
}
