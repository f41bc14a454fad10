//! Who acted, as a pseudonym: the member, else the visitor's cookie, else address, agent and day.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Date32Array, StringArray, StringBuilder};
use hachi_snapshot::PseudonymKey;

/// Pseudonyms remembered per stream; members come again and again, and an HMAC costs more than a look-up.
const REMEMBERED: usize = 1 << 16;

/// Turns ids into pseudonyms, remembering the recent ones.
#[derive(Debug)]
pub struct Pseudonyms {
    key: Arc<PseudonymKey>,
    known: HashMap<String, String>,
}

impl Pseudonyms {
    /// With the community's key.
    #[must_use]
    pub fn new(key: Arc<PseudonymKey>) -> Self {
        Self { key, known: HashMap::new() }
    }

    /// Pseudonyms of a column of ids; null and empty stay what they are.
    pub fn column(&mut self, ids: &ArrayRef) -> ArrayRef {
        let mut names = StringBuilder::with_capacity(ids.len(), ids.len() * 32);
        for id in ids.as_string::<i32>() {
            match id {
                Some(id) if !id.trim().is_empty() => names.append_value(self.of(id)),
                // Blank is nobody, and staging says so.
                other => names.append_option(other.map(str::trim)),
            }
        }
        Arc::new(names.finish())
    }

    fn of(&mut self, id: &str) -> &str {
        if self.known.len() >= REMEMBERED && !self.known.contains_key(id) {
            self.known.clear();
        }
        let key = &self.key;
        self.known.entry(id.to_owned()).or_insert_with(|| key.pseudonym(id).to_string())
    }

    /// Pseudonyms of whoever made each request.
    pub fn actors(&mut self, request: &Requester<'_>) -> ArrayRef {
        let rows = request.members.len();
        let mut names = StringBuilder::with_capacity(rows, rows * 32);
        for row in 0..rows {
            match request.identity(row) {
                Some(Identity::Member(pseudonym)) => names.append_value(pseudonym),
                Some(Identity::Other(text)) => names.append_value(self.of(&text)),
                None => names.append_null(),
            }
        }
        Arc::new(names.finish())
    }
}

/// What a request tells of its maker.
#[derive(Debug)]
pub struct Requester<'a> {
    /// Pseudonyms of members.
    pub members: &'a StringArray,
    /// Visitor cookies.
    pub visitors: &'a StringArray,
    /// Addresses.
    pub addresses: &'a StringArray,
    /// User agents.
    pub agents: &'a StringArray,
    /// Local days: an address stands for the same visitor on one day only.
    pub days: &'a Date32Array,
}

enum Identity<'a> {
    Member(&'a str),
    Other(String),
}

impl Requester<'_> {
    fn identity(&self, row: usize) -> Option<Identity<'_>> {
        if let Some(member) = present(self.members, row) {
            return Some(Identity::Member(member));
        }
        // The NUL keeps these apart from members' ids, which could otherwise be made to collide.
        if let Some(visitor) = present(self.visitors, row) {
            return Some(Identity::Other(format!("\0visitor\0{visitor}")));
        }
        let address = present(self.addresses, row)?;
        let agent = present(self.agents, row).unwrap_or_default();
        let day = if self.days.is_valid(row) { self.days.value(row) } else { 0 };
        Some(Identity::Other(format!("\0address\0{address}\0{agent}\0{day}")))
    }
}

fn present(texts: &StringArray, row: usize) -> Option<&str> {
    (texts.is_valid(row)).then(|| texts.value(row)).filter(|text| !text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_before_visitors_before_addresses() {
        let mut pseudonyms = Pseudonyms::new(Arc::new(PseudonymKey::new([7; 32])));
        let members = StringArray::from(vec![Some("m"), None, None, None, Some(" ")]);
        let visitors = StringArray::from(vec![Some("v"), Some("v"), None, None, None]);
        let addresses = StringArray::from(vec![Some("1.1.1.1"); 5]);
        let agents = StringArray::from(vec![None::<&str>; 5]);
        let days = Date32Array::from(vec![1, 1, 1, 2, 1]);
        let requester = Requester { members: &members, visitors: &visitors, addresses: &addresses, agents: &agents, days: &days };
        let actors = pseudonyms.actors(&requester);
        let actors = actors.as_string::<i32>();
        assert_eq!(actors.value(0), "m");
        assert_ne!(actors.value(1), actors.value(2));
        assert_ne!(actors.value(2), actors.value(3), "another day, another visitor");
        assert_eq!(actors.value(2), actors.value(4), "a blank id is no member");
    }
}
