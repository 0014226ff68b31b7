//! Who may act: persons, roles and keys as the ledger's people records add up.

use super::{Frame, Index, Tag};
use crate::record::KeyState;
use crate::site::address::SitePath;
use crate::site::render::View;
use crate::site::words;
use serde::Serialize;

/// The whole page.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct PeopleView {
    pub frame: Frame,
    pub persons: Vec<PersonView>,
}

/// One person.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct PersonView {
    pub name: String,
    pub id: String,
    pub identity: String,
    pub roles: String,
    pub keys: Vec<KeyView>,
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
        identity: p.identity.clone(),
        roles: words::list(&p.roles.iter().map(words::role).collect::<Vec<_>>()),
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
    PeopleView { persons: persons.collect(), frame }
}
