//! The small numbers that label values are known by, and sets of them.

use crate::catalogue::{Family, Label};
use crate::vocabulary::{ClosedValue, Vocabulary};

/// A label value's number within one account.
///
/// 0 to 3 are `none`, `other`, `redacted` and the absent label; from 4 on come the values admitted
/// from outside, in the order of their admission; from `CLOSED_BASE` on the closed values, which
/// are never stored as numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LabelId(pub(super) u32);

pub(super) const ADMITTED_BASE: u32 = 4;
pub(super) const CLOSED_BASE: u32 = 1 << 31;
const FAMILY_BASE: u32 = CLOSED_BASE + (1 << 16);
const LABEL_BASE: u32 = CLOSED_BASE + (1 << 17);

impl LabelId {
    /// The API had null, no field, or an empty string.
    pub const NONE: LabelId = LabelId(0);
    /// Beyond a limit.
    pub const OTHER: LabelId = LabelId(1);
    /// Looked like a phone number, an e-mail address or a guid.
    pub const REDACTED: LabelId = LabelId(2);
    /// The family was narrowed: the label is not shown at all.
    pub const DROPPED: LabelId = LabelId(3);

    /// Whether it stands in for a value that may not be shown, or for one too many.
    pub(crate) fn is_placeholder(self) -> bool {
        self == LabelId::OTHER || self == LabelId::REDACTED
    }

    /// The value of this place among those admitted from outside, as [`Self::admitted_index`] says
    /// it; `None` beyond the last one.
    pub fn admitted(index: u32) -> Option<LabelId> {
        (index < CLOSED_BASE - ADMITTED_BASE).then_some(LabelId(ADMITTED_BASE + index))
    }

    /// Its place among the values admitted from outside, if it is one of them.
    pub fn admitted_index(self) -> Option<u32> {
        let index = self.0.checked_sub(ADMITTED_BASE)?;
        (self.0 < CLOSED_BASE).then_some(index)
    }

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

    fn closed(vocabulary: Vocabulary, index: u8) -> LabelId {
        LabelId(CLOSED_BASE + ((vocabulary as u32) << 8) + u32::from(index))
    }

    /// The closed value that a family's label has in text.
    pub(super) fn closed_by_text(family: Family, label: Label, text: &str) -> Option<LabelId> {
        match label {
            Label::Family => Family::by_name(text).map(LabelId::family),
            Label::Label => Label::open_by_name(text).map(LabelId::label),
            _ => {
                let vocabulary = family.vocabulary(label)?;
                let index = vocabulary.position(text)?;
                Some(LabelId::closed(vocabulary, index))
            }
        }
    }

    /// The text of a closed value; empty for a number that stands for none.
    pub(super) fn closed_text(self) -> &'static str {
        let of_label = self.0.checked_sub(LABEL_BASE);
        let of_family = self.0.checked_sub(FAMILY_BASE);
        match (of_label, of_family) {
            (Some(label), _) => (Label::ALL.get(label as usize)).map_or("", |label| label.name()),
            (_, Some(family)) => (Family::ALL.get(family as usize)).map_or("", |it| it.info().name),
            _ => {
                let closed = self.0.saturating_sub(CLOSED_BASE);
                let vocabulary = Vocabulary::ALL.get((closed >> 8) as usize);
                let texts = vocabulary.map_or(&[][..], |vocabulary| vocabulary.texts());
                texts.get((closed & 0xff) as usize).copied().unwrap_or("")
            }
        }
    }
}

impl<V: ClosedValue> From<V> for LabelId {
    fn from(value: V) -> Self {
        LabelId::closed(V::VOCABULARY, value.index())
    }
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
