//! Reasons in words: a sentence for people, in the languages of the community. Which reasons there are belongs to whoever made
//! the list; both buildings tell them in these words.

use crate::serve::packed::ReasonKind;

/// What a behaviour that is a subject begins with: `tag:rust`.
const SUBJECT: &str = "tag:";

/// A language that sentences are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Chinese, in simplified characters.
    Chinese,
}

impl Language {
    /// Every language, the default first.
    pub const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh",
        }
    }

    /// The language of a tag such as `zh-CN`, whatever its region and script.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| language.code().eq_ignore_ascii_case(primary))
    }
}

/// A reason and the name of what it points at: the title of a course, a subject, the label of a behaviour; empty where the kind
/// names nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NamedReason<'a> {
    /// What the name is of.
    pub kind: ReasonKind,
    /// As people know it.
    pub name: &'a str,
}

/// What a part of a sentence is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Theme {
    Took,
    Interest,
    Habits,
    Popular,
    Segment,
    New,
    Rated,
}

/// A part of a sentence, with the names that it holds.
struct Clause<'a> {
    theme: Theme,
    names: Vec<&'a str>,
}

/// The sentence that gives `reasons`, strongest first; none without reasons.
///
/// It tells the kind of the strongest reason, with all names of that kind; where that says nothing of the member, the strongest kind
/// that does as well, else the next one.
pub fn sentence(language: Language, reasons: &[NamedReason<'_>]) -> Option<String> {
    let clauses = clauses(reasons);
    let (first, rest) = clauses.split_first()?;
    let second = rest.iter().find(|clause| !clause.theme.is_general()).or(rest.first()).filter(|_| first.theme.is_general());
    let texts: Vec<String> = std::iter::once(first).chain(second).map(|clause| clause.text(language)).collect();
    let (because, and) = match language {
        Language::English => ("because ", " and "),
        Language::Chinese => ("因为", "，而且"),
    };
    Some(format!("{because}{}", texts.join(and)))
}

/// Reasons of one theme together, in the order in which themes come first.
fn clauses<'a>(reasons: &[NamedReason<'a>]) -> Vec<Clause<'a>> {
    let mut clauses: Vec<Clause<'_>> = Vec::new();
    for reason in reasons {
        let (theme, name) = theme(*reason);
        match clauses.iter_mut().find(|clause| clause.theme == theme) {
            Some(clause) if !clause.names.contains(&name) => clause.names.push(name),
            Some(_) => {}
            None => clauses.push(Clause { theme, names: vec![name] }),
        }
    }
    clauses
}

fn theme(reason: NamedReason<'_>) -> (Theme, &str) {
    match (reason.kind, reason.name.strip_prefix(SUBJECT)) {
        (ReasonKind::Course, _) => (Theme::Took, reason.name),
        (ReasonKind::Tag, _) => (Theme::Interest, reason.name),
        (ReasonKind::Behaviour, Some(subject)) => (Theme::Interest, subject),
        (ReasonKind::Behaviour, None) => (Theme::Habits, reason.name),
        (ReasonKind::Popular, _) => (Theme::Popular, reason.name),
        (ReasonKind::Segment, _) => (Theme::Segment, reason.name),
        (ReasonKind::New, _) => (Theme::New, reason.name),
        (ReasonKind::Rated, _) => (Theme::Rated, reason.name),
    }
}

impl Theme {
    /// Whether it says nothing of what the member did.
    fn is_general(self) -> bool {
        matches!(self, Self::Popular | Self::Segment | Self::New | Self::Rated)
    }
}

