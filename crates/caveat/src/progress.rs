//! A spinner on standard error, for runs that take long.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget};

use crate::ui::Ui;

/// Runs that are shorter show nothing.
const DELAY: Duration = Duration::from_millis(500);

/// Shows a spinner from half a second after its making until it is dropped.
pub(crate) struct Progress {
    bar: ProgressBar,
    done: Arc<AtomicBool>,
}

impl Progress {
    pub(crate) fn start(ui: &Ui, message: &'static str) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        let done = Arc::new(AtomicBool::new(false));
        if ui.shows_progress() {
            let (bar, done) = (bar.clone(), Arc::clone(&done));
            std::thread::spawn(move || {
                std::thread::sleep(DELAY);
                if !done.load(Ordering::SeqCst) {
                    bar.set_draw_target(ProgressDrawTarget::stderr());
                    bar.set_message(message);
                    bar.enable_steady_tick(Duration::from_millis(100));
                }
            });
        }
        Self { bar, done }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.done.store(true, Ordering::SeqCst);
        self.bar.finish_and_clear();
    }
}
