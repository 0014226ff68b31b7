//! What this reader writes and has not submitted: ready, or what is missing and where.

use super::act::author_side;
use crate::dossier::{Dossier, Working};
use crate::id::PersonId;
use crate::package::{self, MAX_TEXT};
use crate::site::address;
use crate::site::view::panels::{self, Problems};
use crate::site::view::{Index, Link};
use crate::site::words;
use crate::text::{SourceFile, Sources};
use serde::Serialize;

/// A working copy that is not under review.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Draft {
    pub link: Link,
    pub id: String,
    /// Where it stands, in one sentence.
    pub state: String,
    /// Where it is submitted, once nothing is missing.
    pub submit: Option<Link>,
    pub problems: Option<Problems>,
}

/// Whether somebody writes a package: named in its working copy, or on the author's side of a revision.
pub(crate) fn writes(index: &Index<'_>, dossier: &Dossier, me: &PersonId) -> bool {
    let meta = dossier.package.as_ref().map(|p| &p.meta);
    meta.is_some_and(|meta| meta.owner == *me || meta.authors.contains(me))
        || author_side(index.register, dossier).contains(me)
}

/// Whom a package.toml with mistakes names all the same.
fn named(dossier: &Dossier, sources: &dyn Sources) -> Option<Vec<PersonId>> {
    let path = dossier.base().join("package.toml").ok()?;
    let text = String::from_utf8(sources.read(&path).ok()?).ok().filter(|t| t.len() <= MAX_TEXT)?;
    package::named(&SourceFile::new(path, text))
}

/// The number of the revision the working copy would be; none if there is nothing to submit.
pub(crate) fn next(dossier: &Dossier) -> Option<u32> {
    let unsubmitted = match dossier.working {
        Working::Draft => dossier.current().is_none(),
        Working::Unsubmitted { .. } => true,
        Working::Current => false,
    };
    unsubmitted.then(|| dossier.current().map_or(1, |r| r.number + 1))
}

pub(crate) fn all(index: &Index<'_>, sources: &dyn Sources, me: &PersonId, root: &str) -> Vec<Draft> {
    index.register.packages.values().filter_map(|dossier| draft(index, sources, dossier, me, root)).collect()
}

fn draft(
    index: &Index<'_>,
    sources: &dyn Sources,
    dossier: &Dossier,
    me: &PersonId,
    root: &str,
) -> Option<Draft> {
    let half = dossier.package.is_none();
    let named = if half { named(dossier, sources) } else { None };
    // What cannot be read at all names nobody: better shown to everybody than to nobody.
    let unread = half && named.is_none() && dossier.current().is_none();
    if !unread && !named.is_some_and(|all| all.contains(me)) && !writes(index, dossier, me) {
        return None;
    }
    let number = if half && dossier.current().is_none() { 1 } else { next(dossier)? };
    let errors = dossier.diagnostics.errors();
    let ready = errors == 0 && !half;
    let missing = words::count(errors, "thing");
    let verb = if errors == 1 { "is" } else { "are" };
    let rest = if half { " The rest is checked once this is mended." } else { "" };
    let state = match (ready, number) {
        (true, 1) => "Not submitted yet. Ready to submit.".to_owned(),
        (true, n) => format!("The files differ from revision {}. Ready to submit.", n - 1),
        _ if unread => {
            format!(
                "It cannot be read, so nobody is named as its author yet: {missing} {verb} missing.{rest}"
            )
        }
        (false, 1) => format!("Not submitted yet: {missing} {verb} missing.{rest}"),
        (false, n) => format!("The files differ from revision {}: {missing} {verb} missing.", n - 1),
    };
    let page = |page: &str| format!("{root}packages/{}/{page}", dossier.id);
    Some(Draft {
        link: Link::new(
            address::href(root, &address::package(&dossier.id), ""),
            super::home::title(Some(dossier), dossier.id.as_str()),
        ),
        id: dossier.id.to_string(),
        state,
        submit: ready
            .then(|| Link::new(page("act.html?act=submit"), format!("Submit revision {number} for review"))),
        problems: panels::problems(dossier),
    })
}