impl Clause<'_> {
    fn text(&self, language: Language) -> String {
        match language {
            Language::English => self.english(),
            Language::Chinese => self.chinese(),
        }
    }

    fn english(&self) -> String {
        match self.theme {
            Theme::Took => format!("you took {}", listed(&self.names, ("“", "”"), (", ", " and "))),
            Theme::Interest => format!("you are interested in {}", listed(&self.names, ("", ""), (", ", " and "))),
            Theme::Habits => "members who use the community as you do take it".to_owned(),
            Theme::Popular => "it is popular in the community".to_owned(),
            Theme::Segment => "it is popular among members like you".to_owned(),
            Theme::New => "it is new".to_owned(),
            Theme::Rated => "members rate it highly".to_owned(),
        }
    }

    fn chinese(&self) -> String {
        match self.theme {
            Theme::Took => format!("你学过{}", listed(&self.names, ("《", "》"), ("、", "和"))),
            Theme::Interest => format!("你对{}感兴趣", listed(&self.names, ("「", "」"), ("、", "和"))),
            Theme::Habits => "和你习惯相近的成员也在学".to_owned(),
            Theme::Popular => "它在社区很受欢迎".to_owned(),
            Theme::Segment => "它在和你相似的成员中很受欢迎".to_owned(),
            Theme::New => "它是新课".to_owned(),
            Theme::Rated => "成员给它的评分很高".to_owned(),
        }
    }
}

/// Names in quotes: `a`, `a and b`, `a, b and c`.
fn listed(names: &[&str], (open, close): (&str, &str), (comma, and): (&str, &str)) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("{open}{name}{close}")).collect();
    match quoted.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{}{and}{last}", others.join(comma)),
        _ => quoted.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(reasons: &[(ReasonKind, &str)], english: &str, chinese: &str) {
        let reasons: Vec<_> = reasons.iter().map(|&(kind, name)| NamedReason { kind, name }).collect();
        let in_language = |language| sentence(language, &reasons).unwrap();
        assert_eq!((in_language(Language::English).as_str(), in_language(Language::Chinese).as_str()), (english, chinese));
    }

    #[test]
    fn past_courses_are_named() {
        use ReasonKind::Course;
        check(&[(Course, "Go")], "because you took “Go”", "因为你学过《Go》");
        check(&[(Course, "Go"), (Course, "SQL")], "because you took “Go” and “SQL”", "因为你学过《Go》和《SQL》");
        check(
            &[(Course, "Go"), (Course, "SQL"), (Course, "算法")],
            "because you took “Go”, “SQL” and “算法”",
            "因为你学过《Go》、《SQL》和《算法》",
        );
    }

    #[test]
    fn subjects_are_interests_wherever_they_come_from() {
        check(
            &[(ReasonKind::Behaviour, "tag:rust"), (ReasonKind::Tag, "web"), (ReasonKind::Tag, "rust"), (ReasonKind::Course, "Go")],
            "because you are interested in rust and web",
            "因为你对「rust」和「web」感兴趣",
        );
        check(
            &[(ReasonKind::Behaviour, "active_days_30"), (ReasonKind::Behaviour, "tag:go")],
            "because members who use the community as you do take it",
            "因为和你习惯相近的成员也在学",
        );
    }

    #[test]
    fn what_says_nothing_of_the_member_is_followed_by_what_does() {
        check(&[(ReasonKind::Popular, "")], "because it is popular in the community", "因为它在社区很受欢迎");
        check(&[(ReasonKind::Rated, "")], "because members rate it highly", "因为成员给它的评分很高");
        check(&[(ReasonKind::Segment, "zh")], "because it is popular among members like you", "因为它在和你相似的成员中很受欢迎");
        check(
            &[(ReasonKind::New, ""), (ReasonKind::Tag, "rust")],
            "because it is new and you are interested in rust",
            "因为它是新课，而且你对「rust」感兴趣",
        );
        check(
            &[(ReasonKind::New, ""), (ReasonKind::Popular, ""), (ReasonKind::Tag, "rust")],
            "because it is new and you are interested in rust",
            "因为它是新课，而且你对「rust」感兴趣",
        );
        assert_eq!(sentence(Language::English, &[]), None);
    }

    #[test]
    fn languages_are_known_by_their_tags() {
        let of = |tags: [&str; 5]| tags.map(Language::of_tag);
        let (english, chinese) = (Some(Language::English), Some(Language::Chinese));
        assert_eq!(of(["en", "EN-gb", " zh-Hans-CN", "zh_TW", "zha"]), [english, english, chinese, chinese, None]);
    }
}
