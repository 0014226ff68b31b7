//! Diagnostics as text with an excerpt, as JSON, as SARIF 2.1.0 and as workflow annotations.

use super::{Diagnostic, Diagnostics, Severity};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde_json::{Value, json};

/// The shapes an answer can be printed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// For people.
    #[default]
    Human,
    /// One JSON document.
    Json,
    /// SARIF 2.1.0, for code-scanning tools.
    Sarif,
    /// Workflow commands that a forge shows beside the line.
    Github,
}

/// Prints all messages, in the order of their places. Empty input gives an empty JSON array, an empty
/// SARIF run, or no text.
pub fn render(diagnostics: &Diagnostics, format: Format, color: bool) -> String {
    let all = diagnostics.sorted();
    match format {
        Format::Human => all.iter().map(|d| human(d, color) + "\n").collect(),
        Format::Json => pretty(&json!(all)),
        Format::Sarif => sarif(&all),
        Format::Github => all.iter().map(|d| annotation(d)).collect(),
    }
}

fn pretty(value: &Value) -> String {
    let text = serde_json::to_string_pretty(value).expect("a JSON value always prints");
    text + "\n"
}

fn human(d: &Diagnostic, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let level = match d.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(d.message.as_str()).id(d.code.0);
    let mut group = match &d.place {
        Some(place) if place.line > 0 => {
            let mark = AnnotationKind::Primary.span(place.mark.0..place.mark.1).label(d.label.as_str());
            let snippet = Snippet::source(place.excerpt.as_str())
                .line_start(place.line)
                .path(place.path.as_str())
                .annotation(mark);
            title.element(snippet)
        }
        Some(place) => title.element(annotate_snippets::Origin::path(place.path.as_str())),
        None => Group::with_title(title),
    };
    if !d.help.is_empty() {
        group = group.element(Level::HELP.message(d.help.as_str()));
    }
    renderer.render(&[group]) + "\n"
}

/// One workflow command; percent, newlines and, in properties, colons and commas are escaped so that
/// the user's text cannot start a command of its own.
fn annotation(d: &Diagnostic) -> String {
    let data = |s: &str| s.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |s: &str| data(s).replace(':', "%3A").replace(',', "%2C");
    let kind = match d.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut properties = format!("title={}", property(d.code.0));
    if let Some(place) = &d.place {
        properties += &format!(",file={}", property(place.path.as_str()));
        if place.line > 0 {
            properties += &format!(",line={},col={}", place.line, place.column);
        }
    }
    let help = if d.help.is_empty() { String::new() } else { format!("\n{}", d.help) };
    format!("::{kind} {properties}::{}\n", data(&format!("{}{help}", d.message)))
}

fn sarif(all: &[&Diagnostic]) -> String {
    let result = |d: &&Diagnostic| {
        let text = if d.help.is_empty() { d.message.clone() } else { format!("{}. {}", d.message, d.help) };
        let level = match d.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let mut result = json!({ "ruleId": d.code.0, "level": level, "message": { "text": text } });
        if let Some(place) = &d.place {
            let mut location =
                json!({ "artifactLocation": { "uri": place.path.as_str(), "uriBaseId": "%SRCROOT%" } });
            if place.line > 0 {
                location["region"] = json!({ "startLine": place.line, "startColumn": place.column });
            }
            result["locations"] = json!([{ "physicalLocation": location }]);
        }
        result
    };
    let mut codes: Vec<&str> = all.iter().map(|d| d.code.0).collect();
    codes.sort_unstable();
    codes.dedup();
    let rules: Vec<Value> = codes.iter().map(|code| json!({ "id": code })).collect();
    pretty(&json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "countersign", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "results": all.iter().map(result).collect::<Vec<_>>(),
        }],
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Code;
    use crate::text::{SourceFile, Span};

    fn one() -> Diagnostics {
        let file = SourceFile::new("a/b.md".parse().unwrap(), "first\nsecond <b>line</b>\n".to_owned());
        let d = Diagnostic::error(Code("RAW_HTML"), "raw HTML is not shown")
            .at(&file, Span { start: 13, end: 16 })
            .label("here")
            .help("write it as Markdown\n::error::forged");
        [d].into_iter().collect()
    }

    #[test]
    fn human_has_code_place_excerpt_and_help() {
        let text = render(&one(), Format::Human, false);
        for part in ["error[RAW_HTML]", "a/b.md:2:8", "second <b>line", "^^^ here", "help: write it"] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
    }

    #[test]
    fn annotations_cannot_be_forged() {
        let text = render(&one(), Format::Github, false);
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(text.starts_with("::error title=RAW_HTML,file=a/b.md,line=2,col=8::raw HTML"));
    }

    #[test]
    fn sarif_names_rule_and_line() {
        let value: Value = serde_json::from_str(&render(&one(), Format::Sarif, false)).unwrap();
        let result = &value["runs"][0]["results"][0];
        assert_eq!(result["ruleId"], "RAW_HTML");
        assert_eq!(result["locations"][0]["physicalLocation"]["region"]["startLine"], 2);
    }
}
