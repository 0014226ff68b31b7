//! Words as a reader sees them: the texts that revisions are compared by write links and images the way
//! Markdown does; a page says them in words.

use std::collections::BTreeSet;

/// A longer target is left as it stands: it is no address.
const LONGEST: usize = 2048;

/// Both sides of a change in words. Where a link leads is said when the other side does not say the same.
pub(super) fn both(old: &str, new: &str) -> (String, String) {
    let (mut before, mut after) = (BTreeSet::new(), BTreeSet::new());
    words(old, &mut |label, target| before.insert((label.to_owned(), target.to_owned())));
    words(new, &mut |label, target| after.insert((label.to_owned(), target.to_owned())));
    let known = |set: &BTreeSet<(String, String)>, label: &str, target: &str| {
        !set.contains(&(label.to_owned(), target.to_owned()))
    };
    (words(old, &mut |l, t| known(&after, l, t)), words(new, &mut |l, t| known(&before, l, t)))
}

/// The text without marks; `tell` says of each link whether its target is told.
fn words(text: &str, tell: &mut dyn FnMut(&str, &str) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut open: Vec<usize> = Vec::new();
    let mut code = false;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '`' => code = !code,
            '[' if !code => open.push(out.len()),
            ']' if !code => {
                if let Some(start) = open.pop()
                    && let Some((target, after)) = target(rest)
                {
                    rest = after;
                    let label = out.split_off(start).split_off(1);
                    let image = out.ends_with('!');
                    if image {
                        out.pop();
                        out.push_str(&format!("image “{label}” ({target})"));
                    } else if tell(&label, target) {
                        out.push_str(&format!("{label} (leads to {target})"));
                    } else {
                        out.push_str(&label);
                    }
                    continue;
                }
            }
            _ => {}
        }
        out.push(c);
    }
    out
}

/// The target in brackets at the start of a text, and what follows it.
fn target(rest: &str) -> Option<(&str, &str)> {
    let inner = rest.strip_prefix('(')?;
    let mut depth = 0usize;
    for (at, c) in inner.char_indices().take_while(|(at, _)| *at < LONGEST) {
        match c {
            '(' => depth += 1,
            ')' if depth == 0 => return Some((&inner[..at], &inner[at + 1..])),
            ')' => depth -= 1,
            c if c.is_whitespace() => return None,
            _ => {}
        }
    }
    None
}

/// A heading without the signs before it.
pub(super) fn heading(text: &str) -> &str {
    text.trim_start_matches('#').trim_start()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn links_are_said_in_words() {
        let same = "see [the record](evidence/a(1).txt) and [1], `[x](y)`";
        assert_eq!(both(same, same).0, "see the record and [1], `[x](y)`");
        let (old, new) = both("see [it](a.txt)", "see [it](b.txt) ![plot](p.png)");
        assert_eq!(old, "see it (leads to a.txt)");
        assert_eq!(new, "see it (leads to b.txt) image “plot” (p.png)");
        assert_eq!(both("", "a ](b) [c] (d) [e](f g)").1, "a ](b) [c] (d) [e](f g)");
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "[\\[\\]()!`a é]{0,60}") {
            let (a, b) = both(&text, &text);
            prop_assert_eq!(a, b);
        }
    }
}
