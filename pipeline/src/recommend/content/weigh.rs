//! Counts into vectors of length 1.
//!
//! ```text
//! x = (1 + ln occurrences) · (ln((1 + N) / (1 + n)) + 1)        of N courses with terms of the kind, n with this one
//! row = [√tags · x of tags / ‖·‖ , √words · x of words / ‖·‖], divided by its own length
//! ```
//! So of two courses with tags and words, `tags / (tags + words)` of their cosine is that of their tags.

use hachi_solvers::{Error, Result, check_memory};

use super::counts::Counts;
use crate::frames::Ids;
use crate::recommend::facts::CourseFacts;

/// Bytes of memory for a byte of text, at most, while words are counted: a word of three bytes takes an entry of a map.
const BYTES_PER_TEXT_BYTE: u64 = 32;

/// What tags and words weigh in the cosine of two courses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ContentOptions {
    /// Weight of tags, at least 0.
    pub tags: f64,
    /// Weight of the words of title and description, at least 0.
    pub words: f64,
}

impl Default for ContentOptions {
    /// Tags are what the site itself says a course is about; words tell courses of one tag apart.
    fn default() -> Self {
        Self { tags: 1.0, words: 0.5 }
    }
}

/// Vectors of length 1, or 0 where nothing is said, one for each course: by course, and by term.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    tags: Ids,
    rows: Sparse,
    /// The same by term: which courses say it.
    pub(super) postings: Sparse,
}

/// Rows of (index, value), each rising.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Sparse {
    offsets: Vec<usize>,
    entries: Vec<(u32, f32)>,
}

impl Sparse {
    /// A row; empty beyond the last one.
    pub fn row(&self, row: usize) -> &[(u32, f32)] {
        let bounds = self.offsets.get(row).zip(self.offsets.get(row + 1));
        bounds.and_then(|(&first, &end)| self.entries.get(first..end)).unwrap_or_default()
    }

    pub fn rows(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    fn from_rows(rows: impl IntoIterator<Item = Vec<(u32, f32)>>) -> Self {
        let mut sparse = Self { offsets: vec![0], entries: Vec::new() };
        for row in rows {
            sparse.entries.extend(row);
            sparse.offsets.push(sparse.entries.len());
        }
        sparse
    }

    fn transposed(&self, columns: usize) -> Self {
        let mut rows = vec![Vec::new(); columns];
        for row in 0..self.rows() {
            self.row(row).iter().for_each(|&(column, value)| rows[column as usize].push((row as u32, value)));
        }
        Self::from_rows(rows)
    }
}

impl Content {
    /// The vectors of courses with these facts. The same facts give the same vectors, whatever the number of threads.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a negative weight, or where both are 0; [`Error::Memory`] for texts beyond `limit_bytes`.
    pub fn new(facts: &[CourseFacts], options: &ContentOptions, limit_bytes: u64) -> Result<Self> {
        options.check()?;
        let texts = facts.iter().flat_map(|facts| facts.title.iter().chain(&facts.description).chain(&facts.tags));
        let required = texts.map(|text| text.len() as u64).sum::<u64>().saturating_mul(BYTES_PER_TEXT_BYTE);
        check_memory("words of courses", required, limit_bytes, "set `recommend.content.words = 0`, or raise the memory limit")?;
        let tags = Counts::of_tags(facts);
        let words = if options.words > 0.0 { Counts::of_words(facts) } else { Counts::default() };
        Ok(Self::weighed(tags, &words, options, facts.len()))
    }

    fn weighed(tags: Counts, words: &Counts, options: &ContentOptions, courses: usize) -> Self {
        let (tag_rarity, word_rarity) = (rarity(&tags), rarity(words));
        let row = |course: usize| {
            let mut row = part(tags.courses.get(course), &tag_rarity, options.tags, 0);
            row.extend(part(words.courses.get(course), &word_rarity, options.words, tags.terms.len() as u32));
            let length = length(&row);
            row.into_iter().map(|(term, value)| (term, (value / length) as f32)).collect()
        };
        let rows = Sparse::from_rows((0..courses).map(row));
        let postings = rows.transposed(tags.terms.len() + words.terms.len());
        Self { tags: tags.terms, rows, postings }
    }

    /// Number of courses.
    pub fn courses(&self) -> usize {
        self.rows.rows()
    }

    /// The tags, by the index that reasons name.
    pub fn tags(&self) -> &Ids {
        &self.tags
    }

    /// The vector of a course: terms with their values, tags first; empty where nothing is said of it.
    pub(super) fn row(&self, course: u32) -> &[(u32, f32)] {
        self.rows.row(course as usize)
    }

    /// Number of tags and words.
    pub(super) fn terms(&self) -> usize {
        self.postings.rows()
    }
}

impl ContentOptions {
    fn check(&self) -> Result<()> {
        let within = |name, value: f64| {
            let expected = "a finite number of at least 0";
            if value.is_finite() && value >= 0.0 { Ok(()) } else { Err(Error::Parameter { name, value, expected }) }
        };
        within("recommend.content.tags", self.tags)?;
        within("recommend.content.words", self.words)?;
        if self.tags + self.words > 0.0 {
            return Ok(());
        }
        Err(Error::Parameter { name: "recommend.content.tags", value: self.tags, expected: "a number above 0 where words weigh 0" })
    }
}

/// Smoothed inverse document frequency of each term.
fn rarity(counts: &Counts) -> Vec<f64> {
    let speaking = counts.courses.iter().filter(|course| !course.is_empty()).count();
    let mut saying = vec![0_usize; counts.terms.len()];
    counts.courses.iter().flatten().for_each(|(term, _)| saying[*term as usize] += 1);
    saying.into_iter().map(|count| ((1.0 + speaking as f64) / (1.0 + count as f64)).ln() + 1.0).collect()
}

/// One kind's part of a row, of length √weight; its terms are numbered from `first_term`.
fn part(counts: Option<&Vec<(u32, u32)>>, rarity: &[f64], weight: f64, first_term: u32) -> Vec<(u32, f64)> {
    if weight <= 0.0 {
        return Vec::new();
    }
    let weigh = |&(term, count): &(u32, u32)| (first_term + term, (1.0 + f64::from(count).ln()) * rarity[term as usize]);
    let part: Vec<(u32, f64)> = counts.into_iter().flatten().map(weigh).collect();
    let scale = weight.sqrt() / length(&part);
    part.into_iter().map(|(term, value)| (term, value * scale)).collect()
}

fn length(row: &[(u32, f64)]) -> f64 {
    row.iter().map(|(_, value)| value * value).sum::<f64>().sqrt()
}
