//! A protocol as matrices: what is learned from, who is asked with which history, what they should be given, what is ranked.
//!
//! Courses are those that the training chose. A course that only the test names has no score, so it is never found; a course that only
//! candidates or histories name is left out.

use hachi_solvers::Csr;

use super::error::EvaluateError;
use super::rows::{Codes, PairRow, Rows};
use crate::frames::Ids;
use crate::recommend::{Choices, TRENDING_SPEED, Training, quality_of};

/// The tables of a protocol.
#[derive(Debug, Clone)]
pub struct Tables {
    /// What models learn from.
    pub train: Rows,
    /// What they are asked for.
    pub test: Rows,
    /// What is ranked.
    pub candidates: Option<Rows>,
    /// What members have when they are asked, where that is not what was learned from.
    pub history: Option<Rows>,
}

/// What is counted, and how much.
pub struct Rules<'a> {
    /// Courses that fewer members chose are left out; at least 1.
    pub min_members: u32,
    /// How much a choice counts for the popularity of its course, by its time; without, all the same.
    pub weight: Option<&'a dyn Fn(i64) -> f64>,
}

/// A member who is asked about.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// Row of the training, if the history is the one that was learned from.
    pub trained: Option<u32>,
    /// What should be found among the courses of the training, rising.
    pub targets: Vec<u32>,
    /// All that should be found, with courses that the training does not know.
    pub targets_in_all: usize,
    /// What is ranked, rising, with the targets; without: all but the history.
    pub candidates: Option<Vec<u32>>,
    /// Ratings of the test by course, if it has them; no course is one that the training does not know.
    pub ratings: Vec<(Option<u32>, f64)>,
}

/// Who and what was left out, for people.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Members who are asked about.
    pub evaluated: usize,
    /// Of these, those without any history: only a model that is the same for everyone can tell them something.
    pub without_history: usize,
    /// Pairs of the test that are asked for.
    pub targets: usize,
    /// Of these, those whose course the training does not know.
    pub unknown_courses: usize,
    /// Pairs of the test that were left out, because the member has the course already.
    pub already_had: usize,
}

/// A protocol, ready to be run.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// What models learn from.
    pub training: Training,
    /// The courses of the training.
    pub course_ids: Ids,
    /// What members chose before they are asked: a row for each of `asked`.
    pub histories: Choices,
    /// What they have, chosen or not: asked × courses.
    pub owned: Csr,
    /// Who is asked about, in the order of their ids.
    pub asked: Vec<Asked>,
    /// Lowest and highest rating of the training.
    pub rating_range: Option<(f64, f64)>,
    /// Who and what was left out.
    pub counts: Counts,
}

impl Dataset {
    /// Indexes the tables.
    ///
    /// # Errors
    /// [`EvaluateError::Nothing`] without rows to learn from or to ask for, [`EvaluateError::NoCandidates`].
    pub fn new(tables: Tables, codes: Codes, rules: &Rules<'_>) -> Result<Self, EvaluateError> {
        let ((user_ids, user_places), (course_ids, course_places)) = (codes.users.sorted(), codes.courses.sorted());
        let grouped = |rows: Rows| Grouped::new(rows, &user_places, &course_places);
        let train = grouped(tables.train);
        if train.rows.is_empty() {
            return Err(EvaluateError::Nothing("there are no rows to learn from".to_owned()));
        }
        let spaces = Spaces::of(&train, course_places.len(), rules.min_members);
        let (is_rated, range) = (train.are_rated, train.rating_range());
        let choices = spaces.training(&train)?;
        let quality = choices.ratings.as_ref().and_then(quality_of);
        let popularity = |speed: i32| spaces.popularity(&train, |time| rules.weight.map_or(1.0, |weight| weight(time).powi(speed)));
        let trending = rules.weight.map(|_| popularity(TRENDING_SPEED));
        let recency = rules.weight.map(|weight| spaces.recency(&train, weight)).transpose()?;
        let training = Training { choices, popularity: popularity(1), trending, recency, quality, content: None };
        let sides = Sides {
            train,
            test: grouped(tables.test),
            candidates: tables.candidates.map(grouped),
            history: tables.history.map(grouped),
            spaces,
        };
        let mut counts = Counts::default();
        let (mut asked, mut pasts) = (Vec::new(), Vec::new());
        for user in 0..user_ids.len() as u32 {
            if let Some(one) = sides.asked(user, &mut counts) {
                asked.push(one);
                pasts.push(sides.past(user).0);
            }
        }
        sides.check_candidates(&user_ids)?;
        if asked.is_empty() {
            return Err(EvaluateError::Nothing("the test has no pair whose member does not have the course already".to_owned()));
        }
        let is_rated = is_rated && sides.history.as_ref().is_none_or(|history| history.are_rated);
        let histories = sides.spaces.choices(pasts.iter().copied(), is_rated)?;
        let owned = sides.spaces.matrix(pasts.into_iter(), |_| Some(1.0))?;
        Ok(Self { training, course_ids: sides.spaces.known(&course_ids), histories, owned, asked, rating_range: range, counts })
    }

