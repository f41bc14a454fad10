//! The input tables as indexed matrices: who did what, who behaves how, what is popular, what is said of whom.
//!
//! Three index spaces, all in the order of ids: `users` (everyone who gets a list), `catalogue` (every course that may be
//! recommended) and `modelled` (courses of the catalogue with enough members). `actors` are the users with positives among
//! modelled courses; the models of choices know only them.

use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use faer::{Mat, MatRef};
use hachi_solvers::Csr;

use super::content::Content;
use super::error::LearnError;
use super::facts::{CourseFacts, Labels, course_quality, member_languages, popular_by_language};
use super::options::{LearnInputs, LearnOptions};
use super::rules::{self, Rules};
use super::scorers::{Choices, Training};
use crate::frames::{FramesError, Ids, PairNames, Pairs, optional_numbers, presence, ranked_texts, standardise_rows, text_values};

const LEARNED: &str = "is_learner";
const COMPLETED: &str = "is_completed";
const RECENCY: &str = "recency";
const AFFINITY: PairNames = PairNames {
    table: "course_affinity",
    row: "user_id",
    column: "course_id",
    value: "affinity",
    others: &[RECENCY],
    flags: &[LEARNED, COMPLETED],
};
const BEHAVIOURS: PairNames =
    PairNames { table: "member_behaviours", row: "user_id", column: "behaviour", value: "value", others: &[], flags: &[] };
const POPULAR: &str = "course_popularity";

/// Everything the models and lists need.
pub(super) struct Community {
    pub users: Ids,
    pub catalogue: Ids,
    pub modelled: Ids,
    /// Catalogue index of each modelled course, rising.
    pub modelled_in_catalogue: Vec<u32>,
    /// Catalogue indices of the courses that no model of choices knows, rising.
    pub fresh: Vec<u32>,
    /// What each user has had to do with: users × catalogue.
    pub touched: Csr,
    /// What each took up, and completed: users × catalogue.
    pub taken: Csr,
    pub completed: Csr,
    /// User index of each actor, rising.
    pub actors: Vec<u32>,
    /// Positive affinities: actors × modelled courses.
    pub affinities: Csr,
    /// The same as choices, with what the models of choices learn besides.
    pub training: Training,
    pub behaviours: Behaviours,
    /// Texts of the catalogue.
    pub content: Content,
    pub rules: Rules,
    /// Languages of the users.
    pub languages: Labels,
    /// Catalogue indices, most popular first: of all members, then of each language.
    pub popular: Vec<u32>,
    pub popular_by_language: Vec<Vec<u32>>,
    /// Pairs read, and pairs left out because their course is not in the catalogue.
    pub pairs: usize,
    pub unlisted_pairs: usize,
}

/// Standardised behaviours, behaviours × members: first those that ridge learns from (actors), then the rest.
pub(super) struct Behaviours {
    pub names: Ids,
    pub values: Mat<f64>,
    /// Members that ridge learns from.
    pub learned_from: usize,
    /// Actor index of each member that ridge learns from.
    pub actors: Vec<u32>,
    /// Column of each user, if the user has behaviours.
    pub column_of_user: Vec<Option<u32>>,
}

impl Behaviours {
    /// B of the members that ridge learns from, members × behaviours.
    pub fn training(&self) -> MatRef<'_, f64> {
        self.values.subcols(0, self.learned_from).transpose()
    }
}

impl Community {
    /// Reads and indexes the inputs.
    pub fn read(inputs: &LearnInputs, options: &LearnOptions) -> Result<Self, LearnError> {
        let all = Pairs::read(&inputs.course_affinity, AFFINITY)?;
        let catalogue = read_catalogue(&inputs.courses, &all)?;
        let listed = all.with_columns_in(&catalogue)?;
        let positive = listed.with_positive_values()?.with_columns_of_at_least(options.min_members)?;
        let long = Pairs::read(&inputs.member_behaviours, BEHAVIOURS)?;

        let known: Ids = text_values("listed_members", &inputs.listed_members, "user_id")?.into_iter().collect();
        let users = all.row_ids()?.union(long.row_ids()?).union(known);
        let (actor_ids, modelled) = (positive.row_ids()?, positive.column_ids()?);
        let actors: Vec<u32> = actor_ids.positions_in(&users).into_iter().flatten().collect();
        let modelled_in_catalogue: Vec<u32> = modelled.positions_in(&catalogue).into_iter().flatten().collect();
        let facts = CourseFacts::read(&inputs.course_facts, &catalogue)?;
        let languages = member_languages(&inputs.listed_members, &users)?;
        let affinities = positive.to_sparse(&actor_ids, &modelled)?;
        let contents = |facts: &[CourseFacts]| {
            Content::new(facts, &options.content, options.memory_limit_bytes)
                .map_err(|source| LearnError::Model { model: "content", source })
        };
        let of_modelled: Vec<CourseFacts> = modelled_in_catalogue.iter().map(|&course| facts[course as usize].clone()).collect();
        let training = Training {
            choices: Choices { positives: ones(&affinities)?, ratings: None },
            popularity: read_popularity(&inputs.course_popularity, "score", &modelled)?,
            trending: Some(read_popularity(&inputs.course_popularity, "trending", &modelled)?),
            recency: Some(positive.valued_by(RECENCY).to_sparse(&actor_ids, &modelled)?),
            quality: Some(course_quality(&inputs.courses, &modelled)?),
            content: Some(Arc::new(contents(&of_modelled)?)),
        };
        Ok(Self {
            fresh: (0..catalogue.len() as u32).filter(|course| modelled_in_catalogue.binary_search(course).is_err()).collect(),
            touched: listed.to_sparse(&users, &catalogue)?,
            taken: listed.with_flag(LEARNED)?.to_sparse(&users, &catalogue)?,
            completed: listed.with_flag(COMPLETED)?.to_sparse(&users, &catalogue)?,
            behaviours: read_behaviours(&long, &users, &actors, options.memory_limit_bytes)?,
            content: contents(&facts)?,
            rules: Rules::new(&options.rules, (&catalogue, &facts), &languages.names, inputs.until_us),
            popular: ranked(&inputs.course_popularity, &catalogue)?,
            popular_by_language: popular_by_language(&inputs.language_popularity, &languages.names, &catalogue)?,
            pairs: all.len(),
            unlisted_pairs: all.len() - listed.len(),
            users,
            catalogue,
            modelled,
            modelled_in_catalogue,
            actors,
            affinities,
            training,
            languages,
        })
    }

