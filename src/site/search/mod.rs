//! Full-text search without a server: an index that one script reads, from a folder as well as from a host.
//!
//! In: the view of each package's page, and the texts of its sections. Out: for each package a file with its
//! plain text, to show a passage from; for each group of packages a list of its documents and one file a
//! bucket of words. A script may not read files from a folder (`file://`), but it may load other scripts: each
//! of these files is one call with data in it.
//!
//! Steps: `card` takes from the page's view what can be found; `words` cuts text into folded words; `index`
//! turns a group's cards into lists; `pages` does the same for what is no package; `call` writes data so that
//! nothing in it can leave its string. `site/static/search.js` folds, cuts and hashes exactly as `words`.
//!
//! Scale: a group's key is made of those of its pages, so an unchanged group is neither read nor written, and a changed
//! package costs the words of one group: about 32 packages in a site of up to 1,000, a 32nd of a larger one. A
//! question loads one bucket of each group for each of its words, about 12 KB each, and the text of what it
//! shows. Memory holds the words of a group at a time.
//!
//! *Invariant:* what can be found is what the package's page shows, and an unchanged group keeps its bytes.

mod call;
mod card;
mod index;
mod pages;
#[cfg(test)]
mod tests;
mod words;

pub(super) use index::{Layout, group};
pub(super) use pages::bytes as pages;