    /// Courses that can be ranked.
    pub fn courses(&self) -> usize {
        self.training.popularity.len()
    }
}

/// Rows by member, each pair once.
struct Grouped {
    rows: Vec<PairRow>,
    /// Row `i` is a row of the member whose range holds it.
    offsets: Vec<usize>,
    are_rated: bool,
}

impl Grouped {
    fn new(mut rows: Rows, users: &[u32], courses: &[u32]) -> Self {
        for row in &mut rows.rows {
            (row.user, row.course) = (users[row.user as usize], courses[row.course as usize]);
        }
        let Rows { rows, are_rated } = rows.distinct();
        let mut offsets = vec![0; users.len() + 1];
        rows.iter().for_each(|row| offsets[row.user as usize + 1] += 1);
        (0..users.len()).for_each(|user| offsets[user + 1] += offsets[user]);
        Self { rows, offsets, are_rated }
    }

    fn of(&self, user: u32) -> &[PairRow] {
        &self.rows[self.offsets[user as usize]..self.offsets[user as usize + 1]]
    }

    fn rating_range(&self) -> Option<(f64, f64)> {
        let ratings = self.rows.iter().filter_map(|row| row.rating);
        ratings.fold(None, |range, value| {
            range.map_or(Some((value, value)), |(low, high): (f64, f64)| Some((low.min(value), high.max(value))))
        })
    }
}

/// Places of members and courses in the training; both keep the order of ids.
struct Spaces {
    users: Vec<Option<u32>>,
    courses: Vec<Option<u32>>,
    courses_len: usize,
}

impl Spaces {
    fn of(train: &Grouped, courses: usize, min_members: u32) -> Self {
        let mut members = vec![0_u32; courses];
        train.rows.iter().filter(|row| row.is_positive).for_each(|row| members[row.course as usize] += 1);
        let is_there = (0..train.offsets.len() as u32 - 1).map(|user| !train.of(user).is_empty());
        let number = |present: Vec<bool>| {
            let mut next = 0..;
            present.into_iter().map(|is_present| if is_present { next.next() } else { None }).collect::<Vec<Option<u32>>>()
        };
        let courses: Vec<bool> = members.into_iter().map(|members| members >= min_members.max(1)).collect();
        let courses_len = courses.iter().filter(|is_there| **is_there).count();
        Self { users: number(is_there.collect()), courses: number(courses), courses_len }
    }

    /// Those of all courses that the training has.
    fn known(&self, courses: &Ids) -> Ids {
        courses.iter().zip(&self.courses).filter(|(_, place)| place.is_some()).map(|(id, _)| id.to_owned()).collect()
    }

    fn course(&self, row: &PairRow) -> Option<u32> {
        self.courses[row.course as usize]
    }

