//! Anything but a decision, as filled in, becomes the body of a record, or a list of what is wrong with it.

use super::super::draft::Draft;
use super::terms::said;
use crate::dossier::{Dossier, Register};
use crate::engine::{StepOutcome, StepState, Thread};
use crate::id::{ConditionId, PersonId, RoleId, SectionId, StepId};
use crate::record::{
    Anchor, Body, Comment, Discharge, Object, Recuse, Reply, Retract, Subject, Verify, Waive, Withdraw,
};
use crate::site::desk::{ActInput, Problem};
use crate::store::Workspace;

/// What an act is made in.
pub(super) struct Scene<'a> {
    pub ws: &'a Workspace,
    pub register: &'a Register,
    pub dossier: &'a Dossier,
    pub subject: &'a Subject,
    pub person: &'a PersonId,
}

type Made = Result<Draft, Vec<Problem>>;

/// A body, with the step and role it is made in, for the kinds that have them.
type Said = (Body, (Option<StepId>, Option<RoleId>));

impl Scene<'_> {
    /// The draft of the record, or what is wrong.
    pub(super) fn draft(&self, input: &ActInput) -> Made {
        let mut problems = Vec::new();
        let words = match input.act.as_str() {
            "comment" => Some("Write your comment or question"),
            "reply" => Some("Write your reply"),
            "answer" => Some("Write your answer"),
            "resolve" => None,
            "discharge" => Some("Say how the condition was met"),
            "object" => Some("Say what you object to"),
            _ => Some("Say why"),
        };
        if let Some(words) = words {
            said(&input.text, "text", words, &mut problems);
        }
        let body = self.body(input, &mut problems);
        match body {
            Some((body, seat)) if problems.is_empty() => {
                let mut draft = Draft::plain(Some(self.subject.clone()), body);
                (draft.step, draft.role) = seat;
                Ok(draft)
            }
            _ if problems.is_empty() => Err(vec![Problem::new("text", "This cannot be done here any more")]),
            _ => Err(problems),
        }
    }

    fn body(&self, input: &ActInput, problems: &mut Vec<Problem>) -> Option<Said> {
        let text = input.text.clone();
        let none = (None, None);
        Some(match input.act.as_str() {
            "comment" => (Body::Comment(self.comment(input, problems)?), none),
            "reply" => {
                let thread = self.thread(&input.about)?;
                let section = thread.section.clone();
                (
                    Body::Comment(Comment {
                        about: Some(thread.id),
                        anchor: None,
                        blocking: false,
                        section,
                        text,
                    }),
                    none,
                )
            }
            "answer" => (Body::Answer(Reply { about: self.thread(&input.about)?.id, text }), none),
            "resolve" => (Body::Resolve(Reply { about: self.thread(&input.about)?.id, text }), none),
            "withdraw" => {
                let record = input.about.parse().ok()?;
                let mut entries =
                    self.dossier.entries.iter().filter_map(|at| self.register.ledger.entries.get(*at));
                let entry = entries.find(|e| e.id() == record)?;
                if entry.record().signer.person != *self.person {
                    let name = &entry.record().signer.name;
                    problems.push(Problem::new("text", format!("Only {name} can take this back")));
                }
                (Body::Withdraw(Withdraw { reason: text, record }), none)
            }
            "recuse" => (Body::Recuse(Recuse { reason: text }), none),
            "retract" => (Body::Retract(Retract { reason: text }), none),
            "object" => {
                let step = self.my_step()?;
                let seat = (Some(step.id.clone()), Some(step.role.clone()));
                (Body::Object(Object { reason: text, section: None }), seat)
            }
            "discharge" | "verify" | "waive" => self.about_condition(input, problems)?,
            _ => return None,
        })
    }

    fn thread(&self, id: &str) -> Option<&Thread> {
        let id = id.parse().ok()?;
        self.dossier.outcome.threads.iter().find(|t| t.id == id)
    }

    /// The step the person may decide later, or now.
    fn my_step(&self) -> Option<&StepOutcome> {
        let mine = || self.dossier.outcome.steps.iter().filter(|s| s.eligible.contains(self.person));
        mine().find(|s| s.state == StepState::Waiting).or_else(|| mine().next())
    }

    fn comment(&self, input: &ActInput, problems: &mut Vec<Problem>) -> Option<Comment> {
        let current = self.dossier.current()?;
        let section: SectionId = input.section.parse().ok()?;
        current.chain.section(&section)?;
        let blocking = match input.choice.as_str() {
            "ask" => true,
            "note" => false,
            _ => {
                problems
                    .push(Problem::new("choice", "Say whether it is a request for clarification or a note"));
                false
            }
        };
        let anchor = match input.quote.as_str() {
            "" => None,
            quote => {
                let path = format!("packages/{}/revisions/{}/{section}.md", self.dossier.id, current.number);
                let text = self.ws.read_or_empty(&path).ok()?;
                if !spoken(&String::from_utf8_lossy(&text)).contains(&spoken(quote)) {
                    problems.push(Problem::new(
                        "quote",
                        format!(
                            "This section of revision {} does not say that. Copy the passage word for word, or leave it \
                             empty",
                            current.number
                        ),
                    ));
                }
                let sha256 = current.package.manifest.section_digest(&section);
                Some(Anchor { quote: quote.to_owned(), sha256 })
            }
        };
        Some(Comment { about: None, anchor, blocking, section, text: input.text.clone() })
    }

    fn about_condition(&self, input: &ActInput, problems: &mut Vec<Problem>) -> Option<Said> {
        let condition: ConditionId = input.section.parse().ok()?;
        let record = input.about.parse().ok()?;
        let outcome = &self.dossier.outcome;
        let found = outcome.conditions.iter().find(|c| c.record == record && *c.id() == condition)?;
        let step = outcome.steps.iter().find(|s| s.id == found.step);
        let role = found.condition.verifier_role.clone().or_else(|| step.map(|s| s.role.clone()));
        let reason = input.text.clone();
        Some(match input.act.as_str() {
            "discharge" => {
                (Body::Discharge(Discharge { condition, evidence: None, reason, record }), (None, None))
            }
            "verify" => {
                let accepted = input.choice == "yes";
                if !accepted && input.choice != "no" {
                    problems.push(Problem::new("choice", "Say whether the condition is met"));
                }
                (Body::Verify(Verify { accepted, condition, reason, record }), (None, role))
            }
            _ => (Body::Waive(Waive { condition, reason, record }), (None, role)),
        })
    }
}

/// The words of a passage as they are read out: Markdown's marks and the browser's line breaks aside, so
/// that what was copied from the page is found in the source.
fn spoken(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            // The target of a link is not read out.
            ']' if rest.starts_with('(') => {
                let end = rest.find(')').map_or(rest.len(), |at| at + 1);
                rest = &rest[end..];
            }
            '*' | '_' | '`' | '[' | ']' | '\\' | '|' | '#' | '>' | '~' | '!' => {}
            c => out.push(c),
        }
    }
    out.split_whitespace().filter(|w| w.chars().any(|c| c != '-')).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::spoken;

    #[test]
    fn what_is_copied_from_a_page_is_found_in_its_source() {
        let source = "See **the\n  [register](evidence/a.csv)** of `AUTH-2`,\n> valid to 2027.\n";
        assert!(spoken(source).contains(&spoken("the register of AUTH-2, valid")));
        assert!(!spoken(source).contains(&spoken("valid to 2028")));
    }
}
