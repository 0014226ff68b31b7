//! package.toml: read with its places (SPEC section 9.1).

use super::diagnostics as say;
use super::placeholder;
use super::{Exception, Meta};
use crate::diag::Diagnostics;
use crate::diag::toml::{At, Table, read};
use crate::id::{Model, PersonId};
use crate::text::{SourceFile, Span};
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

/// Places in package.toml that later checks point at.
#[derive(Debug, Clone, Default)]
pub(super) struct Places {
    /// The chain's name.
    pub chain: Span,
    /// Each exception's id, in file order.
    pub exceptions: Vec<Span>,
}

/// Reads package.toml. The meta is `None` where a key that must be there is missing or wrong.
pub(super) fn meta(file: &SourceFile, out: &mut Diagnostics) -> Option<(Meta, Places)> {
    read(file, "package.toml", out, top)?
}

/// Who a package.toml names as its people, whatever else is wrong with it: owner and authors. `None` when it
/// is not TOML at all.
pub fn named(file: &SourceFile) -> Option<Vec<PersonId>> {
    read(file, "package.toml", &mut Diagnostics::new(), |t| {
        let owner = t.form::<PersonId>("owner").map(|owner| owner.value);
        owner
            .into_iter()
            .chain(t.list::<PersonId>("authors").into_iter().map(|author| author.value))
            .collect()
    })
}

fn top(t: &Table<'_>) -> Option<(Meta, Places)> {
    let title = t.string("title");
    let chain = t.form("chain");
    let owner = t.form("owner");
    let authors = authors(t);
    let model = t.table("model", true, model).flatten();
    let scope = t.table("scope", true, scope).flatten();
    let free = t.table("meta", false, free).unwrap_or_default();
    let (exceptions, places) = exceptions(t);
    let chain: At<_> = chain?;
    let (model, registry, artifact) = model?;
    let (use_, not_for, environments) = scope?;
    let meta = Meta {
        title: title?.value,
        chain: chain.value,
        owner: owner?.value,
        authors: authors?,
        model,
        registry,
        artifact,
        use_,
        not_for,
        environments,
        meta: free,
        exceptions: exceptions?,
    };
    Some((meta, Places { chain: chain.span, exceptions: places }))
}

fn authors(t: &Table<'_>) -> Option<Vec<PersonId>> {
    let written = t.list::<PersonId>("authors");
    if written.is_empty() {
        t.report(say::authors_empty(t.file(), Span::default()));
        return None;
    }
    let mut all: Vec<PersonId> = Vec::new();
    for author in written {
        if all.contains(&author.value) {
            t.report(say::duplicate(t.file(), author.span, "author", author.value.as_str()));
        } else {
            all.push(author.value);
        }
    }
    Some(all)
}

fn model(t: &Table<'_>) -> Option<(Model, Option<String>, Option<String>)> {
    let name = t.string("name");
    let version = t.string("version");
    let registry = t.maybe("registry").map(|r| r.value);
    let artifact = t.maybe_form::<Artifact>("artifact").map(|a| a.value.0);
    Some((Model { name: name?.value, version: version?.value }, registry, artifact))
}

/// `sha256:` and 64 hex digits.
struct Artifact(String);

impl FromStr for Artifact {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let digest =
            text.strip_prefix("sha256:").and_then(|hex| hex.parse::<crate::digest::FileDigest>().ok());
        match digest {
            Some(_) => Ok(Artifact(text.to_owned())),
            None => Err("it must be `sha256:` and 64 lowercase hex digits".to_owned()),
        }
    }
}

fn scope(t: &Table<'_>) -> Option<(String, String, Vec<String>)> {
    let use_ = t.string("use");
    let not_for = t.string("not_for");
    placeholder::value(t, use_.as_ref(), placeholder::USE, "the permitted use");
    placeholder::value(t, not_for.as_ref(), placeholder::NOT_FOR, "what the model must not be used for");
    let environments = t.list::<String>("environments").into_iter().map(|e| e.value).collect();
    Some((use_?.value, not_for?.value, environments))
}

fn free(t: &Table<'_>) -> BTreeMap<String, String> {
    let names = t.names();
    names.into_iter().filter_map(|name| Some((name.value.clone(), t.string(&name.value)?.value))).collect()
}

fn exceptions(t: &Table<'_>) -> (Option<Vec<Exception>>, Vec<Span>) {
    let mut places = Vec::new();
    let mut ids = BTreeSet::new();
    let mut about = BTreeSet::new();
    let all = t.tables("exception", |t| {
        let id = t.string("id");
        places.push(id.as_ref().map_or(t.span(), |id| id.span));
        let (section, figure) = (t.form("section"), t.form("figure"));
        let group = t.maybe("group").map(|g| g.value);
        let (reason, control) = (t.string("reason"), t.string("control"));
        let until = t.maybe_form("until").map(|u| u.value);
        if let Some(id) = &id
            && !ids.insert(id.value.clone())
        {
            t.report(say::duplicate(t.file(), id.span, "exception", &id.value));
        }
        let exception = Exception {
            id: id?.value,
            section: section?.value,
            figure: figure?.value,
            group,
            reason: reason?.value,
            control: control?.value,
            until,
        };
        let key = (exception.section.clone(), exception.figure.clone(), exception.group.clone());
        if !about.insert(key) {
            let place = *places.last().expect("pushed above");
            t.report(say::duplicate(t.file(), place, "an exception for", exception.figure.as_str()));
        }
        Some(exception)
    });
    (all.into_iter().collect(), places)
}
