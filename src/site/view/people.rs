//! Who may act: persons, roles and keys as the ledger's people records add up.

use super::{EntryLink, Frame, Index, Tag, When};
use crate::record::{Delegation, KeyState};
use crate::site::address::{self, SitePath};
use crate::site::render::View;
use crate::site::words;
use serde::Serialize;

/// The whole page.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct PeopleView {
    pub frame: Frame,
    pub persons: Vec<PersonView>,
    /// Delegations in force, and those that begin later.
    pub delegations: Vec<DelegationView>,
}

/// Somebody decides for somebody else, for a while.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct DelegationView {
    pub who: String,
    pub state: Tag,
    pub window: String,
    pub steps: String,
    pub packages: String,
    pub reason: String,
    pub entry: Option<EntryLink>,
}

/// One person.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct PersonView {
    pub name: String,
    pub id: String,
    pub anchor: String,
    pub identity: String,
    pub roles: String,
    pub keys: Vec<KeyView>,
    /// Times away that have not ended.
    pub away: Vec<String>,
}

/// One key.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct KeyView {
    pub fingerprint: String,
    pub public: String,
    pub state: Tag,
    pub note: String,
}

impl View for PeopleView {
    const TEMPLATE: &'static str = "people.html";
}

/// The people page.
pub(crate) fn page(index: &Index<'_>, path: &SitePath) -> PeopleView {
    let mut frame = index.frame(path, "People and keys".to_owned());
    frame.here = "people";
    frame.printed = format!("countersign \u{b7} {} \u{b7} people and keys", index.register.name);
    let persons = index.register.people.persons.values().map(|p| PersonView {
        name: p.name.clone(),
        id: p.id.to_string(),
        anchor: address::person_anchor(&p.id),
        identity: p.identity.clone(),
        roles: words::list(&p.roles.iter().map(words::role).collect::<Vec<_>>()),
        away: p
            .absences
            .iter()
            .filter(|(_, absence)| absence.until >= index.register.as_of.date())
            .map(|(from, absence)| {
                format!("{} to {}: {}", from.human(), absence.until.human(), absence.reason)
            })
            .collect(),
        keys: p
            .keys
            .iter()
            .map(|k| {
                let (state, note) = match &k.state {
                    KeyState::Valid => {
                        (Tag::new("ok", "check", "Valid"), format!("Since ledger entry {}", k.from))
                    }
                    KeyState::Revoked { at, reason, distrust_from } => {
                        let disputed = distrust_from.map_or(String::new(), |from| {
                            format!(" Records from entry {from} on are disputed.")
                        });
                        (
                            Tag::new("bad", "cross", "Revoked"),
                            format!("At ledger entry {at}: {reason}.{disputed}"),
                        )
                    }
                };
                KeyView {
                    fingerprint: k.fingerprint.to_string(),
                    public: k.public.as_str().to_owned(),
                    state,
                    note,
                }
            })
            .collect(),
    });
    let now = index.register.as_of;
    let delegations = index.register.people.delegations.iter().filter(|d| d.until > now);
    PeopleView {
        delegations: delegations.map(|d| delegation(index, &path.root(), d)).collect(),
        persons: persons.collect(),
        frame,
    }
}

fn delegation(index: &Index<'_>, root: &str, d: &Delegation) -> DelegationView {
    let every = |what: &str, ids: Vec<String>| {
        if ids.is_empty() { format!("every {what}") } else { words::list(&ids) }
    };
    DelegationView {
        who: format!("{} decides for {}", index.name(&d.delegate), index.name(&d.principal)),
        state: if d.from <= index.register.as_of {
            Tag::new("info", "person", "In force")
        } else {
            Tag::new("quiet", "clock", "Begins later")
        },
        window: format!("From {} to {}", d.from.human(), When::end(d.until).human),
        steps: every("step the principal may decide", d.steps.iter().map(words::role).collect()),
        packages: every("package", d.packages.iter().map(ToString::to_string).collect()),
        reason: d.reason.clone(),
        entry: index.entry(&d.record).map(|e| EntryLink::new(root, e)),
    }
}
