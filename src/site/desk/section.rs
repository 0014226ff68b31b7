//! A section's forms: was it read, and what has the reader to say.

use super::act::{ActForm, ActInput, author_side};
use super::passage::LIST;
use super::{Mark, Reviewer};
use crate::chain::Section;
use crate::dossier::Dossier;
use crate::engine::{FateCode, Thread, ThreadState};
use crate::id::{PackageId, SectionId};
use crate::package::Package;
use crate::site::view::section::SectionView;
use crate::site::view::{Index, When};
use serde::Serialize;

/// What the reader may do in a section.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct SectionDesk {
    /// When it was read as it stands now.
    pub read: Option<When>,
    /// True if it was read before and has changed since.
    pub changed: bool,
    pub section: String,
    pub number: usize,
    pub action: String,
    pub ticket: String,
    pub comment: Option<ActForm>,
    /// Where one passage is commented on, up to its number.
    pub point: String,
    /// Passages before those of the text: figures, then evidence.
    pub lines: usize,
}

/// Whether a section was read as it stands.
pub(crate) fn state<'a>(
    reviewer: &'a Reviewer,
    id: &PackageId,
    section: &SectionId,
    package: &Package,
) -> (Option<&'a Mark>, bool) {
    let mark = reviewer.read.get(id).and_then(|all| all.get(section));
    let digest = package.manifest.section_digest(section).to_string();
    match mark {
        Some(mark) if mark.sha256 == digest => (Some(mark), false),
        other => (None, other.is_some()),
    }
}

impl SectionDesk {
    pub(crate) fn new(
        reviewer: &Reviewer,
        id: &PackageId,
        section: &Section,
        package: &Package,
        number: usize,
        lines: usize,
    ) -> SectionDesk {
        let (section, title) = (&section.id, &section.title);
        let point = format!("act.html?act=comment&section={section}&passage=");
        let (read, changed) = state(reviewer, id, section, package);
        let input = ActInput { section: section.to_string(), ..ActInput::empty("comment", Some(id)) };
        let form = ActForm::new("comment", &format!("comment-{number}"), &reviewer.ticket, &input, &[]);
        let comment = form.map(|mut form| {
            if let Some(text) = &mut form.text {
                text.label = format!("Your comment on \u{201c}{title}\u{201d}");
            }
            form.list = format!("{point}{LIST}");
            form.titled(format!("Comment on section {number} or ask for clarification"))
        });
        SectionDesk {
            read: read.map(|mark| mark.at.into()),
            changed,
            section: section.to_string(),
            number,
            action: "mark".to_owned(),
            ticket: reviewer.ticket.clone(),
            comment,
            point,
            lines,
        }
    }
}

/// Puts the reader's marks into the list of sections.
pub(crate) fn mark(sections: &mut [SectionView], required: &[SectionId]) {
    for section in sections {
        let Some(desk) = &section.desk else { continue };
        let mine = required.iter().any(|id| id.as_str() == desk.section);
        let word = match (&desk.read, desk.changed) {
            (Some(_), _) => "Read",
            (None, true) if mine => "Changed, not read: yours to judge",
            (None, false) if mine => "Not read: yours to judge",
            (None, true) => "Changed, not read",
            (None, false) => "Not read",
        };
        let rest = std::mem::take(&mut section.rail);
        let rest = if rest.starts_with("Decided at") { String::new() } else { rest };
        section.rail = if rest.is_empty() { word.to_owned() } else { format!("{word}. {rest}") };
        if desk.read.is_some() && section.rail_class.is_empty() {
            (section.rail_icon, section.rail_class) = ("check", "done");
        }
    }
}

/// What the reader may do about a thread.
pub(crate) fn about_thread(
    index: &Index<'_>,
    reviewer: &Reviewer,
    dossier: &Dossier,
    thread: &Thread,
) -> Vec<ActForm> {
    let gone = dossier.outcome.fates.iter().any(|f| f.id == thread.id && f.code == FateCode::Withdrawn);
    if gone || thread.state == ThreadState::Resolved {
        return Vec::new();
    }
    let form = |act: &str| ActForm::about(act, reviewer, &dossier.id, &thread.id);
    let mut out = Vec::new();
    let mine = thread.asker == reviewer.person;
    let blocking = matches!(thread.state, ThreadState::Open | ThreadState::Answered);
    if author_side(index.register, dossier).contains(&reviewer.person) {
        out.extend(form("answer"));
    } else {
        out.extend(form("reply"));
    }
    if mine && blocking {
        out.extend(form("resolve"));
    }
    let decision = index.entry(&thread.id).is_some_and(|e| e.record().step.is_some());
    if mine && !decision {
        out.extend(form("withdraw"));
    }
    out
}
