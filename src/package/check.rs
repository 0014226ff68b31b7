//! A package against its chain and the other packages: what no single file can know.
//!
//! Works on facts alone. Only when there is something to say is a file read again, for its place.

use super::diagnostics as say;
use super::figures::name;
use super::manifest::MAX_TEXT;
use super::meta::meta;
use super::parse::section_of_figures;
use super::target::{Target, target};
use super::{Exception, Figure, Package, figures};
use crate::chain::{Chain, OnMiss, Threshold};
use crate::diag::common::SHOWN;
use crate::diag::{Diagnostic, Diagnostics};
use crate::id::{FigureId, PackageId, SectionId};
use crate::text::{RepoPath, SourceFile, Sources, Span};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Words of prose a section must have.
pub const LEAST_WORDS: usize = 30;

/// The other packages, for links between them.
pub trait Links {
    /// The package of that id.
    fn package(&self, id: &PackageId) -> Option<&Package>;
    /// Every id there is, for suggestions.
    fn ids(&self) -> Vec<&PackageId>;
}

impl<P: std::borrow::Borrow<Package>> Links for BTreeMap<PackageId, P> {
    fn package(&self, id: &PackageId) -> Option<&Package> {
        self.get(id).map(std::borrow::Borrow::borrow)
    }
    fn ids(&self) -> Vec<&PackageId> {
        self.keys().collect()
    }
}

/// The message that the chain a package names is not among the `known` ones.
pub fn chain_missing(
    package: &Package,
    base: &RepoPath,
    sources: &dyn Sources,
    known: &[&str],
) -> Diagnostic {
    let path = base.join("package.toml").expect("both parts are plain paths");
    let text = sources.read(&path).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let source = text.map(|text| SourceFile::new(path.clone(), text));
    let again = source.as_ref().and_then(|s| meta(s, &mut Diagnostics::new()));
    let place = source.as_ref().zip(again.map(|(_, places)| places.chain));
    say::put(say::chain_not_found(package.meta.chain.as_str(), known), place, &path)
}

/// Reports everything that is wrong with a package under a chain. `base` is the package's folder.
pub fn check(
    package: &Package,
    chain: &Chain,
    base: &RepoPath,
    others: &dyn Links,
    sources: &dyn Sources,
    out: &mut Diagnostics,
) {
    let mut checker = Checker {
        package,
        chain,
        base,
        others,
        sources,
        read: RefCell::default(),
        figure_places: BTreeMap::new(),
        named: RefCell::default(),
        headings: RefCell::default(),
        said: BTreeMap::new(),
        out: Diagnostics::new(),
    };
    checker.sections();
    checker.evidence();
    checker.figures();
    checker.exceptions();
    checker.links();
    checker.anchors();
    out.extend(checker.out);
}

/// The anchors of a section.
type Anchors<'a> = Rc<BTreeSet<&'a str>>;

struct Checker<'a> {
    package: &'a Package,
    chain: &'a Chain,
    base: &'a RepoPath,
    others: &'a dyn Links,
    sources: &'a dyn Sources,
    read: RefCell<BTreeMap<RepoPath, Option<Rc<SourceFile>>>>,
    /// Places of figures, by section, once one was needed.
    figure_places: BTreeMap<SectionId, Vec<Span>>,
    /// Ids that files of figures name, once one was missed.
    named: RefCell<BTreeMap<SectionId, BTreeSet<String>>>,
    headings: RefCell<BTreeMap<(PackageId, SectionId), Anchors<'a>>>,
    said: BTreeMap<&'static str, usize>,
    out: Diagnostics,
}

impl<'a> Checker<'a> {
    fn full(&self, path: &str) -> RepoPath {
        self.base.join(path).expect("both parts are plain paths")
    }

    fn source(&self, path: &RepoPath) -> Option<Rc<SourceFile>> {
        let load = || {
            let text = String::from_utf8(self.sources.read(path).ok()?).ok()?;
            Some(Rc::new(SourceFile::new(path.clone(), text)))
        };
        self.read.borrow_mut().entry(path.clone()).or_insert_with(load).clone()
    }

    fn has(&self, path: &RepoPath) -> bool {
        self.package.manifest.files.binary_search_by(|f| f.path.cmp(path)).is_ok()
    }

