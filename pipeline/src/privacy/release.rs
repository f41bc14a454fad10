//! One table's way out: exact rows → cells → what is hidden → released rows and what the next snapshot must know of it.

use std::collections::HashMap;
use std::rc::Rc;

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use arrow::error::ArrowError;

use super::before::{Before, Earlier, Hidden};
use super::cells::Cells;
use super::grid::Grid;
use super::lines::hide_complements;
use super::parted::Parted;
use super::rules::CountRule;
use super::small::hide_small;
use super::write::{Then, write};
use super::{PrivacyError, Rules};

/// What may be published of a table.
#[derive(Debug)]
pub struct Released {
    /// Its rows, in the order they came, by `Rules::released_schema`.
    pub batches: Vec<RecordBatch>,
    /// What is hidden of it, for the snapshot after; never published.
    pub hidden: Hidden,
}

/// Holds back what `rows` would tell of fewer than `k` members, alone, with their totals, or next to the snapshot before.
///
/// # Errors
/// When the rows are not those the rules were made for, or rows that should share a number differ in it.
pub fn release(rules: &Rules, rows: &[RecordBatch], k: u64, before: Option<Before<'_>>) -> Result<Released, PrivacyError> {
    let failed = || PrivacyError::arrow(&rules.table);
    let exact = concat_batches(rules.exact_schema(), rows).map_err(failed())?;
    let k = i64::try_from(k).unwrap_or(i64::MAX);
    // Of groups of one, there is nothing to hide and nothing to keep.
    let before = before.filter(|_| k > 1);
    let parted = Parted::new(rules, exact, k).map_err(failed())?;
    let earlier = before.map(|before| Earlier::new(before.rows, rules.exact_schema())).transpose().map_err(failed())?.flatten();
    let grids = grids(rules, &parted.last, earlier.as_ref()).map_err(failed())?;
    let mut cells = columns(rules, &parted.last, (&grids, earlier.as_ref()), (k, before))?;
    age_together(rules, &mut cells);
    for (at, rule) in rules.counts.iter().enumerate() {
        let (wholes, parts) = cells.split_at_mut(at);
        let whole = rule.of.map(|of| &wholes[of]);
        hide_small(&mut parts[0], whole, k);
        hide_complements(&mut parts[0], whole, k);
    }
    let then = earlier.as_ref().map(|earlier| Then { earlier, rows: rows_then(&grids[&rules.grain]) });
    let released = write(rules, &parted.last, &cells, then.as_ref()).map_err(failed())?;
    let released = parted.join(rules, released).map_err(failed())?;
    Ok(Released { batches: vec![released], hidden: hidden(rules, &cells, before, k) })
}

type Known<'a> = (&'a Grids, Option<&'a Earlier>);

/// The cells of each count, with what the snapshot before showed and hid of them.
fn columns(
    rules: &Rules,
    exact: &RecordBatch,
    (grids, earlier): Known<'_>,
    (k, before): (i64, Option<Before<'_>>),
) -> Result<Vec<Cells>, PrivacyError> {
    let of_rule = |rule: &CountRule| {
        let (grid, positions) = &grids[&rule.by];
        let mut column = Cells::new(grid, exact, rule.column).ok_or_else(|| differs(rules, rule))?;
        if let Some(before) = before {
            column.recall_hidden(rules.name(rule.column), before.hidden);
        }
        if let Some(earlier) = earlier {
            column.recall_shown(earlier, (rule.column, k), positions);
        }
        Ok(column)
    };
    rules.counts.iter().map(of_rule).collect()
}

/// The numbers of one row are of one snapshot: where one must stay what was shown, so do the others.
fn age_together(rules: &Rules, cells: &mut [Cells]) {
    let of_row: Vec<usize> = (0..cells.len()).filter(|&at| rules.counts[at].by == rules.grain).collect();
    let Some(&first) = of_row.first() else { return };
    for cell in 0..cells[first].exact.len() {
        let is_old = of_row.iter().any(|&at| cells[at].is_old[cell]);
        if is_old && of_row.iter().all(|&at| cells[at].was_shown(cell)) {
            of_row.iter().for_each(|&at| cells[at].keep_old(cell));
        }
    }
}

/// By the columns that counts depend on: the cells, and the rows of the snapshot before by their keys.
type Grids = HashMap<Vec<usize>, (Rc<Grid>, HashMap<String, usize>)>;

fn grids(rules: &Rules, exact: &RecordBatch, earlier: Option<&Earlier>) -> Result<Grids, ArrowError> {
    let mut grids = Grids::new();
    for by in rules.counts.iter().map(|rule| &rule.by).chain([&rules.grain]) {
        if !grids.contains_key(by) {
            let positions = earlier.map(|earlier| earlier.positions(by)).transpose()?.unwrap_or_default();
            grids.insert(by.clone(), (Rc::new(Grid::new(exact, by, &rules.totals)?), positions));
        }
    }
    Ok(grids)
}

fn differs(rules: &Rules, rule: &CountRule) -> PrivacyError {
    let by: Vec<String> = rule.by.iter().map(|&column| format!("`{}`", rules.name(column))).collect();
    PrivacyError::Differs { table: rules.table.clone(), column: rules.name(rule.column).to_owned(), by: by.join(", ") }
}

/// The row of the snapshot before, by the row now.
fn rows_then((grid, positions): &(Rc<Grid>, HashMap<String, usize>)) -> HashMap<usize, usize> {
    let then = |(row, &cell): (usize, &usize)| Some((row, *positions.get(&grid.keys[cell])?));
    grid.of_row.iter().enumerate().filter_map(then).collect()
}

/// What is hidden now, and what was hidden of numbers that are gone: they may come back.
fn hidden(rules: &Rules, cells: &[Cells], before: Option<Before<'_>>, k: i64) -> Hidden {
    let mut hidden = before.map(|before| before.hidden.clone()).unwrap_or_default();
    for (rule, cells) in rules.counts.iter().zip(cells) {
        let name = |cell: usize| (rules.name(rule.column).to_owned(), cells.grid.keys[cell].clone());
        for cell in 0..cells.exact.len() {
            match cells.hiding_value(cell, k) {
                Some(value) if cells.is_hidden[cell] => drop(hidden.insert(name(cell), value)),
                Some(_) if cells.hidden_at[cell].is_some() => drop(hidden.remove(&name(cell))),
                _ => {}
            }
        }
    }
    hidden
}
