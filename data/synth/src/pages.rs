//! The site's pages: paths, methods, sizes.

use std::fmt::{self, Write};

use crate::catalog::Catalog;
use crate::hits::{Hit, Method};

/// Static assets that pages ask for.
pub(crate) const ASSETS: [&str; 6] = [
    "/static/app.css",
    "/static/app.js",
    "/static/logo.svg",
    "/static/player.js",
    "/static/fonts/inter.woff2",
    "/static/avatars/default.png",
];
/// Paths that are asked for and do not exist.
pub(crate) const MISSING: [&str; 6] =
    ["/wp-login.php", "/favicon.ico", "/.env", "/courses/old-catalogue", "/apple-touch-icon.png", "/phpmyadmin/index.php"];

/// A page or endpoint. What `subject` is: a course, a topic's number, or an index into [`ASSETS`] or [`MISSING`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    Home,
    Courses,
    Course,
    /// The course with a slash at the end, which is redirected.
    CourseSlash,
    Lesson,
    LessonProgress,
    Forum,
    Topic,
    NewTopic,
    PostTopic,
    Reply,
    Like,
    Account,
    Login,
    Search,
    Admin,
    AdminReports,
    Robots,
    Sitemap,
    Health,
    Asset,
    Missing,
    /// Broken: no path at all.
    Nowhere,
}

impl Page {
    pub(crate) const fn method(self) -> Method {
        match self {
            Self::LessonProgress | Self::PostTopic | Self::Reply | Self::Like | Self::Login => Method::Post,
            _ => Method::Get,
        }
    }

    /// The status when all is well.
    pub(crate) const fn status(self) -> u16 {
        match self {
            Self::CourseSlash => 301,
            Self::PostTopic | Self::Reply | Self::Login => 302,
            Self::LessonProgress | Self::Like => 204,
            Self::Missing => 404,
            _ => 200,
        }
    }

    /// Median time to answer in milliseconds.
    pub(crate) const fn median_duration_ms(self) -> f32 {
        match self {
            Self::Asset | Self::Robots | Self::Health | Self::Missing => 2.0,
            Self::LessonProgress | Self::Like | Self::CourseSlash => 9.0,
            Self::Search | Self::AdminReports => 160.0,
            _ => 45.0,
        }
    }

    const fn base_bytes(self) -> u32 {
        match self {
            Self::Home => 14_200,
            Self::Courses => 22_900,
            Self::Course => 12_400,
            Self::Lesson => 31_000,
            Self::Topic => 17_500,
            Self::Asset => 48_000,
            Self::Health => 2,
            Self::Robots => 310,
            Self::Sitemap => 9_800,
            _ => 8_300,
        }
    }
}

/// Writes the path without what follows it; nothing for [`Page::Nowhere`].
pub(crate) fn write_path(out: &mut impl Write, hit: &Hit, catalog: &Catalog) -> fmt::Result {
    let course = || catalog.course(hit.subject as u16).id.as_str();
    match hit.page {
        Page::Home => out.write_str("/"),
        Page::Courses => out.write_str("/courses"),
        Page::Course => join(out, &["/courses/", course()]),
        Page::CourseSlash => join(out, &["/courses/", course(), "/"]),
        Page::Lesson => write!(out, "/courses/{}/lessons/{}", course(), hit.lesson),
        Page::LessonProgress => write!(out, "/courses/{}/lessons/{}/progress", course(), hit.lesson),
        Page::Forum => out.write_str("/forum"),
        Page::Topic => write!(out, "/forum/topics/{}", topic_id(hit.subject)),
        Page::NewTopic => out.write_str("/forum/new"),
        Page::PostTopic => out.write_str("/forum/topics"),
        Page::Reply => write!(out, "/forum/topics/{}/replies", topic_id(hit.subject)),
        Page::Like => write!(out, "/forum/topics/{}/like", topic_id(hit.subject)),
        Page::Account => out.write_str("/account"),
        Page::Login => out.write_str("/login"),
        Page::Search => out.write_str("/search"),
        Page::Admin => out.write_str("/admin"),
        Page::AdminReports => out.write_str("/admin/reports"),
        Page::Robots => out.write_str("/robots.txt"),
        Page::Sitemap => out.write_str("/sitemap.xml"),
        Page::Health => out.write_str("/health"),
        Page::Asset => out.write_str(ASSETS[hit.subject as usize]),
        Page::Missing => out.write_str(MISSING[hit.subject as usize]),
        Page::Nowhere => Ok(()),
    }
}

/// The id of a topic, also in `interactions.target_id`.
pub(crate) fn topic_id(number: u32) -> impl fmt::Display {
    TopicId(number)
}

struct TopicId(u32);

impl fmt::Display for TopicId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "t{}", self.0 + 1_000)
    }
}

/// Bytes of the answer's body; the same for the same path and status.
pub(crate) fn bytes(hit: &Hit) -> i64 {
    let varied = (hit.subject.wrapping_mul(617) + u32::from(hit.lesson) * 1_291) % 9_000;
    let body = match hit.status {
        204 | 304 => 0,
        301 | 302 => 178,
        404 => 1_024,
        403 | 500.. => 564,
        _ => hit.page.base_bytes() + if hit.page == Page::Health { 0 } else { varied },
    };
    if matches!(hit.method, Method::Head | Method::Options) { 0 } else { i64::from(body) }
}

/// Without the formatting machinery, since this is on the hot path.
fn join(out: &mut impl Write, parts: &[&str]) -> fmt::Result {
    parts.iter().try_for_each(|part| out.write_str(part))
}
