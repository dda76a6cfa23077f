// What a colour means, the same everywhere, and the plain words for the API's.
local answered = 'green';
local abandoned = 'red';
local breakout = 'orange';
local late = 'dark-yellow';
local neutral = 'blue';
local past = '#8e8e8e';

local shown(name, colour, text=null) = {
  matcher: { id: 'byName', options: name },
  properties: [{ id: 'color', value: { mode: 'fixed', fixedColor: colour } }]
              + (if text == null then [] else [{ id: 'displayName', value: text }]),
};

local all(table) = [
  local entry = table[name];
  shown(name, entry.colour, std.get(entry, 'text'))
  for name in std.objectFields(table)
];

{
  answered:: answered,
  abandoned:: abandoned,
  breakout:: breakout,
  late:: late,
  neutral:: neutral,
  past:: past,
  good:: 'green',
  warning:: 'orange',
  bad:: 'red',

  // Steps: the first colour until the value reaches the next. Of an error budget, and of the age of
  // what was read: a catch-up of minutes is usual, of ten minutes is not.
  budget:: [['green'], ['orange', 0.75], ['red', 1]],
  age:: [['green'], ['orange', 120], ['red', 600]],

  // One series that says its own name.
  series(name, colour):: [shown(name, colour)],

  // A series of the past: grey, dashed, behind the rest.
  before(name):: [{
    matcher: { id: 'byName', options: name },
    properties: [
      { id: 'color', value: { mode: 'fixed', fixedColor: past } },
      { id: 'custom.drawStyle', value: 'line' },
      { id: 'custom.lineStyle', value: { fill: 'dash', dash: [6, 6] } },
      { id: 'custom.lineWidth', value: 1 },
      { id: 'custom.fillOpacity', value: 0 },
      { id: 'custom.stacking', value: { mode: 'none', group: 'past' } },
    ],
  }],

  // An objective or a limit: dashed in the colour of what it separates.
  line(name, colour):: [{
    matcher: { id: 'byName', options: name },
    properties: [
      { id: 'color', value: { mode: 'fixed', fixedColor: colour } },
      { id: 'custom.lineStyle', value: { fill: 'dash', dash: [10, 6] } },
      { id: 'custom.showPoints', value: 'never' },
      { id: 'custom.lineWidth', value: 1 },
      { id: 'custom.fillOpacity', value: 0 },
    ],
  }],

  waits:: all({
    Answered: { colour: answered },
    'Answered, no target': { colour: 'light-green' },
    'Answered in time': { colour: answered },
    'Answered late': { colour: late },
    Abandoned: { colour: abandoned },
    'Hung up within seconds': { colour: past },
    'Left by a breakout': { colour: breakout },
  }),

  results:: all({
    Delivered: { colour: answered, text: 'Answered' },
    HangUp: { colour: abandoned, text: 'Abandoned' },
    AgentDeclineBreakout: { colour: 'dark-orange', text: 'Breakout: agent declined' },
    NoAgentsBreakout: { colour: 'light-orange', text: 'Breakout: no agents' },
    QueueCapacityBreakout: { colour: 'super-light-orange', text: 'Breakout: queue full' },
    QueueTimeBreakout: { colour: breakout, text: 'Breakout: waited too long' },
    VoluntaryBreakout: { colour: 'semi-dark-orange', text: 'Breakout: chosen by the customer' },
    MaxEstimatedWaitTime: { colour: 'light-yellow', text: 'Breakout: expected wait too long' },
    AgentRecall: { colour: 'light-blue', text: 'Recalled by an agent' },
    AgentTransfer: { colour: neutral, text: 'Transferred by an agent' },
    AgentUnavailable: { colour: 'light-purple', text: 'Agent not available' },
    none: { colour: past, text: 'Not known' },
  }),

  media:: all({
    Phone: { colour: 'blue' },
    'Phone Callback': { colour: 'light-blue' },
    Webchat: { colour: 'purple' },
    'API Case PM': { colour: 'dark-purple' },
    Email: { colour: 'light-purple' },
    none: { colour: past, text: 'Not known' },
  }),

  directions:: all({
    Inbound: { colour: 'blue' },
    Outbound: { colour: 'purple' },
    Internal: { colour: 'light-blue' },
    none: { colour: past, text: 'Not known' },
  }),

  states:: all({
    queued: { colour: breakout, text: 'Waiting in a queue' },
    ringing: { colour: late, text: 'Ringing' },
    connected: { colour: answered, text: 'Talking' },
    wrap: { colour: 'light-green', text: 'Wrapping up' },
    self_service: { colour: 'purple', text: 'In self-service' },
  }),

  paths:: all({
    handled: { colour: answered, text: 'Handled by an agent' },
    abandoned: { colour: abandoned, text: 'Abandoned in a queue' },
    breakout: { colour: breakout, text: 'Left a queue by a breakout' },
    agent_unanswered: { colour: 'dark-orange', text: 'Offered, no agent answered' },
    unconnected: { colour: 'light-red', text: 'Dialled, not connected' },
    self_service: { colour: 'purple', text: 'Ended in self-service' },
    failed: { colour: 'dark-red', text: 'Failed' },
    unknown: { colour: past, text: 'Not known' },
  }),

  offers:: all({
    answered: { colour: answered, text: 'Answered' },
    unanswered: { colour: breakout, text: 'Not answered' },
    caller_left: { colour: abandoned, text: 'Caller hung up' },
  }),

  outbound:: all({
    connected: { colour: answered, text: 'Connected' },
    unconnected: { colour: abandoned, text: 'Not connected' },
  }),

  kinds:: all({
    transfer: { colour: neutral, text: 'Transferred' },
    consult: { colour: 'purple', text: 'Consulted' },
    Held: { colour: neutral, text: 'On hold' },
    Parked: { colour: 'purple' },
    Interrupted: { colour: breakout },
    Muted: { colour: 'light-blue' },
  }),

  scores:: all({
    '1': { colour: 'red', text: '1 (bad)' },
    '2': { colour: 'orange' },
    '3': { colour: 'yellow' },
    '4': { colour: 'light-green' },
    '5': { colour: 'green', text: '5 (good)' },
  }),

  assistants:: all({
    contained: { colour: answered, text: 'Contained' },
    queued: { colour: breakout, text: 'Queued, no agent' },
    agent: { colour: neutral, text: 'Went to an agent' },
    Resolved: { colour: answered },
    Escalated: { colour: neutral },
    Abandoned: { colour: abandoned },
  }),

  operations:: all({
    interactions: { colour: neutral, text: 'Reading interactions' },
    ongoing: { colour: 'purple', text: 'Looking at what goes on' },
    token: { colour: 'light-blue', text: 'Fetching a token' },
  }),
}
