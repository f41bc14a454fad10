//! The words of reviews; `{}` stands for the topic.

/// A part of a course on which members remark.
pub(crate) struct Aspect {
    pub(crate) good: &'static [&'static str],
    pub(crate) bad: &'static [&'static str],
}

/// The phrases of one language.
pub(crate) struct Phrases {
    /// For one to five stars.
    pub(crate) openings: [&'static [&'static str]; 5],
    pub(crate) aspects: &'static [Aspect],
    pub(crate) recommend: &'static [&'static str],
    pub(crate) warn: &'static [&'static str],
    /// Between sentences.
    pub(crate) between: &'static str,
}

const fn aspect(good: &'static [&'static str], bad: &'static [&'static str]) -> Aspect {
    Aspect { good, bad }
}

/// Reviews in English.
pub(crate) const ENGLISH: Phrases = Phrases {
    openings: [
        &["A waste of time.", "I gave up halfway.", "Very disappointing.", "I want my money back.", "Not what was promised."],
        &["Not great.", "I expected more of a course on {}.", "Below the level of the other courses here.", "Meh."],
        &["It is all right.", "A mixed bag.", "Some good parts, some weak ones.", "Average, for a course on {}."],
        &["A good course.", "Solid introduction to {}.", "I learned a lot.", "Well worth the evenings.", "Good, with small flaws."],
        &["Excellent!", "The best course on {} I have taken.", "I loved every lesson.", "Finally I understand {}.", "Brilliant."],
    ],
    aspects: &[
        aspect(
            &["The explanations are clear and to the point.", "Hard things are explained simply.", "Every concept is motivated first."],
            &["The explanations are confusing.", "Important concepts are skipped.", "I had to look everything up elsewhere."],
        ),
        aspect(
            &["The exercises are well chosen.", "I enjoyed the project at the end.", "Great hands-on tasks."],
            &["There are hardly any exercises.", "The exercises have errors.", "The project does not even compile."],
        ),
        aspect(
            &["The pace is just right.", "Short lessons that fit into a lunch break.", "Never boring."],
            &["Far too slow.", "It rushes through the second half.", "The lessons drag on."],
        ),
        aspect(
            &["The author answers questions within a day.", "Helpful replies in the forum.", "The author clearly knows {}."],
            &["Nobody answers questions.", "The author seems to have left.", "My question is still open after weeks."],
        ),
        aspect(
            &["Everything is up to date.", "It covers the latest versions.", "Updated soon after I reported a mistake."],
            &["Badly outdated.", "Half of the commands no longer work.", "It uses a version from years ago."],
        ),
        aspect(
            &["I could use it at work the next day.", "It helped me pass an interview.", "Practical throughout."],
            &["Too theoretical to be useful.", "Nothing I could use at work.", "Toy examples only."],
        ),
        aspect(
            &["Sound and slides are pleasant.", "Nicely typeset code.", "The subtitles are accurate."],
            &["The sound is terrible.", "The code on the slides is unreadable.", "The player keeps freezing."],
        ),
    ],
    recommend: &["Recommended.", "I am looking forward to part two.", "Thank you!", "Worth the membership alone."],
    warn: &["Not recommended.", "Look for another course.", "Needs a rewrite.", "I would not buy it again."],
    between: " ",
};

/// Reviews in Chinese.
pub(crate) const CHINESE: Phrases = Phrases {
    openings: [
        &["浪费时间。", "看了一半就放弃了。", "非常失望。", "想退款。", "和宣传的完全不一样。"],
        &["不太行。", "本来对这门 {} 课期待更高。", "比站里其他课差一截。", "一般偏下。"],
        &["还可以吧。", "有好有坏。", "中规中矩。", "作为 {} 课程算及格。"],
        &["不错的课程。", "{} 入门很扎实。", "收获不少。", "值得花几个晚上看完。", "整体很好，小瑕疵可以接受。"],
        &["太棒了！", "学过的最好的 {} 课。", "每一节都喜欢。", "终于搞懂 {} 了。", "强烈推荐！"],
    ],
    aspects: &[
        aspect(
            &["讲解清晰，重点突出。", "难的地方讲得很通俗。", "每个概念都先讲清楚为什么。"],
            &["讲得云里雾里。", "关键概念一带而过。", "很多东西还得自己去查。"],
        ),
        aspect(
            &["练习设计得很用心。", "最后的项目很有意思。", "动手环节很多，学得牢。"],
            &["几乎没有练习。", "练习题有错误。", "项目代码根本跑不起来。"],
        ),
        aspect(&["节奏刚刚好。", "每节很短，午休就能看完。", "一点都不枯燥。"], &["进度太慢了。", "后半部分赶得厉害。", "又长又拖沓。"]),
        aspect(
            &["老师一天之内就回复问题。", "论坛里的答疑很及时。", "看得出老师对 {} 很有经验。"],
            &["提问没人回答。", "老师好像失联了。", "问题挂了几周都没人理。"],
        ),
        aspect(
            &["内容跟得上最新版本。", "更新很勤快。", "反馈的错误很快就改了。"],
            &["内容严重过时。", "一半命令已经不能用了。", "还停留在几年前的版本。"],
        ),
        aspect(
            &["第二天上班就用上了。", "帮我通过了面试。", "非常实用，干货很多。"],
            &["太理论，用不上。", "对工作没什么帮助。", "全是玩具例子。"],
        ),
        aspect(
            &["声音和画面都很舒服。", "代码排版清楚。", "字幕很准确。"],
            &["声音太小，还有杂音。", "幻灯片上的代码看不清。", "播放器老是卡。"],
        ),
    ],
    recommend: &["推荐！", "期待第二部。", "谢谢老师！", "光这一门课就值回会员费。"],
    warn: &["不推荐。", "建议换一门课。", "希望能重做。", "不会再买了。"],
    between: "",
};
