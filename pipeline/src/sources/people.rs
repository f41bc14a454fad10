//! Members who were erased, and members who refuse personalisation: lists that the site keeps, one id a line, and the lake's registry.
//!
//! Erased members are forgotten here, where rows are read, so that nothing behind the door has to know of them. Who refuses is
//! told to staging, as pseudonyms, and what was erased through the registry, as proofs.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BooleanArray, Date32Array, Int64Array, RecordBatch, StringArray};
use arrow::error::ArrowError;
use datafusion::catalog::MemTable;
use hachi_snapshot::{Erasure, ErasureKey, PseudonymKey};
use twox_hash::XxHash64;

use super::SourceError;
use crate::engine::{Engine, EngineError};

/// What is said of a row instead of what was in it.
pub const ERASED: &str = "the member was erased";

const REFUSED_TABLE: &str = "raw_refused";
const ERASED_TABLE: &str = "raw_erased";
const COMMENT: char = '#';
/// Ids remembered per stream; members come again and again, and an HMAC costs more than a look-up.
const REMEMBERED: usize = 1 << 16;
const HASH_SEED: u64 = 0;

/// Who is on the lists and in the registry.
#[derive(Default)]
pub struct People {
    /// Proofs of all who were erased.
    erased: HashSet<String>,
    refused: BTreeSet<String>,
    registry: Vec<Erasure>,
}

/// Shows nobody.
impl fmt::Debug for People {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} erased, {} refusing", self.erased.len(), self.refused.len())
    }
}

impl People {
    /// Reads the lists that are configured, beside the `registry` of the lake.
    ///
    /// # Errors
    /// When a file can't be read.
    pub fn read(erased: Option<&Path>, refused: Option<&Path>, registry: Vec<Erasure>, key: &PseudonymKey) -> Result<Self, SourceError> {
        let key = key.erasure_key();
        let listed = ids("erased", erased)?.into_iter().map(|id| key.proof(&id));
        let erased: HashSet<String> = listed.chain(registry.iter().map(|erasure| erasure.proof.clone())).collect();
        let refused = ids("refused", refused)?.into_iter().filter(|id| !erased.contains(&key.proof(id)));
        Ok(Self { refused: refused.collect(), erased, registry })
    }

    /// Whether nobody was erased.
    #[must_use]
    pub fn has_nobody_erased(&self) -> bool {
        self.erased.is_empty()
    }

    /// Tells lists of erased members apart, without telling who is on them: rows that were read with another one may be out of date.
    #[must_use]
    pub fn erased_fingerprint(&self, key: &PseudonymKey) -> String {
        let sorted: BTreeSet<&str> = self.erased.iter().map(String::as_str).collect();
        let text = sorted.into_iter().fold("\0erased".to_owned(), |text, proof| text + "\0" + proof);
        key.pseudonym(&text).to_string()
    }
}

/// Tells which rows are an erased member's, remembering the recent ids.
#[derive(Debug)]
pub struct ErasedRows {
    people: Arc<People>,
    key: ErasureKey,
    known: HashMap<String, Option<u64>>,
}

impl ErasedRows {
    /// With the community's key.
    #[must_use]
    pub fn new(people: Arc<People>, key: &PseudonymKey) -> Self {
        Self { people, key: key.erasure_key(), known: HashMap::new() }
    }

    /// Rows whose id is an erased member's; none where no row's is.
    pub fn of(&mut self, ids: &ArrayRef) -> Option<BooleanArray> {
        if self.people.erased.is_empty() {
            return None;
        }
        let rows: BooleanArray = self.digests(ids).map(|digest| Some(digest.is_some())).collect();
        (rows.true_count() > 0).then_some(rows)
    }

    /// For each row a number for the erased member whose id it has; none for all others.
    pub fn digests(&mut self, ids: &ArrayRef) -> impl Iterator<Item = Option<u64>> {
        ids.as_string::<i32>().iter().map(|id| self.digest(id?))
    }

    fn digest(&mut self, id: &str) -> Option<u64> {
        if let Some(known) = self.known.get(id) {
            return *known;
        }
        if self.known.len() >= REMEMBERED {
            self.known.clear();
        }
        let proof = self.key.proof(id);
        let digest = self.people.erased.contains(&proof).then(|| XxHash64::oneshot(HASH_SEED, proof.as_bytes()));
        self.known.insert(id.to_owned(), digest);
        digest
    }
}

/// The ids in the file of a list: one a line, without blanks around it, blank lines and comments left out.
fn ids(list: &'static str, path: Option<&Path>) -> Result<Vec<String>, SourceError> {
    let Some(path) = path else { return Ok(Vec::new()) };
    let text = std::fs::read_to_string(path).map_err(|source| SourceError::People { list, path: path.to_owned(), source })?;
    let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    Ok(lines.filter(|line| !line.is_empty() && !line.starts_with(COMMENT)).map(str::to_owned).collect())
}

