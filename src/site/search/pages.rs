//! What is searched besides packages: chains, people, the help. Little, so it is one file without an index.

use super::call::call;
use crate::site::address::{self, SitePath};
use crate::site::view::Index;
use crate::site::words;
use serde::Serialize;

/// The headings of the help page by their anchors; a test compares them with the template.
pub(super) const HELP: [(&str, &str); 6] = [
    ("signing-title", "What signing means"),
    ("review-title", "How to review a package"),
    ("verify-title", "How to verify"),
    ("fates-title", "What can become of a record"),
    ("files-title", "About evidence files"),
    ("ask-title", "Whom to ask"),
];

/// A page.
#[derive(Serialize)]
struct Page {
    href: String,
    title: String,
    kind: &'static str,
    /// As in a package's file: anchor, heading, whether the heading is common, paragraphs.
    places: Vec<(String, String, bool, Vec<String>)>,
}

/// The file with all of them.
pub(crate) fn bytes(index: &Index<'_>) -> Vec<u8> {
    let mut all: Vec<Page> = Vec::new();
    for chain in index.register.chains.values() {
        let mut places = vec![(
            String::new(),
            "This chain".to_owned(),
            true,
            vec![chain.id.to_string(), chain.policy.clone()],
        )];
        let steps = chain.steps.iter().map(|step| format!("{}: {}", step.title, step.meaning));
        places.push(("steps-title".to_owned(), "Steps, in order".to_owned(), true, steps.collect()));
        let sections = chain.sections.iter().flat_map(|section| {
            let labels = chain.thresholds_of(&section.id).map(|t| format!("{}: {}", section.title, t.label));
            let own = format!("{}: {} {}", section.title, section.criterion, words::list(&section.cites));
            [own].into_iter().chain(labels)
        });
        let heading = "Sections every package has".to_owned();
        places.push(("sections-title".to_owned(), heading, true, sections.collect()));
        all.push(page(&address::chain(&chain.id), &chain.title, "Approval chain", places));
    }
    let people = index.register.people.persons.values().map(|person| {
        let roles = words::list(&person.roles.iter().map(words::role).collect::<Vec<_>>());
        let text = if roles.is_empty() { person.id.to_string() } else { format!("{}: {roles}", person.id) };
        (address::person_anchor(&person.id), person.name.clone(), false, vec![text])
    });
    all.push(page(&address::people(), "People and keys", "Register of people", people.collect()));
    let help =
        HELP.iter().map(|(anchor, heading)| ((*anchor).to_owned(), (*heading).to_owned(), false, Vec::new()));
    all.push(page(&address::help(), "Help", "Help", help.collect()));
    call("pages", &all)
}

fn page(
    path: &SitePath,
    title: &str,
    kind: &'static str,
    places: Vec<(String, String, bool, Vec<String>)>,
) -> Page {
    Page { href: address::href("", path, ""), title: title.to_owned(), kind, places }
}
