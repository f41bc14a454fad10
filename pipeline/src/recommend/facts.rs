//! What is known of courses and members besides who took what: texts, language, price, author; quality; language of members.
//!
//! All are in the order of an index, and what no table says is absent. What follows from the facts belongs to `content` and
//! `rules`.

use std::collections::HashMap;

use arrow::record_batch::RecordBatch;

use crate::frames::{FramesError, Ids, instants_us, optional_integers, optional_numbers, optional_texts, text_lists, text_values};

const COURSES: &str = "course_facts";
const STATS: &str = "course_stats";
const MEMBERS: &str = "listed_members";
const POPULAR: &str = "language_popularity";

/// A course as its author describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CourseFacts {
    /// Title.
    pub title: Option<String>,
    /// What it is about.
    pub description: Option<String>,
    /// Subjects, lowercase and trimmed, each once, rising.
    pub tags: Vec<String>,
    /// Pseudonym of the author.
    pub author: Option<String>,
    /// Language code, lowercase.
    pub language: Option<String>,
    /// Price, hundredths of the currency.
    pub price_cents: Option<i64>,
    /// Instant of publication, microseconds since 1970.
    pub published_at_us: Option<i64>,
}

impl CourseFacts {
    /// Reads `course_facts` (`course_id`, `title`, `description`, `tags`, `author_id`, `language`, `price_cents`,
    /// `published_at`), one entry for each of `courses`.
    ///
    /// # Errors
    /// [`FramesError`] for a missing column, a null id, or a type that doesn't cast.
    pub fn read(batches: &[RecordBatch], courses: &Ids) -> Result<Vec<Self>, FramesError> {
        let ids = text_values(COURSES, batches, "course_id")?;
        let text = |column| optional_texts(COURSES, batches, column);
        let (titles, descriptions, authors, languages) = (text("title")?, text("description")?, text("author_id")?, text("language")?);
        let tags = text_lists(COURSES, batches, "tags")?;
        let prices = optional_integers(COURSES, batches, "price_cents")?;
        let published = instants_us(COURSES, batches, "published_at")?;
        let mut facts = vec![Self::default(); courses.len()];
        let rows = titles.into_iter().zip(descriptions).zip(authors).zip(languages).zip(tags).zip(prices).zip(published);
        for (id, row) in ids.iter().zip(rows) {
            let ((((((title, description), author), language), tags), price_cents), published_at_us) = row;
            if let Some(place) = courses.index_of(id).and_then(|course| facts.get_mut(course as usize)) {
                *place = Self { title, description, tags: spelled(&tags), author, language, price_cents, published_at_us };
            }
        }
        Ok(facts)
    }
}

/// One spelling of each tag, as `member_tags` has them.
fn spelled(tags: &[String]) -> Vec<String> {
    let mut tags: Vec<String> = tags.iter().map(|tag| tag.trim().to_lowercase()).filter(|tag| !tag.is_empty()).collect();
    tags.sort_unstable();
    tags.dedup();
    tags
}

/// How good members find each of `courses`: `course_stats.bayesian_rating` in standard deviations from the mean of all that
/// have one; 0 where it is not known or held back.
///
/// # Errors
/// [`FramesError`] for a missing column, a null id, or a number that is not finite.
pub fn course_quality(course_stats: &[RecordBatch], courses: &Ids) -> Result<Vec<f64>, FramesError> {
    let ids = text_values(STATS, course_stats, "course_id")?;
    let ratings = optional_numbers(STATS, course_stats, "bayesian_rating")?;
    let mut by_course = vec![None; courses.len()];
    for (id, rating) in ids.iter().zip(ratings) {
        if let Some(place) = courses.index_of(id).and_then(|course| by_course.get_mut(course as usize)) {
            *place = rating;
        }
    }
    Ok(standardised(&by_course))
}

/// Values less their mean over their standard deviation; 0 for what is absent, and for all where they are equal.
fn standardised(values: &[Option<f64>]) -> Vec<f64> {
    let known = || values.iter().flatten();
    let count = known().count().max(1) as f64;
    let mean = known().sum::<f64>() / count;
    let deviation = (known().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
    // Equal values leave a deviation of rounding errors, which must not be blown up.
    let has_spread = deviation > mean.abs() * count * f64::EPSILON;
    values.iter().map(|value| value.filter(|_| has_spread).map_or(0.0, |value| (value - mean) / deviation)).collect()
}

/// A few distinct texts, each shared by many rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels {
    /// The texts.
    pub names: Ids,
    /// For each row the index of its text.
    pub of_row: Vec<Option<u32>>,
}

/// The language of each of `members` by `listed_members`.
///
/// # Errors
/// [`FramesError`] for a missing column, a null id, or a type that doesn't cast.
pub fn member_languages(listed_members: &[RecordBatch], members: &Ids) -> Result<Labels, FramesError> {
    let ids = text_values(MEMBERS, listed_members, "user_id")?;
    let languages = optional_texts(MEMBERS, listed_members, "language")?;
    let names: Ids = languages.iter().flatten().cloned().collect();
    let places: HashMap<&str, u32> = names.iter().zip(0..).collect();
    let mut of_row = vec![None; members.len()];
    for (id, language) in ids.iter().zip(&languages) {
        if let Some(place) = members.index_of(id).and_then(|member| of_row.get_mut(member as usize)) {
            *place = language.as_deref().and_then(|language| places.get(language).copied());
        }
    }
    drop(places);
    Ok(Labels { names, of_row })
}

