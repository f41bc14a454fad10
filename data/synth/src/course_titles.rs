//! Words from which courses are named and described.

/// A tag: its id, and its name in English and in Chinese titles.
pub(crate) struct Topic {
    pub(crate) tag: &'static str,
    pub(crate) english: &'static str,
    pub(crate) chinese: &'static str,
}

/// A kind of course: a slug, and the title around the topic's name.
pub(crate) struct Format {
    pub(crate) slug: &'static str,
    pub(crate) english: &'static str,
    pub(crate) chinese: &'static str,
}

const fn topic(tag: &'static str, english: &'static str, chinese: &'static str) -> Topic {
    Topic { tag, english, chinese }
}

const fn format(slug: &'static str, english: &'static str, chinese: &'static str) -> Format {
    Format { slug, english, chinese }
}

/// The tags of the community.
pub(crate) const TOPICS: [Topic; 16] = [
    topic("rust", "Rust", "Rust"),
    topic("python", "Python", "Python"),
    topic("javascript", "JavaScript", "JavaScript"),
    topic("go", "Go", "Go 语言"),
    topic("sql", "SQL", "SQL"),
    topic("linux", "Linux", "Linux"),
    topic("algorithms", "Algorithms", "算法"),
    topic("machine-learning", "Machine Learning", "机器学习"),
    topic("typescript", "TypeScript", "TypeScript"),
    topic("kubernetes", "Kubernetes", "Kubernetes"),
    topic("security", "Security", "网络安全"),
    topic("data-engineering", "Data Engineering", "数据工程"),
    topic("java", "Java", "Java"),
    topic("git", "Git", "Git"),
    topic("testing", "Testing", "软件测试"),
    topic("system-design", "System Design", "系统设计"),
];

/// Kinds of course.
pub(crate) const FORMATS: [Format; 10] = [
    format("from-scratch", "from Scratch", "从零开始"),
    format("in-practice", "in Practice", "实战"),
    format("deep-dive", "Deep Dive", "深入理解"),
    format("interview", "for Interviews", "面试精讲"),
    format("patterns", "Patterns", "设计模式与最佳实践"),
    format("performance", "Performance", "性能优化"),
    format("at-work", "at Work: A Project", "企业级项目实训"),
    format("internals", "Internals", "源码与原理"),
    format("weekend", "in a Weekend", "周末速成"),
    format("pitfalls", "Pitfalls", "避坑指南"),
];

/// Sentences of descriptions, English and Chinese; `{}` stands for the topic's name.
pub(crate) const DESCRIPTIONS: [(&str, &str); 4] = [
    ("Learn {} by building something that runs, one small step a lesson.", "边做边学 {}，每节课完成一个可运行的小目标。"),
    ("For those who have used {} for a year and want to know why it works.", "适合用过一年 {}、想弄明白背后原理的同学。"),
    ("Short lessons on {}, with exercises that are reviewed by members.", "短小精悍的 {} 课程，配有社区互评的练习。"),
    ("What a team needs to know about {} before the first release.", "团队上线之前必须了解的 {} 知识。"),
];
