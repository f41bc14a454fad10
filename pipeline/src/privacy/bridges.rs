//! What follows from sums along two sets of lines, at any size: equations are the points of a graph, and each unknown joins the two
//! that it is in, one of each set.
//!
//! Added up with one set's signs turned, the equations on one side of a *bridge* leave the bridge alone: it follows, unless that side
//! has an unknown that is in one equation only. Unknowns on circles can all be shifted by the same amount, and don't follow.

use std::collections::{BTreeMap, BTreeSet};

/// The unknowns that `equations` determine, each a sum of distinct unknowns that is known; no unknown is in more than two of them,
/// and the two are of different sets.
pub(super) fn solved(equations: &[Vec<usize>]) -> BTreeSet<usize> {
    let mut walk = Walk::new(equations);
    for start in 0..equations.len() {
        if walk.order[start] == 0 {
            walk.component(start);
        }
    }
    walk.found
}

struct Walk {
    /// Point → what it is joined to, and by which unknown.
    joined: Vec<Vec<(usize, usize)>>,
    /// Point → unknowns in it alone.
    loose: Vec<Vec<usize>>,
    /// Point → when it was reached, from 1; 0 = not yet.
    order: Vec<usize>,
    /// Point → the earliest point that it reaches around its own way in.
    low: Vec<usize>,
    /// Point → loose unknowns at it and behind it.
    behind: Vec<usize>,
    reached: usize,
    found: BTreeSet<usize>,
}

/// A point on the way, the unknown it was reached by, and which of its joints is next.
struct Step {
    point: usize,
    by: Option<usize>,
    next: usize,
}

impl Walk {
    fn new(equations: &[Vec<usize>]) -> Self {
        let mut ends: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (point, equation) in equations.iter().enumerate() {
            equation.iter().for_each(|&unknown| ends.entry(unknown).or_default().push(point));
        }
        let mut joined = vec![Vec::new(); equations.len()];
        let mut loose: Vec<Vec<usize>> = vec![Vec::new(); equations.len()];
        for (unknown, points) in ends {
            match points[..] {
                [one, other] => {
                    joined[one].push((other, unknown));
                    joined[other].push((one, unknown));
                }
                _ => loose[points[0]].push(unknown),
            }
        }
        let zeros = || vec![0; equations.len()];
        let behind = loose.iter().map(Vec::len).collect();
        Self { joined, loose, order: zeros(), low: zeros(), behind, reached: 0, found: BTreeSet::new() }
    }

    /// Walks all that is joined to `start`, in depth, without the machine's stack.
    fn component(&mut self, start: usize) {
        let (mut bridges, mut points) = (Vec::new(), Vec::new());
        let mut way = vec![self.reach(start, None)];
        while let Some(step) = way.last_mut() {
            let Some(&(other, unknown)) = self.joined[step.point].get(step.next) else {
                let step = way.pop().expect("there is a last step");
                points.push(step.point);
                if let (Some(from), Some(by)) = (way.last(), step.by) {
                    bridges.extend(self.leave(step.point, from.point).then_some((by, step.point)));
                }
                continue;
            };
            step.next += 1;
            if step.by == Some(unknown) {
                continue;
            }
            if self.order[other] == 0 {
                let next = self.reach(other, Some(unknown));
                way.push(next);
            } else {
                let point = step.point;
                self.low[point] = self.low[point].min(self.order[other]);
            }
        }
        self.judge(self.behind[start], &bridges, &points);
    }

    fn reach(&mut self, point: usize, by: Option<usize>) -> Step {
        self.reached += 1;
        self.order[point] = self.reached;
        self.low[point] = self.reached;
        Step { point, by, next: 0 }
    }

    /// Goes back from `point`; whether the way there is a bridge.
    fn leave(&mut self, point: usize, from: usize) -> bool {
        self.low[from] = self.low[from].min(self.low[point]);
        self.behind[from] += self.behind[point];
        self.low[point] > self.order[from]
    }

    fn judge(&mut self, loose: usize, bridges: &[(usize, usize)], points: &[usize]) {
        let follows = |&&(_, point): &&(usize, usize)| self.behind[point] == 0 || self.behind[point] == loose;
        self.found.extend(bridges.iter().filter(follows).map(|(unknown, _)| *unknown));
        if loose == 1 {
            self.found.extend(points.iter().flat_map(|&point| &self.loose[point]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::solve;
    use super::super::tests::Random;
    use super::solved;

    #[test]
    fn finds_what_elimination_finds() {
        for seed in 0..2000 {
            let mut random = Random::new(seed);
            let (rows, columns) = (1 + random.below(6) as usize, 1 + random.below(6) as usize);
            let mut equations = vec![Vec::new(); rows + columns];
            for unknown in 0..=random.below(14) as usize {
                equations[random.below(rows as u64) as usize].push(unknown);
                // Some lines' totals are not known.
                if random.below(6) > 0 {
                    equations[rows + random.below(columns as u64) as usize].push(unknown);
                }
            }
            equations.retain(|equation| !equation.is_empty());
            assert_eq!(Some(solved(&equations)), solve::solved(&equations), "{equations:?}");
        }
    }
}
