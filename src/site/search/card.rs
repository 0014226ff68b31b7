//! What of a package can be found: the words its page shows, by the place they stand at.

use crate::digest::FileDigest;
use crate::dossier::Dossier;
use crate::id::PackageId;
use crate::site::markdown;
use crate::site::view::decisions::{DecisionView, Uncounted};
use crate::site::view::figures::Figures;
use crate::site::view::package::PackageView;
use crate::site::view::section::SectionView;
use crate::site::view::standing::OverrideView;
use crate::site::view::terms::ConditionView;
use crate::site::view::threads::Message;
use crate::site::view::{Fact, Signature};
use crate::text::{RepoPath, Sources};

/// A package as the search knows it.
#[derive(Debug)]
pub(super) struct Card {
    pub id: PackageId,
    pub title: String,
    /// What one might call it: found like a word of the title.
    pub names: Vec<String>,
    /// Of the state.
    pub tone: &'static str,
    pub icon: &'static str,
    pub state: String,
    pub revision: String,
    pub places: Vec<Place>,
}

/// A part of the page that has an anchor.
#[derive(Debug)]
pub(super) struct Place {
    pub anchor: String,
    pub heading: String,
    /// Every package has this heading: to look for its words finds nothing in particular.
    pub common: bool,
    /// The text of the section, which stands behind `before` and in front of `after`.
    pub prose: Option<Text>,
    pub before: Vec<String>,
    pub after: Vec<String>,
}

/// A text that is read only when it is needed.
#[derive(Debug)]
pub(super) struct Text {
    source: RepoPath,
    digest: FileDigest,
}

/// A place with its text.
pub(super) struct Filled<'a> {
    pub place: &'a Place,
    /// Paragraphs in reading order; true for a heading inside the section.
    pub paragraphs: Vec<(String, bool)>,
}

impl Card {
    /// From the view of the page that shows the package as it stands.
    pub(super) fn of(dossier: &Dossier, view: &PackageView) -> Card {
        let about = Place {
            before: view.facts.iter().flat_map(fact).collect(),
            after: view.said.messages.iter().flat_map(message).collect(),
            ..place(if view.facts.is_empty() { "" } else { "what-title" }, "What is reviewed")
        };
        let mut places = vec![about];
        let mut push = |anchor: &str, heading: &str, before: Vec<String>| {
            if !before.is_empty() {
                places.push(Place { before, ..place(anchor, heading) });
            }
        };
        push("overrides", "Overrides", view.overrides.iter().map(an_override).collect());
        push("conditions", "Conditions", view.conditions.iter().flat_map(condition).collect());
        let decided = view.decisions.iter().map(decision).chain(view.uncounted.iter().map(uncounted));
        push("decisions", "Decisions", decided.collect());
        places.extend(view.sections.iter().map(section));
        // The first tag of the page is the state, the first fact the model.
        let (state, model) = (view.tags.first(), view.facts.first());
        let revision = dossier.current().map(|r| format!("Revision {}", r.number));
        Card {
            id: dossier.id.clone(),
            title: view.heading.clone(),
            names: [dossier.id.to_string()].into_iter().chain(model.map(|f| f.text.clone())).collect(),
            tone: state.map_or("quiet", |tag| tag.tone),
            icon: state.map_or("page", |tag| tag.icon),
            state: state.map_or(String::new(), |tag| tag.text.clone()),
            revision: revision.unwrap_or_else(|| "Not submitted".to_owned()),
            places,
        }
    }

    /// Reads the texts. False when one is not the one its digest names: its page does not show it either.
    pub(super) fn fill(&self, sources: &dyn Sources) -> (Vec<Filled<'_>>, bool) {
        let mut whole = true;
        let filled = self.places.iter().map(|place| {
            let mut paragraphs: Vec<_> = place.before.iter().map(|text| (text.clone(), false)).collect();
            if let Some(text) = &place.prose {
                match markdown::words(sources, &text.source, &text.digest) {
                    Some(said) => {
                        let own = |s: &crate::package::markdown::Said| s.heading && s.text == place.heading;
                        let said = said.into_iter().enumerate().filter(|(n, s)| *n > 0 || !own(s));
                        paragraphs.extend(said.map(|(_, said)| (said.text, said.heading)));
                    }
                    None => whole = false,
                }
            }
            paragraphs.extend(place.after.iter().map(|text| (text.clone(), false)));
            Filled { place, paragraphs }
        });
        let filled = filled.collect();
        (filled, whole)
    }
}

