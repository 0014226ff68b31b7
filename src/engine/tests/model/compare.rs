//! Compares what the engine says with what the model says.

use super::world::{Between, World};
use super::{Code, Moment, Naive};
use crate::chain::Carry;
use crate::engine::Outcome;
use crate::record::{Body, ConditionKind, Decision};
use crate::time::Timestamp;
use std::collections::BTreeMap;

impl<'a> Naive<'a> {
    /// The certificate of the current revision, if there is one that stands.
    fn certificate(&self) -> Option<usize> {
        let all = self.all();
        let current = self.current(&all)? as u32 + 1;
        let last = self.standing(&all, |b| matches!(b, Body::Certify(_))).last();
        last.filter(|c| self.revision(*c) == current)
    }

    /// The state before anything is certified.
    pub(super) fn open_state(&self, world: &World<'a>, moment: Moment) -> Code {
        let views = || world.steps.values();
        let states = |state: Code| views().any(|v| v.state == state);
        let standing: Vec<usize> = views().flat_map(|v| v.with("STANDING_REJECTION")).collect();
        let newer = self.desk.rules.as_ref().is_some_and(|now| {
            moment.present && now.applies_to_inflight && now.digest != self.chain(world.revision).digest
        });
        let asked = self
            .standing(moment.set, |b| matches!(b, Body::Comment(c) if c.blocking))
            .any(|q| self.closing(q, moment.set).is_none());
        if views().all(|v| v.state == "not_applicable") || states("error") {
            "error"
        } else if standing.iter().any(|at| self.is_final(*at)) {
            "rejected"
        } else if self.retracted(world.revision, moment.set) {
            "withdrawn"
        } else if self.lapsed(world, moment) {
            "lapsed"
        } else if newer || !standing.is_empty() {
            "changes_required"
        } else if asked || views().any(|v| v.with("OPEN_QUESTION").next().is_some()) {
            "clarification_pending"
        } else if !views().all(super::world::NaiveStep::is_passed) {
            "in_review"
        } else if states("overridden") {
            "approved_by_override"
        } else if states("satisfied_with_conditions") {
            "approved_with_conditions"
        } else {
            "approved"
        }
    }

