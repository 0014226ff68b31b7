//! What a form sends: names with values, bounded, wiped when dropped.

use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// Fields of one form.
const MAX_FIELDS: usize = 512;

/// The fields of a form. A name that comes twice keeps its first value.
pub(super) struct Form(BTreeMap<String, Zeroizing<String>>);

impl Form {
    /// Reads `a=b&c=d`; `None` if it is not that.
    pub(super) fn parse(body: &[u8]) -> Option<Form> {
        let text = str::from_utf8(body).ok()?;
        let mut fields = BTreeMap::new();
        for (n, pair) in text.split('&').filter(|p| !p.is_empty()).enumerate() {
            let (name, value) = pair.split_once('=')?;
            if n >= MAX_FIELDS {
                return None;
            }
            let value = decoded(value)?;
            fields.entry(decoded(name)?.to_string()).or_insert(value);
        }
        Some(Form(fields))
    }

    /// A field; empty if it was not sent.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |value| value.as_str())
    }

    /// A field of words: line ends as records have them, blanks at the ends dropped.
    pub(super) fn words(&self, name: &str) -> String {
        self.get(name).replace("\r\n", "\n").replace('\r', "\n").trim().to_owned()
    }

    /// All fields whose names begin so, as words.
    pub(super) fn starting(&self, start: &str) -> BTreeMap<String, String> {
        let names = self.0.keys().filter(|name| name.starts_with(start));
        names.map(|name| (name.clone(), self.words(name))).collect()
    }

    /// Whether a field was sent.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}

fn decoded(text: &str) -> Option<Zeroizing<String>> {
    // Never longer than what was sent, so it never moves and leaves no copy.
    let mut out = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
                digit(bytes.next()?)? << 4 | digit(bytes.next()?)?
            }
            byte => byte,
        });
    }
    String::from_utf8(std::mem::take(&mut *out)).ok().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_decoded_and_nothing_else_passes() {
        let form = Form::parse(b"a=1+2&b=%C3%A9%0D%0Ax+&a=3&empty=").unwrap();
        assert_eq!(form.get("a"), "1 2");
        assert_eq!(form.words("b"), "\u{e9}\nx");
        assert!(form.has("empty") && !form.has("c"));
        for bad in [&b"a"[..], b"a=%", b"a=%zz", b"a=%+1", b"a=%ff", b"\xff=1"] {
            assert!(Form::parse(bad).is_none());
        }
        assert!(Form::parse("x=1&".repeat(MAX_FIELDS + 1).as_bytes()).is_none());
    }
}
