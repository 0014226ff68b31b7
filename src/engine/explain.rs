//! The tree of reasons as text for a terminal.

use super::outcome::{Outcome, Why};
use crate::id::PersonId;
use std::fmt::Write as _;

/// Prints why the package is in its state, and what is missing. `names` gives a person's printed name.
pub fn explain(outcome: &Outcome, names: &dyn Fn(&PersonId) -> String) -> String {
    let mut out = format!("{} is {}.\n\n", outcome.package, outcome.state.words());
    tree(&mut out, &outcome.why, 0);
    if outcome.advice.is_empty() {
        return out;
    }
    out.push_str("\nMissing now:\n");
    for advice in &outcome.advice {
        let who: Vec<String> = advice.who.iter().map(|id| format!("{} ({id})", names(id))).collect();
        let _ = writeln!(out, "- {}", advice.missing);
        if !who.is_empty() {
            let _ = writeln!(out, "  who: {}", who.join(", "));
        }
        if !advice.command.is_empty() {
            let _ = writeln!(out, "  how: {}", advice.command);
        }
    }
    out
}

/// One line a reason; the mark is a word for those who cannot tell ✓ from ✗ in their font.
fn tree(out: &mut String, why: &Why, depth: usize) {
    let mark = if why.holds { "[yes]" } else { "[no] " };
    let _ = write!(out, "{:indent$}{mark} {}", "", why.rule, indent = depth * 2);
    if !why.because.is_empty() {
        let _ = write!(out, "; {}", why.because);
    }
    out.push('\n');
    for part in &why.parts {
        tree(out, part, depth + 1);
    }
}
