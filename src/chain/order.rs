//! The order of steps: a topological order that keeps file order wherever it can, or the cycles.

/// Positions of the steps in a topological order, or every cycle, each named once.
///
/// `after[i]` holds the positions of the steps that step `i` waits for.
pub(super) fn order(after: &[Vec<usize>]) -> Result<Vec<usize>, Vec<Vec<usize>>> {
    let mut waiting: Vec<usize> = after.iter().map(Vec::len).collect();
    let mut followers: Vec<Vec<usize>> = vec![Vec::new(); after.len()];
    for (step, before) in after.iter().enumerate() {
        for b in before {
            followers[*b].push(step);
        }
    }
    let ready = |w: &[usize]| (0..w.len()).filter(|i| w[*i] == 0).collect();
    let mut open: std::collections::BTreeSet<usize> = ready(&waiting);
    let mut sorted = Vec::new();
    while let Some(step) = open.pop_first() {
        sorted.push(step);
        for follower in &followers[step] {
            waiting[*follower] -= 1;
            if waiting[*follower] == 0 {
                open.insert(*follower);
            }
        }
    }
    if sorted.len() == after.len() { Ok(sorted) } else { Err(cycles(after, &waiting)) }
}

/// Every step that still waits has a predecessor that still waits: following those backwards must come
/// round. Each walk ends in one cycle; steps of a cycle already named are not walked again.
fn cycles(after: &[Vec<usize>], waiting: &[usize]) -> Vec<Vec<usize>> {
    let mut named = vec![false; after.len()];
    let mut all = Vec::new();
    for start in 0..after.len() {
        if waiting[start] == 0 || named[start] {
            continue;
        }
        let mut walk: Vec<usize> = Vec::new();
        let mut at = start;
        let cycle = loop {
            if named[at] {
                break None;
            }
            if let Some(begin) = walk.iter().position(|s| *s == at) {
                break Some(walk[begin..].to_vec());
            }
            walk.push(at);
            let Some(next) = after[at].iter().find(|b| waiting[**b] > 0) else {
                break None;
            };
            at = *next;
        };
        for step in walk {
            named[step] = true;
        }
        all.extend(cycle);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_file_order_where_it_can() {
        assert_eq!(order(&[vec![], vec![0], vec![0], vec![1, 2]]), Ok(vec![0, 1, 2, 3]));
        assert_eq!(order(&[vec![2], vec![], vec![]]), Ok(vec![1, 2, 0]));
    }

    #[test]
    fn names_each_cycle() {
        assert_eq!(order(&[vec![0]]), Err(vec![vec![0]]));
        assert_eq!(order(&[vec![1], vec![2], vec![0], vec![0], vec![]]), Err(vec![vec![0, 1, 2]]));
        assert_eq!(order(&[vec![1], vec![0], vec![3], vec![2]]), Err(vec![vec![0, 1], vec![2, 3]]));
    }
}
