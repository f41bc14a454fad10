//! What is asked of one ingest: which inputs, how they are written, which table they fill, and where that lies.
//! Reading the configuration into it is not here.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono_tz::Tz;

use crate::domain::mapping::ColumnRule;
use crate::domain::raw_tables::RawTable;
use crate::ingest::error::IngestError;

/// One ingest: any number of inputs of one format into one raw table.
#[derive(Debug, Clone)]
pub struct IngestJob {
    /// The table that is filled.
    pub table: RawTable,
    /// What is read, in this order.
    pub inputs: Vec<Input>,
    /// How the inputs are written.
    pub format: Format,
    /// Canonical column → where its values come from. A column without a rule is taken from the input's column of the same name.
    pub rules: BTreeMap<String, ColumnRule>,
    /// The community's time zone: of times without an offset, and of the days that partition the table.
    pub zone: Tz,
    /// Folder of the table's raw Parquet files.
    pub output: PathBuf,
    /// Folder of the quarantine's Parquet files; on the file system of `output`.
    pub quarantine: PathBuf,
}

/// Something to read; plain, gzip or zstd, told by its first bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// One file, called by its file name.
    File(PathBuf),
    /// Every file below it, sorted by path, hidden ones left out; they are called by the path below the folder.
    Folder(PathBuf),
    /// Standard input, called `stdin`.
    Stdin,
}

/// How an input is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// Told by the file's extension and its first lines.
    Auto,
    /// The combined log format of Apache and nginx. Further fields at the end are `extra_1` … `extra_4`.
    Combined,
    /// The common log format.
    Common,
    /// One JSON object per line from an nginx `log_format`: nginx's names are known, and text is read as what the column needs.
    NginxJson,
    /// Fields between delimiters.
    Delimited {
        /// What stands between fields.
        delimiter: Delimiter,
        /// Names of the columns; None = the first line holds them.
        names: Option<Vec<String>>,
    },
    /// One JSON object per line, with types taken at their word.
    JsonLines,
}

/// What stands between the fields of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delimiter {
    /// One ASCII character; fields may be quoted as in RFC 4180.
    Character(char),
    /// Several characters, such as `::`; no quoting.
    Text(String),
    /// Runs of blanks; no quoting.
    Whitespace,
}

impl Format {
    /// Reads a format's name: `auto`, `combined`, `common`, `nginx_json`, `csv`, `tsv` or `jsonl`.
    ///
    /// # Errors
    /// When it is none of these.
    pub fn parse(name: &str) -> Result<Format, IngestError> {
        match name {
            "auto" => Ok(Format::Auto),
            "combined" => Ok(Format::Combined),
            "common" => Ok(Format::Common),
            "nginx_json" => Ok(Format::NginxJson),
            "csv" => Ok(Format::delimited(',')),
            "tsv" => Ok(Format::delimited('\t')),
            "jsonl" => Ok(Format::JsonLines),
            _ => Err(IngestError::UnknownFormatName { name: name.to_owned() }),
        }
    }

    /// Rows with a header and quoting, one character between fields.
    #[must_use]
    pub fn delimited(character: char) -> Format {
        Format::Delimited { delimiter: Delimiter::Character(character), names: None }
    }
}

impl Delimiter {
    /// Reads a delimiter: a character, several, `tab` or `whitespace`.
    ///
    /// # Errors
    /// When it is empty, a line break or a quote.
    pub fn parse(text: &str) -> Result<Delimiter, IngestError> {
        match text {
            "whitespace" => return Ok(Delimiter::Whitespace),
            "tab" | "\\t" => return Ok(Delimiter::Character('\t')),
            _ => {}
        }
        if text.is_empty() || text.contains(['\n', '\r', '"']) {
            return Err(IngestError::Delimiter { text: text.to_owned() });
        }
        let mut characters = text.chars();
        match (characters.next(), characters.next()) {
            (Some(only), None) if only.is_ascii() => Ok(Delimiter::Character(only)),
            _ => Ok(Delimiter::Text(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delimiters_are_read_from_text() {
        assert_eq!(Delimiter::parse(";").ok(), Some(Delimiter::Character(';')));
        assert_eq!(Delimiter::parse("tab").ok(), Some(Delimiter::Character('\t')));
        assert_eq!(Delimiter::parse("::").ok(), Some(Delimiter::Text("::".to_owned())));
        assert_eq!(Delimiter::parse("whitespace").ok(), Some(Delimiter::Whitespace));
        assert!(Delimiter::parse("\"").is_err() && Delimiter::parse("").is_err());
    }

    #[test]
    fn an_unknown_format_names_the_known_ones() {
        let error = Format::parse("xml").expect_err("no such format");
        assert!(error.to_string().contains("`nginx_json`"), "{error}");
    }
}