    fn section_names(&self) -> Vec<&'a str> {
        self.chain.sections.iter().map(|s| s.id.as_str()).collect()
    }

    fn sections(&mut self) {
        let chain = self.chain;
        for section in &chain.sections {
            let full = self.full(&format!("{}.md", section.id));
            let Some(facts) = self.package.sections.get(&section.id) else {
                if !self.has(&format!("{}.md", section.id).parse().expect("an id is a plain name")) {
                    self.out.push(say::section_missing(&full, &section.title, &section.criterion));
                }
                continue;
            };
            if facts.words < LEAST_WORDS {
                self.out.push(say::section_empty(&full, facts.words, LEAST_WORDS, &section.criterion));
            }
            if facts.title.as_ref().is_some_and(|t| *t != section.title) {
                let source = self.source(&full);
                let span = source.as_ref().map(|s| first_line(s));
                let place = source.as_deref().zip(span);
                self.out.push(say::put(say::section_title(&section.title), place, &full));
            }
        }
        for (id, facts) in &self.package.sections {
            if chain.section(id).is_none() {
                let full = self.full(facts.path.as_str());
                let names = self.section_names();
                self.out.push(say::section_unknown(&full, id.as_str(), chain.id.as_str(), &names));
            }
        }
    }

    fn evidence(&mut self) {
        let names = self.section_names();
        let mut said = BTreeSet::new();
        for file in &self.package.manifest.files {
            let Some(below) = file.path.strip("evidence") else {
                continue;
            };
            let folder = below.split_once('/').map(|(folder, _)| folder);
            let known = folder.is_some_and(|f| names.contains(&f));
            // One message a folder, one a file that lies in none.
            if !known && said.insert(folder.unwrap_or(below)) {
                let full = self.full(file.path.as_str());
                self.out.push(say::evidence_place(&full, folder, &names));
            }
        }
    }

    /// True while there is room for one more message of a code about many like things.
    fn room(&mut self, code: &'static str) -> bool {
        let count = self.said.entry(code).or_default();
        *count += 1;
        if *count == SHOWN + 1 {
            self.out.push(say::and_more(self.base, code));
        }
        *count <= SHOWN
    }

    /// Puts a message at the n-th figure of a section; its file is read again for the place.
    fn say_of_figure(&mut self, section: &SectionId, index: usize, d: Diagnostic) {
        let files = &self.package.manifest.files;
        let file = files.iter().find(|f| section_of_figures(&f.path).as_ref() == Some(section));
        let path = self.full(file.map_or("package.toml", |f| f.path.as_str()));
        let source = self.source(&path);
        if let Some(source) = &source {
            let read = || figures::figures(source, &mut Diagnostics::new()).into_iter().map(|(_, span)| span);
            self.figure_places.entry(section.clone()).or_insert_with(|| read().collect());
        }
        let span = self.figure_places.get(section).and_then(|spans| spans.get(index)).copied();
        self.out.push(say::put(d, source.as_deref().zip(span), &path));
    }

    fn figures(&mut self) {
        let package = self.package;
        for (section, all) in &package.figures {
            if self.chain.section(section).is_none() {
                continue; // said of the folder
            }
            for (index, figure) in all.iter().enumerate() {
                self.figure(section, index, figure);
            }
        }
        let chain = self.chain;
        for t in &chain.thresholds {
            let reported =
                package.figures.get(&t.section).is_some_and(|f| f.iter().any(|f| f.id == t.figure));
            if !reported && !self.named(&t.section, &t.figure) {
                let d = say::figure_missing(t.figure.as_str(), &t.section, &bound(t));
                self.out.push(d.in_file(&self.full(&format!("{}.md", t.section))));
            }
        }
    }

    /// True when the section's file of figures has a row of that id; it was broken, and that was said.
    fn named(&self, section: &SectionId, figure: &FigureId) -> bool {
        let read = || {
            let files = &self.package.manifest.files;
            let small = |size: u64| size <= MAX_TEXT as u64;
            let file = files.iter().find(|f| section_of_figures(&f.path).as_ref() == Some(section));
            let source =
                file.filter(|f| small(f.size)).and_then(|f| self.source(&self.full(f.path.as_str())));
            source.map(|source| figures::named(&source)).unwrap_or_default()
        };
        self.named.borrow_mut().entry(section.clone()).or_insert_with(read).contains(figure.as_str())
    }

    fn figure(&mut self, section: &SectionId, index: usize, figure: &Figure) {
        if !self.has(&figure.source) && self.room("FIGURE_SOURCE") {
            let known: Vec<&str> = self.package.manifest.files.iter().map(|f| f.path.as_str()).collect();
            self.say_of_figure(section, index, say::figure_source(&figure.source, &known));
        }
        let Some(threshold) = self.threshold(section, &figure.id) else {
            if !self.room("FIGURE_NOT_JUDGED") {
                return;
            }
            let known: Vec<&str> = self.chain.thresholds_of(section).map(|t| t.figure.as_str()).collect();
            let d = say::figure_not_judged(&format!("`{}`", figure.id), self.chain.id.as_str(), &known);
            self.say_of_figure(section, index, d);
            return;
        };
        if threshold.met_by(&figure.value) || !self.room("THRESHOLD_MISSED") {
            return;
        }
        let (value, bound) = (with_unit(figure.value.as_str(), &threshold.unit), bound(threshold));
        let d = match threshold.on_miss {
            OnMiss::Block => say::threshold_blocks(&name(figure), &value, &bound),
            OnMiss::Exception if self.exception_for(section, figure).is_some() => return,
            OnMiss::Exception => {
                let group = figure.group.as_ref().map(|g| format!(", group = {g:?}")).unwrap_or_default();
                let entry =
                    format!("[[exception]] with section = \"{section}\", figure = \"{}\"{group}", figure.id);
                say::threshold_missed(&name(figure), &value, &bound, &entry)
            }
        };
        self.say_of_figure(section, index, d);
    }

    fn threshold(&self, section: &SectionId, figure: &FigureId) -> Option<&'a Threshold> {
        self.chain.thresholds.iter().find(|t| t.section == *section && t.figure == *figure)
    }

    fn exception_for(&self, section: &SectionId, figure: &Figure) -> Option<&'a Exception> {
        let all = &self.package.meta.exceptions;
        all.iter().find(|e| e.section == *section && e.figure == figure.id && e.group == figure.group)
    }

    fn exceptions(&mut self) {
        let mut places: Option<Vec<Span>> = None;
        for (index, exception) in self.package.meta.exceptions.iter().enumerate() {
            let Some(d) = self.exception(exception) else {
                continue;
            };
            if !self.room("EXCEPTION_UNKNOWN") {
                break;
            }
            let path = self.full("package.toml");
            let source = self.source(&path);
            let places = places.get_or_insert_with(|| {
                let again = source.as_ref().and_then(|s| meta(s, &mut Diagnostics::new()));
                again.map(|(_, places)| places.exceptions).unwrap_or_default()
            });
            let span = places.get(index).copied();
            self.out.push(say::put(d, source.as_deref().zip(span), &path));
        }
    }

    fn exception(&self, exception: &Exception) -> Option<Diagnostic> {
        let of_section = self.package.figures.get(&exception.section).map_or(&[][..], Vec::as_slice);
        let figure = of_section.iter().find(|f| f.id == exception.figure && f.group == exception.group);
        let threshold = self.threshold(&exception.section, &exception.figure);
        match (figure, threshold) {
            (Some(figure), Some(t)) if t.met_by(&figure.value) => {
                Some(say::exception_not_needed(&exception.id, &name(figure)))
            }
            (Some(figure), Some(t)) if t.on_miss == OnMiss::Block => {
                Some(say::exception_blocked(&exception.id, &name(figure)))
            }
            (Some(_), _) => None,
            (None, _) => {
                let known: Vec<&str> = of_section.iter().map(|f| f.id.as_str()).collect();
                let group = exception.group.as_ref().map(|g| format!(" of `{}`", g.escape_debug()));
                let named = format!("`{}`{}", exception.figure, group.unwrap_or_default());
                Some(say::exception_unknown(&exception.id, &named, &known))
            }
        }
    }

    fn links(&mut self) {
        for (section, facts) in &self.package.sections {
            for link in &facts.links {
                let Ok(target) = target(&link.target) else {
                    continue; // said when the section was read
                };
                let Some(d) = self.link(section, &target) else {
                    continue;
                };
                if !self.room("LINK_BROKEN") {
                    break;
                }
                let full = self.full(facts.path.as_str());
                let source = self.source(&full);
                let span = source.as_ref().map(|s| place_of(s, link.line, link.column));
                self.out.push(say::put(d, source.as_deref().zip(span), &full));
            }
        }
    }

    fn link(&self, from: &SectionId, target: &Target) -> Option<Diagnostic> {
        match target {
            Target::Web | Target::Mail => None,
            Target::Anchor(anchor) => self.anchor_in(self.package, from, anchor),
            Target::File(path) if self.has(path) => None,
            Target::File(path) => {
                let known: Vec<&str> = self.package.manifest.files.iter().map(|f| f.path.as_str()).collect();
                Some(say::link_broken("file", path.as_str(), &known))
            }
            Target::Section { package, section, anchor } => {
                let there = match package {
                    None => self.package,
                    Some(id) if *id == self.package.id => self.package,
                    Some(id) => match self.others.package(id) {
                        Some(package) => package,
                        None => {
                            let known: Vec<&str> =
                                self.others.ids().into_iter().map(PackageId::as_str).collect();
                            return Some(say::link_broken("package", id.as_str(), &known));
                        }
                    },
                };
                if !there.sections.contains_key(section) {
                    let known: Vec<&str> = there.sections.keys().map(SectionId::as_str).collect();
                    return Some(say::link_broken("section", section.as_str(), &known));
                }
                anchor.as_ref().and_then(|anchor| self.anchor_in(there, section, anchor))
            }
        }
    }

    fn anchor_in(&self, package: &'a Package, section: &SectionId, anchor: &str) -> Option<Diagnostic> {
        let facts = package.sections.get(section)?;
        let all = || Rc::new(facts.headings.iter().map(|h| h.anchor.as_str()).collect());
        let key = (package.id.clone(), section.clone());
        let known: Rc<BTreeSet<&str>> = self.headings.borrow_mut().entry(key).or_insert_with(all).clone();
        let list = || known.iter().copied().collect::<Vec<_>>();
        (!known.contains(anchor)).then(|| say::link_broken("heading", anchor, &list()))
    }

    /// Sections share one page: `a` with heading `b-c` and `a-b` with heading `c` would share an address.
    fn anchors(&mut self) {
        let mut seen: BTreeMap<String, &SectionId> = BTreeMap::new();
        for (section, facts) in &self.package.sections {
            for heading in &facts.headings {
                let id = format!("{section}-{}", heading.anchor);
                match seen.get(&id) {
                    Some(other) if *other != section => {
                        if !self.room("ANCHOR_COLLISION") {
                            return;
                        }
                        let full = self.full(facts.path.as_str());
                        self.out.push(say::anchor_collision(&full, &id, other));
                    }
                    _ => {
                        seen.insert(id, section);
                    }
                }
            }
        }
    }
}

