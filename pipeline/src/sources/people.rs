//! Members who were erased, and members who refuse personalisation: lists that the site keeps, one id a line.
//!
//! Erased members are forgotten here, where rows are read, so that nothing behind the door has to know of them. Who refuses is
//! told to staging, as pseudonyms.

use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BooleanArray, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use datafusion::catalog::MemTable;
use hachi_snapshot::PseudonymKey;

use super::SourceError;
use crate::engine::{Engine, EngineError};

/// What is said of a row instead of what was in it.
pub const ERASED: &str = "the member was erased";

const TABLE: &str = "raw_refused";
const COMMENT: char = '#';

/// Ids of both lists.
#[derive(Default)]
pub struct People {
    erased: HashSet<String>,
    refused: BTreeSet<String>,
}

/// Shows nobody.
impl fmt::Debug for People {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} erased, {} refusing", self.erased.len(), self.refused.len())
    }
}

impl People {
    /// Reads the lists that are configured.
    ///
    /// # Errors
    /// When a file can't be read.
    pub fn read(erased: Option<&Path>, refused: Option<&Path>) -> Result<Self, SourceError> {
        let erased: HashSet<String> = ids("erased", erased)?.into_iter().collect();
        let refused = ids("refused", refused)?.into_iter().filter(|id| !erased.contains(id));
        Ok(Self { refused: refused.collect(), erased })
    }

    /// Rows whose id is an erased member's; none where no row's is.
    #[must_use]
    pub fn erased_rows(&self, ids: &ArrayRef) -> Option<BooleanArray> {
        if self.erased.is_empty() {
            return None;
        }
        let is_erased = |id: Option<&str>| Some(id.is_some_and(|id| self.erased.contains(id.trim())));
        let rows: BooleanArray = ids.as_string::<i32>().iter().map(is_erased).collect();
        (rows.true_count() > 0).then_some(rows)
    }

    /// Tells lists of erased members apart, without telling who is on them: rows that were read with another one are out of date.
    #[must_use]
    pub fn erased_fingerprint(&self, key: &PseudonymKey) -> String {
        let sorted: BTreeSet<&str> = self.erased.iter().map(String::as_str).collect();
        let text = sorted.into_iter().fold("\0erased".to_owned(), |text, id| text + "\0" + id);
        key.pseudonym(&text).to_string()
    }
}

/// The ids in the file of a list: one a line, without blanks around it, blank lines and comments left out.
fn ids(list: &'static str, path: Option<&Path>) -> Result<Vec<String>, SourceError> {
    let Some(path) = path else { return Ok(Vec::new()) };
    let text = std::fs::read_to_string(path).map_err(|source| SourceError::People { list, path: path.to_owned(), source })?;
    let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    Ok(lines.filter(|line| !line.is_empty() && !line.starts_with(COMMENT)).map(str::to_owned).collect())
}

/// Makes `raw_refused` known to the engine: a pseudonym for each id on the list.
pub fn register(engine: &Engine, people: &People, key: &PseudonymKey) -> Result<(), SourceError> {
    let mut names: Vec<String> = people.refused.iter().map(|id| key.pseudonym(id).to_string()).collect();
    names.sort();
    let schema = Arc::new(Schema::new(vec![Field::new("user_id", DataType::Utf8, true)]));
    let failed = || EngineError::query("register", TABLE);
    let rows = RecordBatch::try_new(Arc::clone(&schema), vec![Arc::new(StringArray::from(names)) as ArrayRef]);
    let rows = rows.map_err(|e| failed()(e.into()))?;
    let provider = MemTable::try_new(schema, vec![vec![rows]]).map_err(failed())?;
    Ok(engine.register(TABLE, Arc::new(provider))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(erased: &str, refused: &str) -> People {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            std::fs::write(folder.path().join(name), text).expect("a file");
            folder.path().join(name)
        };
        People::read(Some(&write("erased", erased)), Some(&write("refused", refused))).expect("two lists")
    }

    #[test]
    fn a_list_has_an_id_a_line() {
        let people = people("\u{feff}# gone\n\n ana \r\nb o\n#cy\n", "ana\ndi\n");
        let ids: ArrayRef = Arc::new(StringArray::from(vec![Some("ana"), Some("bo"), None, Some("b o "), Some("#cy")]));
        let rows = people.erased_rows(&ids).expect("two rows");
        assert_eq!(rows, BooleanArray::from(vec![true, false, false, true, false]));
        assert_eq!(people.refused, BTreeSet::from(["di".to_owned()]), "who is erased is on no other list");
        assert_eq!(format!("{people:?}"), "2 erased, 1 refusing");
    }

    #[test]
    fn no_list_erases_nobody_and_a_missing_one_is_an_error() {
        let nobody = People::read(None, None).expect("no lists");
        assert!(nobody.erased_rows(&(Arc::new(StringArray::from(vec!["ana"])) as ArrayRef)).is_none());
        let error = People::read(Some(Path::new("none.txt")), None).expect_err("no file").to_string();
        assert!(error.contains("`privacy.erased` is `none.txt`") && error.contains("remove the key"), "{error}");
    }

    #[test]
    fn lists_are_told_apart_whatever_their_order() {
        let key = PseudonymKey::new([7; 32]);
        let [ab, ba, a] = ["a\nb\n", "b\na\n", "a\n"].map(|erased| people(erased, "").erased_fingerprint(&key));
        assert_eq!(ab, ba);
        assert_ne!(ab, a);
    }
}
