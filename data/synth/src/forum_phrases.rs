//! Texts of topics, replies and comments in Chinese or English; `{}` stands for the topic of the course.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::course_titles::TOPICS;
use crate::planner::{Act, ActKind};
use crate::world::World;

/// Two phrases are put together: what it is about, and the tone.
struct Phrases {
    questions: &'static [&'static str],
    details: &'static [&'static str],
    answers: &'static [&'static str],
    manners: &'static [&'static str],
    comments: &'static [&'static str],
    moods: &'static [&'static str],
    between: &'static str,
}

const ENGLISH: Phrases = Phrases {
    questions: &[
        "How do I structure a larger {} project?",
        "My {} build fails after the update.",
        "What is the idiomatic way to handle errors in {}?",
        "Which editor setup do you use for {}?",
        "Is {} worth learning in 2026?",
        "Exercise three of the {} course: is my solution right?",
        "Why is this {} code so slow?",
        "How did you prepare for interviews about {}?",
    ],
    details: &[
        "I have been stuck since yesterday.",
        "It works on my machine, but not on the server.",
        "The documentation does not say.",
        "Any hint is welcome.",
        "See the snippet below.",
        "I have read the lesson twice.",
    ],
    answers: &[
        "Try it with a smaller example first.",
        "You need to pin the version of the dependency.",
        "The lesson on {} performance explains it.",
        "Measure before you change anything.",
        "That is a known bug, fixed in the next release.",
        "I had the same problem; clearing the cache helped.",
        "Pass a reference instead of a copy.",
        "Split it into two functions and test each.",
    ],
    manners: &["Hope that helps.", "Good luck!", "Let us know how it goes.", "This is explained badly, I agree.", "", ""],
    comments: &[
        "Lesson on {} was easy to follow",
        "The part about {} went too fast",
        "Nice example of {}",
        "There is a typo in the {} code",
        "I did not get the second half on {}",
        "Took notes on {} all evening",
    ],
    moods: &[", thank you!", ", please add an exercise.", ".", ", a bit frustrating.", ", great work.", ", hm."],
    between: " ",
};

const CHINESE: Phrases = Phrases {
    questions: &[
        "{} 大一点的项目怎么组织目录？",
        "升级之后 {} 编译不过了，怎么办？",
        "{} 里怎么优雅地处理错误？",
        "大家写 {} 都用什么编辑器？",
        "2026 年还值得学 {} 吗？",
        "{} 课第三题，我这样写对吗？",
        "这段 {} 代码为什么这么慢？",
        "{} 面试一般会问哪些问题？",
    ],
    details: &["卡了一天了。", "本地没问题，上服务器就报错。", "文档里没写。", "求指点。", "代码贴在下面。", "课程看了两遍还是不懂。"],
    answers: &[
        "先用小例子复现一下。",
        "把依赖的版本固定住就好了。",
        "{} 性能那一节讲过。",
        "先测量再优化。",
        "这是已知的问题，下个版本会修。",
        "我也遇到过，清一下缓存就行。",
        "传引用，不要拷贝。",
        "拆成两个函数分别测试。",
    ],
    manners: &["希望有帮助。", "加油！", "有结果了说一声。", "这里确实讲得不清楚。", "", ""],
    comments: &["{} 这节很好懂", "{} 这部分讲得太快了", "{} 的例子不错", "{} 代码里有个错别字", "{} 后半节没听懂", "记了一晚上 {} 的笔记"],
    moods: &["，谢谢老师！", "，希望多加点练习。", "。", "，有点劝退。", "，赞一个。", "，嗯……"],
    between: "",
};

/// What the member writes with an act, if the act has words.
pub(crate) fn text(world: &World, rng: &mut ChaCha8Rng, member: u32, act: &Act) -> Option<String> {
    let is_chinese = world.member(member).writes_chinese();
    let phrases = if is_chinese { &CHINESE } else { &ENGLISH };
    let (first, second, between) = match act.kind {
        ActKind::Topic => (phrases.questions, phrases.details, phrases.between),
        ActKind::Reply | ActKind::Post => (phrases.answers, phrases.manners, phrases.between),
        ActKind::Comment => (phrases.comments, phrases.moods, ""),
        _ => return None,
    };
    let topic = &TOPICS[usize::from(world.catalog.course(act.course).tags[0])];
    let name = if is_chinese { topic.chinese } else { topic.english };
    let text = format!("{}{between}{}", any(rng, first), any(rng, second)).replace("{}", name);
    Some(text.trim_end().to_owned())
}

fn any(rng: &mut ChaCha8Rng, phrases: &'static [&'static str]) -> &'static str {
    phrases[rng.random_range(0..phrases.len())]
}
