//! Why each item is on a list: what speaks for it, as exact parts of the scores of the models that do.
//!
//! ```text
//! share of a past course = Σ over models for it: (what the model adds / all that is added) × (its part / all parts of the model's score)
//! ```

use std::collections::BTreeMap;

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

/// What speaks for an item: shares by kind and index.
type Shares = BTreeMap<(ReasonKind, u32), f64>;

impl Choose<'_> {
    /// The places with their reasons.
    pub fn explained(&self, asked: Asked<'_>, chosen: Vec<Chosen>, models: &Models) -> Result<Vec<Item>, LearnError> {
        let mut shares: Vec<Shares> = vec![Shares::new(); chosen.len()];
        if let (Some(blend), Some(actor)) = (&models.blend, asked.actor) {
            self.explain_choices(actor, blend, (&chosen, &mut shares))?;
        }
        let mut items = Vec::with_capacity(chosen.len());
        for (Chosen { place, .. }, shares) in chosen.into_iter().zip(shares) {
            let reasons = match (place.source, asked.actor) {
                _ if !shares.is_empty() => self.strongest(shares),
                (CONTENT, Some(actor)) => self.likeness(actor, place.course),
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
        let history = self.history(actor);
        for (number, model) in blend.models().iter().enumerate() {
            let added = |chosen: &Chosen| chosen.parts.get(number).copied().filter(|part| *part > 0.0);
            let mut spoken_for: Vec<(usize, u32, f64)> = Vec::new();
            for (place, chosen) in chosen.iter().enumerate() {
                let all: f32 = chosen.parts.iter().filter(|part| **part > 0.0).sum();
                if let (Some(part), Some(course)) = (added(chosen), self.community.modelled_of(chosen.place.course)) {
                    spoken_for.push((place, course, f64::from(part / all)));
                }
            }
            if let Some(kind) = general(model.name) {
                for (place, _, share) in spoken_for {
                    *shares[place].entry((kind, chosen[place].place.course)).or_default() += share;
                }
                continue;
            }
            let courses: Vec<u32> = spoken_for.iter().map(|(_, course, _)| *course).collect();
            let failed = |source| LearnError::Model { model: model.name, source };
            let Some(parts) = model.scorer.explain(choices, actor, &courses).map_err(failed)? else { continue };
            for (column, (place, _, share)) in spoken_for.into_iter().enumerate() {
                let positive = || parts.col_as_slice(column).iter().zip(&history).filter(|(part, _)| **part > 0.0);
                let all: f64 = positive().map(|(part, _)| part).sum();
                positive().for_each(|(part, &past)| *shares[place].entry((ReasonKind::Course, past)).or_default() += share * part / all);
            }
        }
        Ok(())
    }

    /// The largest shares, largest first; ties go to the lower kind and index.
    fn strongest(&self, shares: Shares) -> Vec<Reason> {
        let mut shares: Vec<((ReasonKind, u32), f64)> = shares.into_iter().collect();
        shares.sort_by(|left, right| right.1.total_cmp(&left.1));
        shares.truncate(self.options.reasons_per_item);
        shares.into_iter().map(|((kind, index), share)| Reason { kind, index, share: share as f32 }).collect()
    }

    /// Courses that are too new for the models are there for what is said of them.
    fn likeness(&self, actor: usize, course: u32) -> Vec<Reason> {
        let history = self.history(actor);
        let weighed: Vec<(u32, f64)> = history.iter().map(|&course| (course, 1.0)).collect();
        let parts = self.community.content.contributions(&weighed, course);
        largest(ReasonKind::Course, (&parts, &[]), self.options.reasons_per_item, |position| history[position as usize])
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

/// What a model that is the same for everyone says.
fn general(model: &str) -> Option<ReasonKind> {
    match model {
        POPULAR | TRENDING => Some(ReasonKind::Popular),
        QUALITY => Some(ReasonKind::Rated),
        _ => None,
    }
}

/// The only reason there is.
fn whole(kind: ReasonKind, index: u32) -> Reason {
    Reason { kind, index, share: 1.0 }
}
