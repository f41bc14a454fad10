//! A model as a person names it: `ials` with `dim=192`. Fitting it belongs to `fit`.

use std::str::FromStr;

use hachi_solvers::{als, ease, ials, neighbors, svd};
use thiserror::Error;

use crate::domain::nearest::did_you_mean;
use crate::recommend::blend;

/// A model with its parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ModelSpec {
    /// The same courses for everyone, by members.
    Popular,
    /// The same courses for everyone, by members who chose them of late.
    Trending,
    /// The same courses for everyone, by their ratings.
    Quality,
    /// Embarrassingly shallow autoencoder: item–item weights.
    Ease(ease::Params),
    /// Implicit alternating least squares.
    Ials(ials::Params),
    /// Alternating least squares with biases, for ratings.
    Als(als::Params),
    /// Truncated singular value decomposition.
    Svd(svd::Params),
    /// Item–item neighbours.
    Neighbors(neighbors::Params),
    /// Courses like those that the member has, by their texts.
    Content,
    /// All of them but `als`, weighted by what members took up.
    Blend(blend::Params),
}

/// A model or parameter that can't be meant.
#[derive(Debug, Error)]
pub enum SpecError {
    /// No model of this name.
    #[error("`{name}` is no model, known are {known}{hint}")]
    Model {
        /// The name given.
        name: String,
        /// The names there are.
        known: String,
        /// The nearest one.
        hint: String,
    },
    /// A model that learns from what pairs of member and course don't say.
    #[error("`ridge` learns from members' behaviours, which pairs of member and course do not say; name another model")]
    NeedsBehaviours,
    /// No parameter of this name.
    #[error("`{model}` has no parameter `{name}`, {known}{hint}")]
    Parameter {
        /// The model.
        model: &'static str,
        /// The name given.
        name: String,
        /// The names there are.
        known: String,
        /// The nearest one.
        hint: String,
    },
    /// A value that is no number of the kind needed.
    #[error("`{name}` is `{value}`, expected {expected}")]
    Value {
        /// The parameter.
        name: String,
        /// What was written.
        value: String,
        /// The kind needed.
        expected: &'static str,
    },
    /// A value outside its range.
    #[error(transparent)]
    Range(hachi_solvers::Error),
}

impl ModelSpec {
    /// Every model that learns from pairs, or from what courses say of themselves, by name.
    pub const NAMES: [&'static str; 10] = ["popular", "trending", "quality", "ease", "ials", "als", "svd", "neighbors", "content", "blend"];

    /// The model of this name with its default parameters.
    ///
    /// # Errors
    /// [`SpecError::Model`] for an unknown name, [`SpecError::NeedsBehaviours`] for `ridge`.
    pub fn named(name: &str) -> Result<Self, SpecError> {
        Ok(match name {
            "popular" => Self::Popular,
            "trending" => Self::Trending,
            "quality" => Self::Quality,
            "ease" => Self::Ease(ease::Params::default()),
            "ials" => Self::Ials(ials::Params::default()),
            "als" => Self::Als(als::Params::default()),
            "svd" => Self::Svd(svd::Params::default()),
            "neighbors" => Self::Neighbors(neighbors::Params::default()),
            "content" => Self::Content,
            "blend" => Self::Blend(blend::Params::default()),
            "ridge" => return Err(SpecError::NeedsBehaviours),
            _ => {
                let (known, hint) = (listed(&Self::NAMES), did_you_mean(name, Self::NAMES));
                return Err(SpecError::Model { name: name.to_owned(), known, hint });
            }
        })
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Popular => "popular",
            Self::Trending => "trending",
            Self::Quality => "quality",
            Self::Ease(_) => "ease",
            Self::Ials(_) => "ials",
            Self::Als(_) => "als",
            Self::Svd(_) => "svd",
            Self::Neighbors(_) => "neighbors",
            Self::Content => "content",
            Self::Blend(_) => "blend",
        }
    }

    /// Whether it predicts ratings: what a member would think of a course, not whether they take it up.
    pub fn predicts_ratings(&self) -> bool {
        matches!(self, Self::Als(_))
    }

