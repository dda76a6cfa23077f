//! One account as readers see it.

use std::sync::Arc;

use crate::catalogue::Family;
use crate::exemplars::Exemplars;
use crate::labels::LabelInterner;

use super::account::{Account, FamilySeries};
use super::commit::AccountMeta;

/// One account as of its last commit.
#[derive(Debug, Clone)]
pub struct AccountView {
    /// Its name: the `account` label.
    pub name: Arc<str>,
    /// What is stored beside series and rows.
    pub meta: AccountMeta,
    /// Its label values.
    pub labels: Arc<LabelInterner>,
    /// How many interactions are open.
    pub open: usize,
    /// Service-level targets in milliseconds by virtual queue, in the queues' order.
    pub targets: Vec<(Arc<str>, i64)>,
    /// Traces that stand for observations.
    pub exemplars: Arc<Exemplars>,
    families: Vec<FamilySeries>,
}

impl AccountView {
    /// The account as it is now. Series are shared, not copied.
    pub fn of(account: &Account) -> Self {
        let targets = account.meta.targets.iter();
        AccountView {
            name: Arc::clone(&account.name),
            meta: account.meta.clone(),
            labels: Arc::clone(&account.labels),
            open: account.open_count(),
            targets: targets
                .map(|(queue, ms)| (account.labels.text(*queue), *ms))
                .collect(),
            exemplars: Arc::default(),
            families: account.all_series(),
        }
    }

    /// The series of a family.
    pub fn series(&self, family: Family) -> &FamilySeries {
        &self.families[family as usize]
    }
}
