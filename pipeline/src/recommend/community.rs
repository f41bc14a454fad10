//! The input tables as indexed matrices: who did what, who behaves how, what is popular.
//!
//! Three index spaces, all in the order of ids: `users` (everyone with acts or behaviours), `catalogue` (every course that
//! may be recommended) and `modelled` (courses of the catalogue with enough members). `actors` are the users with positives
//! among modelled courses; iALS knows only them.

use arrow::record_batch::RecordBatch;
use faer::{Mat, MatRef};
use hachi_solvers::Csr;

use super::error::LearnError;
use super::options::{LearnInputs, LearnOptions};
use crate::frames::{FramesError, Ids, PairNames, Pairs, presence, ranked_texts, standardise_rows, text_values};

const AFFINITY: PairNames = PairNames { table: "course_affinity", row: "user_id", column: "course_id", value: "affinity" };
const BEHAVIOURS: PairNames = PairNames { table: "member_behaviours", row: "user_id", column: "behaviour", value: "value" };

/// Everything the models and lists need.
pub(super) struct Community {
    pub users: Ids,
    pub catalogue: Ids,
    pub modelled: Ids,
    /// Catalogue index of each modelled course, rising.
    pub modelled_in_catalogue: Vec<u32>,
    /// What each user must not be recommended: users × catalogue.
    pub owned: Csr,
    /// User index of each actor, rising.
    pub actors: Vec<u32>,
    /// Positive affinities: actors × modelled courses.
    pub positives: Csr,
    pub behaviours: Behaviours,
    /// Catalogue indices, most popular first.
    pub popular: Vec<u32>,
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

        let users = all.row_ids()?.union(long.row_ids()?);
        let actor_ids = positive.row_ids()?;
        let modelled = positive.column_ids()?;
        let actors: Vec<u32> = actor_ids.positions_in(&users).into_iter().flatten().collect();
        Ok(Self {
            modelled_in_catalogue: modelled.positions_in(&catalogue).into_iter().flatten().collect(),
            owned: listed.to_sparse(&users, &catalogue)?,
            positives: positive.to_sparse(&actor_ids, &modelled)?,
            behaviours: read_behaviours(&long, &users, &actors, options.memory_limit_bytes)?,
            popular: read_popular(&inputs.course_popularity, &catalogue)?,
            pairs: all.len(),
            unlisted_pairs: all.len() - listed.len(),
            users,
            catalogue,
            modelled,
            actors,
        })
    }

    /// The modelled courses that a user must not be recommended, rising.
    pub fn owned_modelled(&self, user: usize) -> Vec<u32> {
        let place = |course: &u32| self.modelled_in_catalogue.binary_search(course).ok().map(|index| index as u32);
        self.owned.row_columns(user).iter().filter_map(place).collect()
    }

    /// The actor index of a user.
    pub fn actor_of(&self, user: usize) -> Option<usize> {
        self.actors.binary_search(&(user as u32)).ok()
    }
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

fn read_popular(batches: &[RecordBatch], catalogue: &Ids) -> Result<Vec<u32>, FramesError> {
    let ranked = ranked_texts("course_popularity", batches, "course_id", "rank")?;
    Ok(ranked.iter().filter_map(|id| catalogue.index_of(id)).collect())
}