fn place(anchor: &str, heading: &str) -> Place {
    Place {
        anchor: anchor.to_owned(),
        heading: heading.to_owned(),
        common: true,
        prose: None,
        before: Vec::new(),
        after: Vec::new(),
    }
}

fn section(view: &SectionView) -> Place {
    // What the authors wrote comes first: of two passages that say as much, theirs is shown.
    let mut after: Vec<String> = view.figures.iter().flat_map(figures).collect();
    after.extend(view.said.messages.iter().flat_map(message));
    after.push(join(": ", ["What this section must show", &view.criterion]));
    after.push(view.cites.clone());
    after.extend(view.evidence.iter().map(|file| file.path.clone()));
    after.retain(|text| !text.is_empty());
    Place {
        anchor: view.anchor.clone(),
        heading: view.title.clone(),
        common: false,
        prose: view.prose.as_ref().map(|p| Text { source: p.source.clone(), digest: p.digest }),
        before: Vec::new(),
        after,
    }
}

fn figures(all: &Figures) -> Vec<String> {
    let rows = all.rows.iter().map(|row| {
        let what = join(", ", [&row.label, &row.group]);
        join("; ", [&what, &row.bound, &row.value, &row.result.text, &row.note, &row.cites, &row.sample])
    });
    let exceptions = all
        .exceptions
        .iter()
        .map(|e| join("; ", [&format!("Exception {}", e.id), &e.about, &e.reason, &e.control]));
    rows.chain(exceptions).collect()
}

/// A fingerprint is shown in groups of letters and looked for as a whole.
fn fact(fact: &Fact) -> Option<String> {
    let text = if fact.class == "hash" { fact.text.replace(' ', "") } else { fact.text.clone() };
    (!text.is_empty()).then(|| format!("{}: {text}", fact.term))
}

/// A message and what answers it, each with who said it.
fn message(message: &Message) -> Vec<String> {
    let by = message.by.as_ref().map_or(String::new(), signer);
    let said = [message.quote.as_str()];
    let said = said.into_iter().chain(message.paragraphs.iter().chain(&message.required).map(String::as_str));
    let own = join(": ", [by.as_str(), &join(" ", said)]);
    [own].into_iter().chain(message.replies.iter().flat_map(self::message)).collect()
}

fn condition(c: &ConditionView) -> Vec<String> {
    let own = join("; ", [c.id.as_str(), &c.text, &c.kind, &c.owner, &c.by]);
    let said = c.said.iter().map(|s| join(": ", [&signer(&s.by), s.what, &s.reason]));
    [own].into_iter().chain(said).collect()
}

fn decision(d: &DecisionView) -> String {
    let by = signer(&d.by);
    join("; ", [by.as_str(), &d.step, &d.decision.text, &d.by.meaning, &d.reason, &d.fate, &d.note])
}

fn uncounted(u: &Uncounted) -> String {
    join("; ", [signer(&u.by).as_str(), &u.what, &u.fate, &u.note])
}

fn an_override(o: &OverrideView) -> String {
    let by = o.asked.iter().chain(&o.seconded).map(signer).collect::<Vec<_>>();
    join("; ", [o.text.as_str(), &o.reason].into_iter().chain(by.iter().map(String::as_str)))
}

fn signer(by: &Signature) -> String {
    join(", ", [by.name.as_str(), &by.acting_for, &by.role])
}

fn join<'a>(between: &str, parts: impl IntoIterator<Item = &'a (impl AsRef<str> + ?Sized + 'a)>) -> String {
    let parts: Vec<&str> = parts.into_iter().map(AsRef::as_ref).filter(|part| !part.is_empty()).collect();
    parts.join(between)
}
