//! What readers see: an immutable picture of every account, published after each durable commit.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use arc_swap::ArcSwap;
use tokio::sync::watch;

use crate::exemplars::{Exemplar, Exemplars};
use crate::expose::{Encoded, FormatKind, Options};
use crate::ledger::AccountView;
use crate::series::SeriesKey;
use crate::trace::{Outgoing, TraceId, root_of};

/// Of how many waiting traces it is remembered what they may stand for. Those of a long outage
/// become exemplars no more: they are old by then.
const MAX_EXPECTED: usize = 5_000;

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
    /// The ledger families in a format, encoded once however often they are asked for.
    pub fn encoded(&self, format: FormatKind) -> &Encoded {
        let slot = match format {
            FormatKind::Text => &self.text,
            FormatKind::OpenMetrics => &self.openmetrics,
            FormatKind::Protobuf => &self.protobuf,
        };
        slot.get_or_init(|| Encoded::new(format, self.options, &self.accounts))
    }

    /// What the operator decided about the formats.
    pub fn options(&self) -> Options {
        self.options
    }
}

/// Where accounts publish and readers read. Readers never wait.
#[derive(Debug)]
pub struct Publisher {
    state: Mutex<State>,
    options: Options,
    current: ArcSwap<Snapshot>,
    /// Whether anything was published.
    any: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct State {
    views: Vec<Option<Arc<AccountView>>>,
    exemplars: Vec<Arc<Exemplars>>,
    /// What traces that wait to be taken may stand for, with their account's place.
    expected: HashMap<TraceId, (usize, Vec<(SeriesKey, u64)>)>,
    /// The same traces, those that have waited longest first.
    waiting: VecDeque<TraceId>,
    /// When traces were last taken.
    taken_ms: i64,
}

impl Publisher {
    /// A publisher for this many accounts, of which none was read yet.
    pub fn new(accounts: usize, options: Options) -> Self {
        let state = State {
            views: vec![None; accounts],
            exemplars: vec![Arc::default(); accounts],
            expected: HashMap::new(),
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
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Replaces what is shown of an account.
    pub fn publish(&self, place: usize, mut view: AccountView) {
        let mut state = self.state();
        view.exemplars = Arc::clone(&state.exemplars[place]);
        state.views[place] = Some(Arc::new(view));
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

    /// Waits until anything was published.
    pub async fn first(&self) {
        // The only error is that there is no publisher any more, and then nobody waits.
        self.any.subscribe().wait_for(|any| *any).await.ok();
    }

    /// Remembers what traces may stand for once they are taken.
    pub fn expect(&self, place: usize, outgoing: &[Outgoing]) {
        if outgoing.is_empty() {
            return;
        }
        let mut state = self.state();
        for outgoing in outgoing {
            let of = (place, outgoing.observations.clone());
            state.expected.insert(outgoing.trace.id, of);
            state.waiting.push_back(outgoing.trace.id);
        }
        while state.waiting.len() > MAX_EXPECTED {
            let oldest = state.waiting.pop_front();
            oldest.and_then(|trace| state.expected.remove(&trace));
        }
    }

    /// Makes exemplars of traces that a receiver has taken, at `at_ms` local Unix time.
    pub fn taken(&self, traces: &[TraceId], at_ms: i64) {
        let mut state = self.state();
        let state = &mut *state;
        if !traces
            .iter()
            .any(|trace| state.expected.contains_key(trace))
        {
            return;
        }
        // A clock that was set back must not take exemplars back with it.
        let at_ms = at_ms.max(state.taken_ms);
        state.taken_ms = at_ms;
        for trace in traces {
            let Some((place, observations)) = state.expected.remove(trace) else {
                continue;
            };
            let exemplars = Arc::make_mut(&mut state.exemplars[place]);
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
            .retain(|trace| state.expected.contains_key(trace));
        self.show(state);
    }

    /// Forgets what traces that will never be taken might have stood for.
    pub fn forget(&self, traces: &[TraceId]) {
        let mut state = self.state();
        for trace in traces {
            state.expected.remove(trace);
        }
    }

    /// The newest snapshot.
    pub fn current(&self) -> Arc<Snapshot> {
        self.current.load_full()
    }
}
