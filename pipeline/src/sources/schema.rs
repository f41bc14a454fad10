//! The columns of `raw_<table>`, as staging SQL sees them.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use super::copies::IS_COPY;
use crate::domain::raw_tables::{ColumnType, RawTable};

/// Columns that only the door may see, because they identify people.
const WITHHELD: &[&str] = &["visitor_id", "ip", "referer", "user_agent"];

/// Columns that hold a member's id, or may, which leave as pseudonyms.
pub const MEMBER_IDS: &[&str] = &["user_id", "target_user_id", "target_id", "referrer_id", "author_id"];

/// Columns before the table's own: where a row stands and what can't be read in it.
pub fn bookkeeping() -> Vec<Field> {
    let number = |name: &str| Field::new(name, DataType::Int64, true);
    vec![text("source_file"), number("source_row"), text("problem")]
}

/// The schema of `raw_<table>`.
pub fn conformed(table: RawTable) -> SchemaRef {
    let mut fields = bookkeeping();
    for column in table.columns().iter().filter(|c| !WITHHELD.contains(&c.name)) {
        fields.push(column.field());
        if column.kind == ColumnType::Timestamp {
            fields.push(Field::new(date_name(table, column.name), DataType::Date32, true));
        }
    }
    if table == RawTable::AccessLog {
        fields.extend(access_log_fields());
    }
    Arc::new(Schema::new(fields))
}

/// Name of the local date beside a time: `local_date` for the table's own time.
pub fn date_name(table: RawTable, time: &str) -> &'static str {
    match time {
        time if time == table.date_column() => "local_date",
        "period_start" => "period_start_date",
        _ => "period_end_date",
    }
}

/// What the door works out for a request, in order.
fn access_log_fields() -> Vec<Field> {
    let flag = |name: &str| Field::new(name, DataType::Boolean, true);
    vec![
        flag(IS_COPY),
        text("actor_id"),
        text("event"),
        text("course_id"),
        text("lesson_id"),
        text("referer_host"),
        flag("is_bot"),
        flag("is_asset"),
        flag("is_health_check"),
    ]
}

fn text(name: &str) -> Field {
    Field::new(name, DataType::Utf8, true)
}
