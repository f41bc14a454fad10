//! The numbers of one count column: what they are, what may be shown of them, and what was hidden before.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::Int64Type;

use super::before::{Earlier, Hidden};
use super::grid::Grid;

/// The cells of one count column, in the order of their keys.
pub(super) struct Cells {
    pub grid: Rc<Grid>,
    /// Rows that have no number although their cell has one.
    gaps: HashSet<usize>,
    /// What it is; null where the model knows none.
    pub exact: Vec<Option<i64>>,
    /// What is shown where it is not hidden.
    pub shown: Vec<Option<i64>>,
    /// What it was when it was hidden, where the snapshot before hid it.
    pub hidden_at: Vec<Option<i64>>,
    pub is_hidden: Vec<bool>,
    /// Whether it is shown with what the snapshot before showed.
    pub is_old: Vec<bool>,
    /// What the snapshot before showed.
    before: Vec<Option<i64>>,
}

impl Cells {
    /// The exact cells of `column`; none where rows of one cell differ.
    pub fn new(grid: &Rc<Grid>, rows: &RecordBatch, column: usize) -> Option<Self> {
        let numbers = rows.column(column).as_primitive::<Int64Type>();
        let number = |row: usize| numbers.is_valid(row).then(|| numbers.value(row));
        let mut exact = vec![None; grid.rows.len()];
        grid.of_row.iter().enumerate().for_each(|(row, &cell)| exact[cell] = exact[cell].or(number(row)));
        let known = || grid.of_row.iter().enumerate().map(|(row, &cell)| (row, number(row), exact[cell]));
        let is_one = known().all(|(_, here, of_cell)| here.is_none() || here == of_cell);
        let gaps = known().filter(|(_, here, of_cell)| here != of_cell).map(|(row, ..)| row).collect();
        let cells = exact.len();
        is_one.then(|| Self {
            grid: Rc::clone(grid),
            gaps,
            shown: exact.clone(),
            exact,
            hidden_at: vec![None; cells],
            is_hidden: vec![false; cells],
            is_old: vec![false; cells],
            before: vec![None; cells],
        })
    }

    /// Takes in what was hidden of `column`.
    pub fn recall_hidden(&mut self, column: &str, hidden: &Hidden) {
        let of_column = hidden.range((column.to_owned(), String::new())..).take_while(|((name, _), _)| name == column);
        for ((_, key), value) in of_column {
            if let Ok(cell) = self.grid.keys.binary_search(key) {
                self.hidden_at[cell] = Some(*value);
            }
        }
    }

    /// A number that is less than `k` away from the one that was shown stays what was shown.
    pub fn recall_shown(&mut self, earlier: &Earlier, (column, k): (usize, i64), positions: &HashMap<String, usize>) {
        let grid = Rc::clone(&self.grid);
        for (cell, key) in grid.keys.iter().enumerate() {
            self.before[cell] = positions.get(key).and_then(|&row| earlier.number(column, row));
            let is_near = |before: i64| self.exact[cell].is_some_and(|now| before != now && before.abs_diff(now) < k.unsigned_abs());
            if self.before[cell].is_some_and(is_near) {
                self.keep_old(cell);
            }
        }
    }

    /// Whether the snapshot before showed a number.
    pub fn was_shown(&self, cell: usize) -> bool {
        self.before[cell].is_some()
    }

    /// Shows what the snapshot before showed.
    pub fn keep_old(&mut self, cell: usize) {
        self.shown[cell] = self.before[cell];
        self.is_old[cell] = true;
    }

    /// Whether `cell` is shown with an older number.
    pub fn is_kept(&self, cell: usize) -> bool {
        !self.is_hidden[cell] && self.is_old[cell]
    }

    /// What is shown in a row.
    pub fn released(&self, row: usize) -> Option<i64> {
        let cell = self.grid.of_row[row];
        let is_silent = self.is_hidden[cell] || self.gaps.contains(&row);
        if is_silent { None } else { self.shown[cell] }
    }

    /// Whether a row has a number that is held back.
    pub fn holds_back(&self, row: usize) -> bool {
        self.is_hidden[self.grid.of_row[row]] && !self.gaps.contains(&row)
    }

    /// The number at which `cell` counts as hidden: what it was at first, until it is `k` away from that.
    pub fn hiding_value(&self, cell: usize, k: i64) -> Option<i64> {
        let now = self.exact[cell]?;
        Some(self.hidden_at[cell].filter(|then| then.abs_diff(now) < k.unsigned_abs()).unwrap_or(now))
    }
}
