//! Cells that are hidden because a line's total, less what is shown of the line, would tell a hidden one. To a fixed point.

use std::cmp::Reverse;
use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;

use super::bridges;
use super::cells::Cells;
use super::grid::Grid;
use super::small::whole_of;
use super::solve;

/// Hides, next to what is hidden of `cells`, as many more as its lines need.
pub(super) fn hide_complements(cells: &mut Cells, whole: Option<&Cells>, k: i64) {
    if !cells.grid.totals.is_empty() {
        Cover::new(cells, whole, k).run();
    }
}

/// A line: which set of totals, which line of it.
type Line = (usize, usize);

struct Cover<'a> {
    grid: Rc<Grid>,
    cells: &'a mut Cells,
    /// Members of the whole that are not in the part.
    left: Option<Vec<Option<i64>>>,
    /// Whether all know the number however well it is hidden: nobody of nobody.
    is_plain: Vec<bool>,
    /// Cells above 0 in each line of each set.
    filled: Vec<Vec<usize>>,
    /// What is hidden of each line of each set.
    sums: Vec<Vec<Sum>>,
    k: i64,
    open: VecDeque<Line>,
}

/// What is hidden of a line.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    cells: usize,
    members: i64,
    left: i64,
}

impl<'a> Cover<'a> {
    fn new(cells: &'a mut Cells, whole: Option<&Cells>, k: i64) -> Self {
        let grid = Rc::clone(&cells.grid);
        let left = |whole: &Cells| {
            let of = |cell: usize| whole.exact[whole_of(cells, cell, whole)].zip(cells.exact[cell]).map(|(size, n)| size - n);
            (0..cells.exact.len()).map(of).collect()
        };
        let left = whole.map(left);
        let is_nobody = |whole: &Cells, of: usize| !whole.is_hidden[of] && whole.exact[of] == Some(0);
        let is_plain = |cell| whole.is_some_and(|whole| is_nobody(whole, whole_of(cells, cell, whole)));
        let is_plain = (0..cells.exact.len()).map(is_plain).collect();
        let is_filled = |cell: &&usize| cells.exact[**cell].is_some_and(|n| n > 0);
        let count = |line: &Vec<usize>| line.iter().filter(is_filled).count();
        let filled = grid.totals.iter().map(|lines| lines.cells.iter().map(count).collect()).collect();
        let sums = grid.totals.iter().map(|lines| vec![Sum::default(); lines.cells.len()]).collect();
        Self { grid, cells, left, is_plain, filled, sums, k, open: VecDeque::new() }
    }

    fn run(mut self) {
        let hidden: Vec<usize> = (0..self.cells.exact.len()).filter(|&cell| self.cells.is_hidden[cell]).collect();
        let lines: BTreeSet<Line> = hidden.iter().flat_map(|&cell| self.lines_of(cell).collect::<Vec<_>>()).collect();
        self.open.extend(lines);
        hidden.into_iter().for_each(|cell| self.add(cell));
        loop {
            while let Some(line) = self.open.pop_front() {
                self.cover(line);
            }
            // Where each cell is in one line only, two unknowns of a line can't be told apart.
            if self.grid.totals.len() < 2 || !self.cover_solved() {
                return;
            }
        }
    }

    fn lines_of(&self, cell: usize) -> impl Iterator<Item = Line> + use<> {
        let grid = Rc::clone(&self.grid);
        (0..grid.totals.len()).map(move |set| (set, grid.totals[set].of_cell[cell]))
    }

    fn line(&self, (set, line): Line) -> &[usize] {
        &self.grid.totals[set].cells[line]
    }

    fn sum(&self, (set, line): Line) -> Sum {
        self.sums[set][line]
    }

    /// Counts a hidden cell in its lines.
    fn add(&mut self, cell: usize) {
        for (set, line) in self.lines_of(cell) {
            let sum = &mut self.sums[set][line];
            sum.cells += usize::from(!self.is_plain[cell]);
            sum.members += self.cells.exact[cell].unwrap_or(0);
            sum.left += self.left.as_ref().and_then(|left| left[cell]).unwrap_or(0);
        }
    }