fn first_line(source: &SourceFile) -> Span {
    let start = source.text().len() - source.text().trim_start().len();
    let line = source.line_of(start);
    Span { start, end: source.line_start(line) + source.line(line).len() }
}

fn place_of(source: &SourceFile, line: usize, column: usize) -> Span {
    let start = source.line_start(line);
    let offset: usize = source.line(line).chars().take(column.saturating_sub(1)).map(char::len_utf8).sum();
    let rest = &source.line(line)[offset..];
    let end = rest.find(')').map_or(rest.len(), |at| at + 1);
    Span { start: start + offset, end: start + offset + end }
}

/// `at least 0.75`, `at most 3 %`, `between 0.8 and 1.25`.
pub fn bound(threshold: &Threshold) -> String {
    let number = |d: &crate::decimal::Decimal| with_unit(d.as_str(), &threshold.unit);
    match (&threshold.at_least, &threshold.at_most) {
        (Some(low), Some(high)) => format!("between {} and {}", number(low), number(high)),
        (Some(low), None) => format!("at least {}", number(low)),
        (None, Some(high)) => format!("at most {}", number(high)),
        (None, None) => "nothing".to_owned(),
    }
}

fn with_unit(number: &str, unit: &str) -> String {
    if unit.is_empty() { number.to_owned() } else { format!("{number} {unit}") }
}
