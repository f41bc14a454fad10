//! Columns of faer matrices into Arrow arrays.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Float32Array, ListArray};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field};
use faer::Mat;

/// The columns of `range` of a matrix as lists of floats, one list for each column.
///
/// # Panics
/// If the range exceeds the matrix.
pub fn factor_column(factors: &Mat<f32>, range: Range<usize>) -> ListArray {
    let lengths = std::iter::repeat_n(factors.nrows(), range.len());
    let offsets = OffsetBuffer::from_lengths(lengths);
    let values: Float32Array = range.flat_map(|column| factors.col_as_slice(column).iter().map(|&value| Some(value))).collect();
    ListArray::new(Arc::new(Field::new_list_field(DataType::Float32, true)), offsets, Arc::new(values), None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Array, AsArray};
    use arrow::datatypes::Float32Type;

    #[test]
    fn one_list_for_each_column() {
        let lists = factor_column(&faer::mat![[1.0_f32, 3.0, 5.0], [2.0, 4.0, 6.0]], 1..3);
        assert_eq!(lists.len(), 2);
        assert_eq!(lists.value(1).as_primitive::<Float32Type>().values().to_vec(), [5.0, 6.0]);
    }
}
