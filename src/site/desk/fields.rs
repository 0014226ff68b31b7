//! What the rarer acts ask beside their words: whom, which steps, from when to when.
//!
//! The names of all these fields begin with `x-`, so that a form carries them without knowing them.

use super::{ActInput, Choice, Field, Problem, sentence};
use crate::dossier::Dossier;
use crate::engine::Revision;
use crate::site::view::Index;
use crate::site::view::stepper::number;

/// The fields of an act, as filled in.
pub(crate) struct Asked<'a> {
    pub index: &'a Index<'a>,
    pub dossier: Option<&'a Dossier>,
    pub input: &'a ActInput,
    pub problems: &'a [Problem],
}

impl Asked<'_> {
    fn value(&self, name: &str) -> &str {
        self.input.more.get(name).map_or("", String::as_str)
    }

    fn field(&self, kind: &'static str, name: &str, label: &str) -> Field {
        Field { kind, ..Field::new(name, label, self.value(name), self.problems) }
    }

    fn date(&self, name: &str, label: &str) -> Field {
        let part =
            |part: &'static str, label| (part, label, self.value(&format!("{name}-{part}")).to_owned());
        let parts = vec![part("day", "Day"), part("month", "Month"), part("year", "Year")];
        let error = Problem::of(self.problems, &format!("{name}-day"));
        Field { parts, error, ..self.field("date", name, label) }
    }

    fn checks(&self, name: &str, label: &str, all: impl Iterator<Item = (String, String)>) -> Field {
        let options = all.map(|(id, text)| {
            let value = format!("{name}-{id}");
            Choice { selected: self.value(&value) == "yes", value, text }
        });
        Field { options: options.collect(), ..self.field("checks", name, label) }
    }

    /// All of them, in order.
    pub(crate) fn all(&self) -> Vec<Field> {
        match self.input.act.as_str() {
            "delegate" => self.delegate(),
            "discharge" => vec![
                self.field("line", "x-evidence", "File of the package that shows it (optional)").hint(
                    "Its path in the package, such as evidence/renewal.pdf. Its SHA-256 is signed; keep the file.",
                ),
            ],
            "override" => self.set_aside(),
            "submit" => self.submit(),
            "certify" => self.certify(),
            _ => Vec::new(),
        }
    }

    fn delegate(&self) -> Vec<Field> {
        let register = self.index.register;
        let people = register.people.persons.values().map(|p| (p.id.to_string(), p.name.clone()));
        let people = std::iter::once((String::new(), "Choose a person".to_owned())).chain(people);
        let steps = super::stand_in::steps(register);
        let steps = steps.into_iter().map(|(id, title)| (id.to_string(), title));
        let packages = register
            .packages
            .values()
            .map(|dossier| (dossier.id.to_string(), super::home::title(Some(dossier), dossier.id.as_str())));
        let other = self.input.more.contains_key("x-for");
        let away = other.then(|| self.field("pick", "x-for", "Who is away?").among(people.clone()));
        let whose = if other { "their" } else { "your" };
        let fields = vec![
            self.field("pick", "x-to", &format!("Who decides in {whose} place?")).among(people),
            self.date("x-from", "From which day?").hint("For example 31 3 2027, in UTC."),
            self.date("x-until", "Until which day?").hint("That day is included."),
            self.checks("x-steps", "Only in these steps", steps).hint("Tick none for every step."),
            self.checks("x-packages", "Only for these packages", packages)
                .hint("Tick none for every package."),
        ];
        away.into_iter().chain(fields).collect()
    }

    fn set_aside(&self) -> Vec<Field> {
        let Some((dossier, chain)) = self.dossier.and_then(|d| Some((d, &d.current()?.chain))) else {
            return Vec::new();
        };
        let open = dossier.outcome.steps.iter().filter(|s| !s.state.passed());
        let open = open.map(|s| (s.id.to_string(), format!("Step {}, {}", number(chain, &s.id), s.title)));
        vec![
            self.checks("x-steps", "Which steps are to be set aside?", open),
            self.date("x-until", "Until which day does it hold?")
                .hint("For example 31 3 2027. Then the steps are open again."),
            self.date("x-review", "By which day is it looked back on?")
                .hint("It is shown as overdue after that day."),
        ]
    }

    fn submit(&self) -> Vec<Field> {
        let Some(dossier) = self.dossier else { return Vec::new() };
        let (Some(current), Some(package), Some(chain)) =
            (dossier.current(), dossier.package.as_deref(), dossier.chain.as_ref())
        else {
            return Vec::new();
        };
        let title = |id: &crate::id::SectionId| {
            let section = chain.section(id).or_else(|| current.chain.section(id));
            section.map_or_else(
                || "the fields of package.toml".to_owned(),
                |s| format!("\u{201c}{}\u{201d}", s.title),
            )
        };
        let mut out = Vec::new();
        for finding in dossier.outcome.findings.iter().filter(|f| f.open) {
            let name = format!("x-answer-{}", finding.id());
            let label =
                format!("Your answer to finding {} on {}", finding.id(), title(&finding.finding.section));
            out.push(self.field("area", &name, &label).hint(&format!(
                "{} found: {} Asked for: {}",
                self.index.name(&finding.by),
                sentence(&finding.finding.concern),
                sentence(&finding.finding.required)
            )));
        }
        let touched = touched(current, package, chain);
        for section in touched {
            let name = format!("x-note-{section}");
            let label = format!("What changed in {}, and why?", title(&section));
            out.push(self.field("area", &name, &label).hint("Reviewers read it above the change."));
        }
        out.push(
            self.field("pick", "x-class", "How much has changed, in your judgment?")
                .among(
                    [
                        ("", "No claim: let the rules of the chain decide"),
                        ("cosmetic", "Cosmetic: no page looks different"),
                        ("minor", "Minor: a small change of prose"),
                        ("material", "Material: reviewers should judge anew"),
                    ]
                    .map(|(value, text)| (value.to_owned(), text.to_owned())),
                )
                .hint("It can make the change count for more than the rules say, never for less."),
        );
        out
    }

    fn certify(&self) -> Vec<Field> {
        if self.input.more.get("x-replaces").is_none_or(String::is_empty) {
            return Vec::new();
        }
        let all = self.value("x-replaces").split(' ').filter_map(|id| {
            let entry = self.index.entry(&id.parse().ok()?)?;
            let package = entry.record().package()?;
            Some((
                id.to_owned(),
                format!("The certificate of {package}, issued {}", entry.record().signed_at.human()),
            ))
        });
        vec![self.field("pick", "x-supersedes", "Which certificate does this one replace?").among(all)]
    }
}

/// Sections of which the text, figures or evidence differ, and `package` for the fields of package.toml.
fn touched(
    current: &Revision,
    package: &crate::package::Package,
    chain: &crate::chain::Chain,
) -> Vec<crate::id::SectionId> {
    let (old, new) = (&current.package.manifest, &package.manifest);
    let gone = current.chain.sections.iter().filter(|s| chain.section(&s.id).is_none());
    let all = chain.sections.iter().chain(gone).map(|s| s.id.clone());
    let own = std::iter::once(crate::id::SectionId::package_itself());
    all.chain(own).filter(|id| old.section_digest(id) != new.section_digest(id)).collect()
}
