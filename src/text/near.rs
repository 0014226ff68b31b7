//! "Did you mean": the nearest of a few known names.

/// The known name nearest to `wrong`, if one is near enough to be meant.
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters: Vec<char> = wrong.chars().take(LONGEST + 1).collect();
    let allowed = (letters.len() / 3).clamp(1, 4);
    if letters.len() > LONGEST {
        return None;
    }
    known
        .into_iter()
        .filter_map(|name| distance(&letters, name, allowed).map(|d| (d, name)))
        .min()
        .map(|(_, name)| name)
}

/// Longer names are never suggested nor corrected: a hostile file must not buy quadratic work.
const LONGEST: usize = 200;

/// The number of letters to change, add, drop or swap, if it is at most `allowed`.
fn distance(wrong: &[char], name: &str, allowed: usize) -> Option<usize> {
    let name: Vec<char> = name.chars().take(LONGEST + 1).collect();
    if name.len().abs_diff(wrong.len()) > allowed {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=name.len()).collect();
    for (i, a) in wrong.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in name.iter().enumerate() {
            let mut best = (last[j] + usize::from(a != b)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && wrong[i - 1] == *b && *a == name[j - 1] {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().filter(|d| *d <= allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_the_nearest_name_only_when_it_is_near() {
        let known = ["evaluation", "training-data", "limitations"];
        assert_eq!(nearest("evalaution", known), Some("evaluation"));
        assert_eq!(nearest("limitation", known), Some("limitations"));
        assert_eq!(nearest("deployment", known), None);
        assert_eq!(nearest(&"x".repeat(10_000), known), None);
    }
}
