//! Tables by row and cell. A row is named by its first cell, a column by its title.

use super::{CellChange, Change, ColumnChange, RowChange, TableChange};
use std::collections::BTreeMap;

type Table = (Vec<String>, Vec<Vec<String>>);
/// A name and which of several of that name it is.
type Name = (String, usize);

/// What changed between two tables that differ.
pub(super) fn table(old: &Table, new: &Table) -> TableChange {
    let (old_columns, new_columns) = (named(old.0.iter()), named(new.0.iter()));
    let (old_at, new_at) = (index(&old_columns), index(&new_columns));
    let gone = old_columns.iter().filter(|c| !new_at.contains_key(c));
    let come = new_columns.iter().filter(|c| !old_at.contains_key(c));
    let column = |change: Change, name: &Name| ColumnChange { change, column: name.0.clone() };
    let columns =
        gone.map(|c| column(Change::Removed, c)).chain(come.map(|c| column(Change::Added, c))).collect();
    let (old_rows, new_rows) = (named(old.1.iter().map(first)), named(new.1.iter().map(first)));
    let (old_row_at, new_row_at) = (index(&old_rows), index(&new_rows));
    // All columns there are: those of the new table in its order, then those that went.
    let all: Vec<&Name> =
        new_columns.iter().chain(old_columns.iter().filter(|c| !new_at.contains_key(c))).collect();
    let cell = |row: Option<&Vec<String>>, at: Option<&usize>| -> Option<String> { row?.get(*at?).cloned() };
    let cells = |before: Option<&Vec<String>>, after: Option<&Vec<String>>| -> Vec<CellChange> {
        let one = |name: &&Name| {
            let (old, new) = (cell(before, old_at.get(name)), cell(after, new_at.get(name)));
            (old != new).then(|| CellChange { column: name.0.clone(), new, old })
        };
        all.iter().filter_map(one).collect()
    };
    let mut rows = Vec::new();
    for (at, name) in old_rows.iter().enumerate() {
        if !new_row_at.contains_key(name) {
            let cells = cells(Some(&old.1[at]), None);
            rows.push(RowChange { cells, change: Change::Removed, row: name.0.clone() });
        }
    }
    for (at, name) in new_rows.iter().enumerate() {
        let before = old_row_at.get(name).map(|i| &old.1[*i]);
        let cells = cells(before, Some(&new.1[at]));
        if before.is_none() {
            rows.push(RowChange { cells, change: Change::Added, row: name.0.clone() });
        } else if !cells.is_empty() {
            rows.push(RowChange { cells, change: Change::Modified, row: name.0.clone() });
        }
    }
    let moved = reordered(&old_rows, &new_row_at) || reordered(&old_columns, &new_at);
    TableChange { columns, moved, rows }
}

#[expect(clippy::ptr_arg, reason = "rows are iterated as they are stored")]
fn first(row: &Vec<String>) -> &String {
    static NOTHING: String = String::new();
    row.first().unwrap_or(&NOTHING)
}

fn named<'a>(names: impl Iterator<Item = &'a String>) -> Vec<Name> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    names
        .map(|name| {
            let count = seen.entry(name.as_str()).or_default();
            *count += 1;
            (name.clone(), *count)
        })
        .collect()
}

fn index(names: &[Name]) -> BTreeMap<&Name, usize> {
    names.iter().enumerate().map(|(at, name)| (name, at)).collect()
}

/// True if the names that stayed come in another order.
fn reordered(old: &[Name], new: &BTreeMap<&Name, usize>) -> bool {
    let stayed: Vec<usize> = old.iter().filter_map(|name| new.get(name)).copied().collect();
    !stayed.is_sorted()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rows: &[&[&str]]) -> Table {
        let mut rows: Vec<Vec<String>> =
            rows.iter().map(|r| r.iter().map(|c| (*c).to_owned()).collect()).collect();
        (rows.remove(0), rows)
    }

    #[test]
    fn rows_are_matched_by_name_and_columns_by_title() {
        let old = of(&[
            &["Metric", "Value", "Note"],
            &["AUC", "0.79", "x"],
            &["KS", "0.4", "y"],
            &["Gini", "1", ""],
        ]);
        let new = of(&[
            &["Metric", "Value", "Sample"],
            &["KS", "0.4", "s"],
            &["AUC", "0.81", "s"],
            &["PSI", "2", ""],
        ]);
        let change = table(&old, &new);
        assert!(change.moved);
        let columns: Vec<_> = change.columns.iter().map(|c| (c.change, c.column.as_str())).collect();
        assert_eq!(columns, [(Change::Removed, "Note"), (Change::Added, "Sample")]);
        let rows: Vec<_> = change.rows.iter().map(|r| (r.change, r.row.as_str(), r.cells.len())).collect();
        assert_eq!(
            rows,
            [
                (Change::Removed, "Gini", 3),
                (Change::Modified, "KS", 2),
                (Change::Modified, "AUC", 3),
                (Change::Added, "PSI", 3)
            ]
        );
    }
}
