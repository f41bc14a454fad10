//! Why each item is on a list: what speaks for it, as exact parts of the scores of the models that do.
//!
//! ```text
//! share of a past course = Σ over models for it: (what the model adds / all that is added) × (its part / all parts of the model's score)
//! ```

use super::blend::Blend;
use super::choose::Choose;
use super::error::LearnError;
use super::item::{CONTENT, Chosen, Item, POPULAR, QUALITY, RIDGE, SEGMENT, TRENDING};
use super::models::Models;
use super::reasons::{Reason, ReasonKind, largest};

/// Who is asked about.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    /// Index of the user.
    pub user: usize,
    /// Row among the choices, if the member has any.
    pub actor: Option<usize>,
    /// Standardised behaviours, if the member has any.
    pub behaviours: Option<&'a [f64]>,
}

/// What speaks for an item: shares of all that does.
#[derive(Clone)]
struct Shares {
    popular: f64,
    rated: f64,
    /// Of each past course, in the order of the history.
    past: Vec<f64>,
}

impl Choose<'_> {
    /// The places with their reasons.
    pub fn explained(&self, asked: Asked<'_>, chosen: Vec<Chosen>, models: &Models) -> Result<Vec<Item>, LearnError> {
        let history = asked.actor.map(|actor| self.history(actor)).unwrap_or_default();
        let mut shares = vec![Shares { popular: 0.0, rated: 0.0, past: vec![0.0; history.len()] }; chosen.len()];
        if let (Some(blend), Some(actor)) = (&models.blend, asked.actor) {
            self.explain_choices(actor, blend, (&chosen, &mut shares))?;
        }
        let mut items = Vec::with_capacity(chosen.len());
        for (Chosen { place, .. }, shares) in chosen.into_iter().zip(shares) {
            let strongest = self.strongest(&shares, place.course, &history);
            let reasons = match (place.source, asked.actor) {
                _ if !strongest.is_empty() => strongest,
                (CONTENT, Some(_)) => self.likeness(&history, place.course),
                (RIDGE, _) => self.behaviours(place.course, asked.behaviours, models)?,
                (SEGMENT, _) => {
                    self.community.languages.of_row[asked.user].map(|language| whole(ReasonKind::Segment, language)).into_iter().collect()
                }
                (POPULAR, _) => vec![whole(ReasonKind::Popular, place.course)],
                _ => Vec::new(),
            };
            items.push(Item { place, reasons });
        }
        Ok(items)
    }

    /// Each model is asked once for all places that it speaks for.
    fn explain_choices(&self, actor: usize, blend: &Blend, (chosen, shares): (&[Chosen], &mut [Shares])) -> Result<(), LearnError> {
        let choices = &self.community.training.choices;
        for (number, model) in blend.models().iter().enumerate() {
            let added = |chosen: &Chosen| chosen.parts.get(number).copied().filter(|part| *part > 0.0);
            let mut spoken_for: Vec<(usize, u32, f64)> = Vec::new();
            for (place, chosen) in chosen.iter().enumerate() {
                let all: f32 = chosen.parts.iter().filter(|part| **part > 0.0).sum();
                if let (Some(part), Some(course)) = (added(chosen), self.community.modelled_of(chosen.place.course)) {
                    spoken_for.push((place, course, f64::from(part / all)));
                }
            }
            match model.name {
                POPULAR | TRENDING => spoken_for.iter().for_each(|(place, _, share)| shares[*place].popular += share),
                QUALITY => spoken_for.iter().for_each(|(place, _, share)| shares[*place].rated += share),
                _ => {}
            }
            let courses: Vec<u32> = spoken_for.iter().map(|(_, course, _)| *course).collect();
            let failed = |source| LearnError::Model { model: model.name, source };
            let Some(parts) = model.scorer.explain(choices, actor, &courses).map_err(failed)? else { continue };
            for (column, (place, _, share)) in spoken_for.into_iter().enumerate() {
                let parts = parts.col_as_slice(column);
                let all: f64 = parts.iter().filter(|part| **part > 0.0).sum();
                let past = shares[place].past.iter_mut().zip(parts).filter(|(_, part)| **part > 0.0);
                past.for_each(|(sum, part)| *sum += share * part / all);
            }
        }
        Ok(())
    }

    /// The largest shares, largest first; ties go to the earlier course, then to what is the same for everyone.
    fn strongest(&self, shares: &Shares, item: u32, history: &[u32]) -> Vec<Reason> {
        let of = |kind, index, share: f64| Reason { kind, index, share: share as f32 };
        let past = history.iter().zip(&shares.past).map(|(&course, &share)| of(ReasonKind::Course, course, share));
        let general = [of(ReasonKind::Popular, item, shares.popular), of(ReasonKind::Rated, item, shares.rated)];
        let mut reasons: Vec<Reason> = past.chain(general).filter(|reason| reason.share > 0.0).collect();
        reasons.sort_by(|left, right| right.share.total_cmp(&left.share));
        reasons.truncate(self.options.reasons_per_item);
        reasons
    }

    /// Courses that are too new for the models are there for what is said of them.
    fn likeness(&self, history: &[u32], course: u32) -> Vec<Reason> {
        let weighed: Vec<(u32, f64)> = history.iter().map(|&course| (course, 1.0)).collect();
        let parts = self.community.content.contributions(&weighed, &[course]);
        largest(ReasonKind::Course, (parts.col_as_slice(0), &[]), self.options.reasons_per_item, |position| history[position as usize])
    }

    /// Catalogue indices of the courses that an actor chose, rising.
    pub fn history(&self, actor: usize) -> Vec<u32> {
        let chosen = self.community.training.choices.positives.row_columns(actor);
        chosen.iter().map(|&course| self.community.modelled_in_catalogue[course as usize]).collect()
    }

    fn behaviours(&self, item: u32, member: Option<&[f64]>, models: &Models) -> Result<Vec<Reason>, LearnError> {
        let (Some((model, _)), Some(member), Some(course)) = (&models.ridge, member, self.community.modelled_of(item)) else {
            return Ok(Vec::new());
        };
        let parts = model.contributions(member, course as usize).map_err(|source| LearnError::Model { model: "ridge", source })?;
        // A behaviour below the mean may speak for a course too, but "because you come often" would not be true then.
        let below: Vec<u32> = (0..).zip(member).filter(|(_, value)| **value <= 0.0).map(|(position, _)| position).collect();
        let reasons = largest(ReasonKind::Behaviour, (&parts, &below), self.options.reasons_per_item, |position| position);
        // What no behaviour speaks for is there for the mean of all members.
        Ok(if reasons.is_empty() { vec![whole(ReasonKind::Popular, item)] } else { reasons })
    }
}

/// The only reason there is.
fn whole(kind: ReasonKind, index: u32) -> Reason {
    Reason { kind, index, share: 1.0 }
}
