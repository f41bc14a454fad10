//! What lists are like, whether or not anybody liked them.
//!
//! ```text
//! novelty@k          mean of −log₂(share of members who have the course) over a list
//! popularity_bias@k  mean members of a list's courses / mean members of the history's courses − 1; 0 = as popular as what
//!                    members choose themselves
//! diversity@k        1 − mean cosine between the courses of a list, as sets of members
//! coverage@k         share of all courses that are on anybody's list
//! ```

use std::collections::HashMap;

use hachi_solvers::Csr;
use rayon::prelude::*;

use super::dataset::Dataset;
use super::judge::Judged;
use super::metrics::Column;

/// Diversity is told of so many lists, evenly taken.
const DIVERSITY_LISTS: usize = 10_000;
/// Members that courses are compared by, evenly taken.
const DIVERSITY_MEMBERS: usize = 32_768;

/// The columns of lists at cutoffs that lists reach; coverage is no mean, and not among them.
pub(super) fn list_columns(dataset: &Dataset, judged: &[Judged], cutoffs: &[usize]) -> Vec<Column> {
    let members = members_of_courses(&dataset.training.choices.positives);
    let everyone = dataset.training.choices.positives.rows() as f64;
    let mut columns = Vec::new();
    for &cutoff in cutoffs {
        let rarity = |course: &u32| -(members[*course as usize] / everyone).log2();
        columns.push(optional(format!("novelty@{cutoff}"), judged.iter().map(|judged| mean(&judged.list, cutoff, rarity))));
        let bias = |(row, judged): (usize, &Judged)| popularity_bias(&members, (dataset, row), (judged, cutoff));
        columns.push(optional(format!("popularity_bias@{cutoff}"), judged.iter().enumerate().map(bias)));
    }
    columns.extend(diversity_columns(dataset, judged, cutoffs));
    columns
}

/// For each cutoff the share of courses that are on a list of a member who counts.
pub(super) fn coverage(courses: usize, judged: &[Judged], cutoffs: &[usize], counts: &[f64]) -> Vec<f64> {
    let mut best_place = vec![usize::MAX; courses];
    for (judged, _) in judged.iter().zip(counts).filter(|(_, count)| **count > 0.0) {
        for (place, &course) in judged.list.iter().enumerate() {
            let best = &mut best_place[course as usize];
            *best = place.min(*best);
        }
    }
    let share = |&cutoff: &usize| best_place.iter().filter(|place| **place < cutoff).count() as f64 / courses as f64;
    cutoffs.iter().map(share).collect()
}

fn members_of_courses(positives: &Csr) -> Vec<f64> {
    let mut members = vec![0.0; positives.columns()];
    (0..positives.rows()).for_each(|row| positives.row_columns(row).iter().for_each(|&course| members[course as usize] += 1.0));
    members
}

/// Numbers that some members don't have.
fn optional(name: String, values: impl Iterator<Item = Option<f64>>) -> Column {
    let (sums, weights) = values.map(|value| (value.unwrap_or(0.0), if value.is_some() { 1.0 } else { 0.0 })).unzip();
    Column { name, sums, weights: Some(weights), is_root: false }
}

fn mean(courses: &[u32], cutoff: usize, value: impl Fn(&u32) -> f64) -> Option<f64> {
    let first = &courses[..courses.len().min(cutoff)];
    (!first.is_empty()).then(|| first.iter().map(value).sum::<f64>() / first.len() as f64)
}

fn popularity_bias(members: &[f64], (dataset, row): (&Dataset, usize), (judged, cutoff): (&Judged, usize)) -> Option<f64> {
    let count = |course: &u32| members[*course as usize];
    let history = dataset.histories.positives.row_columns(row);
    Some(mean(&judged.list, cutoff, count)? / mean(history, history.len(), count)? - 1.0)
}