    fn is_covered(&self, sum: &Sum) -> bool {
        sum.cells == 0 || (sum.cells >= 2 && sum.members >= self.k && (self.left.is_none() || sum.left >= self.k))
    }

    /// Hides more of `line` until it tells nothing, or there is nothing more to hide: its total is then itself too small to show.
    fn cover(&mut self, line: Line) {
        loop {
            let sum = self.sum(line);
            if self.is_covered(&sum) {
                return;
            }
            let by_left = sum.cells >= 2 && sum.members >= self.k;
            match self.best(self.line(line), by_left) {
                Some(cell) if self.measure(cell, by_left) > 0 || sum.cells < 2 => self.hide(cell),
                _ => return,
            }
        }
    }

    fn measure(&self, cell: usize, by_left: bool) -> i64 {
        let left = self.left.as_ref().and_then(|left| left[cell]);
        if by_left { left } else { self.cells.exact[cell] }.unwrap_or(0)
    }

    /// The cell that is best hidden next: one that is above 0, was hidden before and is not alone in another line; of these the
    /// smallest, and of equal ones the first.
    fn best(&self, line: &[usize], by_left: bool) -> Option<usize> {
        let may = |cell: &usize| !self.cells.is_hidden[*cell] && !self.is_plain[*cell] && self.cells.exact[*cell].is_some();
        line.iter().copied().filter(may).min_by_key(|&cell| {
            let measure = self.measure(cell, by_left);
            (measure <= 0, Reverse(self.cells.hidden_at[cell].is_some()), self.is_lonely(cell), measure, cell)
        })
    }

    fn is_lonely(&self, cell: usize) -> bool {
        self.lines_of(cell).any(|(set, line)| self.filled[set][line] < 2)
    }

    fn hide(&mut self, cell: usize) {
        self.cells.is_hidden[cell] = true;
        self.add(cell);
        let lines = self.lines_of(cell);
        self.open.extend(lines);
    }

    /// Covers what all lines together tell though none does alone; false where that is nothing, or nothing helps.
    fn cover_solved(&mut self) -> bool {
        let lines = self.hidden_lines();
        let equations: Vec<Vec<usize>> = lines.iter().map(|line| self.hidden_of(*line)).collect();
        let found = if self.grid.totals.len() == 2 { Some(bridges::solved(&equations)) } else { solve::solved(&equations) };
        let before = self.open.len();
        if let Some(found) = found {
            for cell in found {
                let next = self.lines_of(cell).find_map(|line| self.best(self.line(line), false));
                next.into_iter().for_each(|cell| self.hide(cell));
            }
        } else {
            self.hide_all(&lines);
        }
        self.open.len() > before
    }

    /// Where lines are too entangled to tell what follows from them, they show nothing.
    fn hide_all(&mut self, lines: &[Line]) {
        let all: BTreeSet<usize> = lines.iter().flat_map(|line| self.line(*line).to_vec()).collect();
        let is_open = |cell: &usize| self.cells.exact[*cell].is_some() && !self.cells.is_hidden[*cell];
        let open: Vec<usize> = all.into_iter().filter(is_open).collect();
        open.into_iter().for_each(|cell| self.hide(cell));
    }

    /// Lines with hidden cells whose total may be known: one that could not be covered is too small to be shown anywhere.
    fn hidden_lines(&self) -> Vec<Line> {
        let all = self.grid.totals.iter().enumerate().flat_map(|(set, lines)| (0..lines.cells.len()).map(move |line| (set, line)));
        let may_be_known = |sum: &Sum| sum.cells >= 2 && sum.members >= self.k;
        all.filter(|line| may_be_known(&self.sum(*line))).collect()
    }

    fn hidden_of(&self, line: Line) -> Vec<usize> {
        self.line(line).iter().copied().filter(|&cell| self.cells.is_hidden[cell]).collect()
    }
}
