//! Characters a reader cannot see, or that make a line read in another order than it is written.
//!
//! A reviewer signs what the page shows; the digest covers what the file holds. These characters are
//! the gap between the two, so no text of a package, a chain or a record may hold them.

/// An invisible character in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invisible {
    /// Byte offset.
    pub at: usize,
    /// The character.
    pub character: char,
    /// Its name, for people.
    pub name: &'static str,
}

impl std::fmt::Display for Invisible {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "U+{:04X} ({})", u32::from(self.character), self.name)
    }
}

/// Every invisible character of a text, in order. Tab and newline are seen, so they are not among them.
pub fn invisible(text: &str) -> impl Iterator<Item = Invisible> {
    let mut previous = '\0';
    text.char_indices().filter_map(move |(at, character)| {
        let before = std::mem::replace(&mut previous, character);
        if character.is_ascii() && !character.is_ascii_control() {
            return None;
        }
        let name = name(character)?;
        let after = text[at + character.len_utf8()..].chars().next();
        (!part_of_a_picture(before, character, after)).then_some(Invisible { at, character, name })
    })
}

/// Variation selectors and joiners are seen where they choose or join pictures; after a letter they
/// could carry hidden data.
fn part_of_a_picture(before: char, character: char, after: Option<char>) -> bool {
    let picture =
        |c: char| matches!(u32::from(c), 0x2190..=0x2BFF | 0x3030..=0x303D | 0x1F000..=0x1FAFF | 0xFE0F);
    match u32::from(character) {
        0xFE0E | 0xFE0F => picture(before) && u32::from(before) != 0xFE0F,
        0x200D => picture(before) && after.is_some_and(picture),
        _ => false,
    }
}

fn name(character: char) -> Option<&'static str> {
    Some(match u32::from(character) {
        0x09 | 0x0A => return None,
        0x0D => "carriage return",
        0x00..=0x1F | 0x7F..=0x9F => "control character",
        0xAD => "soft hyphen",
        0x34F => "combining grapheme joiner",
        0x61C => "Arabic letter mark",
        0x115F | 0x1160 | 0x3164 | 0xFFA0 => "Hangul filler",
        0x17B4 | 0x17B5 => "Khmer inherent vowel",
        0x180B..=0x180F => "Mongolian separator or selector",
        0x200B => "zero width space",
        0x200C => "zero width non-joiner",
        0x200D => "zero width joiner",
        0x200E => "left-to-right mark",
        0x200F => "right-to-left mark",
        0x2028 => "line separator",
        0x2029 => "paragraph separator",
        0x202A => "left-to-right embedding",
        0x202B => "right-to-left embedding",
        0x202C => "pop directional formatting",
        0x202D => "left-to-right override",
        0x202E => "right-to-left override",
        0x2060 => "word joiner",
        0x2061..=0x2064 => "invisible operator",
        0x2066 => "left-to-right isolate",
        0x2067 => "right-to-left isolate",
        0x2068 => "first strong isolate",
        0x2069 => "pop directional isolate",
        0x2065 | 0x206A..=0x206F => "deprecated format character",
        0x2800 => "Braille blank",
        0xFE00..=0xFE0F => "variation selector",
        0xFEFF => "byte order mark",
        0xFFF9..=0xFFFB => "interlinear annotation",
        0x1D159 | 0x1D173..=0x1D17A => "musical format character",
        0x1BCA0..=0x1BCA3 => "shorthand format control",
        0xE0000..=0xE007F => "tag character",
        0xE0100..=0xE01EF => "variation selector",
        0xE0080..=0xE00FF | 0xE01F0..=0xE0FFF => "unassigned format character",
        n if n & 0xFFFE == 0xFFFE || (0xFDD0..=0xFDEF).contains(&n) => "noncharacter",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_what_cannot_be_seen_and_leaves_pictures_alone() {
        let found: Vec<String> =
            invisible("a\u{202e}b\u{200b}\tc\nd\u{e0041}").map(|i| i.to_string()).collect();
        assert_eq!(
            found,
            ["U+202E (right-to-left override)", "U+200B (zero width space)", "U+E0041 (tag character)"]
        );
        assert_eq!(
            invisible("warning \u{26a0}\u{fe0f}, family \u{1f468}\u{200d}\u{1f469}, é, 漢字").count(),
            0
        );
        assert_eq!(invisible("no\u{fe0f}t").count(), 1);
        assert_eq!(invisible("\u{26a0}\u{fe0f}\u{fe0f}").count(), 1);
        assert_eq!(invisible("a\u{200d}b").count(), 1);
    }
}
