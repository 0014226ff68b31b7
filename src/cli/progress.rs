//! Tells who waits at a terminal that something is under way. Never speaks where nobody sits, and not
//! about what is done in a moment.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal as _;
use std::sync::mpsc::{Sender, channel};
use std::thread::{JoinHandle, spawn};
use std::time::Duration;

/// What is done sooner is not spoken of.
const PATIENCE: Duration = Duration::from_millis(400);

/// A line on the terminal's standard error, gone when this is dropped.
#[derive(Debug)]
pub struct Progress(Option<Shown>);

#[derive(Debug)]
struct Shown {
    bar: ProgressBar,
    done: Option<Sender<()>>,
    waits: Option<JoinHandle<()>>,
}

impl Progress {
    /// Begins to wait; says nothing unless it takes long and standard error is a terminal.
    pub fn start(words: &'static str) -> Progress {
        Progress::on(words, std::io::stderr().is_terminal())
    }

    fn on(words: &'static str, terminal: bool) -> Progress {
        if !terminal {
            return Progress(None);
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()).with_message(words);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}, {elapsed}{prefix}") {
            bar.set_style(style);
        }
        let (done, waiting) = channel::<()>();
        let later = bar.clone();
        let waits = spawn(move || {
            // An error here means that the work was done, and the sender is gone.
            if waiting.recv_timeout(PATIENCE) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                later.set_draw_target(ProgressDrawTarget::stderr());
                later.enable_steady_tick(Duration::from_millis(100));
            }
        });
        Progress(Some(Shown { bar, done: Some(done), waits: Some(waits) }))
    }

    /// One more is done, of whatever `what` names in the plural.
    pub fn another(&self, what: &str) {
        if let Some(shown) = &self.0 {
            shown.bar.inc(1);
            shown.bar.set_prefix(format!(", {} {what}", shown.bar.position()));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(mut shown) = self.0.take() {
            drop(shown.done.take());
            // First the thread that may show the line, then the line.
            let _ = shown.waits.take().map(JoinHandle::join);
            shown.bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_begun_where_nobody_sits() {
        assert!(Progress::on("Reading", false).0.is_none());
    }

    #[test]
    fn what_is_done_in_a_moment_is_not_shown_and_does_not_wait() {
        let began = std::time::Instant::now();
        let progress = Progress::on("Reading", true);
        progress.another("pages");
        let bar = progress.0.as_ref().map(|shown| shown.bar.clone()).unwrap();
        assert_eq!(bar.position(), 1);
        assert!(bar.is_hidden());
        drop(progress);
        assert!(bar.is_finished() && began.elapsed() < PATIENCE, "dropping waits for nothing");
    }
}
