//! A text into words: Chinese by dictionary, all else by Unicode's word boundaries. What a word weighs belongs to `weigh`.

use std::collections::HashSet;
use std::sync::OnceLock;

use jieba_rs::Jieba;
use regex::Regex;
use unicode_segmentation::UnicodeSegmentation;

/// Languages whose stop words are left out: those whose words are told apart well here.
const STOP_WORDS_OF: [&str; 2] = ["en", "zh"];

/// Its dictionary takes half a second to load, so it waits for the first Chinese text, and is loaded once.
static JIEBA: OnceLock<Jieba> = OnceLock::new();

/// Cuts texts.
pub(super) struct Segmenter {
    han: Regex,
    stop_words: HashSet<&'static str>,
}

impl Segmenter {
    /// One that knows all languages.
    pub fn new() -> Self {
        let stop_words = STOP_WORDS_OF.iter().filter_map(stop_words::lookup).flatten().copied().collect();
        Self { han: Regex::new(r"\p{Han}+").expect("a regular expression"), stop_words }
    }

    /// The words of a text in their order, lowercase, without stop words.
    ///
    /// A longer Chinese word comes with the shorter ones in it, so that courses may share a part.
    pub fn words(&self, text: &str) -> Vec<String> {
        let text = text.to_lowercase().replace('’', "'");
        let (mut words, mut end) = (Vec::new(), 0);
        for run in self.han.find_iter(&text) {
            words.extend(bounded_words(&text[end..run.start()]));
            let cut = JIEBA.get_or_init(Jieba::new).cut_for_search(run.as_str(), true);
            words.extend(cut.into_iter().map(|token| token.word));
            end = run.end();
        }
        words.extend(bounded_words(&text[end..]));
        words.into_iter().filter(|word| !self.stop_words.contains(word)).map(str::to_owned).collect()
    }
}

/// Words by Unicode's boundaries, with the signs that end the names of languages: `c++` and `c#` are not `c`.
fn bounded_words(text: &str) -> impl Iterator<Item = &str> {
    text.unicode_word_indices().map(|(start, word)| {
        let rest = &text[start + word.len()..];
        let after = rest.trim_start_matches(['+', '#']);
        let signs = if after.starts_with(char::is_alphanumeric) { 0 } else { rest.len() - after.len() };
        &text[start..start + word.len() + signs]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(Segmenter::new().words(text), expected, "{text}");
    }

    #[test]
    fn english_is_cut_at_boundaries_and_loses_its_stop_words() {
        check("Short lessons on Rust, with exercises that aren’t reviewed.", &["short", "lessons", "rust", "exercises", "reviewed"]);
        check("C++ and C# (not C): node.js, a+b", &["c++", "c#", "c", "node.js", "b"]);
        check("", &[]);
        check(" …!", &[]);
    }

    #[test]
    fn chinese_is_cut_by_dictionary() {
        check("短小精悍的 JavaScript 课程", &["短小", "精悍", "短小精悍", "javascript", "课程"]);
        check("数据工程与机器学习", &["数据", "工程", "机器", "学习"]);
    }

    #[test]
    fn other_scripts_keep_their_words() {
        check("Основы Rust", &["основы", "rust"]);
        check("Über Änderungen", &["über", "änderungen"]);
    }
}