    /// The modelled index of a course of the catalogue.
    pub fn modelled_of(&self, course: u32) -> Option<u32> {
        self.modelled_in_catalogue.binary_search(&course).ok().map(|index| index as u32)
    }

    /// The actor index of a user.
    pub fn actor_of(&self, user: usize) -> Option<usize> {
        self.actors.binary_search(&(user as u32)).ok()
    }

    /// The courses of the catalogue that may not be on a user's list, rising: what rules keep out, and what the user has had to do
    /// with, but for what rules let in again.
    pub fn excluded(&self, user: usize) -> Vec<u32> {
        let (taken, completed) = (self.taken.row_columns(user), self.completed.row_columns(user));
        let member = rules::Member { language: self.languages.of_row[user], owned: taken, completed };
        let mut excluded = self.rules.excluded(member);
        excluded.extend(self.touched.row_columns(user).iter().filter(|course| taken.binary_search(course).is_err()));
        excluded.sort_unstable();
        excluded.dedup();
        excluded
    }

    /// What is popular where a user is at home, and whether that is a segment.
    pub fn popular_for(&self, user: usize) -> (&[u32], bool) {
        match self.languages.of_row[user].and_then(|language| self.popular_by_language.get(language as usize)) {
            Some(courses) if !courses.is_empty() => (courses, true),
            _ => (&self.popular, false),
        }
    }
}

/// The same places, every value 1.
fn ones(matrix: &Csr) -> Result<Csr, FramesError> {
    let rows = (0..matrix.rows()).map(|row| matrix.row_columns(row).iter().map(|&column| (column, 1.0)).collect());
    Ok(Csr::from_rows(matrix.columns(), &rows.collect::<Vec<Vec<(u32, f64)>>>())?)
}

/// Courses without a title are not in the site's catalogue, so they are not recommended; unless no course has one, because
/// then the site gave no catalogue, and every course that someone took may be.
fn read_catalogue(batches: &[RecordBatch], taken: &Pairs) -> Result<Ids, FramesError> {
    let ids = text_values("course_stats", batches, "course_id")?;
    let titled = presence("course_stats", batches, "title")?;
    if !titled.contains(&true) {
        return Ok(ids.into_iter().collect::<Ids>().union(taken.column_ids()?));
    }
    Ok(ids.into_iter().zip(titled).filter(|(_, titled)| *titled).map(|(id, _)| id).collect())
}

fn read_behaviours(long: &Pairs, users: &Ids, actors: &[u32], limit_bytes: u64) -> Result<Behaviours, FramesError> {
    let names = long.column_ids()?;
    let members: Vec<u32> = long.row_ids()?.positions_in(users).into_iter().flatten().collect();
    let (learned, others): (Vec<u32>, Vec<u32>) = members.into_iter().partition(|user| actors.binary_search(user).is_ok());
    let order: Vec<u32> = learned.iter().chain(&others).copied().collect();

    let ids: Vec<&str> = order.iter().map(|&user| users.get(user as usize)).collect();
    let mut values = long.to_dense_turned(&ids, &names, limit_bytes)?;
    standardise_rows(&mut values, learned.len());

    let mut column_of_user = vec![None; users.len()];
    order.iter().zip(0..).for_each(|(&user, column)| column_of_user[user as usize] = Some(column));
    let actors = learned.iter().filter_map(|user| actors.binary_search(user).ok()).map(|actor| actor as u32).collect();
    Ok(Behaviours { names, values, learned_from: learned.len(), actors, column_of_user })
}

fn ranked(batches: &[RecordBatch], catalogue: &Ids) -> Result<Vec<u32>, FramesError> {
    let ranked = ranked_texts(POPULAR, batches, "course_id", "rank")?;
    Ok(ranked.iter().filter_map(|id| catalogue.index_of(id)).collect())
}

/// The faded learners of each of `courses`; 0 where there are too few to say.
fn read_popularity(batches: &[RecordBatch], column: &'static str, courses: &Ids) -> Result<Vec<f64>, FramesError> {
    let (ids, scores) = (text_values(POPULAR, batches, "course_id")?, optional_numbers(POPULAR, batches, column)?);
    let mut popularity = vec![0.0; courses.len()];
    for (id, score) in ids.iter().zip(scores) {
        if let Some(course) = courses.index_of(id) {
            popularity[course as usize] = score.unwrap_or(0.0);
        }
    }
    Ok(popularity)
}
