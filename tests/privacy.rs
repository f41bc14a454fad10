//! Who somebody is stays with the site: nothing that is published names a member, a visitor or an address.

use std::collections::HashSet;

use arrow::util::display::{ArrayFormatter, FormatOptions};
use hachi_snapshot::ServeReader;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::files;
use crate::sample;
use crate::site::Site;

/// Everything in the sample's raw files that identifies a person.
fn secrets() -> HashSet<String> {
    let columns = [
        ("access_log", "user_id"),
        ("access_log", "visitor_id"),
        ("access_log", "ip"),
        ("access_log", "user_agent"),
        ("ratings", "user_id"),
        ("members", "user_id"),
        ("members", "referrer_id"),
        ("courses", "author_id"),
        ("interactions", "user_id"),
        ("interactions", "target_user_id"),
        ("payments", "user_id"),
        ("exposures", "user_id"),
        ("moderation", "user_id"),
        ("impressions", "user_id"),
    ];
    columns.into_iter().flat_map(|(table, column)| sample::texts(table, column)).collect()
}

/// The words of a text, as ids and addresses are written, and the text itself.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |c: char| c.is_alphanumeric() || "_-.:@".contains(c);
    text.split(move |c: char| !is_part(c)).chain([text])
}

#[track_caller]
fn assert_none(place: &str, text: &str, secrets: &HashSet<String>) {
    let found = words(text).find(|word| secrets.contains(*word));
    assert!(found.is_none(), "{place} holds `{}`, which identifies a person", found.unwrap_or_default());
}

/// Every value of every column, nested ones too, as text.
pub fn assert_table(site: &Site, path: &str, secrets: &HashSet<String>) {
    let file = std::fs::File::open(site.lake().join(path)).expect("a published file");
    for batch in ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet").build().expect("Parquet") {
        let batch = batch.expect("readable rows");
        for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
            let options = FormatOptions::default();
            let formatter = ArrayFormatter::try_new(column.as_ref(), &options).expect("a printable column");
            let place = format!("column `{}` of {path}", field.name());
            (0..batch.num_rows()).for_each(|row| assert_none(&place, &formatter.value(row).to_string(), secrets));
        }
    }
}

#[test]
fn the_sample_has_something_to_hide() {
    let secrets = secrets();
    assert!(secrets.len() > 500 && secrets.contains("u100252"), "{} secrets", secrets.len());
}

#[test]
fn published_tables_name_nobody() {
    let (site, secrets) = (&sample::published().site, secrets());
    for table in site.latest().tables {
        table.files.iter().for_each(|file| assert_table(site, &file.path, &secrets));
    }
}

#[test]
fn the_serving_file_names_nobody() {
    let (site, secrets) = (&sample::published().site, secrets());
    for file in site.latest().serve {
        let reader = ServeReader::open(site.lake().join(&file.path)).expect("a serving file");
        for name in reader.document_names().expect("documents") {
            let document = reader.document(&name).expect("a document").unwrap_or_default();
            assert_none(&name, &String::from_utf8_lossy(&document), &secrets);
        }
        let bytes = std::fs::read(site.lake().join(&file.path)).expect("a serving file");
        assert_none(&file.path, &String::from_utf8_lossy(&bytes), &secrets);
    }
}

#[test]
fn manifests_name_nobody_and_no_key() {
    let (site, secrets) = (&sample::published().site, secrets());
    let key = std::fs::read_to_string(site.key()).expect("the key");
    for (path, bytes) in files::tree(&site.lake()) {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains(key.trim()), "the key is in {}", path.display());
        if path.extension().is_some_and(|extension| extension == "json") {
            assert_none(&path.display().to_string(), &text, &secrets);
        }
    }
}

#[cfg(unix)]
#[test]
fn the_key_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(sample::published().site.key()).expect("the key").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
