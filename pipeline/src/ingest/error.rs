//! Why an ingest stops. What is wrong with single rows is not here: those go to the quarantine.

use std::path::{Path, PathBuf};

use parquet::errors::ParquetError;
use thiserror::Error;

/// Why an ingest stopped, or gave nothing; no row of it was put in place.
#[derive(Debug, Error)]
pub enum IngestError {
    /// A folder without files, or no input at all.
    #[error("there is nothing to read in `{input}`; name a file, a folder that holds files, or `-` for standard input")]
    NoInput {
        /// What was given.
        input: String,
    },
    /// An input that can't be opened.
    #[error("failed to open `{file}`")]
    Open {
        /// The file or folder.
        file: String,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// An input that breaks off, or is damaged.
    #[error("failed to read `{file}` after line {line}; if it is compressed, it may be cut short")]
    Read {
        /// The input.
        file: String,
        /// The last line that was read.
        line: u64,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// No input has a row.
    #[error("`{file}` has no rows; check that it is the right file, and that it was written to the end")]
    Empty {
        /// The first input.
        file: String,
    },
    /// Rows, but none that can be kept: the mapping or the format is wrong. They are in the quarantine.
    #[error(
        "none of {rows} rows could be kept, {count} of them because {reason}; check the mapping in the source's `columns`, and its `format`; \
         rows kept before are untouched, and the quarantine holds every line with its reason"
    )]
    NothingKept {
        /// Rows read.
        rows: u64,
        /// Rows that suffer from the most frequent problem.
        count: u64,
        /// That problem.
        reason: String,
    },
    /// Two inputs under one name: the second would replace the first.
    #[error("two inputs are called `{name}`, and rows are known by their file's name; rename one, or give the folder above both")]
    SameName {
        /// Their name.
        name: String,
    },
    /// Two inputs that begin alike: the second would replace the first.
    #[error(
        "`{first}` and `{second}` begin with the same lines, so they are one log and would replace each other; leave one out, or, if two \
         hosts wrote them, give the folder above both"
    )]
    SameLog {
        /// The one that was read.
        first: String,
        /// The one that comes later.
        second: String,
    },
    /// A format that can't be told.
    #[error("the format of `{file}` can't be told from its name or first lines; set `format` to {FORMAT_NAMES}")]
    UnknownFormat {
        /// The input.
        file: String,
    },
    /// A name that is no format.
    #[error("format `{name}` is unknown; it is one of {FORMAT_NAMES}")]
    UnknownFormatName {
        /// What was written.
        name: String,
    },
    /// A delimiter that can't be one.
    #[error(
        "delimiter `{text}` can't stand between fields; write one or more characters other than quotes and line breaks, `tab` or `whitespace`"
    )]
    Delimiter {
        /// What was written.
        text: String,
    },
    /// One JSON array instead of lines.
    #[error("`{file}` is a JSON array; write one object per line, for example with `jq -c '.[]'`")]
    JsonArray {
        /// The input.
        file: String,
    },
    /// A header without a column that is needed or mapped.
    #[error("`{file}` has no column `{wanted}` for `{column}`; it has {found}{hint}; name the right one in `columns.{column}`")]
    MissingColumn {
        /// The input.
        file: String,
        /// The name that was looked for.
        wanted: String,
        /// The canonical column.
        column: &'static str,
        /// The columns that exist.
        found: String,
        /// The nearest of them, if near.
        hint: String,
    },
    /// A rule for a column that the table doesn't have.
    #[error("table `{table}` has no column `{column}`{hint}; its columns are {known}")]
    UnknownColumn {
        /// The table.
        table: &'static str,
        /// The rule's column.
        column: String,
        /// The nearest column, if near.
        hint: String,
        /// The table's columns.
        known: String,
    },
    /// A fixed value that its column can't hold.
    #[error("the value given for column `{column}` can't be used: {problem}")]
    Constant {
        /// The canonical column.
        column: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// A factor on something that is no number.
    #[error("`columns.{column}` has a `scale`, but the column holds no numbers; leave the scale out")]
    Scale {
        /// The canonical column.
        column: &'static str,
    },
    /// Another ingest fills the same table.
    #[error("another ingest into `{output}` is running; wait until it has ended")]
    Busy {
        /// The table's folder.
        output: PathBuf,
    },
    /// A file or folder that can't be written, moved or removed.
    #[error("failed to write `{path}`")]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// Rows that Parquet refuses.
    #[error("failed to write `{path}` as Parquet")]
    Parquet {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: ParquetError,
    },
    /// The count of rows doesn't add up.
    #[error("`{file}` has {rows} rows, but {kept} were written and {quarantined} quarantined; this is a fault of hachi, please report it")]
    RowsLost {
        /// The input.
        file: String,
        /// Rows read.
        rows: u64,
        /// Rows written.
        kept: u64,
        /// Rows quarantined.
        quarantined: u64,
    },
}

const FORMAT_NAMES: &str = "`auto`, `combined`, `common`, `nginx_json`, `csv`, `tsv` or `jsonl`";

impl IngestError {
    /// For `map_err` after writing to `path`.
    pub(super) fn writing(path: &Path) -> impl Fn(std::io::Error) -> IngestError {
        move |source| IngestError::Write { path: path.to_owned(), source }
    }

    /// For `map_err` after writing Parquet to `path`.
    pub(super) fn parquet(path: &Path) -> impl Fn(ParquetError) -> IngestError {
        move |source| IngestError::Parquet { path: path.to_owned(), source }
    }
}
