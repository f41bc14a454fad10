//! The nine raw tables and their user-facing columns: name, type, whether a row can do without.
//! One list for the config, `ingest` and `sources`; the columns that `sources` computes are not here.

use std::fmt;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

/// Prefix of the tables that only staging reads.
pub const RAW_PREFIX: &str = "raw_";
/// Key in the footer of a raw Parquet file that says how its columns are written.
pub const COLUMNS_KEY: &str = "hachi.columns";
/// Value of [`COLUMNS_KEY`]: canonical names, units and types. The site's column rules have been applied, and must not be again.
pub const COLUMNS_CANONICAL: &str = "canonical";

/// A table that a site delivers, under its canonical name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RawTable {
    /// Requests to the site, one row each.
    AccessLog,
    /// Ratings of courses by members.
    Ratings,
    /// Who joined, when, and through whom.
    Members,
    /// What is taught.
    Courses,
    /// Topics, posts, replies, likes, completions and whatever else members do.
    Interactions,
    /// Payments, refunds and purchases.
    Payments,
    /// Which variant of which experiment a member saw.
    Exposures,
    /// Decisions of moderators.
    Moderation,
    /// Recommendations that were shown.
    Impressions,
}

/// A column that a site may deliver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawColumn {
    /// Canonical name.
    pub name: &'static str,
    /// What its values are.
    pub kind: ColumnType,
    /// Whether a row without a value is unusable.
    pub need: Need,
}

/// What the values of a raw column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// A name for something: text, or a whole number taken as text.
    Id,
    /// Text as written.
    Text,
    /// An instant, in microseconds UTC.
    Timestamp,
    /// A whole number of 32 bits.
    Int,
    /// A whole number of 64 bits.
    BigInt,
    /// A finite number.
    Double,
    /// True or false.
    Boolean,
    /// A list of texts.
    TextList,
}

/// Whether a row can do without a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// A row without it is unusable.
    Required,
    /// May be absent, from a row or from the whole table.
    Optional,
}

use ColumnType::{BigInt, Boolean, Double, Id, Int, Text, TextList, Timestamp};

const ACCESS_LOG: &[RawColumn] = &[
    required("ts", Timestamp),
    required("path", Text),
    optional("user_id", Id),
    optional("visitor_id", Id),
    optional("ip", Text),
    optional("method", Text),
    optional("status", Int),
    optional("bytes", BigInt),
    optional("referer", Text),
    optional("user_agent", Text),
    optional("duration_ms", BigInt),
];

const RATINGS: &[RawColumn] =
    &[required("user_id", Id), required("course_id", Id), required("rating", Double), required("ts", Timestamp), optional("review", Text)];

const MEMBERS: &[RawColumn] = &[
    required("user_id", Id),
    required("joined_at", Timestamp),
    optional("referrer_id", Id),
    optional("plan", Text),
    optional("language", Text),
    optional("country", Text),
    optional("is_staff", Boolean),
    optional("no_personalisation", Boolean),
];

const COURSES: &[RawColumn] = &[
    required("course_id", Id),
    required("title", Text),
    required("tags", TextList),
    required("author_id", Id),
    required("published_at", Timestamp),
    optional("lessons", Int),
    optional("language", Text),
    optional("price_cents", BigInt),
    optional("description", Text),
];

const INTERACTIONS: &[RawColumn] = &[
    required("ts", Timestamp),
    required("user_id", Id),
    required("kind", Text),
    optional("target_user_id", Id),
    required("target_id", Id),
    optional("course_id", Id),
    optional("text", Text),
];

const PAYMENTS: &[RawColumn] = &[
    required("ts", Timestamp),
    required("user_id", Id),
    required("kind", Text),
    required("amount_cents", BigInt),
    required("currency", Text),
    optional("plan", Text),
    optional("period_start", Timestamp),
    optional("period_end", Timestamp),
];

const EXPOSURES: &[RawColumn] =
    &[required("ts", Timestamp), required("user_id", Id), required("experiment", Text), required("variant", Text)];

const MODERATION: &[RawColumn] = &[required("ts", Timestamp), required("user_id", Id), required("action", Text), optional("reason", Text)];

const IMPRESSIONS: &[RawColumn] = &[
    required("ts", Timestamp),
    required("recommendation_id", Id),
    required("user_id", Id),
    required("course_id", Id),
    required("rank", Int),
    required("source", Text),
    optional("clicked", Boolean),
];

