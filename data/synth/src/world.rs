//! Everything that does not change from day to day, shared by the threads that render days.

use crate::calendar::Calendar;
use crate::catalog::Catalog;
use crate::members::{Member, roster};
use crate::names::{Names, UserId};
use crate::random::{Trait, fingerprint};
use crate::truth::EXPERIMENTS;
use crate::{Hazard, ValidParams};

/// The scene.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) params: ValidParams,
    pub(crate) hazard: Hazard,
    pub(crate) calendar: Calendar,
    pub(crate) members: Vec<Member>,
    pub(crate) catalog: Catalog,
    names: Names,
}

impl World {
    pub(crate) fn new(params: ValidParams) -> Self {
        let hazard = Hazard::default();
        Self {
            calendar: Calendar::new(&params),
            members: roster(&params, &hazard),
            catalog: Catalog::new(&params),
            names: Names::new(params.members),
            hazard,
            params,
        }
    }

    pub(crate) fn member(&self, member: u32) -> &Member {
        &self.members[member as usize]
    }

    pub(crate) fn user_id(&self, member: u32) -> UserId {
        self.names.user_id(member)
    }

    pub(crate) fn fingerprint(&self, which: Trait, index: u64) -> u64 {
        fingerprint(self.params.seed, which, index)
    }

    /// Whether a member is in the treatment group of an experiment.
    pub(crate) fn is_treated(&self, experiment: usize, member: u32) -> bool {
        let index = (experiment as u64) << 32 | u64::from(member);
        self.fingerprint(Trait::Variant, index).is_multiple_of(2)
    }

    pub(crate) fn experiment_start(&self, experiment: usize) -> i32 {
        (EXPERIMENTS[experiment].starts_at_share * f64::from(self.params.days)) as i32
    }
}
