//! Weights of acts, content and rules: from what was written to the options of recommendations.

use std::collections::BTreeMap;

use super::ConfigError;
use super::file::{self, File};
use super::resolve::{in_range, value};
use crate::recommend::content::ContentOptions;
use crate::recommend::rules::{BOOST_RANGE, Boosts, RulesOptions};
use crate::recommend::{LearnOptions, blend};

const DEFAULT_DWELL_HOUR: f64 = 2.0;
/// The largest weight of an act.
const MAX_WEIGHT: f64 = 1000.0;
/// The most courses of an author that a cap may allow: more than a list is long.
const MAX_PER_AUTHOR: usize = 1000;
/// What says itself how much a member likes a course.
const RATING: &str = "rating";

/// What an hour on lessons weighs, in lesson views.
pub(super) fn dwell_hour(file: &File) -> Result<f64, ConfigError> {
    in_range("recommend.dwell_hour", file.recommend.dwell_hour.unwrap_or(DEFAULT_DWELL_HOUR), 0.0..=MAX_WEIGHT)
}

/// Kind of act → weight in millionths, of the kinds that are written.
pub(super) fn weights(file: &File) -> Result<BTreeMap<String, i64>, ConfigError> {
    let weight = |(kind, weight): (&String, &f64)| {
        let key = format!("recommend.weights.{kind}");
        if kind == RATING {
            return Err(value(&key, weight, "no weight: a rating counts by its distance from the middle of the scale"));
        }
        in_range(&key, *weight, 0.0..=MAX_WEIGHT).map(|weight| (kind.clone(), (weight * 1e6).round() as i64))
    };
    file.recommend.weights.iter().map(weight).collect()
}

/// The learning stage as written.
pub(super) fn learn_options(file: &File) -> Result<LearnOptions, ConfigError> {
    let (written, default) = (&file.recommend, LearnOptions::default());
    Ok(LearnOptions {
        list_length: in_range("recommend.list_length", written.list_length.unwrap_or(default.list_length), 1..=1000)?,
        models: models(written, default.models)?,
        gram_in_sql: written.ease.gram == Some(file::GramSource::Sql),
        ridge_lambda: in_range("recommend.ridge.lambda", written.ridge.lambda.unwrap_or(default.ridge_lambda), 0.0..=1e12)?,
        diversity: in_range("recommend.diversity", written.diversity.unwrap_or(default.diversity), 0.0..=1.0)?,
        new_courses: in_range("recommend.new_courses", written.new_courses.unwrap_or(default.new_courses), 0.0..=1.0)?,
        content: content(&written.content, default.content)?,
        rules: rules(&written.rules, default.rules)?,
        ..default
    })
}

/// How lists are judged, as written.
pub(super) fn evaluation(file: &File) -> Result<EvaluationConfig, ConfigError> {
    let (written, default) = (&file.recommend.evaluation, EvaluationConfig::default());
    Ok(EvaluationConfig {
        window_days: in_range("recommend.evaluation.window_days", written.window_days.unwrap_or(default.window_days), 1..=3650)?,
        tolerance: in_range("recommend.evaluation.tolerance", written.tolerance.unwrap_or(default.tolerance), 0.0..=1.0)?,
    })
}

/// What lists are judged by before they are published.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EvaluationConfig {
    /// Days of the validation and of the test window.
    pub window_days: u32,
    /// Share of the published model's objective that a new one may lose, 0 to 1.
    pub tolerance: f64,
}

impl Default for EvaluationConfig {
    fn default() -> Self {
        Self { window_days: 14, tolerance: 0.05 }
    }
}

fn models(written: &file::Recommend, mut params: blend::Params) -> Result<blend::Params, ConfigError> {
    let file::Recommend { ease, ials, svd, neighbors, .. } = written;
    params.ease.lambda = in_range("recommend.ease.lambda", ease.lambda.unwrap_or(params.ease.lambda), 0.0..=1e12)?;
    params.ials.dim = in_range("recommend.ials.dim", ials.dim.unwrap_or(params.ials.dim), 1..=2048)?;
    params.ials.epochs = in_range("recommend.ials.epochs", ials.epochs.unwrap_or(params.ials.epochs), 1..=1000)?;
    params.ials.reg = in_range("recommend.ials.reg", ials.reg.unwrap_or(params.ials.reg), 1e-9..=1e9)?;
    params.ials.alpha0 = in_range("recommend.ials.alpha0", ials.alpha0.unwrap_or(params.ials.alpha0), 0.0..=1e9)?;
    params.ials.seed = ials.seed.unwrap_or(params.ials.seed);
    params.svd.dim = in_range("recommend.svd.dim", svd.dim.unwrap_or(params.svd.dim), 1..=2048)?;
    params.neighbors.k = in_range("recommend.neighbors.k", neighbors.k.unwrap_or(params.neighbors.k), 1..=100_000)?;
    Ok(params)
}

fn content(written: &file::Content, default: ContentOptions) -> Result<ContentOptions, ConfigError> {
    let tags = in_range("recommend.content.tags", written.tags.unwrap_or(default.tags), 0.0..=MAX_WEIGHT)?;
    let words = in_range("recommend.content.words", written.words.unwrap_or(default.words), 0.0..=MAX_WEIGHT)?;
    if tags + words > 0.0 {
        return Ok(ContentOptions { tags, words });
    }
    Err(value("recommend.content.words", words, "a weight above 0 for tags or for words"))
}

