//! The sample community, published once for all tests that only read, and copied for those that write.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use arrow::array::AsArray;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use toml::{Table, Value};

use crate::files;
use crate::programs::root;
use crate::site::Site;

/// The sample's own today: the first moment after its last day.
pub const AS_OF: &str = "2026-04-01";

/// What `hachi demo` left and said.
pub struct Published {
    pub site: Site,
    pub demo: String,
}

/// The repository's `hachi.toml` with its paths made absolute, but for the lake.
pub fn config() -> Table {
    let text = std::fs::read_to_string(root().join("hachi.toml")).expect("the repository has a configuration");
    let mut config: Table = text.parse().expect("the repository's configuration is TOML");
    let sections = config.iter_mut().filter(|(name, _)| *name != "lake").map(|(_, section)| section);
    sections.for_each(make_absolute);
    config
}

fn make_absolute(section: &mut Value) {
    let Some(table) = section.as_table_mut() else { return };
    for (key, value) in table {
        match value {
            Value::String(path) if key == "path" => *path = root().join(&path).to_string_lossy().into_owned(),
            other => make_absolute(other),
        }
    }
}

/// A site of the sample without a lake.
pub fn unpublished() -> Site {
    Site::new(&config().to_string())
}

/// The one that tests share; it must not be written to.
pub fn published() -> &'static Published {
    static PUBLISHED: OnceLock<Published> = OnceLock::new();
    PUBLISHED.get_or_init(|| {
        let site = Site::at(&shared_folder(), &config().to_string());
        let demo = site.hachi(&["demo", "--no-serve"]).ok().stdout;
        Published { site, demo }
    })
}

/// A site of its own with a copy of the shared lake and key.
pub fn copy() -> Site {
    copy_with(&config())
}

/// The same, configured differently.
pub fn copy_with(config: &Table) -> Site {
    let site = Site::new(&config.to_string());
    files::copy(&published().site.lake(), &site.lake());
    files::copy(&published().site.data_home(), &site.data_home());
    site
}

/// Statics are never dropped, so a process removes what processes before it have left.
fn shared_folder() -> PathBuf {
    let parent = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let is_left = |path: &PathBuf| {
        let process = path.file_name().and_then(|name| name.to_str()?.strip_prefix("sample-"));
        process.is_some_and(|process| !Path::new("/proc").join(process).exists())
    };
    for path in std::fs::read_dir(parent).expect("cargo made it").flatten().map(|entry| entry.path()).filter(is_left) {
        // Another process may be removing it too.
        let _ = std::fs::remove_dir_all(path);
    }
    let folder = parent.join(format!("sample-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a writable folder");
    folder
}

/// Distinct values of a text column of a raw table of the sample.
pub fn texts(table: &str, column: &str) -> HashSet<String> {
    let folder = root().join("data/sample").join(table);
    let mut texts = HashSet::new();
    for path in files::below(&folder) {
        let file = std::fs::File::open(folder.join(path)).expect("a readable file");
        for batch in ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet").build().expect("Parquet") {
            let batch = batch.expect("readable rows");
            let values = batch.column_by_name(column).expect("a column of the sample").as_string::<i32>();
            texts.extend(values.iter().flatten().filter(|text| !text.is_empty()).map(str::to_owned));
        }
    }
    texts
}
