//! What the learning stage is given.

use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;

use super::blend;
use super::content::ContentOptions;
use super::error::LearnError;
use super::rules::RulesOptions;

/// Longest list that serving can store.
const MAX_LIST: usize = 1000;

/// Rows of `course_gram` as they come: `course_id`, `other_course_id`, `members`, `recency`.
pub type CourseGram = Box<dyn Iterator<Item = Result<RecordBatch, ArrowError>> + Send>;

/// The input tables, each as its batches in any order of rows. An empty vector is an empty table.
#[derive(Default)]
pub struct LearnInputs {
    /// `user_id`, `course_id`, `affinity`, `recency`, `is_learner`, `is_completed`; other columns are not read.
    pub course_affinity: Vec<RecordBatch>,
    /// `user_id`, `behaviour`, `value`.
    pub member_behaviours: Vec<RecordBatch>,
    /// `user_id` of everyone who may have a list, `language`.
    pub listed_members: Vec<RecordBatch>,
    /// `course_id`, `rank`, `score`, `trending`.
    pub course_popularity: Vec<RecordBatch>,
    /// `language`, `course_id`, `rank`.
    pub language_popularity: Vec<RecordBatch>,
    /// `course_id`, `title` and `bayesian_rating` of every course, as in `course_stats`. If any has a title, those without are not
    /// recommended.
    pub courses: Vec<RecordBatch>,
    /// What courses say of themselves, as in `course_facts`.
    pub course_facts: Vec<RecordBatch>,
    /// `model`, `deviations`, `log_odds`: what each model counts; where it is empty, a choice of each member tells.
    pub blend_weights: Vec<RecordBatch>,
    /// Sums over pairs of courses, made elsewhere; where there are none, they are made here.
    pub course_gram: Option<CourseGram>,
    /// The end of the last whole day, microseconds since 1970: what is published later is not recommended.
    pub until_us: i64,
}

/// Choices of the learning stage.
#[derive(Debug, Clone, PartialEq)]
pub struct LearnOptions {
    /// Longest list of a member, 1 to 1000.
    pub list_length: usize,
    /// Most reasons of an item, 0 to 255.
    pub reasons_per_item: usize,
    /// Neighbours of a course, 1 to 1000.
    pub similar_per_course: usize,
    /// Courses with fewer members stay out of the models; at least 1.
    pub min_members: u32,
    /// The models that are blended; their memory limits are replaced by `memory_limit_bytes`.
    pub models: blend::Params,
    /// Whether sums over pairs of courses come from `course_gram`.
    pub gram_in_sql: bool,
    /// λ of ridge, for behaviours in standard deviations.
    pub ridge_lambda: f64,
    /// What tags and words weigh.
    pub content: ContentOptions,
    /// λ of maximal marginal relevance, 0 to 1; 0 leaves the order of the scores.
    pub diversity: f64,
    /// Share of a list that is kept for courses too new, or too rare, for the models, 0 to 1.
    pub new_courses: f64,
    /// Who may be shown what.
    pub rules: RulesOptions,
    /// No single step allocates more than this, bytes.
    pub memory_limit_bytes: u64,
}

impl Default for LearnOptions {
    fn default() -> Self {
        Self {
            list_length: 50,
            reasons_per_item: 3,
            similar_per_course: 20,
            min_members: 5,
            models: blend::Params::default(),
            gram_in_sql: false,
            ridge_lambda: 0.1,
            content: ContentOptions::default(),
            diversity: 0.1,
            new_courses: 0.1,
            rules: RulesOptions::default(),
            memory_limit_bytes: 4 << 30,
        }
    }
}

impl LearnOptions {
    /// Checks the ranges that the solvers don't.
    pub(super) fn check(&self) -> Result<(), LearnError> {
        let within = |name, value, range: std::ops::RangeInclusive<usize>, expected| {
            if range.contains(&value) { Ok(()) } else { Err(LearnError::Option { name, value, expected }) }
        };
        within("list_length", self.list_length, 1..=MAX_LIST, "1 to 1000")?;
        within("similar_per_course", self.similar_per_course, 1..=MAX_LIST, "1 to 1000")?;
        within("reasons_per_item", self.reasons_per_item, 0..=255, "0 to 255")?;
        within("min_members", self.min_members as usize, 1..=u32::MAX as usize, "at least 1")
    }
}
