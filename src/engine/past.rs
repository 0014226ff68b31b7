//! The causal past of a record as a set of ledger positions.
//!
//! A signer normally saw everything, so the set is normally "all before me": one number and a word or
//! two. Only forks cost more, one bit for each position since the fork.

/// A set of positions: all below a multiple of 64, and some bits from there on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Past {
    /// Words below this one are full.
    full: usize,
    /// The words from there on.
    words: Vec<u64>,
}

impl Past {
    /// Every position below `end`.
    pub fn prefix(end: usize) -> Past {
        let rest = end % 64;
        let words = if rest == 0 { Vec::new() } else { vec![(1 << rest) - 1] };
        Past { full: end / 64, words }
    }

    /// True if the position is in the set.
    pub fn has(&self, at: usize) -> bool {
        let word = at / 64;
        word < self.full || self.words.get(word - self.full).is_some_and(|w| w >> (at % 64) & 1 == 1)
    }

    /// The first position that is not in the set: everything below it is.
    pub fn whole(&self) -> usize {
        let bits = self.words.first().map_or(0, |w| w.trailing_ones() as usize);
        self.full * 64 + bits
    }

    /// Adds a position.
    pub fn add(&mut self, at: usize) {
        let word = at / 64;
        if word < self.full {
            return;
        }
        let index = word - self.full;
        if index >= self.words.len() {
            self.words.resize(index + 1, 0);
        }
        self.words[index] |= 1 << (at % 64);
        self.shrink();
    }

    /// Adds every position of another set.
    pub fn join(&mut self, other: &Past) {
        if other.full > self.full {
            let gone = (other.full - self.full).min(self.words.len());
            self.words.drain(..gone);
            self.full = other.full;
        }
        // Words of `other` below our first are full with us already.
        let skip = (self.full - other.full).min(other.words.len());
        let rest = &other.words[skip..];
        if rest.len() > self.words.len() {
            self.words.resize(rest.len(), 0);
        }
        for (mine, theirs) in self.words.iter_mut().zip(rest) {
            *mine |= theirs;
        }
        self.shrink();
    }

    fn shrink(&mut self) {
        let full = self.words.iter().take_while(|w| **w == u64::MAX).count();
        self.words.drain(..full);
        self.full += full;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn of(set: &BTreeSet<usize>) -> Past {
        let mut past = Past::default();
        set.iter().for_each(|at| past.add(*at));
        past
    }

    #[test]
    fn a_prefix_is_a_prefix() {
        for end in 0..300 {
            let past = Past::prefix(end);
            assert_eq!(past.whole(), end);
            assert!((0..400).all(|at| past.has(at) == (at < end)), "{end}");
            assert_eq!(past, of(&(0..end).collect()));
        }
    }

    proptest! {
        #[test]
        fn behaves_like_a_set(
            start_a in 0usize..200, a in prop::collection::btree_set(0usize..300, 0..40),
            start_b in 0usize..200, b in prop::collection::btree_set(0usize..300, 0..40),
        ) {
            let a: BTreeSet<usize> = a.into_iter().chain(0..start_a).collect();
            let b: BTreeSet<usize> = b.into_iter().chain(0..start_b).collect();
            let mut past = of(&a);
            past.join(&of(&b));
            let both: BTreeSet<usize> = a.union(&b).copied().collect();
            for at in 0..400 {
                prop_assert_eq!(past.has(at), both.contains(&at));
            }
            prop_assert_eq!(Some(past.whole()), (0..).find(|n| !both.contains(n)));
        }
    }
}
