//! Who is away while a deadline comes near: for registrars, who can let somebody decide in that place.

use super::is_open;
use crate::id::PersonId;
use crate::record::Absence;
use crate::site::view::stepper::number;
use crate::site::view::{Index, Link, When};
use crate::time::{Date, Timestamp};
use serde::Serialize;

/// A step that is due while somebody of its people is away.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Late {
    pub who: String,
    /// Until when, and why.
    pub away: String,
    pub package: Link,
    pub step: String,
    pub due: When,
    pub overdue: bool,
    /// Who else can decide it.
    pub others: String,
    pub delegate: Link,
    #[serde(skip)]
    order: Timestamp,
}

/// True for somebody who may let people decide in each other's place.
pub(crate) fn is_registrar(index: &Index<'_>, me: &PersonId) -> bool {
    let person = index.register.people.person(me);
    person.is_some_and(|p| p.roles.iter().any(|role| role.as_str() == "registrar"))
}

/// Open steps that are due before somebody who could decide them is back, and whose place nobody fills.
pub(crate) fn late(index: &Index<'_>, root: &str) -> Vec<Late> {
    let register = index.register;
    let (now, today) = (register.as_of, register.as_of.date());
    let mut out = Vec::new();
    for dossier in register.packages.values() {
        let Some(current) = dossier.current() else { continue };
        for step in dossier.outcome.steps.iter().filter(|s| is_open(s.state) && !s.state.passed()) {
            let Some(due) = step.due else { continue };
            let seats = step.eligible.iter().filter_map(|id| register.people.person(id));
            for person in seats {
                let Some((_, absence)) = person.away(today) else { continue };
                let covered = register
                    .people
                    .delegations
                    .iter()
                    .any(|d| d.principal == person.id && d.covers(&dossier.id, &step.id, now));
                if covered || due >= absence.until.start().plus_seconds(86_400) {
                    continue;
                }
                let rest: Vec<PersonId> =
                    step.eligible.iter().filter(|id| **id != person.id).cloned().collect();
                out.push(Late {
                    who: person.name.clone(),
                    away: until(absence),
                    package: Link::new(
                        crate::site::address::href(root, &crate::site::address::package(&dossier.id), ""),
                        super::home::title(Some(dossier), dossier.id.as_str()),
                    ),
                    step: format!("step {}, {}", number(&current.chain, &step.id), step.title),
                    due: due.into(),
                    overdue: step.overdue,
                    others: crate::site::words::list(&index.names(&rest)),
                    delegate: Link::new(
                        prefilled(&person.id, &step.id, &dossier.id, today, absence),
                        format!("Let somebody decide in the place of {}", person.name),
                    ),
                    order: due,
                });
            }
        }
    }
    out.sort_by_key(|late| late.order);
    out
}

fn until(absence: &Absence) -> String {
    format!("away until {}: {}", absence.until.human(), super::home::sentence(&absence.reason))
}

/// The form, filled in as far as it is known.
fn prefilled(
    who: &PersonId,
    step: &crate::id::StepId,
    package: &crate::id::PackageId,
    today: Date,
    absence: &Absence,
) -> String {
    let day = |name: &str, date: Date| {
        let text = date.to_string();
        let mut parts = text.split('-');
        let (year, month, day) = (parts.next(), parts.next(), parts.next());
        let part = |part: Option<&str>| part.unwrap_or_default().trim_start_matches('0').to_owned();
        format!("&{name}-day={}&{name}-month={}&{name}-year={}", part(day), part(month), part(year))
    };
    format!(
        "act.html?act=delegate&x-for={who}&x-steps-{step}=yes&x-packages-{package}=yes{}{}",
        day("x-from", today),
        day("x-until", absence.until)
    )
}
