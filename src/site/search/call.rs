//! Data as a script: one call, in ASCII, that no text can leave.

use serde::Serialize;

/// `countersign.NAME(DATA);` as bytes.
pub(super) fn call(name: &str, data: &impl Serialize) -> Vec<u8> {
    let json = serde_json::to_string(data).expect("strings, numbers and lists");
    let mut out = format!("countersign.{name}(");
    ascii(&json, &mut out);
    out.push_str(");\n");
    out.into_bytes()
}

/// A text as a literal, behind what is written already.
pub(super) fn literal(text: &str, out: &mut String) {
    ascii(&serde_json::to_string(text).expect("a string"), out);
}

/// Outside ASCII a line could end (U+2028) or a decoder could be misled, and `</script>` or `<!--` could end
/// what a page puts around it: all of these stand only inside strings of the JSON, where they can be escaped.
fn ascii(json: &str, out: &mut String) {
    out.reserve(json.len());
    let mut units = [0; 2];
    for c in json.chars() {
        if c.is_ascii() && !matches!(c, '<' | '>' | '&' | '\u{7f}') {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
}