/// Makes `raw_refused` known to the engine, a pseudonym for each id on the list, and `raw_erased`, a row for each member of the registry.
pub fn register(engine: &Engine, people: &People, key: &PseudonymKey) -> Result<(), SourceError> {
    for (table, rows) in [(REFUSED_TABLE, refused(people, key)), (ERASED_TABLE, erased(&people.registry))] {
        let failed = || EngineError::query("register", table);
        let rows = rows.map_err(|e| failed()(e.into()))?;
        let provider = MemTable::try_new(rows.schema(), vec![vec![rows]]).map_err(failed())?;
        engine.register(table, Arc::new(provider))?;
    }
    Ok(())
}

fn refused(people: &People, key: &PseudonymKey) -> Result<RecordBatch, ArrowError> {
    let mut names: Vec<String> = people.refused.iter().map(|id| key.pseudonym(id).to_string()).collect();
    names.sort();
    RecordBatch::try_from_iter_with_nullable([("user_id", Arc::new(StringArray::from(names)) as ArrayRef, true)])
}

fn erased(registry: &[Erasure]) -> Result<RecordBatch, ArrowError> {
    let count = |count: fn(&Erasure) -> Option<u64>| -> ArrayRef {
        Arc::new(registry.iter().map(|erasure| count(erasure).map(u64::cast_signed)).collect::<Int64Array>())
    };
    let days: Date32Array = registry.iter().map(|erasure| Some(erasure.erased_on.to_epoch_days())).collect();
    RecordBatch::try_from_iter_with_nullable([
        ("proof", Arc::new(registry.iter().map(|erasure| Some(&erasure.proof)).collect::<StringArray>()) as ArrayRef, true),
        ("erased_on", Arc::new(days), true),
        ("last_snapshot", count(|erasure| erasure.last_snapshot), true),
        ("tables_touched", count(|erasure| Some(erasure.tables)), true),
        ("rows_removed", count(|erasure| Some(erasure.rows)), true),
    ])
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    const KEY: PseudonymKey = PseudonymKey::new([7; 32]);

    fn people(erased: &str, refused: &str, registry: Vec<Erasure>) -> People {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            std::fs::write(folder.path().join(name), text).expect("a file");
            folder.path().join(name)
        };
        People::read(Some(&write("erased", erased)), Some(&write("refused", refused)), registry, &KEY).expect("two lists")
    }

    fn registered(id: &str) -> Vec<Erasure> {
        vec![Erasure::new(KEY.erasure_key().proof(id), NaiveDate::default(), Some(3))]
    }

    fn rows(people: People, ids: Vec<Option<&str>>) -> Option<BooleanArray> {
        ErasedRows::new(Arc::new(people), &KEY).of(&(Arc::new(StringArray::from(ids)) as ArrayRef))
    }

    #[test]
    fn a_list_has_an_id_a_line() {
        let people = people("\u{feff}# gone\n\n ana \r\nb o\n#cy\n", "ana\ndi\n", Vec::new());
        assert_eq!(people.refused, BTreeSet::from(["di".to_owned()]), "who is erased is on no other list");
        assert_eq!(format!("{people:?}"), "2 erased, 1 refusing");
        let rows = rows(people, vec![Some("ana"), Some("bo"), None, Some("b o "), Some("#cy")]).expect("two rows");
        assert_eq!(rows, BooleanArray::from(vec![true, false, false, true, false]));
    }

    #[test]
    fn the_list_and_the_registry_both_count() {
        let people = people("ana\n", "bo\n", registered("bo"));
        assert!(people.refused.is_empty(), "who is erased is on no other list");
        let batch = erased(&people.registry).expect("rows");
        assert_eq!((batch.num_rows(), batch.schema().field(0).name().as_str()), (1, "proof"));
        let rows = rows(people, vec![Some("ana"), Some(" bo"), Some("cy")]).expect("two rows");
        assert_eq!(rows, BooleanArray::from(vec![true, true, false]));
    }

    #[test]
    fn no_list_erases_nobody_and_a_missing_one_is_an_error() {
        let nobody = People::read(None, None, Vec::new(), &KEY).expect("no lists");
        assert!(rows(nobody, vec![Some("ana")]).is_none());
        let error = People::read(Some(Path::new("none.txt")), None, Vec::new(), &KEY).expect_err("no file").to_string();
        assert!(error.contains("`privacy.erased` is `none.txt`") && error.contains("remove the key"), "{error}");
    }

    #[test]
    fn lists_are_told_apart_whatever_their_order_and_place() {
        let of = |erased: &str, registry| people(erased, "", registry).erased_fingerprint(&KEY);
        assert_eq!(of("a\nb\n", Vec::new()), of("b\na\n", Vec::new()));
        assert_eq!(of("a\nb\n", Vec::new()), of("a\n", registered("b")));
        assert_ne!(of("a\nb\n", Vec::new()), of("a\n", Vec::new()));
    }
}
