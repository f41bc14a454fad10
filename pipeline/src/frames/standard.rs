//! Brings rows of a matrix to one scale. Which rows, and what for, belongs to `recommend`.

use faer::Mat;

/// Replaces each row by (value − mean) / standard deviation, both taken over the first `columns` columns.
///
/// A row without variation becomes zero.
pub fn standardise_rows(matrix: &mut Mat<f64>, columns: usize) {
    for row in 0..matrix.nrows() {
        let (mean, deviation) = moments(matrix, row, columns);
        for column in 0..matrix.ncols() {
            let centred = matrix[(row, column)] - mean;
            matrix[(row, column)] = if deviation > 0.0 { centred / deviation } else { 0.0 };
        }
    }
}

fn moments(matrix: &Mat<f64>, row: usize, columns: usize) -> (f64, f64) {
    let count = columns.max(1) as f64;
    let mean = (0..columns).map(|column| matrix[(row, column)]).sum::<f64>() / count;
    let variance = (0..columns).map(|column| (matrix[(row, column)] - mean).powi(2)).sum::<f64>() / count;
    // Equal values leave a variance of rounding errors, which must not be blown up.
    let rounding = mean * mean * count * f64::EPSILON * f64::EPSILON;
    (mean, if variance > rounding { variance.sqrt() } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_by_the_first_columns_only() {
        let mut matrix = faer::mat![[1.0, 3.0, 5.0], [0.1, 0.1, 7.0]];
        standardise_rows(&mut matrix, 2);
        assert_eq!(matrix, faer::mat![[-1.0, 1.0, 3.0], [0.0, 0.0, 0.0]]);
    }
}
