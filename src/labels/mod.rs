//! Label values: which of them may be shown, the small number each is known by, and the bounds
//! that keep a strange account from making unbounded series.

mod personal;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use foldhash::fast::FixedState;

use crate::catalogue::{Family, Label};

pub use personal::looks_personal;

/// The most labels a family may have beside `account`.
pub const MAX_LABELS: usize = 7;

/// The longest value that becomes a label, in bytes. Names of queues and groups are far shorter;
/// what is longer is not a name and counts under `other`.
const MAX_VALUE_BYTES: usize = 128;

/// A label value's number within one account.
///
/// 0 to 3 are `none`, `other`, `redacted` and the absent label; from 4 on come the values admitted from outside, in
/// the order of their admission; from `WORD_BASE` on our own closed values, which are never stored
/// as numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LabelId(u32);

const ADMITTED_BASE: u32 = 4;
const WORD_BASE: u32 = 1 << 31;
const FAMILY_BASE: u32 = WORD_BASE + (1 << 16);
const LABEL_BASE: u32 = WORD_BASE + (1 << 17);

impl LabelId {
    /// The API had null, no field, or an empty string.
    pub const NONE: LabelId = LabelId(0);
    /// Beyond a limit.
    pub const OTHER: LabelId = LabelId(1);
    /// Looked like a phone number, an e-mail address or a guid.
    pub const REDACTED: LabelId = LabelId(2);
    /// The family was narrowed: the label is not shown at all.
    pub const ABSENT: LabelId = LabelId(3);

    /// Whether it stands in for a value that may not be shown, or for one too many.
    pub(crate) fn is_placeholder(self) -> bool {
        self == LabelId::OTHER || self == LabelId::REDACTED
    }

    /// The value of this place among those admitted from outside, as [`Self::admitted_index`] says
    /// it; `None` beyond the last one.
    pub fn admitted(index: u32) -> Option<LabelId> {
        (index < WORD_BASE - ADMITTED_BASE).then_some(LabelId(ADMITTED_BASE + index))
    }

    /// Its place among the values admitted from outside, if it is one of them.
    pub fn admitted_index(self) -> Option<u32> {
        let index = self.0.checked_sub(ADMITTED_BASE)?;
        (self.0 < WORD_BASE).then_some(index)
    }

    /// The number itself.
    pub(crate) fn number(self) -> u32 {
        self.0
    }

    /// A family's name as a label value.
    pub fn family(family: Family) -> LabelId {
        LabelId(FAMILY_BASE + family as u32)
    }

    /// A label's name as a label value.
    pub fn label(label: Label) -> LabelId {
        LabelId(LABEL_BASE + label as u32)
    }
}

impl From<Word> for LabelId {
    fn from(word: Word) -> Self {
        LabelId(WORD_BASE + word as u32)
    }
}

macro_rules! words {
    ($($id:ident $text:literal)*) => {
        /// Our own closed label values.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(u8)]
        #[allow(missing_docs, reason = "each value is its own documentation")]
        pub enum Word { $($id,)* }

        impl Word {
            const ALL: &'static [Word] = &[$(Word::$id,)*];

            /// The value of a text.
            pub fn by_text(text: &str) -> Option<Word> {
                Word::ALL.iter().copied().find(|word| word.as_str() == text)
            }

            /// The value as it is shown.
            pub fn as_str(self) -> &'static str {
                match self { $(Word::$id => $text,)* }
            }
        }
    };
}

words! {
    // path
    Handled "handled" Abandoned "abandoned" Breakout "breakout"
    AgentUnanswered "agent_unanswered" Unconnected "unconnected" SelfService "self_service"
    Failed "failed" Unknown "unknown"
    // what became of an offer, an attempt, an interaction with an assistant
    CallerLeft "caller_left" Unanswered "unanswered" Connected "connected" Contained "contained"
    Queued "queued"
    // what is happening in an interaction
    Ringing "ringing" Wrap "wrap"
    // kind of a transfer
    Consult "consult" Transfer "transfer"
    // timing
    Short "short" Within "within" Late "late" NoTarget "no_target"
    // category
    Answered "answered" Agent "agent"
    // fact
    Started "started" Conversation "conversation" Ended "ended" Duration "duration"
    Talk "talk" Handle "handle" Categorized "categorized"
    QueueEntry "queue_entry" QueueExit "queue_exit" Wait "wait" Skill "skill"
    AgentQueueExit "agent_queue_exit"
    AgentQueueWait "agent_queue_wait"
    Offer "offer" Ring "ring" AgentHandle "agent_handle" AgentWrap "agent_wrap" Hold "hold"
    OutboundAttempt "outbound_attempt" ChannelEnd "channel_end" Disposition "disposition"
    Rating "rating" Monitoring "monitoring" AudioProblem "audio_problem"
    DeliveryFailure "delivery_failure" AssistantSession "assistant_session"
    AssistantTime "assistant_time" AssistantMessages "assistant_messages" Applet "applet"
    Plan "plan" Recording "recording" Voicemail "voicemail" DataValue "data_value"
    Event "event"
    // why a fact was rejected
    TooOld "too_old" Negative "negative" Absurd "absurd" UnreadableTime "unreadable_time"
    // why a record was rejected
    NotAnObject "not_an_object" WrongType "wrong_type" MissingGuid "missing_guid"
    BadGuid "bad_guid" MissingStart "missing_start" BadStart "bad_start" Malformed "malformed"
    TooManyParts "too_many_parts"
    // how an envelope disagrees
    TotalCount "total_count" PageCount "page_count" Count "count"
    LatestUpdateMissing "latest_update_missing" WindowNotWhole "window_not_whole"
}

