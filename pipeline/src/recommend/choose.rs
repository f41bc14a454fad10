//! One member's places: what the models say, under the site's rules.
//!
//! ```text
//! with choices:    blend of all models ─┬─ new courses by their texts ─▶ rules, variety ─▶ filled with what is popular
//! without choices: behaviours + popular ┘
//! ```

use std::collections::BTreeMap;

use super::blend::{Blend, BlockScores};
use super::community::Community;
use super::finish::Finish;
use super::fuse::fuse;
use super::item::{CONTENT, Chosen, POPULAR, Place, RIDGE, SEGMENT};
use super::options::LearnOptions;
use super::top::{best, top};

/// What a list is made from.
#[derive(Clone, Copy)]
pub(super) struct Choose<'a> {
    pub community: &'a Community,
    pub finish: Finish<'a>,
    pub options: &'a LearnOptions,
}

/// What the models say of one member with choices.
pub(super) struct Said<'a> {
    pub blend: &'a Blend,
    pub scores: &'a BlockScores,
    /// Where the member is among those scores.
    pub place: usize,
    /// How like the member's courses each course of the catalogue is; empty where no course is new.
    pub likeness: &'a [f32],
}

/// Who put a course among the candidates.
type Sources = BTreeMap<u32, &'static str>;

impl Choose<'_> {
    /// The places of a member with choices.
    pub fn by_choices(&self, user: usize, said: &Said<'_>) -> Vec<Chosen> {
        let community = self.community;
        let excluded = community.excluded(user);
        let had: Vec<u32> = excluded.iter().filter_map(|&course| community.modelled_of(course)).collect();
        let parts = said.blend.parts(said.scores, said.place, &had);
        let sum = |course: usize| parts.iter().map(|part| part[course]).sum::<f32>();
        let candidates: Vec<(u32, f32)> =
            community.modelled_in_catalogue.iter().zip(0..).map(|(&course, modelled)| (course, sum(modelled))).collect();
        let fresh = self.fresh(said.likeness, &excluded);
        let listed = self.listed(&candidates, &fresh, &excluded).into_iter().map(|(course, score)| {
            let of_model = |modelled: u32| parts.iter().map(|part| part[modelled as usize]).collect();
            let parts: Vec<f32> = community.modelled_of(course).map(of_model).unwrap_or_default();
            let largest = (0..parts.len()).reduce(|best, model| if parts[model] > parts[best] { model } else { best });
            let source = largest.map_or(CONTENT, |model| said.blend.models()[model].name);
            Chosen { place: Place { course, score, source }, parts }
        });
        self.filled(listed.collect(), user, &excluded)
    }

    /// The places of a member without choices; `scores` are those of behaviours, of the modelled courses.
    pub fn by_behaviours(&self, user: usize, scores: Option<&[f64]>) -> Vec<Chosen> {
        let community = self.community;
        let excluded = community.excluded(user);
        let mut rankings = Vec::new();
        if let Some(scores) = scores {
            let had: Vec<u32> = excluded.iter().filter_map(|&course| community.modelled_of(course)).collect();
            let ranking = top(scores.len(), &had, self.options.list_length, |course| scores[course as usize]);
            rankings.push((RIDGE, ranking.into_iter().map(|course| community.modelled_in_catalogue[course as usize]).collect()));
        }
        let (popular, source) = self.popular_for(user);
        let allowed = popular.iter().copied().filter(|course| excluded.binary_search(course).is_err());
        rankings.push((source, allowed.take(self.options.list_length).collect()));
        let fused = fuse(&rankings);
        let sources: Sources = fused.iter().map(|place| (place.course, place.source)).collect();
        let candidates: Vec<(u32, f32)> = fused.iter().map(|place| (place.course, place.score)).collect();
        let listed = self.listed(&candidates, &[], &excluded);
        let place = |(course, score)| Chosen { place: Place { course, score, source: sources[&course] }, parts: Vec::new() };
        let places = listed.into_iter().map(place).collect();
        self.filled(places, user, &excluded)
    }

    /// The new courses that are most like the member's, as many as have places.
    fn fresh(&self, likeness: &[f32], excluded: &[u32]) -> Vec<u32> {
        let alike = |course: &&u32| likeness.get(**course as usize).is_some_and(|likeness| *likeness > 0.0);
        let allowed = self.community.fresh.iter().filter(alike).copied().filter(|course| excluded.binary_search(course).is_err());
        best(allowed, self.finish.new_places(), |course| f64::from(likeness[course as usize]))
    }

    fn listed(&self, candidates: &[(u32, f32)], fresh: &[u32], excluded: &[u32]) -> Vec<(u32, f32)> {
        let mut said = Vec::new();
        self.finish.list((candidates, fresh), excluded, |course, others, cosines| {
            self.community.content.cosines(course, others, (&mut said, cosines));
        })
    }

    fn popular_for(&self, user: usize) -> (&[u32], &'static str) {
        let (courses, is_segment) = self.community.popular_for(user);
        (courses, if is_segment { SEGMENT } else { POPULAR })
    }

    /// Places that are left go to what is popular, at scores below all others.
    fn filled(&self, mut places: Vec<Chosen>, user: usize, excluded: &[u32]) -> Vec<Chosen> {
        let mut authors = self.community.rules.authors();
        places.iter().for_each(|chosen| {
            authors.admit(chosen.place.course);
        });
        let lowest = places.iter().map(|chosen| chosen.place.score).fold(0.0, f32::min);
        let (popular, source) = self.popular_for(user);
        for (source, &course) in
            popular.iter().map(|course| (source, course)).chain(self.community.popular.iter().map(|course| (POPULAR, course)))
        {
            if places.len() >= self.options.list_length {
                break;
            }
            let is_out = excluded.binary_search(&course).is_ok() || places.iter().any(|chosen| chosen.place.course == course);
            if !is_out && authors.admit(course) {
                let place = Place { course, score: lowest - places.len() as f32, source };
                places.push(Chosen { place, parts: Vec::new() });
            }
        }
        places
    }
}
