//! Conditions, questions and overrides within a set of records.

use super::{Moment, Naive, Set};
use crate::chain::Step;
use crate::digest::RecordId;
use crate::id::ConditionId;
use crate::record::{Body, Condition, Decision};
use crate::time::Timestamp;

impl<'a> Naive<'a> {
    /// `open`, `discharged`, `returned`, `verified`, `waived`.
    pub(super) fn term(&self, approval: RecordId, id: &ConditionId, set: &Set) -> &'static str {
        let mut state = "open";
        for at in self.standing(set, |_| true) {
            let next = match &self.record(at).body {
                Body::Discharge(d) if d.record == approval && d.condition == *id => "discharged",
                Body::Verify(v) if v.record == approval && v.condition == *id && v.accepted => "verified",
                Body::Verify(v) if v.record == approval && v.condition == *id => "returned",
                Body::Waive(w) if w.record == approval && w.condition == *id => "waived",
                _ => continue,
            };
            if !Self::ended(state) {
                state = next;
            }
        }
        state
    }

    pub(super) fn ended(state: &str) -> bool {
        matches!(state, "verified" | "waived")
    }

    pub(super) fn conditions(&self, at: usize) -> &'a [Condition] {
        match &self.record(at).body {
            Body::Decide(d) => &d.conditions,
            _ => &[],
        }
    }

    /// Conditions of an approval that are not met and not dropped.
    pub(super) fn open_terms(&self, at: usize, set: &Set) -> Vec<&'a Condition> {
        let open = |c: &&Condition| !Self::ended(self.term(self.entry(at).id(), &c.id, set));
        self.conditions(at).iter().filter(open).collect()
    }

    pub(super) fn is_thread(&self, at: usize) -> bool {
        self.stands(at)
            && match &self.record(at).body {
                Body::Comment(_) => true,
                Body::Decide(d) => d.decision == Decision::Clarify,
                _ => false,
            }
    }

    /// Where a thread was closed or its opener taken back within a set.
    pub(super) fn closing(&self, opener: usize, set: &Set) -> Option<usize> {
        let id = self.entry(opener).id();
        self.standing(set, |b| match b {
            Body::Resolve(r) => r.about == id,
            Body::Withdraw(w) => w.record == id,
            _ => false,
        })
        .next()
    }

    /// Blocking threads that hold up a step, within a set.
    pub(super) fn questions(&self, step: &Step, set: &Set) -> Vec<usize> {
        let mine = |at: &usize| match &self.record(*at).body {
            Body::Comment(c) => {
                c.blocking && (c.section.as_str() == "package" || step.scope.contains(&c.section))
            }
            Body::Decide(d) => d.decision == Decision::Clarify && self.step_of(*at) == step.id.as_str(),
            _ => false,
        };
        self.standing(set, |_| true).filter(mine).collect()
    }

    /// The spans in which the author's side had to answer.
    pub(super) fn pauses(&self, step: &Step, moment: Moment) -> Vec<(Timestamp, Timestamp)> {
        let set = moment.set;
        let mut spans = Vec::new();
        for opener in self.questions(step, set) {
            let id = self.entry(opener).id();
            let answer = self.standing(set, |b| matches!(b, Body::Answer(r) if r.about == id)).next();
            let end = answer.into_iter().chain(self.closing(opener, set)).min();
            let end = end.map_or(moment.now, |at| self.time(at));
            if self.time(opener) < end {
                spans.push((self.time(opener), end));
            }
        }
        // Seconds that lie in any of them, as spans again.
        let mut points: Vec<Timestamp> = spans.iter().flat_map(|(a, b)| [*a, *b]).collect();
        points.sort();
        points.dedup();
        let inside = |pair: &&[Timestamp]| spans.iter().any(|(a, b)| *a <= pair[0] && pair[1] <= *b);
        let mut merged: Vec<(Timestamp, Timestamp)> = Vec::new();
        for pair in points.windows(2).filter(inside) {
            match merged.last_mut() {
                Some(last) if last.1 == pair[0] => last.1 = pair[1],
                _ => merged.push((pair[0], pair[1])),
            }
        }
        merged
    }

    /// The record that seconds a request within a set.
    pub(super) fn second(&self, request: usize, set: &Set) -> Option<usize> {
        let id = self.entry(request).id();
        self.standing(set, |b| matches!(b, Body::Override(o) if o.about == Some(id))).last()
    }

    /// What a request to set steps aside has come to, whatever stands against it in its steps.
    pub(super) fn aside(&self, request: usize, revision: usize, moment: Moment) -> &'static str {
        let Body::Override(says) = &self.record(request).body else { unreachable!() };
        if self.withdrawn(request, moment.set) {
            return "WITHDRAWN";
        }
        let Some(second) = self.second(request, moment.set) else { return "OVERRIDE_NEEDS_SECOND" };
        if self.withdrawn(second, moment.set) {
            return "OVERRIDE_NEEDS_SECOND";
        }
        let then = &self.desk.revisions[self.revision(request) as usize - 1];
        let now = &self.desk.revisions[revision];
        if then.package.manifest != now.package.manifest || then.chain.digest != now.chain.digest {
            "STALE_CONTENT"
        } else if moment.now.date() > says.expires {
            "EXPIRED"
        } else if moment.present && (self.stolen(request) || self.stolen(second)) {
            "KEY_NOT_VALID"
        } else {
            "COUNTED"
        }
    }

    /// Requests to set steps aside, within a set.
    pub(super) fn requests(&self, set: &Set) -> Vec<usize> {
        self.standing(set, |b| matches!(b, Body::Override(o) if o.about.is_none())).collect()
    }
}
