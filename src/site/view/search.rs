//! The search page: a field and results that its script makes, or the way that works without one.

use super::{Frame, Index};
use crate::site::address::{self, SitePath};
use crate::site::render::View;
use crate::site::search::Layout;
use serde::Serialize;

/// The whole page.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct SearchView {
    pub frame: Frame,
    /// Address of the script.
    pub script: String,
    /// How many files the index has.
    pub layout: Layout,
    /// The statuses a result can show: the script takes their icons from the page.
    pub icons: Vec<&'static str>,
}

impl View for SearchView {
    const TEMPLATE: &'static str = "search.html";
}

/// The search page.
pub(crate) fn page(index: &Index<'_>, path: &SitePath, layout: Layout) -> SearchView {
    let mut frame = index.frame(path, "Search".to_owned());
    frame.here = "search";
    frame.printed = format!("countersign \u{b7} {} \u{b7} search", index.register.name);
    SearchView {
        frame,
        script: address::href(&path.root(), &index.searcher, ""),
        layout,
        icons: vec!["check", "clock", "cross", "change", "dash", "page", "pen", "seal", "speech"],
    }
}
