//! What the API can read: windows of interactions, and their versions as JSON.
use super::window_index::{Id, Include};
use super::{Entry, Timeline};
use crate::scenarios::generate_script;
use crate::script::{RenderedItem, Script};

impl Timeline {
    /// The ids of the interactions in the window [start, end), by ascending start of the interaction.
    #[must_use]
    pub fn window(&self, include: Include, start_ms: i64, end_ms: i64) -> Vec<u64> {
        let mut found = self.index.window(include, start_ms, end_ms);
        found.sort_by_cached_key(|id| (self.entries.get(id).map(|entry| entry.start_ms), *id));
        found
    }

    /// The ids of the interactions whose newest visible version says that they are ongoing, by ascending start.
    #[must_use]
    pub fn ongoing(&self) -> Vec<u64> {
        let is_ongoing = |(_, entry): &(&Id, &Entry)| {
            let newest = entry.newest_visible();
            !entry.has_no_status && newest.is_some_and(|at| at < entry.closed)
        };
        let found = self.entries.iter().filter(is_ongoing);
        let mut found: Vec<_> = found.map(|(id, entry)| (entry.start_ms, *id)).collect();
        found.sort_unstable();
        found.into_iter().map(|(_, id)| id).collect()
    }

    /// The newest visible version of an interaction as JSON.
    #[must_use]
    pub fn item(&self, id: u64) -> Option<String> {
        let entry = self.entries.get(&id)?;
        let at = entry.newest_visible()?;
        Some(self.render(&generate_script(&self.config, entry.arrival), at))
    }

    /// The guid of an interaction that is kept.
    #[must_use]
    pub fn guid(&self, id: u64) -> Option<String> {
        let entry = self.entries.get(&id)?;
        Some(generate_script(&self.config, entry.arrival).guid)
    }

    /// Every version of every interaction that is kept, oldest first, whether visible yet or not.
    #[must_use]
    pub fn all_versions(&self) -> Vec<Vec<String>> {
        let versions = |entry: &Entry| {
            let script = generate_script(&self.config, entry.arrival);
            let versions = script.versions.iter();
            versions.map(|at| self.render(&script, *at)).collect()
        };
        self.entries.values().map(versions).collect()
    }

    fn render(&self, script: &Script, at: i64) -> String {
        let item = RenderedItem {
            script,
            at,
            elapsed_durations: !self.config.assumptions.ongoing_durations_null,
        };
        item.json()
    }
}
