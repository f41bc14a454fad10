//! Ids → indices while rows are read, so that no row keeps a text. What the rows mean belongs to whoever reads them.

use std::collections::HashMap;

use super::ids::Ids;

/// Ids in the order of their first appearance.
#[derive(Debug, Clone, Default)]
pub struct Interner {
    codes: HashMap<String, u32>,
}

impl Interner {
    /// The code of an id; a new one for an id that was not seen before.
    pub fn code(&mut self, id: &str) -> u32 {
        if let Some(&code) = self.codes.get(id) {
            return code;
        }
        let code = self.codes.len() as u32;
        self.codes.insert(id.to_owned(), code);
        code
    }

    /// The ids in rising order, and for each code its place among them: whatever the order of the rows was.
    pub fn sorted(self) -> (Ids, Vec<u32>) {
        let mut named: Vec<(String, u32)> = self.codes.into_iter().collect();
        named.sort_unstable();
        let mut places = vec![0; named.len()];
        named.iter().zip(0..).for_each(|(&(_, code), place)| places[code as usize] = place);
        (named.into_iter().map(|(id, _)| id).collect(), places)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_follow_the_order_of_ids() {
        let mut interner = Interner::default();
        assert_eq!(["b", "a", "b", "c"].map(|id| interner.code(id)), [0, 1, 0, 2]);
        let (ids, places) = interner.sorted();
        assert_eq!(ids.iter().collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!(places, [1, 0, 2]);
    }
}
