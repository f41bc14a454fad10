//! Run parameters (`$as_of`, …) and their place in a model's text.
//!
//! They are put in at the level of tokens, as typed literals, so that any engine can run the same text.

use std::collections::BTreeMap;

use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};

use super::ModelError;

/// Parameter name (without `$`) → SQL literal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// From names and literals.
    #[must_use]
    pub fn new(literals: BTreeMap<String, String>) -> Self {
        Self(literals)
    }

    /// Sets one literal.
    pub fn set(&mut self, name: &str, literal: &str) {
        self.0.insert(name.to_owned(), literal.to_owned());
    }

    /// Names and literals, by name.
    #[must_use]
    pub fn literals(&self) -> &BTreeMap<String, String> {
        &self.0
    }

    /// `sql` with every parameter replaced; quotes and comments stay as they are.
    ///
    /// # Errors
    /// When the text can't be read, or names a parameter that isn't known.
    pub fn fill(&self, file: &str, sql: &str) -> Result<String, ModelError> {
        let tokens = Tokenizer::new(&GenericDialect {}, sql)
            .with_unescape(false)
            .tokenize()
            .map_err(|e| ModelError::Sql { file: file.to_owned(), message: e.to_string() })?;
        tokens.iter().map(|token| self.literal(file, token)).collect()
    }

    fn literal(&self, file: &str, token: &Token) -> Result<String, ModelError> {
        let Token::Placeholder(placeholder) = token else { return Ok(token.to_string()) };
        self.0.get(placeholder.trim_start_matches('$')).cloned().ok_or_else(|| ModelError::Parameter {
            file: file.to_owned(),
            parameter: placeholder.clone(),
            known: self.0.keys().map(|name| format!("`${name}`")).collect::<Vec<_>>().join(", "),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_parameters_but_not_quotes_or_comments() {
        let mut parameters = Parameters::default();
        parameters.set("k", "5");
        let filled = parameters.fill("m", "select '$k', $k -- $k\nfrom t /* $k */").expect("fills");
        assert_eq!(filled, "select '$k', 5 -- $k\nfrom t /* $k */");
    }

    #[test]
    fn an_unknown_parameter_names_the_known_ones() {
        let mut parameters = Parameters::default();
        parameters.set("as_of", "1");
        let error = parameters.fill("a/m.sql", "select $asof").expect_err("unknown");
        assert_eq!(error.to_string(), "`a/m.sql` uses the unknown parameter `$asof`; known are `$as_of`");
    }
}
