//! What was said about a section: questions, notes, and the findings of rejections, each with its answers.

use super::{Index, Signature, Tag};
use crate::dossier::Dossier;
use crate::engine::{FindingOutcome, Thread, ThreadState};
use crate::id::SectionId;
use crate::record::{Body, Entry};
use crate::site::desk::{self, ActForm};
use crate::site::passages::{Quotable, Stands};
use crate::site::words;
use serde::Serialize;

/// Everything said about one section, in ledger order.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Said {
    pub summary: String,
    pub messages: Vec<Message>,
    /// Questions that hold the package up.
    pub open: usize,
}

/// One signed message with what answered it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Message {
    pub class: &'static str,
    pub tags: Vec<Tag>,
    pub by: Option<Signature>,
    /// The passage it is about.
    pub quote: String,
    /// True if the section changed since: whether the passage still stands is said once the text is read.
    #[serde(skip)]
    pub to_find: bool,
    /// The section of that passage.
    #[serde(skip)]
    pub section: Option<SectionId>,
    pub paragraphs: Vec<String>,
    /// Of a finding: what would make the section approvable.
    pub required: Vec<String>,
    /// Of an answer: where the change is.
    pub see: Vec<String>,
    pub replies: Vec<Message>,
    /// What the reader may do about it, on the review pages.
    pub acts: Vec<ActForm>,
}

/// What is said of a thread whose section is not the one it was opened on.
const CHANGED: &str = "The section changed since";
/// Passages of one section that are looked for; the bound keeps a page with very many threads cheap.
const SOUGHT: usize = 500;

impl Said {
    /// True if a message quotes a passage that may be gone.
    pub(crate) fn seeks(&self) -> bool {
        self.messages.iter().any(|m| m.to_find)
    }

    /// Says of each passage whether it still stands in the section.
    pub(crate) fn find(&mut self, section: &Quotable) {
        for message in self.messages.iter_mut().filter(|m| m.to_find).take(SOUGHT) {
            message.find(section);
        }
    }
}

impl Message {
    /// Says whether the passage still stands in the section.
    pub(crate) fn find(&mut self, section: &Quotable) {
        let gone = section.stands(&self.quote) == Stands::Nowhere;
        let tag = match gone {
            true => Tag::new("warn", "change", "Outdated: the passage is gone or was changed"),
            false => Tag::new("quiet", "change", "The section changed since; the passage still stands"),
        };
        if let Some(place) = self.tags.iter_mut().find(|t| t.text == CHANGED) {
            *place = tag;
        }
    }
}

/// Which of a package's messages a page shows.
#[derive(Clone, Copy)]
pub(crate) struct Window<'a> {
    pub index: &'a Index<'a>,
    pub dossier: &'a Dossier,
    pub root: &'a str,
    /// Only what was said on this revision; everything when `None`.
    pub only: Option<u32>,
}