/// The values of one label set, addressed by label; what is not set is `none`.
#[derive(Debug, Clone, Copy)]
pub struct LabelSet([LabelId; Label::COUNT]);

impl LabelSet {
    /// A set in which everything is `none`.
    pub fn new() -> Self {
        LabelSet([LabelId::NONE; Label::COUNT])
    }

    /// This set with one label changed.
    #[must_use]
    pub fn with(mut self, label: Label, value: impl Into<LabelId>) -> Self {
        self.0[label as usize] = value.into();
        self
    }

    /// The value of a label.
    pub fn get(&self, label: Label) -> LabelId {
        self.0[label as usize]
    }
}

impl Default for LabelSet {
    fn default() -> Self {
        Self::new()
    }
}

/// The label values of one account: what was admitted, and how many more may be.
#[derive(Debug, Clone)]
pub struct Dictionary {
    /// By label.
    ids: Vec<HashMap<Arc<str>, LabelId, FixedState>>,
    admitted: Vec<(Label, Arc<str>)>,
    limits: BTreeMap<Label, usize>,
    renames: Arc<Renames>,
}

/// Values that are shown under another name, per label: a queue that was renamed goes on.
pub type Renames = BTreeMap<Label, BTreeMap<String, String>>;

/// The name a value is shown under.
pub fn renamed<'v>(renames: &'v Renames, label: Label, value: &'v str) -> &'v str {
    let name = renames.get(&label).and_then(|names| names.get(value));
    name.map_or(value, String::as_str)
}

impl Default for Dictionary {
    fn default() -> Self {
        Dictionary {
            ids: vec![HashMap::default(); Label::COUNT],
            admitted: Vec::new(),
            limits: BTreeMap::new(),
            renames: Arc::default(),
        }
    }
}

impl Dictionary {
    /// An empty dictionary with these limits and renamed values; labels not named keep their
    /// default limit.
    pub fn new(limits: BTreeMap<Label, usize>, renames: Arc<Renames>) -> Self {
        Dictionary {
            limits,
            renames,
            ..Dictionary::default()
        }
    }

    /// How many values were admitted, over all labels.
    pub fn len(&self) -> usize {
        self.admitted.len()
    }

    /// Whether nothing was admitted yet.
    pub fn is_empty(&self) -> bool {
        self.admitted.is_empty()
    }

    /// The value of a number, as it is shown.
    pub fn text(&self, id: LabelId) -> Arc<str> {
        match id.0 {
            0 => "none".into(),
            1 => "other".into(),
            2 => "redacted".into(),
            3 => "".into(),
            n if n >= LABEL_BASE => label_name(n - LABEL_BASE).into(),
            n if n >= FAMILY_BASE => Family::ALL
                .get((n - FAMILY_BASE) as usize)
                .map_or("", |f| f.info().name)
                .into(),
            n if n >= WORD_BASE => Word::ALL
                .get((n - WORD_BASE) as usize)
                .map_or("", |word| word.as_str())
                .into(),
            n => match self.admitted.get((n - ADMITTED_BASE) as usize) {
                Some((_, text)) => Arc::clone(text),
                None => "".into(),
            },
        }
    }

    /// The number of an admitted value.
    pub fn find(&self, label: Label, value: &str) -> Option<LabelId> {
        self.ids[label as usize].get(value).copied()
    }

    /// Takes a value in. The caller has judged it (see [`Resolver`]) or read it from the state.
    pub fn admit(&mut self, label: Label, value: Arc<str>) -> LabelId {
        let id = LabelId(ADMITTED_BASE + self.admitted.len() as u32);
        self.ids[label as usize].insert(Arc::clone(&value), id);
        self.admitted.push((label, value));
        id
    }

    /// Whether a number stands for a value that was admitted, or for one of our own.
    pub fn knows(&self, id: LabelId) -> bool {
        id.0 >= WORD_BASE || id.0 < ADMITTED_BASE + self.len() as u32
    }

    fn room(&self, label: Label) -> usize {
        let limit = self
            .limits
            .get(&label)
            .copied()
            .or(label.default_limit())
            .unwrap_or(0);
        limit.saturating_sub(self.ids[label as usize].len())
    }
}

fn label_name(index: u32) -> &'static str {
    Label::ALL
        .get(index as usize)
        .map_or("", |label| label.name())
}