fn diversity_columns(dataset: &Dataset, judged: &[Judged], cutoffs: &[usize]) -> Vec<Column> {
    let by_course = MemberSets::of(&dataset.training.choices.positives);
    let step = judged.len().div_ceil(DIVERSITY_LISTS).max(1);
    let of_member = |(row, judged): (usize, &Judged)| {
        if row % step == 0 { diversities(&by_course, &judged.list, cutoffs) } else { vec![None; cutoffs.len()] }
    };
    let by_member: Vec<Vec<Option<f64>>> = judged.par_iter().enumerate().map(of_member).collect();
    let column = |(place, cutoff): (usize, &usize)| optional(format!("diversity@{cutoff}"), by_member.iter().map(|of| of[place]));
    cutoffs.iter().enumerate().filter(|(_, cutoff)| **cutoff > 1).map(column).collect()
}

/// The members of each course as bits: of every n-th member, so that there are few enough.
struct MemberSets {
    /// Words of a course.
    words: usize,
    bits: Vec<u64>,
    members: Vec<u32>,
}

impl MemberSets {
    fn of(positives: &Csr) -> Self {
        let step = positives.rows().div_ceil(DIVERSITY_MEMBERS).max(1);
        let words = positives.rows().div_ceil(step).div_ceil(64);
        let mut sets = Self { words, bits: vec![0; words * positives.columns()], members: vec![0; positives.columns()] };
        for (place, row) in (0..positives.rows()).step_by(step).enumerate() {
            for &course in positives.row_columns(row) {
                sets.bits[course as usize * words + place / 64] |= 1 << (place % 64);
                sets.members[course as usize] += 1;
            }
        }
        sets
    }

    fn row(&self, course: u32) -> &[u64] {
        &self.bits[course as usize * self.words..(course as usize + 1) * self.words]
    }

    /// Cosine between two courses as sets of members; 0 where one has none.
    fn cosine(&self, left: u32, right: u32) -> f64 {
        let common: u32 = self.row(left).iter().zip(self.row(right)).map(|(left, right)| (left & right).count_ones()).sum();
        let [left, right] = [left, right].map(|course| f64::from(self.members[course as usize]));
        if common == 0 { 0.0 } else { f64::from(common) / (left * right).sqrt() }
    }
}

/// 1 − mean cosine over the pairs of the first courses of a list, for each cutoff; none of a list of one.
fn diversities(by_course: &MemberSets, list: &[u32], cutoffs: &[usize]) -> Vec<Option<f64>> {
    let longest = cutoffs.iter().copied().max().unwrap_or(0);
    let list = &list[..list.len().min(longest)];
    let mut cosines: HashMap<usize, f64> = HashMap::new();
    let mut sum = 0.0;
    // The sum over the pairs of a longer list holds that of a shorter one.
    for (later, &course) in list.iter().enumerate() {
        sum += list[..later].iter().map(|&other| by_course.cosine(course, other)).sum::<f64>();
        cosines.insert(later + 1, sum);
    }
    let diversity = |&cutoff: &usize| {
        let length = list.len().min(cutoff);
        let pairs = length * length.saturating_sub(1) / 2;
        (pairs > 0).then(|| 1.0 - cosines[&length] / pairs as f64)
    };
    cutoffs.iter().map(diversity).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn courses_of_the_same_members_are_alike() {
        let rows = [vec![(0, 1.0), (1, 1.0)], vec![(0, 1.0), (1, 1.0)], vec![(2, 1.0)], vec![]];
        let by_course = MemberSets::of(&Csr::from_rows(4, &rows).unwrap());
        let diversity = diversities(&by_course, &[0, 1, 2], &[1, 2, 3, 9]);
        let expected = [None, Some(0.0), Some(2.0 / 3.0), Some(2.0 / 3.0)];
        for (found, expected) in diversity.iter().zip(expected) {
            assert!(found.zip(expected).map_or(found.is_none() && expected.is_none(), |(a, b)| (a - b).abs() < 1e-12), "{diversity:?}");
        }
        assert!(by_course.cosine(0, 3).abs() < 1e-12);
    }

    #[test]
    fn coverage_counts_the_lists_of_those_who_count() {
        let judged = [vec![0, 1], vec![0, 2]].map(|list| Judged { list, ..Judged::default() });
        assert_eq!(coverage(4, &judged, &[1, 2], &[1.0, 1.0]), [0.25, 0.75]);
        assert_eq!(coverage(4, &judged, &[1, 2], &[0.0, 3.0]), [0.25, 0.5]);
    }
}
