//! Label values: which of them may be shown, the small number each is known by, and the bounds
//! that keep a strange account from making unbounded series.

mod id;
mod pii;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use foldhash::fast::FixedState;

use crate::catalogue::{Family, Label};

pub use id::{LabelId, LabelSet};
pub use pii::looks_personal;

use id::{ADMITTED_BASE, CLOSED_BASE};

/// The most labels a family may have beside `account`.
pub const MAX_LABELS: usize = 7;

/// The longest value that becomes a label, in bytes. Names of queues and groups are far shorter;
/// what is longer is not a name and counts under `other`.
const MAX_VALUE_BYTES: usize = 128;

/// The label values of one account: what was admitted, and how many more may be.
#[derive(Debug, Clone)]
pub struct LabelInterner {
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

impl Default for LabelInterner {
    fn default() -> Self {
        LabelInterner {
            ids: vec![HashMap::default(); Label::COUNT],
            admitted: Vec::new(),
            limits: BTreeMap::new(),
            renames: Arc::default(),
        }
    }
}

impl LabelInterner {
    /// An empty dictionary with these limits and renamed values; labels not named keep their
    /// default limit.
    pub fn new(limits: BTreeMap<Label, usize>, renames: Arc<Renames>) -> Self {
        LabelInterner {
            limits,
            renames,
            ..LabelInterner::default()
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
            n if n >= CLOSED_BASE => id.closed_text().into(),
            n => match self.admitted.get((n - ADMITTED_BASE) as usize) {
                Some((_, text)) => Arc::clone(text),
                None => "".into(),
            },
        }
    }

    /// The number of a value of a series, as [`LabelInterner::text`] shows it; `None` if it was never
    /// admitted, or is not in the vocabulary of the family's label.
    pub fn id_of(&self, family: Family, label: Label, text: &str) -> Option<LabelId> {
        match text {
            "none" => Some(LabelId::NONE),
            "other" => Some(LabelId::OTHER),
            "redacted" => Some(LabelId::REDACTED),
            "" => Some(LabelId::DROPPED),
            _ if label.is_open() => self.find(label, text),
            _ => LabelId::closed_by_text(family, label, text),
        }
    }

    /// The number of an admitted value.
    pub fn find(&self, label: Label, value: &str) -> Option<LabelId> {
        self.ids[label as usize].get(value).copied()
    }

    /// Takes a value in. The caller has judged it (see [`Resolver`]) or read it from the state.
    pub fn intern(&mut self, label: Label, value: Arc<str>) -> LabelId {
        let id = LabelId(ADMITTED_BASE + self.admitted.len() as u32);
        self.ids[label as usize].insert(Arc::clone(&value), id);
        self.admitted.push((label, value));
        id
    }

    /// Whether a number stands for a value that was admitted, or for one of our own.
    pub fn knows(&self, id: LabelId) -> bool {
        id.0 >= CLOSED_BASE || id.0 < ADMITTED_BASE + self.len() as u32
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

/// Turns values from outside into numbers while a page is planned, collecting what it admits.
///
/// The dictionary itself changes only when the page's commit is durable.
#[derive(Debug)]
pub struct Resolver<'d> {
    dictionary: &'d LabelInterner,
    fresh: LabelInterner,
}

impl<'d> Resolver<'d> {
    /// A resolver over what is admitted so far.
    pub fn new(dictionary: &'d LabelInterner) -> Self {
        Resolver {
            dictionary,
            fresh: LabelInterner::default(),
        }
    }

    /// The number of a value; `None` where the API had null, no field or an empty string.
    pub fn resolve(&mut self, label: Label, value: Option<&str>) -> Option<LabelId> {
        let value = value.map(trimmed).filter(|value| !value.is_empty())?;
        let value = renamed(&self.dictionary.renames, label, value);
        if let Some(id) = self.dictionary.find(label, value) {
            return Some(id);
        }
        Some(self.sanitize_and_intern(label, value))
    }

    fn sanitize_and_intern(&mut self, label: Label, value: &str) -> LabelId {
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
        let id = self.fresh.intern(label, shown);
        self.shift(id)
    }

    /// Fresh values continue the numbering of the dictionary they will be appended to.
    fn shift(&self, fresh: LabelId) -> LabelId {
        LabelId(fresh.0 + self.dictionary.len() as u32)
    }

    /// The value of a number, fresh ones included.
    pub fn text(&self, id: LabelId) -> Arc<str> {
        let known = ADMITTED_BASE + self.dictionary.len() as u32;
        if (known..CLOSED_BASE).contains(&id.0) {
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
    use crate::vocabulary::{Fact, Timing, TransferKind};

    #[test]
    fn a_limit_sends_what_is_beyond_it_to_other_and_admitted_values_stay() {
        let mut dictionary = LabelInterner::new([(Label::VirtualQueue, 2)].into(), Arc::default());
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
            dictionary.intern(label, value);
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
        let dictionary = LabelInterner::default();
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
        assert_eq!(&*resolver.text(Timing::Within.into()), "within");
        assert_eq!(&*resolver.text(LabelId::label(Label::Skill)), "skill");
    }

    #[test]
    fn a_closed_value_is_found_again_by_its_family_label_and_text() {
        let dictionary = LabelInterner::default();
        for fact in Fact::ALL {
            let id = LabelId::from(*fact);
            assert_eq!(&*dictionary.text(id), fact.as_str());
            let found = dictionary.id_of(Family::FactsRejected, Label::Fact, fact.as_str());
            assert_eq!(found, Some(id));
        }
        let kind = |family, text| dictionary.id_of(family, Label::Kind, text);
        let consult = kind(Family::InteractionsTransferred, "consult");
        assert_eq!(consult, Some(TransferKind::Consult.into()));
        assert_eq!(kind(Family::PageMetaMismatches, "consult"), None);
        let family = LabelId::family(Family::QueueWait);
        let found = dictionary.id_of(
            Family::LabelOverflow,
            Label::Family,
            &dictionary.text(family),
        );
        assert_eq!(found, Some(family));
    }
}
