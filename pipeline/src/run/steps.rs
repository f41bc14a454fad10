//! The nodes of a plan, each built as soon as what it reads is there, several at a time.
//!
//! Planning, checking and writing a small table keep one thread busy, so small steps side by side fill the machine. What a
//! step makes does not depend on what is built beside it.

use std::collections::BTreeSet;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle;

use super::build::{Builder, Done};
use super::{Event, Observer, RunError, Stop};
use crate::models::graph::Node;
use crate::models::{Action, Graph, Plan};

/// Most steps at a time: each holds rows of its own, and the engine divides its memory among them.
const MAX_STEPS: usize = 4;
const NOT_SELECTED: &str = "it is not selected";
const SAME: &str = "it would come out the same";

/// Builds everything that `plan` says.
///
/// # Errors
/// The first step's that fails; steps that were begun beside it are ended first. Told to stop, a step is given up where it
/// waits: a stage that learns is ended first.
pub(super) fn build_all(builder: &Builder<'_>, plan: &Plan, (observer, stop): (&Observer<'_>, &Stop)) -> Result<(), RunError> {
    for (node, _) in builder.work.graph.nodes().iter().zip(&plan.steps).filter(|(_, step)| step.action == Action::Reuse) {
        builder.reused(*node, NOT_SELECTED);
    }
    let steps = Steps::new(builder.work.graph, plan);
    let (runtime, threads) = (Handle::current(), builder.work.engine.partitions().clamp(1, MAX_STEPS));
    tokio::task::block_in_place(|| {
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    while let Some(step) = steps.next() {
                        let built = runtime.block_on(stop.or(build(builder, &step, observer)));
                        step.end(built);
                    }
                });
            }
        });
    });
    steps.outcome()
}

async fn build<'a>(builder: &Builder<'a>, step: &Step<'_, 'a>, observer: &Observer<'_>) -> Result<(), RunError> {
    let name = step.node.name();
    observer(Event::Started { name, steps: step.of.nodes.len() });
    let done = builder.build(step.node, observer).await?;
    let (rows, seconds) = if let Done::Built(built) = &done { (Some(built.rows), built.seconds) } else { (None, 0.0) };
    match done {
        Done::Built(built) => builder.built(step.node, built),
        Done::Kept => builder.reused(step.node, SAME),
        Done::Waits => {}
    }
    observer(Event::Finished { name, rows, seconds });
    Ok(())
}

/// What is to be built, and how far it is.
struct Steps<'a> {
    nodes: Vec<Node<'a>>,
    progress: Mutex<Progress>,
    moved: Condvar,
}

#[derive(Default)]
struct Progress {
    /// For each step that was not begun, the steps it still waits for.
    waiting: Vec<Option<BTreeSet<usize>>>,
    is_stopped: bool,
    error: Option<RunError>,
}

/// A step that was begun. Dropped without an end, as by a panic, it stops the others.
struct Step<'s, 'a> {
    of: &'s Steps<'a>,
    index: usize,
    node: Node<'a>,
}

impl<'a> Steps<'a> {
    fn new(graph: &Graph<'a>, plan: &Plan) -> Self {
        let mut nodes = Vec::new();
        let mut waiting: Vec<Option<BTreeSet<usize>>> = Vec::new();
        // The steps that a reader of each node waits for: the node itself, or what it is made from where it is not built.
        let mut through: Vec<BTreeSet<usize>> = Vec::new();
        for (position, (node, step)) in graph.nodes().iter().zip(&plan.steps).enumerate() {
            let needs: BTreeSet<usize> = graph.parents(position).into_iter().flat_map(|parent| through[parent].clone()).collect();
            if step.action == Action::Build {
                through.push(BTreeSet::from([nodes.len()]));
                nodes.push(*node);
                waiting.push(Some(needs));
            } else {
                through.push(needs);
            }
        }
        Self { nodes, progress: Mutex::new(Progress { waiting, ..Progress::default() }), moved: Condvar::new() }
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first step, in the order of the graph, that waits for nothing; none once all are done or one has failed.
    fn next(&self) -> Option<Step<'_, 'a>> {
        let mut progress = self.progress();
        loop {
            if progress.is_stopped || progress.waiting.iter().all(Option::is_none) {
                return None;
            }
            // The first step that is left waits for steps before it alone, and these are running.
            let ready = progress.waiting.iter().position(|waits| waits.as_ref().is_some_and(BTreeSet::is_empty));
            if let Some(index) = ready {
                progress.waiting[index] = None;
                return Some(Step { of: self, index, node: self.nodes[index] });
            }
            progress = self.moved.wait(progress).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn outcome(self) -> Result<(), RunError> {
        self.progress.into_inner().unwrap_or_else(PoisonError::into_inner).error.map_or(Ok(()), Err)
    }
}

impl Step<'_, '_> {
    fn end(self, built: Result<(), RunError>) {
        let mut progress = self.of.progress();
        match built {
            Ok(()) => progress.waiting.iter_mut().flatten().for_each(|waits| {
                waits.remove(&self.index);
            }),
            Err(error) => {
                progress.is_stopped = true;
                progress.error.get_or_insert(error);
            }
        }
    }
}

impl Drop for Step<'_, '_> {
    fn drop(&mut self) {
        let mut progress = self.of.progress();
        progress.is_stopped |= std::thread::panicking();
        self.of.moved.notify_all();
    }
}
