//! The sentence a signer assents to: its placeholders.

/// Placeholders that may stand in a sentence.
pub const PLACEHOLDERS: [&str; 8] =
    ["name", "role", "revision", "package", "model", "version", "decision", "step"];

/// What the sentence must say, each by one of its placeholders: who, of what, at which state, what.
const NEEDED: [&[&str]; 4] = [&["name"], &["package", "model"], &["revision", "version"], &["decision"]];

/// What is wrong with a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wrong {
    /// An unknown placeholder.
    Unknown(String),
    /// A brace without its partner.
    Brace,
    /// A placeholder it must have: one of these.
    Missing(&'static [&'static str]),
}

/// Everything that is wrong with a sentence.
pub(super) fn wrongs(sentence: &str) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    let mut used: Vec<&str> = Vec::new();
    let mut rest = sentence;
    while let Some(at) = rest.find(['{', '}']) {
        let opened = rest[at..].starts_with('{');
        rest = &rest[at + 1..];
        match rest.find(['{', '}']) {
            Some(end) if opened && rest[end..].starts_with('}') => {
                let name = &rest[..end];
                if PLACEHOLDERS.contains(&name) {
                    used.push(name);
                } else {
                    wrong.push(Wrong::Unknown(name.to_owned()));
                }
                rest = &rest[end + 1..];
            }
            _ => wrong.push(Wrong::Brace),
        }
    }
    let missing = NEEDED.iter().filter(|names| !names.iter().any(|n| used.contains(n)));
    wrong.extend(missing.map(|names| Wrong::Missing(names)));
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_fault_of_a_sentence() {
        assert_eq!(wrongs("I, {name}, {decision} revision {revision} of {package}."), []);
        assert_eq!(wrongs("I, {name}, {decision} {model} {version}"), []);
        assert_eq!(
            wrongs("I, {nmae}, {decision} {package"),
            [
                Wrong::Unknown("nmae".to_owned()),
                Wrong::Brace,
                Wrong::Missing(&["name"]),
                Wrong::Missing(&["package", "model"]),
                Wrong::Missing(&["revision", "version"])
            ]
        );
    }
}
