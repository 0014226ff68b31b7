//! "Did you mean": the nearest of a few known names.

/// The known name nearest to `wrong`, if one is near enough to be meant.
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters: Vec<char> = wrong.chars().take(LONGEST + 1).collect();
    let allowed = (letters.len() / 3).min(4);
    if allowed == 0 || letters.len() > LONGEST {
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

/// The number of letters to change, add, drop or swap, if it is at most `allowed`. Only the band of the
/// table within `allowed` of the diagonal is filled, so a thousand candidates stay cheap.
fn distance(wrong: &[char], name: &str, allowed: usize) -> Option<usize> {
    const FAR: usize = 1000;
    let name: Vec<char> = name.chars().take(LONGEST + 1).collect();
    if name.len().abs_diff(wrong.len()) > allowed {
        return None;
    }
    let mut before: Vec<usize> = vec![FAR; name.len() + 1];
    let mut last: Vec<usize> = (0..=name.len()).collect();
    let mut row: Vec<usize> = vec![FAR; name.len() + 1];
    for (i, a) in wrong.iter().enumerate() {
        row.fill(FAR);
        row[0] = i + 1;
        for j in i.saturating_sub(allowed)..(i + allowed + 1).min(name.len()) {
            let b = name[j];
            let mut best = (last[j] + usize::from(*a != b)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && wrong[i - 1] == b && *a == name[j - 1] {
                best = best.min(before[j - 1] + 1);
            }
            row[j + 1] = best;
        }
        std::mem::swap(&mut before, &mut last);
        std::mem::swap(&mut last, &mut row);
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
        assert_eq!(nearest("u", ["s"]), None);
        assert_eq!(nearest(&"x".repeat(10_000), known), None);
    }
}
