//! What is enough to pass a step.

use super::world::NaiveStep;
use super::{Code, Moment, Naive};
use crate::chain::{Share, Step, Tally, Tie, Voter, Way};
use crate::id::{PersonId, RoleId};
use crate::record::{Body, Decision, Severity};

impl<'a> Naive<'a> {
    /// True if the person whose seat a decision fills held a role where it stands.
    pub(super) fn held_role(&self, at: usize, role: &RoleId) -> bool {
        self.entry(at).people.person(self.seat_of(at)).is_some_and(|p| p.roles.contains(role))
    }

    pub(super) fn has_veto(&self, step: &Step, at: usize) -> bool {
        step.veto.iter().any(|voter| match voter {
            Voter::Role(role) => self.held_role(at, role),
            Voter::Person(person) => person == self.seat_of(at),
        })
    }

    pub(super) fn is_final(&self, at: usize) -> bool {
        if matches!(&self.record(at).body, Body::Decide(d) if d.severity == Some(Severity::Final)) {
            return true;
        }
        self.decision(at) == Some(Decision::Reject) && {
            let before = self.said(self.step_of(at), self.seat_of(at), &Self::before(at));
            before.is_some_and(|before| self.is_final(before))
        }
    }

    /// True if the rejections of a step refuse it.
    pub(super) fn refuses(&self, step: &Step, rejections: &[usize]) -> bool {
        rejections.len() as u32 >= step.reject.max(1)
            || rejections.iter().any(|at| self.has_veto(step, *at) || self.objects(*at))
    }

    /// True if one way of the step is passed by the decisions with one of these codes.
    pub(super) fn enough(&self, step: &Step, view: &NaiveStep<'a>, codes: &[Code], moment: Moment) -> bool {
        step.ways.iter().any(|way| self.passes(step, way, view, codes, moment))
    }

    fn passes(&self, step: &Step, way: &Way, view: &NaiveStep<'a>, codes: &[Code], moment: Moment) -> bool {
        let role = |at: usize| self.record(at).role.as_ref().unwrap();
        let on_way = |at: &usize| *role(*at) == way.role || !step.takes(role(*at));
        let heard = |wanted: Decision| -> Vec<usize> {
            let counts = |at: &usize, code: &Code| match wanted {
                Decision::Reject => ["STANDING_REJECTION", "COUNTED"].contains(code),
                _ => codes.contains(code),
            } && self.decision(*at) == Some(wanted);
            view.codes.iter().filter(|(at, code)| counts(at, code) && on_way(at)).map(|(at, _)| *at).collect()
        };
        let (yes, no, abstain) =
            (heard(Decision::Approve), heard(Decision::Reject), heard(Decision::Abstain));
        match &way.tally {
            Tally::Approvals(needed) => yes.len() as u32 >= (*needed).max(1),
            Tally::Quorum(quorum) => {
                let mut present = yes.len() + abstain.len();
                let mut there: Vec<usize> = yes.iter().chain(&abstain).copied().collect();
                if quorum.no_is_present {
                    present += no.len();
                    there.extend(&no);
                }
                let chair = |list: &[usize]| {
                    quorum.chair.as_ref().is_none_or(|role| list.iter().any(|at| self.held_role(*at, role)))
                };
                let tied = quorum.tie == Tie::Chair && quorum.chair.is_some() && chair(&yes);
                let needed = match quorum.yes {
                    Share::Count(n) => n.max(1),
                    Share::Fraction { numerator, denominator } => {
                        let pool = self.pool(way, view, moment);
                        (1..).find(|n| n * denominator >= pool * numerator).unwrap()
                    }
                };
                present >= quorum.present as usize
                    && chair(&there)
                    && (yes.len() > no.len() || (yes.len() == no.len() && tied))
                    && yes.len() as u32 >= needed
            }
        }
    }

    /// Who may vote: holders of the role when the step opened, without authors and who stepped aside.
    fn pool(&self, way: &Way, view: &NaiveStep<'a>, moment: Moment) -> u32 {
        let people = view.opened.map_or(&self.desk.people, |(_, by)| &self.entry(by).people);
        let revision = self.current(moment.set).unwrap_or(0);
        let free =
            |id: &PersonId| self.barred(id, revision, moment.set).is_none() && !self.recused(id, moment.set);
        people.persons.values().filter(|p| p.roles.contains(&way.role) && free(&p.id)).count() as u32
    }
}