    /// True if a step was not decided in time, now or before something ran out that it rests on.
    fn lapsed(&self, world: &World<'a>, moment: Moment) -> bool {
        let over = |world: &World<'a>, moment: Moment| {
            world.steps.keys().any(|id| self.lapses(world, id, moment).is_some_and(|at| at <= moment.now))
        };
        if over(world, moment) {
            return true;
        }
        // The day after each approval grew too old, each override ended.
        let mut ends: Vec<Timestamp> = Vec::new();
        for step in &self.chain(world.revision).steps {
            let Some(period) = step.fresh_for else { continue };
            let held = self.seats(step.id.as_str()).into_iter();
            let held = held.filter_map(|p| self.said(step.id.as_str(), p, moment.set));
            ends.extend(held.map(|at| period.after(self.time(at).date()).start().plus_seconds(86_400)));
        }
        for request in self.requests(moment.set) {
            let Body::Override(says) = &self.record(request).body else { continue };
            ends.push(says.expires.start().plus_seconds(86_400));
        }
        ends.into_iter().filter(|end| *end <= moment.now).any(|end| {
            let before = Moment { now: end.plus_seconds(-1), ..moment };
            over(&self.world(before), before)
        })
    }

    fn state_at(&self, world: &World<'a>, moment: Moment, now: Timestamp) -> Code {
        let state = self.open_state(world, moment);
        let all = moment.set;
        let Some(certificate) = self.certificate() else { return state };
        let Body::Certify(certify) = &self.record(certificate).body else { unreachable!() };
        let today = now.date();
        let id = self.entry(certificate).id();
        let revoked = self.standing(all, |b| matches!(b, Body::Revoke(a) if a.record == id)).next().is_some();
        let mut terms =
            world.steps.values().flat_map(|v| v.binding(self)).flat_map(|at| self.open_terms(at, all));
        let overdue =
            terms.any(|c| c.kind != ConditionKind::Standing && c.due.is_some_and(|due| due < today));
        let late = (0..self.refused.len()).any(|at| {
            self.refused[at] == Some("POST_CERTIFICATE")
                && self.revision(at) == self.revision(certificate)
                && !self.withdrawn(at, all)
                && match &self.record(at).body {
                    Body::Decide(d) => matches!(d.decision, Decision::Reject | Decision::Clarify),
                    Body::Comment(c) => c.blocking,
                    Body::Object(_) => true,
                    _ => false,
                }
        });
        let review = self.requests(all).into_iter().any(|request| {
            let Body::Override(says) = &self.record(request).body else { unreachable!() };
            self.second(request, all).is_some()
                && self.revision(request) as usize == world.revision + 1
                && says.review < today
        });
        if state == "error" {
            "error"
        } else if revoked {
            "revoked"
        } else if self.desk.replaced {
            "superseded"
        } else if certify.outcome.review_by.is_some_and(|last| today > last) {
            "expired"
        } else if !state.starts_with("approved") {
            state
        } else if overdue || late || review {
            "re_review_due"
        } else {
            "certified"
        }
    }

    pub(super) fn compare(&self, outcome: &Outcome, now: Timestamp) -> Result<(), String> {
        let all = self.today();
        let judged = self.certificate().map_or(now, |c| self.time(c).min(now));
        let moment = Moment { set: &all, now: judged, present: true };
        let world = self.world(moment);
        for step in &outcome.steps {
            let found = serde_json::to_value(step.state).unwrap();
            let view = &world.steps[step.id.as_str()];
            if found != view.state {
                return Err(format!("step {}: the engine says {found}, the model {}", step.id, view.state));
            }
            let due = view.step.deadline.filter(|_| !view.is_passed());
            let due = due.and_then(|term| self.runs_out(&world, step.id.as_str(), term, moment));
            if due != step.due {
                return Err(format!("step {} is due {:?}, the model says {due:?}", step.id, step.due));
            }
        }
        let state = self.state_at(&world, moment, now);
        let found = serde_json::to_value(outcome.state).unwrap();
        if found != state {
            return Err(format!("the engine says {found}, the model {state}"));
        }
        let effective: BTreeMap<usize, Code> =
            world.steps.values().flat_map(|view| view.codes.iter().map(|(at, code)| (*at, *code))).collect();
        for (at, fate) in outcome.fates.iter().enumerate() {
            let expected = self.fate(at, &world, &effective, moment);
            if fate.code.as_str() != expected {
                return Err(format!("record {at}: the engine says {}, the model {expected}", fate.code));
            }
        }
        Ok(())
    }

    fn fate(&self, at: usize, world: &World<'a>, effective: &BTreeMap<usize, Code>, moment: Moment) -> Code {
        if let Some(code) = self.refused[at] {
            return code;
        }
        if !moment.set.contains(&at) {
            return "KEY_NOT_VALID";
        }
        let body = &self.record(at).body;
        let id = self.entry(at).id();
        let all = moment.set;
        if !matches!(body, Body::Withdraw(_)) && self.withdrawn(at, all) {
            return "WITHDRAWN";
        }
        match body {
            Body::Decide(_) | Body::Object(_) => {
                if self
                    .standing(all, |b| matches!(b, Body::ResolveRejection(a) if a.record == id))
                    .next()
                    .is_some()
                {
                    return "OVERRULED";
                }
                effective.get(&at).copied().unwrap_or_else(|| self.replaced(at))
            }
            Body::Comment(c) if c.blocking && self.closing(at, all).is_none() => "OPEN_QUESTION",
            Body::Confirm(c) => {
                let mine = world.steps.get(self.step_of(at)).into_iter();
                let stands = mine.flat_map(|v| v.with("CARRIED")).any(|seat| {
                    self.revision(seat) == c.since
                        && self.between(seat, world.revision) == Between::Kept(Carry::Minor)
                });
                if stands { "COUNTED" } else { "NOTED" }
            }
            Body::Override(o) => {
                let request = o.about.map_or(at, |first| self.find(first, at).unwrap());
                let code = self.aside(request, world.revision, moment);
                let denied = o
                    .steps
                    .iter()
                    .filter_map(|s| self.denied(world.steps.get(s.as_str())?))
                    .max_by_key(|c| *c == "OVERRIDE_DENIED_FINAL");
                if code == "COUNTED" { denied.unwrap_or(code) } else { code }
            }
            _ => "NOTED",
        }
    }

    /// Whether the next word of the seat was its principal's.
    fn replaced(&self, at: usize) -> Code {
        let same = |b: &usize| {
            self.decision(*b).is_some()
                && self.heard(*b)
                && self.step_of(*b) == self.step_of(at)
                && self.seat_of(*b) == self.seat_of(at)
        };
        let next = (at + 1..self.refused.len()).find(same);
        let by_principal = next.is_some_and(|b| self.record(b).signer.acting_for.is_none());
        if by_principal && self.record(at).signer.acting_for.is_some() {
            "SUPERSEDED_BY_PRINCIPAL"
        } else {
            "SUPERSEDED"
        }
    }
}
