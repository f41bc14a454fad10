//! `Cell`: one field of an input as its format delivers it, before anyone asks which column it fills.

use std::borrow::Cow;
use std::fmt;

/// One field as written.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) enum Cell<'a> {
    /// Absent, null, or what the format writes for nothing.
    #[default]
    Missing,
    /// Characters of a format without types: a number, time or truth value may be written in them.
    Raw(Cow<'a, str>),
    /// A text, from a format that says so.
    Text(Cow<'a, str>),
    /// A whole number.
    Whole(i128),
    /// A number with a fraction.
    Fraction(f64),
    /// True or false.
    Boolean(bool),
    /// A list of texts.
    List(Vec<Cow<'a, str>>),
    /// Something that no column takes, such as an object.
    Other(&'static str),
}

impl<'a> Cell<'a> {
    /// Characters without a type.
    pub(super) fn raw(text: &'a str) -> Cell<'a> {
        Cell::Raw(Cow::Borrowed(text))
    }

    /// The same characters, but without the claim of being a text.
    pub(super) fn untyped(self) -> Cell<'a> {
        match self {
            Cell::Text(text) => Cell::Raw(text),
            other => other,
        }
    }

    /// The characters, if it consists of such.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Cell::Raw(text) | Cell::Text(text) => Some(text),
            _ => None,
        }
    }

    /// What it is, to be followed by its value: "is the text".
    pub(super) fn noun(&self) -> &'static str {
        match self {
            Cell::Missing => "is missing",
            Cell::Raw(_) | Cell::Boolean(_) => "is",
            Cell::Text(_) => "is the text",
            Cell::Whole(_) | Cell::Fraction(_) => "is the number",
            Cell::List(_) => "is a list",
            Cell::Other(what) => what,
        }
    }
}

/// The value for messages; nothing where the noun says it all.
impl fmt::Display for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cell::Raw(text) | Cell::Text(text) => f.write_str(text),
            Cell::Whole(number) => number.fmt(f),
            Cell::Fraction(number) => number.fmt(f),
            Cell::Boolean(value) => value.fmt(f),
            Cell::Missing | Cell::List(_) | Cell::Other(_) => Ok(()),
        }
    }
}