impl Window<'_> {
    fn shows(&self, revision: Option<u32>) -> bool {
        self.only.is_none_or(|n| revision == Some(n))
    }

    /// What was said about a section.
    pub(crate) fn said(&self, section: &SectionId) -> Said {
        let outcome = &self.dossier.outcome;
        let mut found: Vec<(u64, Message)> = Vec::new();
        let findings: Vec<_> = outcome.findings.iter().filter(|f| f.finding.section == *section).collect();
        for finding in findings.iter().filter(|f| self.shows(Some(f.revision))) {
            let at = self.index.entry(&finding.record).map_or(u64::MAX, |e| e.seq);
            found.push((at, self.finding(finding)));
        }
        let mut open = 0;
        let mut asked = 0;
        for thread in outcome.threads.iter().filter(|t| t.section == *section) {
            let Some(entry) = self.index.entry(&thread.id) else { continue };
            if !self.shows(entry.record().revision()) {
                continue;
            }
            open += usize::from(
                thread.blocking && matches!(thread.state, ThreadState::Open | ThreadState::Answered),
            );
            asked += usize::from(thread.state != ThreadState::Note);
            found.push((entry.seq, self.thread(thread, entry)));
        }
        found.sort_by_key(|(at, _)| *at);
        let concerns = found.iter().filter(|(_, m)| m.class == "concern").count();
        let notes = found.len() - concerns - asked;
        let mut parts = Vec::new();
        if open > 0 {
            parts.push(format!("{} open", words::count(open, "question")));
        }
        if asked > open {
            parts.push(format!("{} closed", words::count(asked - open, "question")));
        }
        if concerns > 0 {
            parts.push(format!("{} from a rejection", words::count(concerns, "finding")));
        }
        if notes > 0 {
            parts.push(words::count(notes, "note"));
        }
        let summary = if parts.is_empty() { "none".to_owned() } else { parts.join(", ") };
        Said { summary, messages: found.into_iter().map(|(_, m)| m).collect(), open }
    }

    /// The message a finding is shown as.
    pub(crate) fn finding(&self, f: &FindingOutcome) -> Message {
        let mut tags =
            vec![Tag::new("bad", "cross", format!("Reason for rejecting revision {}", f.revision))];
        if !f.open {
            tags.push(Tag::new("ok", "check", "Closed by the reviewer"));
        }
        let replies = f.answer.as_ref().map(|(revision, answer)| {
            let round = self.dossier.outcome.rounds.iter().find(|r| r.revision == *revision);
            let by =
                round.and_then(|r| self.index.entry(&r.submission)).map(|e| Signature::new(self.root, e));
            let tag = if answer.sections.is_empty() {
                Tag::new("warn", "dash", format!("Not addressed in revision {revision}"))
            } else {
                Tag::new("info", "pen", format!("Answered in revision {revision}"))
            };
            Message {
                see: answer.sections.iter().map(|s| self.title(s)).collect(),
                ..message("", vec![tag], by, &answer.how)
            }
        });
        let by = self.index.entry(&f.record).map(|e| Signature::new(self.root, e));
        let concern = format!("{}: {}", words::reason(f.finding.reason), f.finding.concern);
        Message {
            required: paragraphs(&f.finding.required),
            replies: replies.into_iter().collect(),
            ..message("concern", tags, by, &concern)
        }
    }

    /// The message a thread is shown as.
    pub(crate) fn message(&self, thread: &Thread) -> Option<Message> {
        self.index.entry(&thread.id).map(|entry| self.thread(thread, entry))
    }

    fn title(&self, section: &SectionId) -> String {
        let chain = self.dossier.current().map(|r| &r.chain).or(self.dossier.chain.as_ref());
        let known = chain.and_then(|c| c.section(section)).map(|s| s.title.clone());
        known.unwrap_or_else(|| {
            if *section == SectionId::package_itself() {
                "the package itself".to_owned()
            } else {
                section.to_string()
            }
        })
    }

    fn thread(&self, thread: &Thread, entry: &Entry) -> Message {
        let (tone, icon, word) = match thread.state {
            ThreadState::Note => ("quiet", "speech", "Note for the record"),
            ThreadState::Open => ("warn", "speech", "Clarification, waits for the authors"),
            ThreadState::Answered => ("warn", "speech", "Clarification, answered, waits for the asker"),
            ThreadState::Resolved => ("ok", "check", "Clarification, closed"),
        };
        let mut tags = vec![Tag::new(tone, icon, word)];
        if let Some(revision) = entry.record().revision().filter(|n| *n != self.dossier.outcome.revision) {
            tags.push(Tag::new("quiet", "clock", format!("On revision {revision}")));
        }
        if thread.outdated {
            tags.push(Tag::new("quiet", "change", CHANGED));
        }
        let (text, quote) = match &entry.record().body {
            Body::Comment(c) => (c.text.as_str(), c.anchor.as_ref().map_or("", |a| a.quote.as_str())),
            Body::Decide(d) => (d.question.as_ref().map_or("", |q| q.text.as_str()), ""),
            _ => ("", ""),
        };
        let class =
            if matches!(thread.state, ThreadState::Open | ThreadState::Answered) { "ask" } else { "" };
        let acts = match self.index.reviewer.filter(|_| self.only.is_none()) {
            Some(reviewer) => desk::about_thread(self.index, reviewer, self.dossier, thread),
            None => Vec::new(),
        };
        Message {
            acts,
            quote: quote.to_owned(),
            // The page of an earlier round shows the text the passage stood in.
            to_find: thread.outdated && self.only.is_none() && !quote.is_empty(),
            section: Some(thread.section.clone()),
            replies: thread
                .replies
                .iter()
                .filter_map(|id| self.index.entry(id))
                .map(|e| self.reply(e))
                .collect(),
            ..message(class, tags, Some(Signature::new(self.root, entry)), text)
        }
    }

    fn reply(&self, entry: &Entry) -> Message {
        let (tag, text) = match &entry.record().body {
            Body::Answer(r) => (Tag::new("quiet", "speech", "Answer"), r.text.as_str()),
            Body::Resolve(r) => (Tag::new("quiet", "check", "Closed"), r.text.as_str()),
            Body::Comment(c) => (Tag::new("quiet", "speech", "Comment"), c.text.as_str()),
            _ => (Tag::new("quiet", "speech", "Record"), ""),
        };
        message("", vec![tag], Some(Signature::new(self.root, entry)), text)
    }
}

fn message(class: &'static str, tags: Vec<Tag>, by: Option<Signature>, text: &str) -> Message {
    Message {
        class,
        tags,
        by,
        quote: String::new(),
        to_find: false,
        section: None,
        paragraphs: paragraphs(text),
        required: Vec::new(),
        see: Vec::new(),
        replies: Vec::new(),
        acts: Vec::new(),
    }
}

/// Plain text as paragraphs: records hold no markup.
pub(crate) fn paragraphs(text: &str) -> Vec<String> {
    text.split("\n\n").map(str::trim).filter(|p| !p.is_empty()).map(str::to_owned).collect()
}
