//! Tells crawlers by their user agent, with patterns that others keep up.

use std::collections::HashMap;
use std::sync::LazyLock;

use isbot::Bots;

/// Agents remembered per stream; matching all patterns costs far more than a look-up.
const REMEMBERED: usize = 1 << 14;

/// Compiled once in a process: there are hundreds of patterns.
static BOTS: LazyLock<Bots> = LazyLock::new(Bots::default);

/// Crawler patterns with a memory.
#[derive(Debug, Default)]
pub struct Agents {
    known: HashMap<String, bool>,
}

impl Agents {
    /// Whether `agent` is a crawler; an absent or empty one is not.
    pub fn is_bot(&mut self, agent: Option<&str>) -> bool {
        let Some(agent) = agent.filter(|a| !a.is_empty() && *a != "-") else { return false };
        if let Some(&known) = self.known.get(agent) {
            return known;
        }
        if self.known.len() >= REMEMBERED {
            self.known.clear();
        }
        let is_bot = BOTS.is_bot(agent);
        self.known.insert(agent.to_owned(), is_bot);
        is_bot
    }
}

#[cfg(test)]
mod tests {
    use super::Agents;

    #[test]
    fn crawlers_are_bots_and_silence_is_not() {
        let mut agents = Agents::default();
        assert!(agents.is_bot(Some("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)")));
        assert!(!agents.is_bot(Some("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0")));
        assert!(!agents.is_bot(Some("")) && !agents.is_bot(Some("-")) && !agents.is_bot(None));
    }
}
