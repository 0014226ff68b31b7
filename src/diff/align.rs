//! Which blocks of two texts belong together (SPEC section 6.3, step by step as written there).
//!
//! First, equal blocks: a longest common subsequence with a stated rule for ties. Then, in each gap
//! between them, the pairs of the same kind with the most words in common: those were modified. Both
//! steps have a limit, above which blocks are simply removed and added.

use super::leaves::Leaf;
use super::{BlockChange, Change, tables};
use std::collections::BTreeMap;
use std::ops::Range;

/// Cells of the table that finds equal blocks.
const MOST_CELLS: usize = 4_000_000;
/// Words looked at to pair the blocks of one gap.
const MOST_WORDS: usize = 2_000_000;
/// Common words, in thousandths, from which two blocks count as one that was modified.
const ALIKE: usize = 300;

/// The changes that turn one list of blocks into the other.
pub(super) fn blocks(old: &[Leaf], new: &[Leaf]) -> Vec<BlockChange> {
    let mut names: BTreeMap<(&str, &str, &str), u32> = BTreeMap::new();
    let mut number = |leaf| {
        let next = u32::try_from(names.len()).expect("a section has fewer blocks than bytes");
        *names.entry(Leaf::key(leaf)).or_insert(next)
    };
    let a: Vec<u32> = old.iter().map(&mut number).collect();
    let b: Vec<u32> = new.iter().map(&mut number).collect();
    let mut changes = Vec::new();
    let (mut i, mut j) = (0, 0);
    for (x, y) in equal(&a, &b).into_iter().chain([(old.len(), new.len())]) {
        gap(&old[i..x], &new[j..y], &mut changes);
        (i, j) = (x + 1, y + 1);
    }
    changes
}

/// Pairs of positions of equal elements, rising on both sides.
pub(super) fn equal(a: &[u32], b: &[u32]) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    range(a, b, 0..a.len(), 0..b.len(), true, &mut pairs);
    pairs
}

fn range(
    a: &[u32],
    b: &[u32],
    mut x: Range<usize>,
    mut y: Range<usize>,
    split: bool,
    pairs: &mut Vec<(usize, usize)>,
) {
    while !x.is_empty() && !y.is_empty() && a[x.start] == b[y.start] {
        pairs.push((x.start, y.start));
        x.start += 1;
        y.start += 1;
    }
    let mut tail = Vec::new();
    while !x.is_empty() && !y.is_empty() && a[x.end - 1] == b[y.end - 1] {
        x.end -= 1;
        y.end -= 1;
        tail.push((x.end, y.end));
    }
    if x.len().saturating_mul(y.len()) <= MOST_CELLS {
        common(a, b, x, y, pairs);
    } else if split {
        let (mut i, mut j) = (x.start, y.start);
        for (p, q) in landmarks(a, b, &x, &y).into_iter().chain([(x.end, y.end)]) {
            range(a, b, i..p, j..q, false, pairs);
            if p < x.end {
                pairs.push((p, q));
            }
            (i, j) = (p + 1, q + 1);
        }
    }
    pairs.extend(tail.into_iter().rev());
}

