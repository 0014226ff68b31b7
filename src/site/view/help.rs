//! Help: what signing means, how to check it, whom to ask. The same place on every page.

use super::{Frame, Index};
use crate::site::address::SitePath;
use crate::site::render::View;
use serde::Serialize;

/// The whole page.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct HelpView {
    pub frame: Frame,
    pub registrars: Vec<String>,
}

impl View for HelpView {
    const TEMPLATE: &'static str = "help.html";
}

/// The help page.
pub(crate) fn page(index: &Index<'_>, path: &SitePath) -> HelpView {
    let mut frame = index.frame(path, "Help".to_owned());
    frame.here = "help";
    frame.printed = "countersign \u{b7} help".to_owned();
    let people = index.register.people.persons.values();
    let registrars = people
        .filter(|p| p.roles.iter().any(|r| r.as_str() == "registrar"))
        .map(|p| format!("{} ({})", p.name, p.email));
    HelpView { registrars: registrars.collect(), frame }
}
