//! Progress bars: on stderr, and only on a terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::run::Event;

const STEPS: &str = "{bar:24.cyan/blue} {pos:>3}/{len} {msg}";
const BYTES: &str = "{bar:24.cyan/blue} {bytes:>10}/{total_bytes} {bytes_per_sec} {msg}";
const ROWS: &str = "{spinner} {human_pos} rows {msg}";

fn bar(template: &str, length: Option<u64>) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.with_style(style)
}

/// A bar over the steps of a run.
pub fn steps() -> ProgressBar {
    bar(STEPS, Some(0))
}

/// A bar over the bytes of an input.
pub fn bytes() -> ProgressBar {
    bar(BYTES, Some(0))
}

/// A counter of rows whose end is not known.
pub fn rows() -> ProgressBar {
    bar(ROWS, None)
}

/// Moves a bar of [`steps`].
pub fn observe(bar: &ProgressBar, event: &Event<'_>) {
    match event {
        Event::Started { name, steps } => {
            bar.set_length(*steps as u64);
            bar.set_message((*name).to_owned());
        }
        Event::Finished { .. } => bar.inc(1),
        Event::Learning { done, of } => bar.set_message(format!("learn: pass {done} of {of}")),
    }
}
