"""The pages of the community, in English and Chinese. What is not the site's own is escaped."""

from html import escape
from string import Template

MEMBERS = {
    "u100252": {"en": "Lin Yue", "zh": "林悦"},
    "u100010": {"en": "Chen Hao", "zh": "陈昊"},
    "u100001": {"en": "Zhou An", "zh": "周安"},
}

WORDS = {
    "en": {
        "title": "Lantern", "tagline": "A reading and coding circle", "home": "Home", "login": "Log in", "logout": "Log out",
        "who": "Who are you?", "hello": "Welcome back, {name}", "visitor": "Learn with others, a lesson a day", "invite": "Log in, and see what to learn next.",
        "talk": "Around the table", "other": "中文", "other_lang": "zh",
        "topics": ["What did you finish this week?", "Reading group: ownership, chapter 4", "How do you test code that talks to the clock?"],
        "course": "Course", "about": "Short lessons, a project at the end, and people who answer. Take it at your own pace.",
    },
    "zh": {
        "title": "灯下", "tagline": "一起读书、写代码的社区", "home": "首页", "login": "登录", "logout": "退出",
        "who": "选择身份", "hello": "欢迎回来，{name}", "visitor": "每天一课，与同好一起学", "invite": "登录后，看看接下来适合你的课程。",
        "talk": "大家在聊", "other": "English", "other_lang": "en",
        "topics": ["这周你学完了哪门课？", "共读：所有权，第四章", "和时间打交道的代码，大家怎么测试？"],
        "course": "课程", "about": "短小的课时，结课有项目，提问有人答。按自己的节奏来。",
    },
}

LAYOUT = Template("""<!doctype html>
<html lang="$lang">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/site.css">
<script type="module" src="$sidecar/embed.js"></script>
</head>
<body>
<header><a class="brand" href="/">$brand</a><span class="tagline">$tagline</span>
<nav><a href="/">$home</a><a href="$here?lang=$other_lang" lang="$other_lang">$other</a>$account</nav></header>
<main>$main</main>
</body>
</html>
""")


def page(lang: str, *, sidecar: str, member: str | None, here: str, title: str, main: str) -> str:
    """A whole page."""
    words = WORDS[lang]
    return LAYOUT.substitute(
        lang=lang, title=escape(title), brand=words["title"], tagline=words["tagline"], home=words["home"], sidecar=escape(sidecar),
        other=words["other"], other_lang=words["other_lang"], here=escape(here), account=_account(lang, member), main=main,
    )


def home(lang: str, member: str | None, token: str | None) -> str:
    """What there is to learn, and what the others talk about."""
    words = WORDS[lang]
    hello = words["hello"].format(name=MEMBERS[member][lang]) if member else words["visitor"]
    topics = "".join(f"<li>{topic}</li>" for topic in words["topics"])
    # Visitors see what is popular: the tokens' file lets them.
    invite = "" if token else f'<p class="lead">{words["invite"]}</p>'
    widget = invite + _widget(token, limit=6)
    return f"<h1>{hello}</h1>{widget}<section><h2>{words['talk']}</h2><ul class=\"topics\">{topics}</ul></section>"


def course(lang: str, course_id: str, token: str | None) -> str:
    """One course, and others like it."""
    words = WORDS[lang]
    title = escape(course_id.replace("-", " ").title())
    widget = _widget(token, limit=3, course=course_id)
    return f'<p class="kicker">{words["course"]}</p><h1>{title}</h1><p class="lead">{words["about"]}</p>{widget}'


def _widget(token: str | None, **attributes: object) -> str:
    named = {**attributes, "member-token": token} if token else attributes
    written = "".join(f' {name}="{escape(str(value))}"' for name, value in named.items())
    return f"<hachi-recommendations{written}></hachi-recommendations>"


def _account(lang: str, member: str | None) -> str:
    words = WORDS[lang]
    if member:
        return f'<form method="post" action="/logout"><button>{words["logout"]}</button></form>'
    options = "".join(f'<option value="{member}">{names[lang]}</option>' for member, names in MEMBERS.items())
    select = f'<select name="member" aria-label="{words["who"]}">{options}</select>'
    return f'<form method="post" action="/login">{select}<button>{words["login"]}</button></form>'