/// The longest common subsequence; where two are equally long, the old side is passed over first.
fn common(a: &[u32], b: &[u32], x: Range<usize>, y: Range<usize>, pairs: &mut Vec<(usize, usize)>) {
    let (n, m) = (x.len(), y.len());
    let mut longest = vec![0u32; (n + 1) * (m + 1)];
    let at = |i: usize, j: usize| i * (m + 1) + j;
    for i in (0..n).rev() {
        for j in (0..m).rev() {
            longest[at(i, j)] = if a[x.start + i] == b[y.start + j] {
                longest[at(i + 1, j + 1)] + 1
            } else {
                longest[at(i + 1, j)].max(longest[at(i, j + 1)])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < n && j < m {
        if a[x.start + i] == b[y.start + j] {
            pairs.push((x.start + i, y.start + j));
            i += 1;
            j += 1;
        } else if longest[at(i + 1, j)] >= longest[at(i, j + 1)] {
            i += 1;
        } else {
            j += 1;
        }
    }
}

/// Elements that stand exactly once on both sides, as many as keep their order: a longest rising
/// subsequence by patience sorting.
fn landmarks(a: &[u32], b: &[u32], x: &Range<usize>, y: &Range<usize>) -> Vec<(usize, usize)> {
    let once = |list: &[u32], range: &Range<usize>| -> BTreeMap<u32, Option<usize>> {
        let mut seen: BTreeMap<u32, Option<usize>> = BTreeMap::new();
        for at in range.clone() {
            seen.entry(list[at]).and_modify(|place| *place = None).or_insert(Some(at));
        }
        seen
    };
    let (left, right) = (once(a, x), once(b, y));
    let candidates: Vec<(usize, usize)> = x
        .clone()
        .filter(|i| left[&a[*i]].is_some())
        .filter_map(|i| Some((i, right.get(&a[i]).copied().flatten()?)))
        .collect();
    let mut piles: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::new();
    for (k, (_, place)) in candidates.iter().enumerate() {
        let pile = piles.partition_point(|top| candidates[*top].1 < *place);
        before.push(pile.checked_sub(1).map(|p| piles[p]));
        if pile == piles.len() {
            piles.push(k);
        } else {
            piles[pile] = k;
        }
    }
    let mut chain = Vec::new();
    let mut at = piles.last().copied();
    while let Some(k) = at {
        chain.push(candidates[k]);
        at = before[k];
    }
    chain.reverse();
    chain
}

/// Writes the changes of one gap: blocks paired as modified, the others removed and added in order.
fn gap(old: &[Leaf], new: &[Leaf], out: &mut Vec<BlockChange>) {
    let (mut i, mut j) = (0, 0);
    for (x, y) in pairs(old, new).into_iter().chain([(old.len(), new.len())]) {
        out.extend(old[i..x].iter().map(|leaf| one(Change::Removed, Some(leaf), None)));
        out.extend(new[j..y].iter().map(|leaf| one(Change::Added, None, Some(leaf))));
        if x < old.len() {
            out.push(one(Change::Modified, Some(&old[x]), Some(&new[y])));
        }
        (i, j) = (x + 1, y + 1);
    }
}

fn one(change: Change, old: Option<&Leaf>, new: Option<&Leaf>) -> BlockChange {
    let leaf = new.or(old).expect("one side is given");
    let tables = old.and_then(|l| l.table.as_ref()).zip(new.and_then(|l| l.table.as_ref()));
    let table = tables.map(|(a, b)| tables::table(a, b));
    let text = |leaf: Option<&Leaf>| leaf.filter(|_| table.is_none()).map(|l| l.text.clone());
    BlockChange {
        change,
        heading: leaf.heading.clone(),
        kind: leaf.kind,
        new: text(new),
        old: text(old),
        within: leaf.within.clone(),
        table,
    }
}

/// The pairs of one gap, rising on both sides, of the same kind, with the greatest sum of likeness.
fn pairs(old: &[Leaf], new: &[Leaf]) -> Vec<(usize, usize)> {
    if let ([a], [b]) = (old, new) {
        return if a.kind == b.kind { vec![(0, 0)] } else { Vec::new() };
    }
    if old.is_empty() || new.is_empty() {
        return Vec::new();
    }
    let mut names: BTreeMap<&str, u32> = BTreeMap::new();
    let a: Vec<Vec<u32>> = old.iter().map(|leaf| bag_of(leaf, &mut names)).collect();
    let b: Vec<Vec<u32>> = new.iter().map(|leaf| bag_of(leaf, &mut names)).collect();
    let count = |bags: &[Vec<u32>]| bags.iter().map(|bag| bag.len() + 1).sum::<usize>();
    if old.len().saturating_mul(count(&b)).saturating_add(new.len().saturating_mul(count(&a))) > MOST_WORDS {
        return Vec::new();
    }
    let (n, m) = (old.len(), new.len());
    let at = |i: usize, j: usize| i * (m + 1) + j;
    let mut like = vec![0usize; (n + 1) * (m + 1)];
    let mut best = vec![0usize; (n + 1) * (m + 1)];
    for i in (0..n).rev() {
        for j in (0..m).rev() {
            if old[i].kind == new[j].kind {
                like[at(i, j)] = Some(alike(&a[i], &b[j])).filter(|l| *l >= ALIKE).unwrap_or(0);
            }
            let paired = if like[at(i, j)] > 0 { like[at(i, j)] + best[at(i + 1, j + 1)] } else { 0 };
            best[at(i, j)] = paired.max(best[at(i + 1, j)]).max(best[at(i, j + 1)]);
        }
    }
    let mut found = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i < n && j < m {
        if like[at(i, j)] > 0 && best[at(i, j)] == like[at(i, j)] + best[at(i + 1, j + 1)] {
            found.push((i, j));
            i += 1;
            j += 1;
        } else if best[at(i, j)] == best[at(i + 1, j)] {
            i += 1;
        } else {
            j += 1;
        }
    }
    found
}

/// The words of a block, numbered and sorted.
fn bag_of<'l>(leaf: &'l Leaf, names: &mut BTreeMap<&'l str, u32>) -> Vec<u32> {
    let mut bag: Vec<u32> = leaf
        .text
        .split_whitespace()
        .map(|word| {
            let next = u32::try_from(names.len()).expect("fewer words than bytes");
            *names.entry(word).or_insert(next)
        })
        .collect();
    bag.sort_unstable();
    bag
}

/// Twice the words in common over all words, in thousandths, rounded down.
fn alike(a: &[u32], b: &[u32]) -> usize {
    let (mut i, mut j, mut common) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                common += 1;
                i += 1;
                j += 1;
            }
        }
    }
    2000 * common / (a.len() + b.len()).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::leaves::leaves;

    fn said(old: &str, new: &str) -> Vec<(Change, Option<String>, Option<String>)> {
        blocks(&leaves(old), &leaves(new)).into_iter().map(|c| (c.change, c.old, c.new)).collect()
    }

    #[test]
    fn an_insertion_before_a_modification_is_not_taken_for_it() {
        let old = "First one.\n\nThe model is trained on data of 2024 only.\n\nLast one.";
        let new =
            "First one.\n\nQuite another thing.\n\nThe model is trained on data of 2025 only.\n\nLast one.";
        let text = |s: &str| Some(s.to_owned());
        assert_eq!(
            said(old, new),
            [
                (Change::Added, None, text("Quite another thing.")),
                (
                    Change::Modified,
                    text("The model is trained on data of 2024 only."),
                    text("The model is trained on data of 2025 only.")
                )
            ]
        );
        assert_eq!(said(old, old), []);
    }

    #[test]
    fn list_items_are_compared_one_by_one() {
        let changes = blocks(&leaves("- a b c\n- [ ] d e f\n"), &leaves("- a b c\n- [x] d e f\n- g\n"));
        let kinds: Vec<_> = changes.iter().map(|c| (c.change, c.kind, c.within.as_str())).collect();
        assert_eq!(kinds, [(Change::Modified, "item", "list"), (Change::Added, "item", "list")]);
    }

    #[test]
    fn long_texts_keep_what_did_not_change() {
        let text = |skip: u32| -> Vec<u32> { (0..6000).filter(|n| *n != skip && n % 3000 != 1).collect() };
        let (a, b) = (text(10), text(5990));
        let found = equal(&a, &b);
        assert_eq!(found.len(), a.len() - 1);
    }
}