/// Turns values from outside into numbers while a page is planned, collecting what it admits.
///
/// The dictionary itself changes only when the page's commit is durable.
#[derive(Debug)]
pub struct Resolver<'d> {
    dictionary: &'d Dictionary,
    fresh: Dictionary,
}

impl<'d> Resolver<'d> {
    /// A resolver over what is admitted so far.
    pub fn new(dictionary: &'d Dictionary) -> Self {
        Resolver {
            dictionary,
            fresh: Dictionary::default(),
        }
    }

    /// The number of a value; `None` where the API had null, no field or an empty string.
    pub fn resolve(&mut self, label: Label, value: Option<&str>) -> Option<LabelId> {
        let value = value.map(trimmed).filter(|value| !value.is_empty())?;
        let value = renamed(&self.dictionary.renames, label, value);
        if let Some(id) = self.dictionary.find(label, value) {
            return Some(id);
        }
        Some(self.judge(label, value))
    }

    fn judge(&mut self, label: Label, value: &str) -> LabelId {
        if looks_personal(value) {
            return LabelId::REDACTED;
        }
        if value.len() > MAX_VALUE_BYTES {
            return LabelId::OTHER;
        }
        // A value that spells one of our own placeholders is that placeholder.
        match value {
            "none" => return LabelId::NONE,
            "other" => return LabelId::OTHER,
            "redacted" => return LabelId::REDACTED,
            _ => {}
        }
        let shown: String = value
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let shown: Arc<str> = shown.into();
        let known = self.dictionary.find(label, &shown);
        if let Some(id) = known.or_else(|| self.fresh.find(label, &shown).map(|id| self.shift(id)))
        {
            return id;
        }
        let taken = self.fresh.ids[label as usize].len();
        if taken >= self.dictionary.room(label) {
            return LabelId::OTHER;
        }
        let id = self.fresh.admit(label, shown);
        self.shift(id)
    }

    /// Fresh values continue the numbering of the dictionary they will be appended to.
    fn shift(&self, fresh: LabelId) -> LabelId {
        LabelId(fresh.0 + self.dictionary.len() as u32)
    }

    /// The value of a number, fresh ones included.
    pub fn text(&self, id: LabelId) -> Arc<str> {
        let known = ADMITTED_BASE + self.dictionary.len() as u32;
        if (known..WORD_BASE).contains(&id.0) {
            self.fresh
                .text(LabelId(id.0 - self.dictionary.len() as u32))
        } else {
            self.dictionary.text(id)
        }
    }

    /// What was admitted, in the order of the numbers given out.
    pub fn into_fresh(self) -> Vec<(Label, Arc<str>)> {
        self.fresh.admitted
    }
}

/// `str::trim`, quick where there is nothing to trim: values are resolved dozens of times an
/// interaction.
fn trimmed(value: &str) -> &str {
    let plain = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_graphic);
    let bytes = value.as_bytes();
    if plain(bytes.first()) && plain(bytes.last()) {
        value
    } else {
        value.trim()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_sends_what_is_beyond_it_to_other_and_admitted_values_stay() {
        let mut dictionary = Dictionary::new([(Label::VirtualQueue, 2)].into(), Arc::default());
        let mut resolver = Resolver::new(&dictionary);
        let a = resolver.resolve(Label::VirtualQueue, Some("A"));
        let b = resolver.resolve(Label::VirtualQueue, Some("B"));
        assert_eq!(
            resolver.resolve(Label::VirtualQueue, Some("C")),
            Some(LabelId::OTHER)
        );
        assert_eq!(resolver.resolve(Label::VirtualQueue, Some("A")), a);
        assert_ne!(resolver.resolve(Label::ReportingGroup, Some("A")), a);
        for (label, value) in resolver.into_fresh() {
            dictionary.admit(label, value);
        }
        let mut resolver = Resolver::new(&dictionary);
        assert_eq!(resolver.resolve(Label::VirtualQueue, Some("B")), b);
        assert_eq!(
            resolver.resolve(Label::VirtualQueue, Some("D")),
            Some(LabelId::OTHER)
        );
        assert_eq!(&*dictionary.text(b.unwrap()), "B");
    }

    #[test]
    fn strange_values_are_tamed() {
        let dictionary = Dictionary::default();
        let mut resolver = Resolver::new(&dictionary);
        assert_eq!(resolver.resolve(Label::Outcome, None), None);
        assert_eq!(resolver.resolve(Label::Outcome, Some("  ")), None);
        let long = "x".repeat(10_000);
        assert_eq!(
            resolver.resolve(Label::Outcome, Some(&long)),
            Some(LabelId::OTHER)
        );
        let id = resolver
            .resolve(Label::Outcome, Some("a\nb\u{7}c\""))
            .unwrap();
        assert_eq!(&*resolver.text(id), "a b c\"");
        assert_eq!(
            resolver.resolve(Label::Outcome, Some("a\nb\u{7}c\"")),
            Some(id)
        );
        assert_eq!(&*resolver.text(Word::Within.into()), "within");
        assert_eq!(&*resolver.text(LabelId::label(Label::Skill)), "skill");
    }
}
