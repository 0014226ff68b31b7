//! RFC 6962 Merkle tree hashes over ledger lines, appended one at a time.
//!
//! The frontier keeps one node for each set bit of the size, so a root after every line of a long
//! ledger costs O(log n), and the whole ledger O(n log n).

use super::{LedgerRoot, sha256};

/// Hashes one ledger line as a leaf: SHA-256(0x00 ‖ line) (RFC 6962 section 2.1).
pub fn leaf_hash(line: &[u8]) -> [u8; 32] {
    let mut bytes = Vec::with_capacity(line.len() + 1);
    bytes.push(0);
    bytes.extend_from_slice(line);
    sha256(&bytes)
}

/// Hashes two nodes: SHA-256(0x01 ‖ left ‖ right) (RFC 6962 section 2.1).
pub fn node_hash(left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    let mut bytes = [0; 65];
    bytes[0] = 1;
    bytes[1..33].copy_from_slice(left);
    bytes[33..].copy_from_slice(right);
    sha256(&bytes)
}

/// The right edge of a growing Merkle tree.
#[derive(Debug, Clone, Default)]
pub struct Frontier {
    size: u64,
    /// Complete subtrees, largest first: one for each set bit of `size`.
    nodes: Vec<[u8; 32]>,
}

impl Frontier {
    /// The number of leaves so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf.
    pub fn push(&mut self, leaf: [u8; 32]) {
        let mut node = leaf;
        let mut size = self.size;
        while size & 1 == 1 {
            let left = self.nodes.pop().expect("one node for each set bit of the size");
            node = node_hash(&left, &node);
            size >>= 1;
        }
        self.nodes.push(node);
        self.size += 1;
    }

    /// The root over all leaves so far; of none, SHA-256 of nothing (RFC 6962 section 2.1).
    pub fn root(&self) -> LedgerRoot {
        let mut nodes = self.nodes.iter().rev();
        let Some(last) = nodes.next() else {
            return LedgerRoot(sha256(b""));
        };
        LedgerRoot(nodes.fold(*last, |right, left| node_hash(left, &right)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition of RFC 6962 section 2.1, as written there.
    fn definition(leaves: &[[u8; 32]]) -> [u8; 32] {
        match leaves {
            [] => sha256(b""),
            [one] => *one,
            many => {
                let k = many.len().next_power_of_two() / 2;
                node_hash(&definition(&many[..k]), &definition(&many[k..]))
            }
        }
    }

    #[test]
    fn frontier_equals_the_definition() {
        let mut frontier = Frontier::default();
        let mut leaves = Vec::new();
        assert_eq!(frontier.root().0, definition(&leaves));
        for n in 0u8..70 {
            leaves.push(leaf_hash(&[n]));
            frontier.push(leaf_hash(&[n]));
            assert_eq!(frontier.root().0, definition(&leaves), "size {}", leaves.len());
        }
    }
}
