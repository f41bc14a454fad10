//! What a list leaves out, whoever it is for.

use std::collections::HashSet;

use super::snapshot::Snapshot;

/// Courses to leave out, and subjects of which a course must have one. Acts before a list is cut, so that `limit` is filled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    exclude: HashSet<String>,
    tags: HashSet<String>,
}

/// Which part of what is left is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    /// Items skipped.
    pub(crate) offset: usize,
    /// Items answered at most.
    pub(crate) limit: usize,
}

impl Filter {
    /// Without `tags` a course may be of any subject. How a tag is capitalised doesn't matter.
    pub(crate) fn new(exclude: HashSet<String>, tags: impl IntoIterator<Item = String>) -> Self {
        Self { exclude, tags: tags.into_iter().map(|tag| tag.to_lowercase()).collect() }
    }

    /// Leaves out further courses.
    pub(crate) fn without(mut self, courses: impl IntoIterator<Item = String>) -> Self {
        self.exclude.extend(courses);
        self
    }

    /// Whether a course may be answered.
    pub(crate) fn keeps(&self, snapshot: &Snapshot, course_id: &str) -> bool {
        !self.exclude.contains(course_id) && (self.tags.is_empty() || snapshot.has_tag(course_id, &self.tags))
    }

    /// Whether each course, by its index, is left out: the same for all at once, without a look at their ids.
    pub(crate) fn left_out(&self, snapshot: &Snapshot) -> Vec<bool> {
        let mut left_out = vec![!self.tags.is_empty(); snapshot.courses()];
        let tagged = self.tags.iter().flat_map(|tag| snapshot.tagged(tag)).map(|index| (*index, false));
        let excluded = self.exclude.iter().filter_map(|id| snapshot.index_of(id)).map(|index| (index, true));
        for (index, is_out) in tagged.chain(excluded) {
            left_out[index as usize] = is_out;
        }
        left_out
    }
}

impl Page {
    /// The items of this page.
    pub(crate) fn of<T>(self, items: impl Iterator<Item = T>) -> impl Iterator<Item = T> {
        items.skip(self.offset).take(self.limit)
    }
}