    /// The names of its parameters.
    pub fn parameters(&self) -> &'static [&'static str] {
        match self {
            Self::Popular | Self::Trending | Self::Quality | Self::Content => &[],
            Self::Ease(_) => &["lambda"],
            Self::Ials(_) => &["dim", "reg", "alpha0", "nu", "epochs", "seed"],
            Self::Als(_) => &["dim", "reg", "epochs", "seed"],
            Self::Svd(_) => &["dim", "seed"],
            Self::Neighbors(_) => &["k"],
            Self::Blend(_) => {
                &["ease.lambda", "ials.dim", "ials.reg", "ials.alpha0", "ials.nu", "ials.epochs", "svd.dim", "neighbors.k", "seed"]
            }
        }
    }

    /// Sets a parameter from its text.
    ///
    /// # Errors
    /// [`SpecError::Parameter`] for an unknown name, [`SpecError::Value`] for a text that is no such number.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), SpecError> {
        match (&mut *self, name) {
            (Self::Ease(params), "lambda") => read(name, value, &mut params.lambda),
            (Self::Ials(params), "dim") => read(name, value, &mut params.dim),
            (Self::Ials(params), "reg") => read(name, value, &mut params.reg),
            (Self::Ials(params), "alpha0") => read(name, value, &mut params.alpha0),
            (Self::Ials(params), "nu") => read(name, value, &mut params.nu),
            (Self::Ials(params), "epochs") => read(name, value, &mut params.epochs),
            (Self::Ials(params), "seed") => read(name, value, &mut params.seed),
            (Self::Als(params), "dim") => read(name, value, &mut params.dim),
            (Self::Als(params), "reg") => read(name, value, &mut params.reg),
            (Self::Als(params), "epochs") => read(name, value, &mut params.epochs),
            (Self::Als(params), "seed") => read(name, value, &mut params.seed),
            (Self::Svd(params), "dim") => read(name, value, &mut params.dim),
            (Self::Svd(params), "seed") => read(name, value, &mut params.seed),
            (Self::Neighbors(params), "k") => read(name, value, &mut params.k),
            (Self::Blend(params), "ease.lambda") => read(name, value, &mut params.ease.lambda),
            (Self::Blend(params), "ials.dim") => read(name, value, &mut params.ials.dim),
            (Self::Blend(params), "ials.reg") => read(name, value, &mut params.ials.reg),
            (Self::Blend(params), "ials.alpha0") => read(name, value, &mut params.ials.alpha0),
            (Self::Blend(params), "ials.nu") => read(name, value, &mut params.ials.nu),
            (Self::Blend(params), "ials.epochs") => read(name, value, &mut params.ials.epochs),
            (Self::Blend(params), "svd.dim") => read(name, value, &mut params.svd.dim),
            (Self::Blend(params), "neighbors.k") => read(name, value, &mut params.neighbors.k),
            (Self::Blend(params), "seed") => read(name, value, &mut params.seed),
            _ => Err(self.unknown(name)),
        }
    }

    /// The same model, which allocates no more than this in one step, bytes.
    pub fn within(mut self, limit_bytes: u64) -> Self {
        match &mut self {
            Self::Popular | Self::Trending | Self::Quality | Self::Content => {}
            Self::Ease(params) => params.memory_limit_bytes = limit_bytes,
            Self::Ials(params) => params.memory_limit_bytes = limit_bytes,
            Self::Als(params) => params.memory_limit_bytes = limit_bytes,
            Self::Svd(params) => params.memory_limit_bytes = limit_bytes,
            Self::Neighbors(params) => params.memory_limit_bytes = limit_bytes,
            Self::Blend(params) => params.memory_limit_bytes = limit_bytes,
        }
        self
    }

    /// Checks the ranges of its parameters.
    ///
    /// # Errors
    /// [`SpecError::Range`] with the name, the value and the range.
    pub fn check(&self) -> Result<(), SpecError> {
        let checked = match *self {
            Self::Popular | Self::Trending | Self::Quality | Self::Content => Ok(()),
            Self::Ease(params) => params.check().map(drop),
            Self::Ials(params) => params.check().map(drop),
            Self::Als(params) => params.check().map(drop),
            Self::Svd(params) => params.check().map(drop),
            Self::Neighbors(params) => params.check().map(drop),
            Self::Blend(params) => params.check(),
        };
        checked.map_err(SpecError::Range)
    }

    fn unknown(&self, name: &str) -> SpecError {
        let parameters = self.parameters();
        let known = if parameters.is_empty() { "it has none".to_owned() } else { format!("known are {}", listed(parameters)) };
        let hint = did_you_mean(name, parameters.iter().copied());
        SpecError::Parameter { model: self.name(), name: name.to_owned(), known, hint }
    }
}

/// What kind of number a parameter is, in words.
trait Number: FromStr {
    const EXPECTED: &'static str;
}

impl Number for f64 {
    const EXPECTED: &'static str = "a number";
}

impl Number for usize {
    const EXPECTED: &'static str = "a whole number of at least 0";
}

impl Number for u64 {
    const EXPECTED: &'static str = "a whole number of at least 0";
}

fn read<T: Number>(name: &str, value: &str, place: &mut T) -> Result<(), SpecError> {
    let refused = || SpecError::Value { name: name.to_owned(), value: value.to_owned(), expected: T::EXPECTED };
    *place = value.parse().ok().ok_or_else(refused)?;
    Ok(())
}

fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_of_every_model_can_be_set() {
        for name in ModelSpec::NAMES {
            let default = ModelSpec::named(name).unwrap();
            assert_eq!(default.name(), name);
            for parameter in default.parameters() {
                let mut set = default;
                set.set(parameter, "0").unwrap();
                assert_ne!(set, default, "`{name}.{parameter}` has no effect");
                set.check().unwrap_or_else(|error| assert!(matches!(error, SpecError::Range(_))));
            }
        }
    }

    #[test]
    fn what_is_unknown_or_no_number_is_refused() {
        let mut ials = ModelSpec::named("ials").unwrap();
        let refuse = |result: Result<(), SpecError>| result.unwrap_err().to_string();
        assert_eq!(
            refuse(ials.set("alpha", "1")),
            "`ials` has no parameter `alpha`, known are `dim`, `reg`, `alpha0`, `nu`, `epochs`, `seed`; did you mean `alpha0`?"
        );
        assert_eq!(refuse(ials.set("dim", "1.5")), "`dim` is `1.5`, expected a whole number of at least 0");
        assert_eq!(refuse(ials.set("reg", "small")), "`reg` is `small`, expected a number");
        ials.set("reg", "NaN").unwrap();
        assert_eq!(refuse(ials.check()), "`reg` is NaN, expected a finite number of at least 0");
        assert_eq!(refuse(ModelSpec::Popular.set("k", "1")), "`popular` has no parameter `k`, it has none");
        assert!(ModelSpec::named("ridge").unwrap_err().to_string().contains("behaviours"));
        assert!(ModelSpec::named("eas").unwrap_err().to_string().ends_with("; did you mean `ease`?"));
    }
}
