//! Where targets stand among scores. Which courses compete is said by whoever asks.

/// Ranks of the targets, from 1, rising. A course that ties with a target stands before it; targets that tie stand one after the
/// other. `targets` and `others` name courses; NaN is the lowest score.
pub(super) fn ranks(scores: &[f32], targets: &[u32], others: impl Iterator<Item = u32>) -> Vec<u32> {
    let score = |course: u32| {
        let score = scores[course as usize];
        if score.is_nan() { f32::NEG_INFINITY } else { score }
    };
    let mut sorted: Vec<f32> = targets.iter().map(|&target| score(target)).collect();
    sorted.sort_unstable_by(|left, right| right.total_cmp(left));
    let Some(&lowest) = sorted.last() else { return Vec::new() };
    // How many others stand before the target at this place and behind the one before it.
    let mut between = vec![0_u32; sorted.len()];
    for other in others {
        let other = score(other);
        if other >= lowest {
            between[sorted.partition_point(|&target| target > other)] += 1;
        }
    }
    let mut before = 0;
    let ranked = between.iter().zip(1..).map(|(count, place)| {
        before += count;
        before + place
    });
    ranked.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_count_against_the_target() {
        let scores = [3.0, 2.0, 2.0, 1.0, f32::NAN];
        let check = |targets: &[u32], expected: &[u32]| {
            let others = (0..5).filter(|course| !targets.contains(course));
            assert_eq!(ranks(&scores, targets, others), expected);
        };
        check(&[0], &[1]);
        check(&[1], &[3]);
        check(&[1, 2], &[2, 3]);
        check(&[3, 0], &[1, 4]);
        check(&[4], &[5]);
        check(&[], &[]);
        assert_eq!(ranks(&[0.0; 4], &[2], [0, 1, 3].into_iter()), [4]);
        assert_eq!(ranks(&[f32::NAN, f32::NAN, f32::NEG_INFINITY], &[0], [1, 2].into_iter()), [3]);
    }
}
