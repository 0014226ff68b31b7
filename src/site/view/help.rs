//! Help: what signing means, how to check it, whom to ask. The same place on every page.

use super::{Frame, Index};
use crate::engine::FateCode;
use crate::site::address::SitePath;
use crate::site::render::View;
use crate::site::words;
use serde::Serialize;

/// The whole page.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct HelpView {
    pub frame: Frame,
    pub registrars: Vec<String>,
    /// What can become of a record.
    pub fates: Vec<FateView>,
}

/// A code with its words.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct FateView {
    pub code: &'static str,
    pub words: &'static str,
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
    let fates = FateCode::ALL.iter().map(|c| FateView { code: c.as_str(), words: words::became(*c) });
    HelpView { registrars: registrars.collect(), fates: fates.collect(), frame }
}
