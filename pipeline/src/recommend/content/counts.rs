//! How often each course says each term: tags first, then words, each numbered in rising order.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::words::Segmenter;
use crate::frames::Ids;
use crate::recommend::facts::CourseFacts;

/// Times that a word of the title counts: a title says more, in fewer words.
const TITLE_OCCURRENCES: u32 = 2;

/// Terms of one kind: for each course the index of each term, rising, with its occurrences.
#[derive(Default)]
pub(super) struct Counts {
    pub terms: Ids,
    pub courses: Vec<Vec<(u32, u32)>>,
}

impl Counts {
    /// The tags of each course, each once.
    pub fn of_tags(facts: &[CourseFacts]) -> Self {
        Self::of(facts.iter().map(|facts| facts.tags.iter().map(|tag| (tag.clone(), 1)).collect()).collect())
    }

    /// The words of each course's title and description.
    pub fn of_words(facts: &[CourseFacts]) -> Self {
        let segmenter = Segmenter::new();
        Self::of(facts.par_iter().map(|facts| words(&segmenter, facts)).collect())
    }

    fn of(counted: Vec<BTreeMap<String, u32>>) -> Self {
        let terms: Ids = counted.iter().flat_map(BTreeMap::keys).cloned().collect();
        let number = |(term, count): (String, u32)| terms.index_of(&term).map(|index| (index, count));
        let courses = counted.into_iter().map(|course| course.into_iter().filter_map(number).collect()).collect();
        Self { terms, courses }
    }
}

fn words(segmenter: &Segmenter, facts: &CourseFacts) -> BTreeMap<String, u32> {
    let mut counts = BTreeMap::new();
    for (text, times) in [(&facts.title, TITLE_OCCURRENCES), (&facts.description, 1)] {
        for word in text.iter().flat_map(|text| segmenter.words(text)) {
            *counts.entry(word).or_insert(0_u32) += times;
        }
    }
    counts
}
