//! The columns of every table, under their canonical names.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

/// The tables that are neither the log nor written at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SideTable {
    Ratings,
    Interactions,
    Payments,
    Exposures,
    Moderation,
    Impressions,
}

impl SideTable {
    pub(crate) const ALL: [Self; 6] =
        [Self::Ratings, Self::Interactions, Self::Payments, Self::Exposures, Self::Moderation, Self::Impressions];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ratings => "ratings",
            Self::Interactions => "interactions",
            Self::Payments => "payments",
            Self::Exposures => "exposures",
            Self::Moderation => "moderation",
            Self::Impressions => "impressions",
        }
    }

    pub(crate) fn schema(self) -> SchemaRef {
        match self {
            Self::Ratings => ratings(),
            Self::Interactions => interactions(),
            Self::Payments => payments(),
            Self::Exposures => texts_after_ts(&["user_id", "experiment", "variant"]),
            Self::Moderation => texts_after_ts(&["user_id", "action", "reason"]),
            Self::Impressions => impressions(),
        }
    }
}

pub(crate) fn access_log() -> SchemaRef {
    schema(vec![
        timestamp("ts"),
        text("path"),
        text("user_id"),
        text("visitor_id"),
        text("ip"),
        text("method"),
        field("status", DataType::Int32),
        field("bytes", DataType::Int64),
        text("referer"),
        text("user_agent"),
        field("duration_ms", DataType::Int64),
    ])
}

pub(crate) fn members() -> SchemaRef {
    schema(vec![
        text("user_id"),
        timestamp("joined_at"),
        text("referrer_id"),
        text("plan"),
        text("language"),
        text("country"),
        field("is_staff", DataType::Boolean),
    ])
}

pub(crate) fn courses() -> SchemaRef {
    schema(vec![
        text("course_id"),
        text("title"),
        field("tags", DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true)))),
        text("author_id"),
        timestamp("published_at"),
        field("lessons", DataType::Int32),
        text("language"),
        field("price_cents", DataType::Int64),
        text("description"),
    ])
}

fn ratings() -> SchemaRef {
    let rating = field("rating", DataType::Float64);
    schema(vec![timestamp("ts"), text("user_id"), text("course_id"), rating, text("review")])
}

fn interactions() -> SchemaRef {
    texts_after_ts(&["user_id", "kind", "target_user_id", "target_id", "course_id", "text"])
}

fn payments() -> SchemaRef {
    schema(vec![
        timestamp("ts"),
        text("user_id"),
        text("kind"),
        field("amount_cents", DataType::Int64),
        text("currency"),
        text("plan"),
        timestamp("period_start"),
        timestamp("period_end"),
    ])
}

fn impressions() -> SchemaRef {
    schema(vec![
        timestamp("ts"),
        text("recommendation_id"),
        text("user_id"),
        text("course_id"),
        field("rank", DataType::Int32),
        text("source"),
        field("clicked", DataType::Boolean),
    ])
}

fn texts_after_ts(names: &[&str]) -> SchemaRef {
    let texts = names.iter().map(|name| text(name));
    schema(std::iter::once(timestamp("ts")).chain(texts).collect())
}

fn schema(fields: Vec<Field>) -> SchemaRef {
    Arc::new(Schema::new(fields))
}

fn timestamp(name: &str) -> Field {
    field(name, DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())))
}

fn text(name: &str) -> Field {
    field(name, DataType::Utf8)
}

/// Every column may be null, as in a site's own export.
fn field(name: &str, kind: DataType) -> Field {
    Field::new(name, kind, true)
}
