//! The immutable snapshot of all accounts that readers see, published after each durable commit.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, OnceLock};

use arc_swap::ArcSwap;
use parking_lot::{Mutex, MutexGuard};
use tokio::sync::watch;

use super::body::{Encoded, Options};
use super::negotiate::FormatKind;
use vcc_core::exemplars::{Exemplar, Exemplars};
use vcc_core::ledger::AccountView;
use vcc_core::series::SeriesKey;
use vcc_core::trace::{PendingTrace, TraceId, root_of};

/// The most traces whose observations are remembered until a receiver has accepted them. Traces of a
/// longer outage do not become exemplars: by then they are old.
const MAX_PENDING: usize = 5_000;

/// Every account, at one moment.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// The accounts, in the configuration's order; absent ones were not read yet.
    pub accounts: Vec<Arc<AccountView>>,
    options: Options,
    text: OnceLock<Encoded>,
    openmetrics: OnceLock<Encoded>,
    protobuf: OnceLock<Encoded>,
}

impl Snapshot {
    /// The ledger families in a format, encoded at the first call and then cached.
    pub fn encoded(&self, format: FormatKind) -> &Encoded {
        let slot = match format {
            FormatKind::Text => &self.text,
            FormatKind::OpenMetrics => &self.openmetrics,
            FormatKind::Protobuf => &self.protobuf,
        };
        slot.get_or_init(|| Encoded::new(format, self.options, &self.accounts))
    }

    /// The configured options of the formats.
    pub fn options(&self) -> Options {
        self.options
    }
}

/// Accounts publish here, and readers take the current snapshot without waiting.
#[derive(Debug)]
pub struct Publisher {
    state: Mutex<State>,
    options: Options,
    current: ArcSwap<Snapshot>,
    /// True once anything was published.
    any: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct State {
    views: Vec<Option<Arc<AccountView>>>,
    exemplars: Vec<Arc<Exemplars>>,
    /// For each trace that no receiver has accepted yet, its account and the observations it can be
    /// an exemplar of.
    pending: HashMap<TraceId, (usize, Vec<(SeriesKey, u64)>)>,
    /// The same traces, oldest first.
    waiting: VecDeque<TraceId>,
    /// When traces were last promoted, local Unix time in milliseconds.
    taken_ms: i64,
}

impl Publisher {
    /// A publisher for `accounts` accounts, all still unread.
    pub fn new(accounts: usize, options: Options) -> Self {
        let state = State {
            views: vec![None; accounts],
            exemplars: vec![Arc::default(); accounts],
            pending: HashMap::new(),
            waiting: VecDeque::new(),
            taken_ms: i64::MIN,
        };
        Publisher {
            state: Mutex::new(state),
            options,
            current: ArcSwap::default(),
            any: watch::Sender::new(false),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    /// Replaces the view of an account in the snapshot.
    pub fn publish(&self, account_index: usize, mut view: AccountView) {
        let mut state = self.state();
        view.exemplars = Arc::clone(&state.exemplars[account_index]);
        state.views[account_index] = Some(Arc::new(view));
        self.show(&state);
    }

    fn show(&self, state: &State) {
        self.current.store(Arc::new(Snapshot {
            accounts: state.views.iter().flatten().cloned().collect(),
            options: self.options,
            ..Snapshot::default()
        }));
        self.any.send_replace(true);
    }

    /// Waits for the first publication.
    pub async fn wait_ready(&self) {
        // The only error is a dropped publisher, and `self` is the publisher.
        self.any.subscribe().wait_for(|any| *any).await.ok();
    }

    /// Remembers which observations these traces can be exemplars of.
    pub fn register_pending(&self, account_index: usize, outgoing: &[PendingTrace]) {
        if outgoing.is_empty() {
            return;
        }
        let mut state = self.state();
        for outgoing in outgoing {
            let of = (account_index, outgoing.observations.clone());
            state.pending.insert(outgoing.trace.id, of);
            state.waiting.push_back(outgoing.trace.id);
        }
        while state.waiting.len() > MAX_PENDING {
            let oldest = state.waiting.pop_front();
            oldest.and_then(|trace| state.pending.remove(&trace));
        }
    }

    /// Makes exemplars of traces that a receiver accepted at `at_ms`, local Unix time.
    pub fn promote(&self, traces: &[TraceId], at_ms: i64) {
        let mut state = self.state();
        let state = &mut *state;
        if !traces.iter().any(|trace| state.pending.contains_key(trace)) {
            return;
        }
        // A clock that was set back must not take exemplars back with it.
        let at_ms = at_ms.max(state.taken_ms);
        state.taken_ms = at_ms;
        for trace in traces {
            let Some((account_index, observations)) = state.pending.remove(trace) else {
                continue;
            };
            let exemplars = Arc::make_mut(&mut state.exemplars[account_index]);
            for (key, value_ms) in observations {
                let exemplar = Exemplar {
                    trace: *trace,
                    span: root_of(*trace),
                    value_ms,
                    at_ms,
                };
                exemplars.put(key, exemplar);
            }
        }
        for (view, exemplars) in state.views.iter_mut().zip(&state.exemplars) {
            if let Some(view) = view {
                Arc::make_mut(view).exemplars = Arc::clone(exemplars);
            }
        }
        state
            .waiting
            .retain(|trace| state.pending.contains_key(trace));
        self.show(state);
    }

    /// Forgets traces that no receiver will accept.
    pub fn discard(&self, traces: &[TraceId]) {
        let mut state = self.state();
        for trace in traces {
            state.pending.remove(trace);
        }
    }

    /// The current snapshot.
    pub fn current(&self) -> Arc<Snapshot> {
        self.current.load_full()
    }
}
