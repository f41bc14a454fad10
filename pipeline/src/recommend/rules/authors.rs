//! How many courses of one author a list has, at most.

use std::collections::HashMap;

/// Counts the authors of one list.
#[derive(Debug, Clone)]
pub struct AuthorCap<'a> {
    /// For each course the index of its author.
    authors: &'a [Option<u32>],
    limit: Option<usize>,
    listed: HashMap<u32, usize>,
}

impl<'a> AuthorCap<'a> {
    pub(super) fn new(authors: &'a [Option<u32>], limit: Option<usize>) -> Self {
        Self { authors, limit, listed: HashMap::new() }
    }

    /// Whether a course may be the next on the list; if so it counts. Courses without an author always may.
    pub fn admit(&mut self, course: u32) -> bool {
        let (Some(limit), Some(author)) = (self.limit, self.authors.get(course as usize).copied().flatten()) else { return true };
        let listed = self.listed.entry(author).or_insert(0);
        let has_room = *listed < limit;
        *listed += usize::from(has_room);
        has_room
    }
}
