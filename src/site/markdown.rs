//! The one door for text people wrote: from a section's file to HTML that is safe to print as it is.
//!
//! A view model holds a [`Prose`]: the file's digest and where its links lead. That is all the page's key
//! needs; the file itself is read and turned into HTML only when the page has to be rendered.

use crate::digest::{FileDigest, sha256};
use crate::text::{RepoPath, Sources};
use serde::Serialize;
use std::collections::BTreeMap;

/// HTML made by us from checked Markdown. The only type that templates print without escaping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct SafeHtml(String);

/// Where a link or image of a section leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "to")]
pub(crate) enum Target {
    /// An address as it stands in the page.
    Href {
        /// The address.
        href: String,
    },
    /// An SVG image of the package, put into the page as data: in an `<img>` no script of it runs, and
    /// it has no address of its own at which one could.
    Inline {
        /// SHA-256 of the image.
        digest: FileDigest,
        /// Where it lies.
        #[serde(skip)]
        source: RepoPath,
    },
}

/// The text of one section.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Prose {
    /// Where it lies.
    #[serde(skip)]
    pub source: RepoPath,
    /// SHA-256 of the file.
    pub digest: FileDigest,
    /// Put before every anchor of the section.
    pub prefix: String,
    /// The section's title, which the text may repeat as its first heading.
    pub title: String,
    /// Where its links and images lead; a target that is not here leads nowhere.
    pub links: BTreeMap<String, Target>,
    /// Filled in before rendering.
    pub html: Option<SafeHtml>,
}

impl Prose {
    /// Reads and renders the text. False, and no HTML, when the file is not the one the digest names.
    pub(crate) fn fill(&mut self, sources: &dyn Sources) -> bool {
        let Some(text) =
            exact(sources, &self.source, &self.digest).and_then(|bytes| String::from_utf8(bytes).ok())
        else {
            return false;
        };
        let html = stand_in::html(&text, self, &|target| match self.links.get(target)? {
            Target::Href { href } => Some(href.clone()),
            Target::Inline { digest, .. } => Some(placeholder(digest)),
        });
        let (mut html, mut whole) = (label_tables(&html), true);
        // Images last: a writer of Markdown rightly refuses `data:` addresses, ours included.
        for target in self.links.values() {
            if let Target::Inline { digest, source } = target {
                match exact(sources, source, digest) {
                    Some(bytes) => {
                        html = html.replace(&format!("src=\"{}\"", placeholder(digest)), &data_uri(&bytes))
                    }
                    None => whole = false,
                }
            }
        }
        self.html = Some(SafeHtml(html));
        whole
    }
}

fn data_uri(svg: &[u8]) -> String {
    use base64::Engine as _;
    format!("src=\"data:image/svg+xml;base64,{}\"", base64::engine::general_purpose::STANDARD.encode(svg))
}

fn placeholder(digest: &FileDigest) -> String {
    format!("inline.{digest}")
}

/// The bytes of a file, if they are the ones its digest names.
pub(crate) fn exact(sources: &dyn Sources, path: &RepoPath, digest: &FileDigest) -> Option<Vec<u8>> {
    sources.read(path).ok().filter(|bytes| FileDigest(sha256(bytes)) == *digest)
}

/// Gives each table cell the name of its column, so that the stylesheet can turn a table into labelled
/// cards on a phone, and spells out the roles that `display: block` would take from it. Works on the
/// exact tags our Markdown writer prints; text in them is already escaped.
fn label_tables(html: &str) -> String {
    let mut out = String::with_capacity(html.len() + html.len() / 4);
    let (mut names, mut column, mut head) = (Vec::new(), 0usize, false);
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let Some(end) = rest.find('>') else { break };
        let (tag, after) = rest.split_at(end + 1);
        let name = tag[1..tag.len() - 1].split([' ', '/']).next().unwrap_or("");
        let more = &tag[1 + name.len()..];
        match name {
            "table" => out.push_str("<div class=\"tbl\"><table role=\"table\">"),
            "thead" => {
                (head, names) = (true, Vec::new());
                out.push_str("<thead role=\"rowgroup\">");
            }
            "tbody" => {
                head = false;
                out.push_str("<tbody role=\"rowgroup\">");
            }
            "tr" => {
                column = 0;
                out.push_str("<tr role=\"row\">");
            }
            "th" if head => {
                names.push(plain(after.split("</th>").next().unwrap_or("")));
                out.push_str("<th role=\"columnheader\" scope=\"col\"");
                out.push_str(more);
            }
            "td" => {
                let label = names.get(column).map_or("", String::as_str);
                out.push_str(&format!("<td role=\"cell\" data-l=\"{label}\"{more}"));
                column += 1;
            }
            _ => out.push_str(tag),
        }
        if tag == "</table>" {
            out.push_str("</div>");
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Markup without its tags; what is left is escaped text and may stand in an attribute.
fn plain(html: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            '"' => out.push_str("&quot;"),
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out
}

/// Stands in for `package::markdown::html` until that module lands; it goes away whole.
mod stand_in {
    use super::Prose;
    use comrak::nodes::NodeValue;
    use comrak::{Arena, Options, format_html, parse_document};

    pub(super) fn html(source: &str, prose: &Prose, resolve: &dyn Fn(&str) -> Option<String>) -> String {
        let arena = Arena::new();
        let mut options = Options::default();
        options.extension.table = true;
        options.extension.strikethrough = true;
        options.extension.tasklist = true;
        options.extension.autolink = true;
        options.extension.header_id_prefix = Some(prose.prefix.clone());
        options.extension.header_id_prefix_in_href = true;
        options.render.escape = true;
        let root = parse_document(&arena, source, &options);
        for node in root.descendants() {
            match &mut node.data_mut().value {
                NodeValue::Heading(heading) => heading.level = (heading.level + 1).min(6),
                value @ (NodeValue::Link(_) | NodeValue::Image(_)) => {
                    if let NodeValue::Link(link) | NodeValue::Image(link) = value {
                        match resolve(&link.url) {
                            Some(url) => link.url = url,
                            None => *value = NodeValue::Emph,
                        }
                    }
                }
                _ => {}
            }
        }
        if let Some(first) = root.first_child() {
            let title = matches!(first.data().value, NodeValue::Heading(h) if h.level == 2);
            if title {
                first.detach();
            }
        }
        let mut out = String::new();
        let _ = format_html(root, &options, &mut out);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_know_their_column() {
        let html = "<table>\n<thead>\n<tr>\n<th>A <em>&quot;b&quot;</em></th>\n</tr>\n</thead>\n<tbody>\n<tr>\n\
                    <td align=\"right\">1 &lt; 2</td>\n</tr>\n</tbody>\n</table>\n";
        let out = label_tables(html);
        assert!(
            out.contains("<td role=\"cell\" data-l=\"A &quot;b&quot;\" align=\"right\">1 &lt; 2</td>"),
            "{out}"
        );
        assert!(
            out.starts_with("<div class=\"tbl\"><table role=\"table\">") && out.ends_with("</table></div>\n")
        );
        assert_eq!(label_tables("<p>a &gt; b</p>"), "<p>a &gt; b</p>");
    }
}