fn rules(written: &file::Rules, default: RulesOptions) -> Result<RulesOptions, ConfigError> {
    let at_least_free = |price| in_range("recommend.rules.price_max_cents", price, 0..=i64::MAX);
    let some = |number| in_range("recommend.rules.max_per_author", number, 1..=MAX_PER_AUTHOR);
    Ok(RulesOptions {
        exclude_owned: written.exclude_owned.unwrap_or(default.exclude_owned),
        exclude_completed: written.exclude_completed.unwrap_or(default.exclude_completed),
        same_language: written.same_language.unwrap_or(default.same_language),
        fallback_languages: lowercase(&written.fallback_languages),
        price_max_cents: written.price_max_cents.map(at_least_free).transpose()?,
        max_per_author: written.max_per_author.map(some).transpose()?,
        prerequisites: prerequisites(&written.prerequisites)?,
        boosts: Boosts {
            tags: boosts("tags", &written.boosts.tags, |tag| tag.trim().to_lowercase())?,
            courses: boosts("courses", &written.boosts.courses, str::to_owned)?,
        },
    })
}

/// Languages as the tables have them.
fn lowercase(written: &BTreeMap<String, Vec<String>>) -> BTreeMap<String, Vec<String>> {
    let lower = |text: &String| text.trim().to_lowercase();
    written.iter().map(|(language, others)| (lower(language), others.iter().map(lower).collect())).collect()
}

/// A course that waits for itself, if through others, could never be shown.
fn prerequisites(written: &BTreeMap<String, Vec<String>>) -> Result<BTreeMap<String, Vec<String>>, ConfigError> {
    for course in written.keys() {
        let (mut open, mut seen) = (vec![course], Vec::new());
        while let Some(before) = open.pop().and_then(|course| written.get(course)) {
            if before.contains(course) {
                let key = format!("recommend.rules.prerequisites.{course}");
                return Err(value(&key, format!("{:?}", written[course]), "courses that do not need this one themselves"));
            }
            open.extend(before.iter().filter(|course| written.contains_key(*course) && !seen.contains(course)));
            seen.extend(before);
        }
    }
    Ok(written.clone())
}

fn boosts(kind: &str, written: &BTreeMap<String, f64>, spelled: fn(&str) -> String) -> Result<BTreeMap<String, f64>, ConfigError> {
    let boost = |(name, boost): (&String, &f64)| {
        in_range(&format!("recommend.rules.boosts.{kind}.{name}"), *boost, BOOST_RANGE).map(|boost| (spelled(name), boost))
    };
    written.iter().map(boost).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<LearnOptions, String> {
        let file: File = toml::from_str(text).map_err(|e| e.to_string())?;
        learn_options(&file).map_err(|e| e.to_string())
    }

    fn refuse(text: &str, says: &str) {
        let error = of(text).expect_err("not sound");
        assert!(error.contains(says), "{error}");
    }

    #[test]
    fn what_is_not_written_has_its_default() {
        assert_eq!(of(""), Ok(LearnOptions::default()));
        let rules = of("[recommend.rules]\nexclude_owned = false\nmax_per_author = 2").expect("sound").rules;
        assert_eq!(rules, RulesOptions { exclude_owned: false, max_per_author: Some(2), ..RulesOptions::default() });
    }

    #[test]
    fn languages_and_tags_are_spelled_as_in_the_tables() {
        let text = "[recommend.rules.fallback_languages]\nJA = [\"EN\"]\n[recommend.rules.boosts.tags]\n\" Rust\" = 1.5";
        let rules = of(text).expect("sound").rules;
        assert_eq!(rules.fallback_languages, BTreeMap::from([("ja".to_owned(), vec!["en".to_owned()])]));
        assert_eq!(rules.boosts.tags, BTreeMap::from([("rust".to_owned(), 1.5)]));
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        refuse("[recommend]\ndiversity = 1.5", "`recommend.diversity` is `1.5`, expected 0 to 1");
        refuse("[recommend.content]\ntags = 0\nwords = 0", "above 0 for tags or for words");
        refuse("[recommend.content]\ntags = nan", "`recommend.content.tags`");
        refuse("[recommend.rules]\nmax_per_author = 0", "expected 1 to 1000");
        refuse("[recommend.rules]\nprice_max_cents = -1", "`recommend.rules.price_max_cents`");
        refuse("[recommend.rules.boosts.tags]\nrust = 11", "`recommend.rules.boosts.tags.rust` is `11`, expected 0.1 to 10");
        refuse("[recommend.rules]\nexclude_own = true", "unknown field `exclude_own`");
    }

    #[test]
    fn courses_that_wait_for_themselves_are_refused() {
        let circle = "[recommend.rules.prerequisites]\na = [\"b\"]\nb = [\"x\", \"c\"]\nc = [\"a\"]";
        refuse(circle, "`recommend.rules.prerequisites.a` is `[\"b\"]`, expected courses that do not need this one themselves");
        let diamond = "[recommend.rules.prerequisites]\na = [\"b\", \"c\"]\nb = [\"d\"]\nc = [\"d\"]";
        assert_eq!(of(diamond).expect("sound").rules.prerequisites.len(), 3);
    }

    #[test]
    fn weights_are_in_millionths_and_ratings_have_none() {
        let of = |text: &str| weights(&toml::from_str(text).expect("TOML")).map_err(|e| e.to_string());
        assert_eq!(of("[recommend.weights]\nquiz = 2.5\nlike = 0"), Ok([("like".to_owned(), 0), ("quiz".to_owned(), 2_500_000)].into()));
        assert!(of("[recommend.weights]\nrating = 1").is_err_and(|error| error.contains("distance from the middle")));
        assert!(of("[recommend.weights]\nquiz = -1").is_err_and(|error| error.contains("`recommend.weights.quiz` is `-1`")));
    }
}
