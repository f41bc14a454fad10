//! Cells that are hidden for what they are themselves: too few members, too few left out, or hidden before and hardly moved.

use super::cells::Cells;

/// Hides what `cells`, parts of `whole` where there is one, would tell of fewer than `k` members.
pub(super) fn hide_small(cells: &mut Cells, whole: Option<&Cells>, k: i64) {
    for cell in 0..cells.exact.len() {
        cells.is_hidden[cell] = cells.exact[cell].is_some_and(|now| {
            let stands_still = cells.hidden_at[cell].is_some_and(|then| then.abs_diff(now) < k.unsigned_abs());
            stands_still || tells_of_few(cells, cell, whole, k)
        });
    }
}

/// Whether the number, or the one that stands for it, tells of 1 to k − 1 members.
fn tells_of_few(cells: &Cells, cell: usize, whole: Option<&Cells>, k: i64) -> bool {
    let is_few = |n: i64| 0 < n && n < k;
    let (Some(exact), Some(shown)) = (cells.exact[cell], cells.shown[cell]) else { return false };
    if is_few(exact) || is_few(shown) {
        return true;
    }
    let Some(whole) = whole else { return false };
    let of = whole_of(cells, cell, whole);
    let left = whole.exact[of].map(|size| size - exact);
    // The two numbers may be of different age: more than all is as telling as all but few.
    let shown_left = whole.shown[of].map(|size| size - shown);
    whole.is_hidden[of] || left.is_some_and(is_few) || (left != shown_left && shown_left.is_some_and(|n| n != 0 && n < k))
}

/// The cell of `whole` that `cell` is a part of.
pub(super) fn whole_of(cells: &Cells, cell: usize, whole: &Cells) -> usize {
    whole.grid.of_row[cells.grid.rows[cell]]
}