/// Courses that the speakers of each of `languages` take, most popular first, by `language_popularity`.
///
/// # Errors
/// [`FramesError`] for a missing column, a null, or a type that doesn't cast.
pub fn popular_by_language(language_popularity: &[RecordBatch], languages: &Ids, courses: &Ids) -> Result<Vec<Vec<u32>>, FramesError> {
    let spoken = text_values(POPULAR, language_popularity, "language")?;
    let ids = text_values(POPULAR, language_popularity, "course_id")?;
    let ranks = optional_integers(POPULAR, language_popularity, "rank")?;
    let mut ranked = vec![Vec::new(); languages.len()];
    for ((language, id), rank) in spoken.iter().zip(&ids).zip(ranks) {
        let place = languages.index_of(language).and_then(|language| ranked.get_mut(language as usize));
        if let (Some(place), Some(course)) = (place, courses.index_of(id)) {
            place.push((rank, course));
        }
    }
    let by_rank = |mut places: Vec<(Option<i64>, u32)>| {
        places.sort_unstable();
        places.into_iter().map(|(_, course)| course).collect()
    };
    Ok(ranked.into_iter().map(by_rank).collect())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Float64Array, Int64Array, ListBuilder, StringArray, StringBuilder, TimestampMicrosecondArray};

    use super::*;

    fn texts(values: &[Option<&str>]) -> ArrayRef {
        Arc::new(values.iter().copied().collect::<StringArray>())
    }

    fn courses() -> Ids {
        ["a", "b", "c"].into_iter().collect()
    }

    #[test]
    fn facts_come_in_the_order_of_the_courses() {
        let mut tags = ListBuilder::new(StringBuilder::new());
        tags.append_value([Some(" Rust"), Some("web"), Some("rust"), Some(" ")]);
        tags.append_null();
        let batch = RecordBatch::try_from_iter_with_nullable([
            ("course_id", texts(&[Some("c"), Some("unlisted")]), false),
            ("title", texts(&[Some("C"), None]), true),
            ("description", texts(&[None, None]), true),
            ("tags", Arc::new(tags.finish()) as ArrayRef, true),
            ("author_id", texts(&[Some("ann"), None]), true),
            ("language", texts(&[Some("zh"), None]), true),
            ("price_cents", Arc::new(Int64Array::from(vec![Some(100), None])) as ArrayRef, true),
            ("published_at", Arc::new(TimestampMicrosecondArray::from(vec![Some(5), None])) as ArrayRef, true),
        ]);
        let facts = CourseFacts::read(&[batch.unwrap()], &courses()).unwrap();
        let text = |text: &str| Some(text.to_owned());
        let known = CourseFacts {
            title: text("C"),
            description: None,
            tags: vec!["rust".to_owned(), "web".to_owned()],
            author: text("ann"),
            language: text("zh"),
            price_cents: Some(100),
            published_at_us: Some(5),
        };
        assert_eq!(facts, [CourseFacts::default(), CourseFacts::default(), known]);
        assert_eq!(CourseFacts::read(&[], &courses()).unwrap().len(), 3);
    }

    #[test]
    fn quality_is_in_standard_deviations() {
        let stats = |ratings: Vec<Option<f64>>| {
            let ratings: ArrayRef = Arc::new(Float64Array::from(ratings));
            let ids = texts(&[Some("a"), Some("b"), Some("c")]);
            vec![RecordBatch::try_from_iter_with_nullable([("course_id", ids, false), ("bayesian_rating", ratings, true)]).unwrap()]
        };
        assert_eq!(course_quality(&stats(vec![Some(3.0), None, Some(5.0)]), &courses()).unwrap(), [-1.0, 0.0, 1.0]);
        assert_eq!(course_quality(&stats(vec![Some(4.1); 3]), &courses()).unwrap(), [0.0; 3]);
        assert_eq!(course_quality(&stats(vec![None; 3]), &courses()).unwrap(), [0.0; 3]);
    }

    #[test]
    fn languages_are_numbered() {
        let columns = [("user_id", texts(&[Some("b"), Some("c"), Some("x")])), ("language", texts(&[Some("zh"), None, Some("en")]))];
        let batch = RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true))).unwrap();
        let labels = member_languages(&[batch], &courses()).unwrap();
        assert_eq!((labels.names.len(), labels.of_row), (2, vec![None, Some(1), None]));
    }

    #[test]
    fn popular_courses_of_a_language_come_by_rank() {
        let batch = RecordBatch::try_from_iter([
            ("language", texts(&[Some("zh"), Some("zh"), Some("en"), Some("zh")])),
            ("course_id", texts(&[Some("b"), Some("a"), Some("c"), Some("unlisted")])),
            ("rank", Arc::new(Int64Array::from(vec![2, 1, 1, 3])) as ArrayRef),
        ]);
        let languages = ["ja", "zh"].into_iter().collect();
        assert_eq!(popular_by_language(&[batch.unwrap()], &languages, &courses()).unwrap(), [vec![], vec![0, 1]]);
    }
}
