//! What keeps events from being delivered, in a sentence: whoever waits for them in vain is told, also where nobody reads
//! the log.

use std::sync::Arc;

use arc_swap::ArcSwapOption;

/// The last failure of the sender since something was delivered.
#[derive(Debug, Default)]
pub(crate) struct Trouble(ArcSwapOption<String>);

impl Trouble {
    /// Takes the place of what was there.
    pub(crate) fn tell(&self, sentence: String) {
        self.0.store(Some(Arc::new(sentence)));
    }

    /// Events get through.
    pub(crate) fn end(&self) {
        // A look is cheaper than a swap, and mostly there is nothing.
        if self.0.load().is_some() {
            self.0.store(None);
        }
    }

    /// The end of a sentence that says something was not delivered.
    pub(crate) fn because(&self) -> String {
        match &*self.0.load() {
            Some(sentence) => format!("; {sentence}"),
            None => ", a reachable collector or a longer time-out is expected".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_one_is_told_until_it_ends() {
        let trouble = Trouble::default();
        assert!(trouble.because().contains("is expected"));
        trouble.tell("no name".to_owned());
        trouble.tell("no connection".to_owned());
        assert_eq!(trouble.because(), "; no connection");
        trouble.end();
        assert!(trouble.because().contains("is expected"));
    }
}
