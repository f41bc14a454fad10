//! Which rows share a number, and which numbers add up: cells and lines, in the order of their keys whatever that of the rows.

use std::collections::HashMap;
use std::fmt::Write;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use arrow::error::ArrowError;

/// Bytes of most lengths in a key, so that few keys grow while they are written.
const LENGTH_BYTES: usize = 3;

/// The cells of counts that depend on the same columns.
pub(super) struct Grid {
    /// Row → cell.
    pub of_row: Vec<usize>,
    /// Cell → its first row.
    pub rows: Vec<usize>,
    /// Cell → key, ascending.
    pub keys: Vec<String>,
    /// The lines of each set of totals that matters here.
    pub totals: Vec<Lines>,
}

/// Cells that add up to one total.
pub(super) struct Lines {
    /// Cell → line.
    pub of_cell: Vec<usize>,
    /// Line → cells, ascending.
    pub cells: Vec<Vec<usize>>,
}

impl Grid {
    /// The grid of `rows` by the columns `by`, with lines along each set of `totals`.
    pub fn new(rows: &RecordBatch, by: &[usize], totals: &[Vec<usize>]) -> Result<Self, ArrowError> {
        let mut grid = Self::cells(keys_of(rows, by)?);
        for set in totals.iter().filter(|set| set.iter().any(|column| by.contains(column))) {
            let fixed: Vec<usize> = by.iter().copied().filter(|column| !set.contains(column)).collect();
            let lines = lines(&keys_of(rows, &fixed)?, &grid.rows);
            grid.totals.push(lines);
        }
        Ok(grid)
    }

    fn cells(keys: Vec<String>) -> Self {
        let mut order: Vec<usize> = (0..keys.len()).collect();
        order.sort_by(|&a, &b| keys[a].cmp(&keys[b]).then(a.cmp(&b)));
        let mut grid = Self { of_row: vec![0; keys.len()], rows: Vec::new(), keys: Vec::new(), totals: Vec::new() };
        let mut keys = keys;
        for row in order {
            let key = std::mem::take(&mut keys[row]);
            if grid.keys.last() != Some(&key) {
                grid.keys.push(key);
                grid.rows.push(row);
            }
            grid.of_row[row] = grid.keys.len() - 1;
        }
        grid
    }
}

/// Lines of cells whose first rows have the same key.
fn lines(keys: &[String], rows: &[usize]) -> Lines {
    let mut known: HashMap<&str, usize> = HashMap::new();
    let mut lines = Lines { of_cell: Vec::with_capacity(rows.len()), cells: Vec::new() };
    for (cell, &row) in rows.iter().enumerate() {
        let line = *known.entry(&keys[row]).or_insert(lines.cells.len());
        if line == lines.cells.len() {
            lines.cells.push(Vec::new());
        }
        lines.cells[line].push(cell);
        lines.of_cell.push(line);
    }
    lines
}

/// The key of each row by `columns`.
fn keys_of(rows: &RecordBatch, columns: &[usize]) -> Result<Vec<String>, ArrowError> {
    let arrays: Vec<&ArrayRef> = columns.iter().map(|&column| rows.column(column)).collect();
    keys(&arrays, rows.num_rows())
}

/// The key of each row: its values as text, each after its length, so that no two rows of different values share one.
pub(super) fn keys(columns: &[&ArrayRef], rows: usize) -> Result<Vec<String>, ArrowError> {
    let texts = columns.iter().map(|column| cast(column, &DataType::Utf8)).collect::<Result<Vec<_>, _>>()?;
    let texts: Vec<&StringArray> = texts.iter().map(|column| column.as_string::<i32>()).collect();
    Ok((0..rows).map(|row| key(&texts, row)).collect())
}

fn key(texts: &[&StringArray], row: usize) -> String {
    let bytes: usize = texts.iter().map(|column| column.value_length(row) as usize + LENGTH_BYTES).sum();
    let mut key = String::with_capacity(bytes);
    for column in texts {
        match column.is_valid(row).then(|| column.value(row)) {
            // Writing to a text can't fail.
            Some(text) => drop(write!(key, "{}:{text}", text.len())),
            None => key.push('-'),
        }
    }
    key
}
