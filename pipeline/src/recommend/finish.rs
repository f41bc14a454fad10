//! Candidates with blended scores into a member's list: rules, boosts, variety. Where candidates come from is the models'.
//!
//! ```text
//! candidates ──without excluded──▶ boosted ──best──▶ with new courses ──▶ diversified, no more than the cap of an author ──▶ list
//! ```

use super::diversity::{Diversity, diversify};
use super::rules::Rules;

/// Candidates that variety chooses from, for each place of a list.
const CANDIDATES_PER_PLACE: usize = 4;

/// What every list of a run is finished by.
#[derive(Debug, Clone, Copy)]
pub struct Finish<'a> {
    /// The site's rules.
    pub rules: &'a Rules,
    /// How much variety, and how many places.
    pub diversity: Diversity,
    /// Share of the places that are kept for courses too new for the models, 0 to 1.
    pub new_courses: f64,
}

impl Finish<'_> {
    /// The list made of `candidates` (course and blended score, in any order, each once), best first, with boosted scores;
    /// equal scores go to the lower course. `fresh` are courses without a score, best first, none of them a candidate: they stand
    /// at evenly spread places, with the score of the course before. `excluded` rises. Where variety counts, scores need not fall
    /// along the list.
    ///
    /// `similarities(course, others, out)` writes the similarity of a course to each of `others` into `out`, as
    /// [`super::content::Content::cosines`] does.
    pub fn list(
        &self,
        (candidates, fresh): (&[(u32, f32)], &[u32]),
        excluded: &[u32],
        mut similarities: impl FnMut(u32, &[u32], &mut [f32]),
    ) -> Vec<(u32, f32)> {
        let ranked = self.with_fresh(self.best(candidates, excluded), fresh);
        let (courses, scores): (Vec<u32>, Vec<f32>) = ranked.iter().copied().unzip();
        let mut authors = self.rules.authors();
        let similar_to = |candidate: usize, out: &mut [f32]| similarities(courses[candidate], &courses, out);
        let order = diversify(&scores, self.diversity, similar_to, |candidate| authors.admit(courses[candidate]));
        order.into_iter().map(|candidate| ranked[candidate]).collect()
    }

    /// Places that new courses may have.
    pub fn new_places(&self) -> usize {
        self.spacing().map_or(0, |spacing| self.diversity.limit / spacing)
    }

    /// One place of so many is for a new course.
    fn spacing(&self) -> Option<usize> {
        (self.new_courses > 0.0).then(|| (1.0 / self.new_courses).round() as usize)
    }

    /// The best candidates with their boosts, best first.
    fn best(&self, candidates: &[(u32, f32)], excluded: &[u32]) -> Vec<(u32, f32)> {
        let allowed = candidates.iter().filter(|(course, _)| excluded.binary_search(course).is_err());
        let mut ranked: Vec<(u32, f32)> = allowed.map(|&(course, score)| (course, self.rules.boosted(course, score))).collect();
        let by_score = |left: &(u32, f32), right: &(u32, f32)| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0));
        let most = self.diversity.limit.saturating_mul(CANDIDATES_PER_PLACE);
        if ranked.len() > most && most > 0 {
            ranked.select_nth_unstable_by(most - 1, by_score);
            ranked.truncate(most);
        }
        ranked.sort_unstable_by(by_score);
        ranked
    }

    fn with_fresh(&self, mut ranked: Vec<(u32, f32)>, fresh: &[u32]) -> Vec<(u32, f32)> {
        let Some(spacing) = self.spacing() else { return ranked };
        for (place, &course) in (spacing - 1..).step_by(spacing).zip(fresh) {
            let Some(&(_, score)) = ranked.get(place.saturating_sub(1)) else { break };
            ranked.insert(place, (course, score));
        }
        ranked
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::frames::Ids;
    use crate::recommend::facts::CourseFacts;
    use crate::recommend::rules::RulesOptions;

    /// Courses 0 and 1 are by one author, and alike.
    fn rules(max_per_author: Option<usize>) -> Rules {
        let courses: Ids = (0..4).map(|course| format!("c{course}")).collect();
        let author = |course: usize| Some(if course < 2 { "ann".to_owned() } else { format!("author {course}") });
        let facts: Vec<CourseFacts> = (0..4).map(|course| CourseFacts { author: author(course), ..CourseFacts::default() }).collect();
        let mut options = RulesOptions { max_per_author, ..RulesOptions::default() };
        options.boosts.courses.insert("c3".to_owned(), 4.0);
        Rules::new(&options, (&courses, &facts), &Ids::default(), 0)
    }

    fn check(rules: &Rules, lambda: f32, excluded: &[u32], expected: &[u32]) {
        let candidates = [(0, 0.8), (1, 0.8), (2, 0.6), (3, 0.1)];
        let alike = |course: u32, others: &[u32], out: &mut [f32]| {
            others.iter().zip(out).for_each(|(other, out)| *out = if (*other < 2) == (course < 2) { 1.0 } else { 0.0 });
        };
        let finish = Finish { rules, diversity: Diversity { lambda, limit: 3 }, new_courses: 0.0 };
        let list = finish.list((&candidates, &[]), excluded, alike);
        assert_eq!(list.iter().map(|item| item.0).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn rules_boosts_and_variety_act_together() {
        check(&rules(None), 0.0, &[], &[0, 1, 2]);
        check(&rules(Some(1)), 0.0, &[], &[0, 2, 3]);
        check(&rules(None), 0.0, &[0, 2], &[1, 3]);
        check(&rules(None), 0.4, &[], &[0, 2, 1]);
        check(&rules(Some(1)), 0.4, &[1], &[0, 2, 3]);
    }

    #[test]
    fn new_courses_have_their_places() {
        let (rules, candidates) = (rules(None), [(0, 0.9), (1, 0.8), (2, 0.7)]);
        let listed = |new_courses: f64, fresh: &[u32]| {
            let finish = Finish { rules: &rules, diversity: Diversity { lambda: 0.0, limit: 4 }, new_courses };
            let list = finish.list((&candidates, fresh), &[], |_, _, out| out.fill(0.0));
            (finish.new_places(), list.iter().map(|item| item.0).collect::<Vec<_>>())
        };
        assert_eq!(listed(0.0, &[7, 8]), (0, vec![0, 1, 2]));
        assert_eq!(listed(0.5, &[7, 8]), (2, vec![0, 7, 1, 8]));
        assert_eq!(listed(0.25, &[7]), (1, vec![0, 1, 2, 7]));
        assert_eq!(listed(0.1, &[7]), (0, vec![0, 1, 2]));
        assert_eq!(listed(1.0, &[7]), (4, vec![7, 0, 1, 2]));
    }

    proptest! {
        #[test]
        fn the_order_of_candidates_does_not_matter(
            scores in proptest::collection::vec(prop_oneof![Just(0.5_f32), 0.0..1.0_f32], 4),
            shuffled in Just((0..4_u32).collect::<Vec<_>>()).prop_shuffle(),
            lambda in 0.0..1.0_f32,
        ) {
            let rules = rules(Some(1));
            let finish = Finish { rules: &rules, diversity: Diversity { lambda, limit: 4 }, new_courses: 0.0 };
            let candidates = |order: &[u32]| order.iter().map(|&course| (course, scores[course as usize])).collect::<Vec<_>>();
            let list = |order: &[u32]| finish.list((&candidates(order), &[]), &[], |course, others, out| {
                others.iter().zip(out).for_each(|(other, out)| *out = 1.0 / (1.0 + course.abs_diff(*other) as f32));
            });
            prop_assert_eq!(list(&shuffled), list(&[0, 1, 2, 3]));
            prop_assert!(list(&shuffled).len() == 3);
        }
    }
}
