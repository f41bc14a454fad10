//! The forum's recent topics, which members answer and like; a ring of fixed size.

use rand::Rng;

/// Topics that are remembered; older ones are no longer answered.
const REMEMBERED_TOPICS: usize = 512;
/// Attempts to find a topic by another member.
const MAX_DRAWS: u32 = 4;

/// A topic under discussion.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Topic {
    pub(crate) number: u32,
    pub(crate) author: u32,
    pub(crate) course: u16,
    /// Day and milliseconds of the day.
    pub(crate) posted: (i32, u32),
    /// The last member who answered, until the author accepts.
    pub(crate) answered_by: Option<u32>,
    pub(crate) is_settled: bool,
}

/// The recent topics. Numbers count from 0 without gaps, so the place of a topic follows from its number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Board {
    topics: Vec<Topic>,
    posted: u32,
}

impl Board {
    /// Posts a topic and gives its number.
    pub(crate) fn post(&mut self, author: u32, course: u16, posted: (i32, u32)) -> u32 {
        let number = self.posted;
        let topic = Topic { number, author, course, posted, answered_by: None, is_settled: false };
        match self.topics.get_mut(number as usize % REMEMBERED_TOPICS) {
            Some(place) => *place = topic,
            None => self.topics.push(topic),
        }
        self.posted += 1;
        number
    }

    /// Numbers of the topics that are remembered.
    pub(crate) fn remembered(&self) -> std::ops::Range<u32> {
        self.posted - self.topics.len() as u32..self.posted
    }

    pub(crate) fn topic(&mut self, number: u32) -> Option<&mut Topic> {
        let topic = self.topics.get_mut(number as usize % REMEMBERED_TOPICS)?;
        (topic.number == number).then_some(topic)
    }

    /// A topic by another member that is older than `now`; recent ones are likelier.
    pub(crate) fn pick(&mut self, rng: &mut impl Rng, reader: u32, now: (i32, u32)) -> Option<&mut Topic> {
        let remembered = self.topics.len() as f64;
        for _ in 0..MAX_DRAWS {
            let age = (rng.random::<f64>().powi(3) * remembered) as u32;
            let number = self.posted.checked_sub(age + 1)?;
            let fits = self.topic(number).is_some_and(|topic| topic.author != reader && topic.posted < now);
            if fits {
                return self.topic(number);
            }
        }
        None
    }
}
