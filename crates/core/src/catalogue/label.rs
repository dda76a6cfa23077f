//! The labels families may carry.

macro_rules! labels {
    ($($(#[$doc:meta])* $id:ident $name:literal $limit:expr;)*) => {
        /// A label a family may carry. `account` is on every ledger family and is not listed here.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Label { $($(#[$doc])* $id,)* }

        impl Label {
            /// Every label.
            pub const ALL: &'static [Label] = &[$(Label::$id,)*];

            /// The label's name on `/metrics`. A word that is closed in one family and open in
            /// another stands for two labels of one name.
            pub fn name(self) -> &'static str {
                match self { $(Label::$id => $name,)* }
            }

            /// How many values from outside an account may admit by default; `None` for labels
            /// whose values are ours and therefore closed.
            ///
            /// The sizes follow what large contact centres run (hundreds of queues, tens of groups)
            /// and leave room; beyond them a value counts under `other`.
            pub const fn default_limit(self) -> Option<usize> {
                match self { $(Label::$id => $limit,)* }
            }
        }
    };
}

labels! {
    /// The interaction's medium, as the API spells it.
    Medium "medium" Some(50);
    /// Inbound, Outbound or Internal.
    Direction "direction" Some(10);
    /// The system that manages the medium, for example `VCC`.
    MediumManager "medium_manager" Some(20);
    /// The API's own outcome phrase.
    Outcome "outcome" Some(100);
    /// A virtual queue's name.
    VirtualQueue "virtual_queue" Some(500);
    /// An ACD queue's name: the name of the `Queue` event.
    AcdQueue "acd_queue" Some(500);
    /// The reporting group of the interaction plan.
    ReportingGroup "reporting_group" Some(300);
    /// A result as the API spells it, for example `Delivered` or `Resolved`.
    QueueResult "result" Some(50);
    /// A skill a queue asked for.
    Skill "skill" Some(500);
    /// Whose channel it is, as the API spells it.
    Role "role" Some(20);
    /// Why a channel ended, as the API spells it.
    EndReason "end_reason" Some(50);
    /// The integration a channel belongs to.
    IntegrationType "integration_type" Some(50);
    /// A kind as the API spells it: of a hold, a monitoring, a failed delivery.
    Type "kind" Some(50);
    /// A disposition's name.
    Disposition "disposition" Some(500);
    /// A rating, `1` to `5`.
    Score "score" Some(10);
    /// What is wrong with the audio, as the API spells it.
    Classification "classification" Some(50);
    /// A virtual assistant's name.
    Assistant "assistant" Some(100);
    /// A type of applet, for example `Menu`.
    AppletType "applet_type" Some(100);
    /// An interaction plan's name.
    InteractionPlan "interaction_plan" Some(500);
    /// A type of event, for example `Wrap`.
    EventType "type" Some(100);
    /// An agent's id; only in families the operator switches on.
    Agent "agent" Some(2_000);
    /// Our own closed classification of how an interaction went.
    Path "path" None;
    /// A closed kind, its values depend on the family.
    Kind "kind" None;
    /// A closed result of our own, its values depend on the family.
    AttemptResult "result" None;
    /// `short`, `within`, `late` or `no_target`.
    Timing "timing" None;
    /// `answered`, `abandoned`, `breakout`, `agent` or `unknown`.
    Category "category" None;
    /// `self_service`, `queued`, `ringing`, `connected` or `wrap`.
    State "state" None;
    /// A kind of fact, for example `ended`.
    Fact "fact" None;
    /// A reason out of a closed list.
    Reason "reason" None;
    /// The name of another family.
    Family "family" None;
    /// The name of another label.
    Label "label" None;
    /// The API operation.
    Operation "operation" None;
    /// An HTTP status, or `error`.
    Code "code" None;
    /// What is exported over OTLP: `metrics` or `traces`.
    Signal "signal" None;
}

impl Label {
    /// How many labels there are; the size of a [`crate::labels::LabelSet`].
    pub const COUNT: usize = Label::ALL.len();

    /// The five: what an interaction is looked at by. Families can be narrowed to fewer of them.
    pub const FIVE: [Label; 5] = [
        Label::Medium,
        Label::Direction,
        Label::Outcome,
        Label::VirtualQueue,
        Label::ReportingGroup,
    ];

    /// Whether values of this label come from the API and are therefore open.
    pub const fn is_open(self) -> bool {
        self.default_limit().is_some()
    }

    /// The labels whose values come from the API.
    pub fn open() -> impl Iterator<Item = Label> {
        Label::ALL.iter().copied().filter(|label| label.is_open())
    }

    /// The open label of a name.
    pub fn open_by_name(name: &str) -> Option<Label> {
        Label::open().find(|label| label.name() == name)
    }
}
