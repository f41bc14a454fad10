//! Courses that attract the same members: cosines of course factors, block by block.

use std::ops::Range;

use arrow::record_batch::RecordBatch;
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par};
use rayon::prelude::*;

use super::community::Community;
use super::error::LearnError;
use super::tables::{similar_courses_batch, similar_courses_schema};
use super::top::top;

/// Cosines in one block, at most; 2²¹ are 8 MiB.
const BLOCK_COSINES: usize = 1 << 21;

/// A course's neighbour and the cosine of their factors, −1 to 1.
pub(super) type Neighbour = (u32, f32);

/// The table `similar_courses`: for each modelled course its `limit` nearest, one batch for each block of courses.
pub(super) fn similar_courses(community: &Community, factors: &Mat<f32>, limit: usize) -> Result<Vec<RecordBatch>, LearnError> {
    let units = unit_columns(factors);
    let block = (BLOCK_COSINES / units.ncols().max(1)).max(1);
    let blocks: Vec<Range<usize>> = (0..units.ncols()).step_by(block).map(|first| first..units.ncols().min(first + block)).collect();
    let build = |courses: &Range<usize>| similar_courses_batch(community, courses.start, &neighbours(&units, courses.clone(), limit));
    let built: Vec<_> = blocks.par_iter().map(build).collect();
    let mut batches = vec![RecordBatch::new_empty(similar_courses_schema())];
    for batch in built {
        batches.push(batch?);
    }
    Ok(batches)
}

fn neighbours(units: &Mat<f32>, courses: Range<usize>, limit: usize) -> Vec<Vec<Neighbour>> {
    let mut cosines = Mat::zeros(units.ncols(), courses.len());
    matmul(cosines.as_mut(), Accum::Replace, units.transpose(), units.subcols(courses.start, courses.len()), 1.0, Par::Seq);
    let nearest = |(place, course): (usize, usize)| {
        let column = cosines.col_as_slice(place);
        let best = top(column.len(), &[course as u32], limit, |other| f64::from(column[other as usize]));
        best.into_iter().map(|other| (other, column[other as usize].clamp(-1.0, 1.0))).collect()
    };
    courses.enumerate().map(nearest).collect()
}

/// Columns of length 1; a zero column stays zero.
fn unit_columns(factors: &Mat<f32>) -> Mat<f32> {
    let length = |column: usize| factors.col_as_slice(column).iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt();
    let lengths: Vec<f64> = (0..factors.ncols()).map(length).collect();
    Mat::from_fn(factors.nrows(), factors.ncols(), |row, column| {
        let length = lengths[column];
        if length > 0.0 { (f64::from(factors[(row, column)]) / length) as f32 } else { 0.0 }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_direction_comes_first_and_never_the_course_itself() {
        let factors = faer::mat![[1.0_f32, 2.0, 0.0, 0.0], [0.0, 0.1, 3.0, 0.0]];
        let found = neighbours(&unit_columns(&factors), 0..4, 2);
        assert_eq!(found[0].iter().map(|neighbour| neighbour.0).collect::<Vec<_>>(), [1, 2]);
        assert!(found[0][0].1 > 0.99 && found[0][1].1.abs() < 1e-6);
        assert!(found[3][0].1.abs() < 1e-6);
    }
}
