//! Rules over the indices of a catalogue: what can be known before the first member is asked about is computed once.

use std::collections::{BTreeSet, HashMap};

use super::{AuthorCap, BOOST_RANGE, RulesOptions};
use crate::frames::Ids;
use crate::recommend::facts::CourseFacts;

/// The rules of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    exclude_owned: bool,
    exclude_completed: bool,
    /// Courses hidden from members without a language, then from those of each language; each rising.
    hidden: Vec<Vec<u32>>,
    /// Course and the courses to be completed before, by course.
    prerequisites: Vec<(u32, Vec<u32>)>,
    authors: Vec<Option<u32>>,
    max_per_author: Option<usize>,
    boosts: Vec<f32>,
    unknown: Vec<String>,
}

/// What rules ask of a member.
#[derive(Debug, Clone, Copy, Default)]
pub struct Member<'a> {
    /// Index of the language, in the languages that [`Rules::new`] was given; none: not known.
    pub language: Option<u32>,
    /// Courses taken up, completed ones too, rising.
    pub owned: &'a [u32],
    /// Courses completed, rising.
    pub completed: &'a [u32],
}

impl Rules {
    /// The rules of `options` over `courses` with their `facts`, for members of `languages`, at `as_of_us` (microseconds since
    /// 1970): a course published later is hidden, whatever the options say.
    pub fn new(options: &RulesOptions, (courses, facts): (&Ids, &[CourseFacts]), languages: &Ids, as_of_us: i64) -> Self {
        let named = Named { courses, unknown: BTreeSet::new() };
        let (prerequisites, named) = named.prerequisites(options);
        let (boosts, named) = named.boosts(options, facts);
        let for_sale = |facts: &CourseFacts| {
            let is_published = facts.published_at_us.is_none_or(|published| published <= as_of_us);
            is_published && options.price_max_cents.is_none_or(|most| facts.price_cents.is_none_or(|price| price <= most))
        };
        let hidden_from = |language: Option<&str>| {
            let speaks = Speaks::new(options, language);
            let is_hidden = |facts: &CourseFacts| !for_sale(facts) || !speaks.understands(facts.language.as_deref());
            facts.iter().zip(0..).filter(|(facts, _)| is_hidden(facts)).map(|(_, course)| course).collect()
        };
        Self {
            exclude_owned: options.exclude_owned,
            exclude_completed: options.exclude_completed,
            hidden: std::iter::once(None).chain(languages.iter().map(Some)).map(hidden_from).collect(),
            prerequisites,
            authors: authors(facts),
            max_per_author: options.max_per_author,
            boosts,
            unknown: named.unknown.into_iter().collect(),
        }
    }

    /// Courses that the options name and the catalogue lacks, rising: they have no effect, and someone should be told.
    pub fn unknown(&self) -> &[String] {
        &self.unknown
    }

    /// The courses that may not be on the member's list, rising.
    pub fn excluded(&self, member: Member<'_>) -> Vec<u32> {
        let language = member.language.map_or(0, |language| language as usize + 1);
        let hidden = self.hidden.get(language).or(self.hidden.first());
        let mut excluded: Vec<u32> = hidden.into_iter().flatten().copied().collect();
        if self.exclude_owned {
            excluded.extend(member.owned.iter().filter(|course| !contains(member.completed, **course)));
        }
        if self.exclude_completed {
            excluded.extend(member.completed);
        }
        let is_unready = |before: &[u32]| before.iter().any(|course| !contains(member.completed, *course));
        excluded.extend(self.prerequisites.iter().filter(|(_, before)| is_unready(before)).map(|(course, _)| *course));
        excluded.sort_unstable();
        excluded.dedup();
        excluded
    }

    /// The score of a course with its boosts: higher where they are above 1, also of a score below 0.
    pub fn boosted(&self, course: u32, score: f32) -> f32 {
        let boost = self.boosts.get(course as usize).copied().unwrap_or(1.0);
        if score < 0.0 { score / boost } else { score * boost }
    }

    /// The authors of a new list.
    pub fn authors(&self) -> AuthorCap<'_> {
        AuthorCap::new(&self.authors, self.max_per_author)
    }
}

fn contains(rising: &[u32], course: u32) -> bool {
    rising.binary_search(&course).is_ok()
}

/// Courses by the names that options give them; collects those that are none.
struct Named<'a> {
    courses: &'a Ids,
    unknown: BTreeSet<String>,
}

impl Named<'_> {
    fn index_of(&mut self, course: &str) -> Option<u32> {
        let index = self.courses.index_of(course);
        if index.is_none() {
            self.unknown.insert(course.to_owned());
        }
        index
    }

    /// A course that is not in the catalogue can't be completed, so it is not asked for.
    fn prerequisites(mut self, options: &RulesOptions) -> (Vec<(u32, Vec<u32>)>, Self) {
        let mut prerequisites = Vec::new();
        for (course, before) in &options.prerequisites {
            let before: Vec<u32> = before.iter().filter_map(|course| self.index_of(course)).collect();
            prerequisites.extend(self.index_of(course).map(|course| (course, before)));
        }
        prerequisites.sort_unstable();
        (prerequisites, self)
    }

    fn boosts(mut self, options: &RulesOptions, facts: &[CourseFacts]) -> (Vec<f32>, Self) {
        let of_tags = |facts: &CourseFacts| facts.tags.iter().filter_map(|tag| options.boosts.tags.get(tag)).product();
        let mut boosts: Vec<f64> = facts.iter().map(of_tags).collect();
        for (course, boost) in &options.boosts.courses {
            if let Some(place) = self.index_of(course).and_then(|course| boosts.get_mut(course as usize)) {
                *place *= boost;
            }
        }
        (boosts.into_iter().map(|boost: f64| boost.clamp(*BOOST_RANGE.start(), *BOOST_RANGE.end()) as f32).collect(), self)
    }
}

/// The languages that a member reads; none: all.
struct Speaks<'a>(Option<Vec<&'a str>>);

impl<'a> Speaks<'a> {
    /// Without the rule, or without a language of the member's, all.
    fn new(options: &'a RulesOptions, language: Option<&'a str>) -> Self {
        let Some(own) = language.filter(|_| options.same_language) else { return Self(None) };
        let fallbacks = options.fallback_languages.iter().filter(|(of, _)| primary(of) == primary(own)).flat_map(|(_, others)| others);
        Self(Some(std::iter::once(own).chain(fallbacks.map(String::as_str)).map(primary).collect()))
    }

    fn understands(&self, language: Option<&str>) -> bool {
        match (&self.0, language) {
            (Some(known), Some(language)) => known.contains(&primary(language)),
            _ => true,
        }
    }
}

/// `zh` of `zh-cn` and `zh_tw`: who reads one reads the other.
fn primary(language: &str) -> &str {
    language.split(['-', '_']).next().unwrap_or(language)
}

/// For each course the number of its author.
fn authors(facts: &[CourseFacts]) -> Vec<Option<u32>> {
    let mut numbers: HashMap<&str, u32> = HashMap::new();
    let mut number = |author| {
        let next = numbers.len() as u32;
        *numbers.entry(author).or_insert(next)
    };
    facts.iter().map(|facts| facts.author.as_deref().map(&mut number)).collect()
}
