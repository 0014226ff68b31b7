//! How many words went and came between two lists: the shortest edit script of Myers (1986), length only.

use std::collections::BTreeMap;

/// Words that went and came, beyond which a change is no correction any more.
pub(super) const MOST_CHANGED: usize = 1000;
/// Steps for all paragraphs of one section: a hostile text must not take minutes.
pub(super) const MOST_STEPS: usize = 20_000_000;

/// The fewest words to remove from `a` and add from `b` to make them equal; `None` beyond the limits.
pub(super) fn distance(a: &[u32], b: &[u32], steps: &mut usize) -> Option<usize> {
    let start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[start..], &b[start..]);
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[..a.len() - end], &b[..b.len() - end]);
    let most = (a.len() + b.len()).min(MOST_CHANGED);
    // furthest[k + most + 1]: how far into `a` the best path on diagonal k = x - y has come.
    let mut furthest = vec![0usize; 2 * most + 3];
    let middle = most + 1;
    for d in 0..=most {
        for at in (middle - d..=middle + d).step_by(2) {
            let down = at == middle - d || (at != middle + d && furthest[at - 1] < furthest[at + 1]);
            let mut x = if down { furthest[at + 1] } else { furthest[at - 1] + 1 };
            let mut y = (x + middle).wrapping_sub(at);
            let from = x;
            while x < a.len() && y < b.len() && a[x] == b[y] {
                (x, y) = (x + 1, y + 1);
            }
            furthest[at] = x;
            if x >= a.len() && y >= b.len() {
                return Some(d);
            }
            *steps = steps.checked_sub(x.saturating_sub(from) + 1)?;
        }
    }
    None
}

/// How often each word came (above 0) or went (below); words as often as before are left out.
pub(super) fn balance(a: &[u32], b: &[u32]) -> BTreeMap<u32, i64> {
    let mut counts: BTreeMap<u32, i64> = BTreeMap::new();
    for word in a {
        *counts.entry(*word).or_default() -= 1;
    }
    for word in b {
        *counts.entry(*word).or_default() += 1;
    }
    counts.retain(|_, count| *count != 0);
    counts
}