    /// Members' rows as a matrix of those that have a value.
    fn matrix<'a>(
        &self,
        members: impl Iterator<Item = &'a [PairRow]>,
        value: impl Fn(&PairRow) -> Option<f64>,
    ) -> Result<Csr, EvaluateError> {
        let entry = |row: &PairRow| Some((self.course(row)?, value(row)?));
        let (mut offsets, mut courses, mut values) = (vec![0], Vec::new(), Vec::new());
        for rows in members {
            rows.iter().filter_map(entry).for_each(|(course, value)| {
                courses.push(course);
                values.push(value);
            });
            offsets.push(courses.len());
        }
        Ok(Csr::new(self.courses_len, offsets, courses, values)?)
    }

    fn choices<'a>(&self, members: impl Iterator<Item = &'a [PairRow]> + Clone, are_rated: bool) -> Result<Choices, EvaluateError> {
        let positives = self.matrix(members.clone(), |row| row.is_positive.then_some(1.0))?;
        let ratings = if are_rated { Some(self.matrix(members, |row| row.rating)?) } else { None };
        Ok(Choices { positives, ratings })
    }

    fn training(&self, train: &Grouped) -> Result<Choices, EvaluateError> {
        self.choices(self.learned(train), train.are_rated)
    }

    /// What is left of each positive of the training.
    fn recency(&self, train: &Grouped, weight: &dyn Fn(i64) -> f64) -> Result<Csr, EvaluateError> {
        self.matrix(self.learned(train), |row| row.is_positive.then(|| weight(row.time).powi(TRENDING_SPEED)))
    }

    /// The rows of each member of the training.
    fn learned<'a>(&'a self, train: &'a Grouped) -> impl Iterator<Item = &'a [PairRow]> + Clone {
        (0..self.users.len() as u32).filter(|&user| self.users[user as usize].is_some()).map(|user| train.of(user))
    }

    fn popularity(&self, train: &Grouped, weight: impl Fn(i64) -> f64) -> Vec<f64> {
        let mut sums = vec![0.0; self.courses_len];
        for row in train.rows.iter().filter(|row| row.is_positive) {
            if let Some(course) = self.course(row) {
                sums[course as usize] += weight(row.time);
            }
        }
        sums
    }
}

/// All tables of a protocol, by member.
struct Sides {
    train: Grouped,
    test: Grouped,
    candidates: Option<Grouped>,
    history: Option<Grouped>,
    spaces: Spaces,
}

impl Sides {
    /// The rows that stand for a member's past, and whether they are another's than those that were learned from.
    fn past(&self, user: u32) -> (&[PairRow], bool) {
        match self.history.as_ref().map(|history| history.of(user)) {
            Some(rows) if !rows.is_empty() => (rows, true),
            _ => (self.train.of(user), false),
        }
    }

    fn asked(&self, user: u32, counts: &mut Counts) -> Option<Asked> {
        let (past, is_replaced) = self.past(user);
        let test = self.test.of(user);
        // Given candidates are ranked as they are; where everything is, what the member has is not.
        let has = |row: &&PairRow| self.candidates.is_none() && past.binary_search_by_key(&row.course, |past| past.course).is_ok();
        let wanted = || test.iter().filter(|row| row.is_positive);
        let targets: Vec<&PairRow> = wanted().filter(|row| !has(row)).collect();
        counts.already_had += wanted().count() - targets.len();
        if targets.is_empty() {
            return None;
        }
        let known: Vec<u32> = targets.iter().filter_map(|row| self.spaces.course(row)).collect();
        counts.evaluated += 1;
        counts.without_history += usize::from(past.is_empty());
        counts.targets += targets.len();
        counts.unknown_courses += targets.len() - known.len();
        Some(Asked {
            trained: self.spaces.users[user as usize].filter(|_| !is_replaced),
            candidates: self.candidates.as_ref().map(|candidates| self.ranked(candidates.of(user), &known)),
            targets: known,
            targets_in_all: targets.len(),
            ratings: test.iter().filter_map(|row| Some((self.spaces.course(row), row.rating?))).collect(),
        })
    }

    fn ranked(&self, candidates: &[PairRow], targets: &[u32]) -> Vec<u32> {
        let mut ranked: Vec<u32> = candidates.iter().filter_map(|row| self.spaces.course(row)).chain(targets.iter().copied()).collect();
        ranked.sort_unstable();
        ranked.dedup();
        ranked
    }

    /// A target that competes with nothing would be found by any model.
    fn check_candidates(&self, users: &Ids) -> Result<(), EvaluateError> {
        let Some(candidates) = &self.candidates else { return Ok(()) };
        let lacking = (0..users.len() as u32).filter(|&user| !self.test.of(user).is_empty() && candidates.of(user).is_empty());
        let lacking: Vec<u32> = lacking.collect();
        match lacking.first() {
            Some(&first) => Err(EvaluateError::NoCandidates { members: lacking.len(), example: users.get(first as usize).to_owned() }),
            None => Ok(()),
        }
    }
}