impl RawTable {
    /// All nine, in the order of the documentation.
    pub const ALL: [RawTable; 9] = [
        RawTable::AccessLog,
        RawTable::Ratings,
        RawTable::Members,
        RawTable::Courses,
        RawTable::Interactions,
        RawTable::Payments,
        RawTable::Exposures,
        RawTable::Moderation,
        RawTable::Impressions,
    ];

    /// The table of that name, such as `access_log`.
    #[must_use]
    pub fn parse(name: &str) -> Option<RawTable> {
        RawTable::ALL.into_iter().find(|table| table.name() == name)
    }

    /// Canonical name, such as `access_log`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            RawTable::AccessLog => "access_log",
            RawTable::Ratings => "ratings",
            RawTable::Members => "members",
            RawTable::Courses => "courses",
            RawTable::Interactions => "interactions",
            RawTable::Payments => "payments",
            RawTable::Exposures => "exposures",
            RawTable::Moderation => "moderation",
            RawTable::Impressions => "impressions",
        }
    }

    /// Its columns, in file order.
    #[must_use]
    pub fn columns(self) -> &'static [RawColumn] {
        match self {
            RawTable::AccessLog => ACCESS_LOG,
            RawTable::Ratings => RATINGS,
            RawTable::Members => MEMBERS,
            RawTable::Courses => COURSES,
            RawTable::Interactions => INTERACTIONS,
            RawTable::Payments => PAYMENTS,
            RawTable::Exposures => EXPOSURES,
            RawTable::Moderation => MODERATION,
            RawTable::Impressions => IMPRESSIONS,
        }
    }

    /// The column of that name.
    #[must_use]
    pub fn column(self, name: &str) -> Option<&'static RawColumn> {
        self.columns().iter().find(|column| column.name == name)
    }

    /// The column that says when a row happened; its local day is the partition. None for tables that don't grow by day.
    #[must_use]
    pub fn time_column(self) -> Option<&'static str> {
        match self {
            RawTable::Members | RawTable::Courses => None,
            _ => Some("ts"),
        }
    }

    /// The column whose local day is `local_date`, also where the table is not partitioned by it.
    #[must_use]
    pub fn date_column(self) -> &'static str {
        match self {
            RawTable::Members => "joined_at",
            RawTable::Courses => "published_at",
            _ => "ts",
        }
    }

    /// The Arrow schema of its raw Parquet files; every column nullable, because files may come from elsewhere.
    #[must_use]
    pub fn schema(self) -> SchemaRef {
        let fields = self.columns().iter().map(RawColumn::field);
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }
}

impl fmt::Display for RawTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl RawColumn {
    /// The Arrow field of this column.
    #[must_use]
    pub fn field(&self) -> Field {
        Field::new(self.name, self.kind.arrow(), true)
    }

    /// Whether a row without a value is unusable.
    #[must_use]
    pub fn is_required(&self) -> bool {
        self.need == Need::Required
    }
}

impl ColumnType {
    /// The Arrow type in raw Parquet files.
    #[must_use]
    pub fn arrow(self) -> DataType {
        match self {
            Id | Text => DataType::Utf8,
            Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Int => DataType::Int32,
            BigInt => DataType::Int64,
            Double => DataType::Float64,
            Boolean => DataType::Boolean,
            TextList => DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true))),
        }
    }
}

const fn required(name: &'static str, kind: ColumnType) -> RawColumn {
    RawColumn { name, kind, need: Need::Required }
}

const fn optional(name: &'static str, kind: ColumnType) -> RawColumn {
    RawColumn { name, kind, need: Need::Optional }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_found_by_its_name() {
        for table in RawTable::ALL {
            assert_eq!(RawTable::parse(table.name()), Some(table));
        }
        assert_eq!(RawTable::parse("Ratings"), None);
    }

    #[test]
    fn time_columns_are_required_timestamps() {
        for table in RawTable::ALL {
            let date = table.column(table.date_column()).expect("date columns exist");
            assert_eq!((date.kind, date.need), (Timestamp, Need::Required));
            assert!(table.time_column().is_none_or(|time| time == date.name));
        }
    }

    #[test]
    fn the_schema_has_every_column_in_order() {
        let schema = RawTable::Courses.schema();
        let names: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        assert_eq!(names[..3], ["course_id", "title", "tags"]);
        assert!(matches!(schema.field(2).data_type(), DataType::List(_)));
    }
}
