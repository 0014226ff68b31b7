//! Threads: questions and notes with their answers, and which questions hold up what.

use super::past::Past;
use crate::digest::RecordId;
use crate::id::{PersonId, SectionId, StepId};
use crate::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// One thread, as read from the records so far.
#[derive(Debug)]
pub(super) struct Question<'a> {
    /// Position of the record that opened it.
    pub opened: usize,
    /// Who opened it.
    pub asker: &'a PersonId,
    /// Its section.
    pub section: SectionId,
    /// True if it holds up the package.
    pub blocking: bool,
    /// True if a decision opened it: then the asker's next decision closes it too.
    pub clarify: bool,
    /// Where the asker closed it or took it back.
    pub closed: Option<usize>,
    /// True if the author's side spoke last.
    pub answered: bool,
    /// Positions of comments, answers and the closing word.
    pub replies: Vec<usize>,
    /// The author's turns: from which record to which.
    pub turns: Vec<(usize, Option<usize>)>,
}

/// All threads of a package.
#[derive(Debug, Default)]
pub(super) struct Questions<'a> {
    /// In order of opening.
    pub all: Vec<Question<'a>>,
    /// The thread each record opened.
    opened_by: BTreeMap<RecordId, usize>,
    /// Blocking comments not closed so far, by section: positions of opening.
    open: BTreeMap<SectionId, BTreeSet<usize>>,
    /// Blocking comments closed so far: where, which thread.
    closings: Vec<(usize, usize)>,
    at: BTreeMap<usize, usize>,
    /// Closings of blocking threads, by what they held up: where, when, and the latest so far.
    settled: BTreeMap<Holds, Vec<(usize, Timestamp, Timestamp)>>,
}

/// What a blocking thread holds up.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Holds {
    /// Every step that judges a section.
    Section(SectionId),
    /// The step in which somebody asked instead of deciding.
    Step(StepId),
}

impl<'a> Question<'a> {
    /// A thread just opened.
    pub fn new(
        opened: usize,
        asker: &'a PersonId,
        section: SectionId,
        blocking: bool,
        clarify: bool,
    ) -> Self {
        Question {
            opened,
            asker,
            section,
            blocking,
            clarify,
            closed: None,
            answered: false,
            replies: Vec::new(),
            turns: vec![(opened, None)],
        }
    }

    /// Says whose turn it is after a reply: the asker's if it was answered, else the author's.
    pub fn turn(&mut self, answered: bool, at: usize) {
        if answered && !self.answered {
            self.end_turn(at);
        } else if !answered && self.answered {
            self.turns.push((at, None));
        }
        self.answered = answered;
    }

    fn end_turn(&mut self, at: usize) {
        if let Some((_, end @ None)) = self.turns.last_mut() {
            *end = Some(at);
        }
    }
}

impl<'a> Questions<'a> {
    /// Opens a thread.
    pub fn open(&mut self, id: RecordId, question: Question<'a>) {
        if question.blocking && !question.clarify {
            self.open.entry(question.section.clone()).or_default().insert(question.opened);
        }
        self.opened_by.insert(id, self.all.len());
        self.at.insert(question.opened, self.all.len());
        self.all.push(question);
    }

    /// Adds a record to the thread that another one opened, if that is so.
    pub fn reply(&mut self, about: &RecordId, at: usize) -> Option<&mut Question<'a>> {
        let index = *self.opened_by.get(about)?;
        let question = &mut self.all[index];
        question.replies.push(at);
        Some(question)
    }

    /// The thread that a record opened.
    pub fn of(&self, id: &RecordId) -> Option<&Question<'a>> {
        self.opened_by.get(id).map(|index| &self.all[*index])
    }

    /// The thread opened at a position.
    pub fn opened_at(&self, at: usize) -> Option<&Question<'a>> {
        self.at.get(&at).map(|index| &self.all[*index])
    }

    /// Closes the thread opened at `opened`. Whether it was closed before is for the caller to ask: what a
    /// stolen key closed can be closed again.
    pub fn close(&mut self, opened: usize, step: Option<&StepId>, at: usize, time: Timestamp) {
        let Some(index) = self.at.get(&opened).copied() else { return };
        let question = &mut self.all[index];
        question.closed = Some(at);
        question.end_turn(at);
        let holds = match step.filter(|_| question.clarify) {
            Some(step) => Some(Holds::Step(step.clone())),
            None => question.blocking.then(|| Holds::Section(question.section.clone())),
        };
        if let Some(holds) = holds {
            let list = self.settled.entry(holds).or_default();
            let latest = list.last().map_or(time, |(_, _, latest)| time.max(*latest));
            list.push((at, time, latest));
        }
        if question.blocking && !question.clarify {
            self.closings.push((at, index));
            if let Some(open) = self.open.get_mut(&question.section) {
                open.remove(&opened);
            }
        }
    }

    /// A blocking comment on the section that is open within `past`: the position of its opening.
    pub fn blocks(&self, section: &SectionId, past: &Past) -> Option<usize> {
        // Openings rise, so the first one decides unless it was made after a fork.
        let still = self.open.get(section).into_iter().flatten().copied().find(|opened| past.has(*opened));
        still.or_else(|| self.reopened(past, |q| q.section == *section))
    }

    /// A blocking comment on any section that is open within `past`.
    pub fn any_blocks(&self, past: &Past) -> Option<usize> {
        let still =
            self.open.values().find_map(|opened| opened.iter().copied().find(|opened| past.has(*opened)));
        still.or_else(|| self.reopened(past, |_| true))
    }

    /// The latest closing within a past of what held this up, in time and in the ledger.
    pub fn settled(&self, holds: &Holds, past: &Past) -> Option<(Timestamp, usize)> {
        let list = self.settled.get(holds)?;
        let (whole, rest) = list.split_at(list.partition_point(|(at, _, _)| *at < past.whole()));
        let first = whole.last().map(|(at, _, latest)| (*latest, *at));
        let rest = rest.iter().filter(|(at, _, _)| past.has(*at)).map(|(at, time, _)| (*time, *at));
        first.into_iter().chain(rest).reduce(|a, b| (a.0.max(b.0), a.1.max(b.1)))
    }

    /// A question closed by now, but not within `past`. Only closings after its whole part can be that.
    fn reopened(&self, past: &Past, wanted: impl Fn(&Question) -> bool) -> Option<usize> {
        let recent = self.closings.iter().rev().take_while(|(at, _)| *at >= past.whole());
        recent
            .filter(|(at, index)| !past.has(*at) && past.has(self.all[*index].opened))
            .map(|(_, index)| &self.all[*index])
            // Closed a second time, after a stolen key had done it.
            .filter(|q| q.closed.is_none_or(|closed| !past.has(closed)))
            .find(|q| wanted(q))
            .map(|q| q.opened)
    }
}
