//! What can be wrong with a model or a selection of models.

use std::path::PathBuf;

use thiserror::Error;

use crate::engine::EngineError;

/// A model that can't be read, planned or trusted.
#[derive(Debug, Error)]
pub enum ModelError {
    /// The folder of models can't be read.
    #[error("failed to read the model `{}`", path.display())]
    Read {
        /// File or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A model beside the folders of areas instead of in one.
    #[error("`{}` is in no area's folder, so it would not be built; move it to `<area>/<table>.sql`", path.display())]
    NoArea {
        /// The file.
        path: PathBuf,
    },
    /// The header is absent or not what a header may hold.
    #[error("`{file}` has no usable header: {message}")]
    Header {
        /// Area and file name.
        file: String,
        /// What is wrong and what is expected.
        message: String,
    },
    /// The SQL does not parse, or is more than one select.
    #[error("`{file}` is not one plain select: {message}")]
    Sql {
        /// Area and file name.
        file: String,
        /// The parser's words, with line and column.
        message: String,
    },
    /// Two files for one table.
    #[error("both `{first}` and `{second}` define `{table}`; rename one of them")]
    Twice {
        /// The table.
        table: String,
        /// One file.
        first: String,
        /// The other.
        second: String,
    },
    /// A model reads what nothing makes.
    #[error("`{reader}` reads `{table}`, which no model, stage or raw table makes{hint}")]
    UnknownTable {
        /// The reading model.
        reader: String,
        /// What it names.
        table: String,
        /// What is most like it.
        hint: String,
    },
    /// Only staging reads raw tables.
    #[error("`{reader}` reads the raw table `{table}`; only models under `staging` may, so read the `stg_` model instead")]
    RawOutsideStaging {
        /// The reading model.
        reader: String,
        /// The raw table.
        table: String,
    },
    /// A table that is built whole reads one of which only some days are computed.
    #[error(
        "`{reader}` reads `{table}`, of which a run computes only some days; read a published table, or give `{reader}` an `[incremental]` header"
    )]
    PartialDays {
        /// The reading model.
        reader: String,
        /// What it reads.
        table: String,
    },
    /// A day's rows that would be others at every run.
    #[error("`{reader}` is built by day, but uses `{parameter}`, which is another at every run; use it in a model that is built whole")]
    NotTimeless {
        /// The model.
        reader: String,
        /// The parameter.
        parameter: String,
    },
    /// Models that wait for each other.
    #[error("these models need each other in a circle: {0}")]
    Cycle(String),
    /// A parameter that runs don't have.
    #[error("`{file}` uses the unknown parameter `{parameter}`; known are {known}")]
    Parameter {
        /// Area and file name.
        file: String,
        /// With its dollar sign.
        parameter: String,
        /// All known ones.
        known: String,
    },
    /// A selection that matches nothing.
    #[error("`--select {term}` matches no table or area{hint}")]
    Selection {
        /// The term.
        term: String,
        /// What is most like it.
        hint: String,
    },
    /// A part of the graph is needed that neither this run nor the last snapshot has.
    #[error("`{reader}` needs `{table}`, which is neither selected nor in the latest snapshot; select `+{reader}`")]
    NotBuilt {
        /// The selected model.
        reader: String,
        /// What it needs.
        table: String,
    },
    /// A predicate that is none.
    #[error("`{key}` is `{predicate}`, which is no predicate over a row of `{table}`: {message}; its columns are {columns}")]
    Predicate {
        /// Where it is written, e.g. `segments.silent.where`.
        key: String,
        /// What is written.
        predicate: String,
        /// The table whose columns it may name.
        table: String,
        /// What is wrong.
        message: String,
        /// All columns of the table.
        columns: String,
    },
    /// Blocking checks that did not pass.
    #[error("`{table}` fails its check {broken}; nothing was published")]
    Check {
        /// The table.
        table: String,
        /// Each such check of the table with what was found, e.g. `unique (user_id): 2 rows break it`.
        broken: String,
    },
    /// The engine refused or failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}
