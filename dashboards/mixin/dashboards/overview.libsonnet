// Contact centre overview: today at a glance, on a wall.
local dashboard = import '../lib/dashboard.libsonnet';
local figures = import '../lib/figures.libsonnet';
local panel = import '../lib/panel.libsonnet';
local queries = import '../lib/query.libsonnet';
local theme = import '../lib/theme.libsonnet';
local variable = import '../lib/variable.libsonnet';

function(config)
  local q = queries.new(['account', 'medium', 'group']);
  local figure = figures(config, q);
  local whole = queries.whole;
  local each = queries.each;

  // A figure of the range that is shown, and the same a week before.
  local against(of) = [
    panel.query(of(whole), 'this period'),
    panel.query(of(queries.ago(whole)), 'a week before'),
  ];
  local lines(of, name) = [
    panel.query(of(each), name),
    panel.query(of(queries.ago(each)), 'a week before'),
  ];
  local hourly(of) = function(span) q.hourly(of(span));
  local counted(of) = function(span) q.count(of(span));

  local level = figure.serviceLevel(whole);
  local serviceLevel =
    panel.stat(
      'Service level',
      'Share of the waits with a target that were answered within it, of those answered, abandoned '
      + 'and, unless configured otherwise, left by a breakout; hang-ups within seconds left out. '
      + 'Green while it meets the objective, red below. Beside it the same a week before.',
      'percentunit',
      [
        panel.query('%s >= %s' % [level, figure.objective], 'objective met'),
        panel.query('%s < %s' % [level, figure.objective], 'below the objective'),
        panel.query(figure.serviceLevel(queries.ago(whole)), 'a week before'),
      ]
    )
    + panel.share
    + panel.onBackground + panel.compared
    + panel.coloured(theme.series('objective met', theme.good))
    + panel.coloured(theme.series('below the objective', theme.bad))
    + panel.noValue('Nobody with a target')
    + panel.size(6, 6);

  local offered =
    panel.stat(
      'Offered',
      'Waits that ended in a queue, in whatever way, each once. Hang-ups within seconds are '
      + 'left out. '
      + 'Beside it the same a week before.',
      panel.number,
      against(counted(figure.offered))
    )
    + panel.decimals(0) + panel.compared + panel.size(6, 6);

  local answered =
    panel.stat(
      'Answered',
      'Waits that ended with an agent. Beside it the same a week before.',
      panel.number,
      against(counted(figure.answered))
    )
    + panel.decimals(0) + panel.fixed(theme.answered) + panel.compared + panel.size(6, 6);

  local abandoned =
    panel.stat(
      'Abandoned',
      'Waits in which the customer hung up, later than within seconds. Beside it the same a '
      + 'week before.',
      panel.number,
      against(counted(figure.abandoned))
    )
    + panel.decimals(0) + panel.fixed(theme.abandoned) + panel.compared + panel.size(6, 6);

  local answerTime =
    panel.stat(
      'Average answer time',
      'Mean wait of those who were answered, ringing included. Beside it the same a week before.',
      panel.clock,
      against(figure.answerTime)
    )
    + panel.decimals(0) + panel.compared + panel.noValue('Nobody answered') + panel.size(5, 5);

  local slowest =
    panel.stat(
      '90 % answered within',
      'The 90th percentile of the wait of those who were answered, estimated from buckets. Beside it '
      + 'the same a week before.',
      panel.clock,
      against(function(span) figure.answerTimeQuantile(0.9, span))
    )
    + panel.decimals(0) + panel.compared + panel.noValue('Nobody answered') + panel.size(5, 5);

  local handled =
    panel.stat(
      'Handled',
      'Interactions that ended and in which an agent was connected, outbound ones included, each '
      + 'once. Beside it the same a week before.',
      panel.number,
      against(function(span) q.count(q.sum('vcc_interactions_total', span, 'path="handled"')))
    )
    + panel.decimals(0) + panel.fixed(theme.answered) + panel.compared + panel.size(5, 5);

  local inProgress =
    panel.stat(
      'In progress now',
      'Interactions going on at this moment, waiting ones included. The reporting group does not '
      + 'narrow it.',
      panel.number,
      [q.now('sum', 'vcc_interactions_in_progress')]
    )
    + panel.decimals(0) + panel.noValue('Not known now') + panel.size(5, 5);

  local age =
    panel.stat(
      'Age of these figures',
      'How long ago everything the contact centre had was read. Amber beyond two minutes, red beyond '
      + 'ten: then what is shown here is the past.',
      panel.clock,
      [figure.age]
    )
    + panel.thresholds(theme.age)
    + panel.decimals(0) + panel.noValue('Not known') + panel.size(4, 5);

  local offeredLine =
    panel.graph(
      'Offered an hour',
      'Waits that ended, an hour, in quarters of an hour if a day is shown. Grey is the week before.',
      'short',
      lines(hourly(figure.offered), 'Offered')
    )
    + panel.quarters
    + panel.coloured(theme.series('Offered', theme.neutral) + theme.before('a week before'))
    + panel.size(12, 9);

  local levelLine =
    panel.graph(
      'Service level against objective',
      'Answered within target of those who count, over time. Grey is the week before; the dashed '
      + 'line is the objective.',
      'percentunit',
      lines(figure.serviceLevel, 'Service level') + [panel.query(figure.objective, 'Objective')]
    )
    + panel.hours + panel.share
    + panel.coloured(
      theme.series('Service level', theme.good)
      + theme.before('a week before')
      + theme.line('Objective', theme.bad)
    )
    + panel.noValue('Nobody with a target')
    + panel.size(12, 9);

  local ends =
    panel.graph(
      'How waits end, an hour',
      'Waits that ended, an hour, by what became of the customer. Late is later than the target.',
      'short',
      [
        panel.query(q.hourly(figure.within(each)), 'Answered in time'),
        panel.query(q.hourly(figure.late(each)), 'Answered late'),
        panel.query(
          q.hourly(q.sum(
            'vcc_acd_queue_exits_total', each, 'result="Delivered", timing="no_target"'
          )),
          'Answered, no target'
        ),
        panel.query(q.hourly(figure.brokenOut(each)), 'Left by a breakout'),
        panel.query(q.hourly(figure.abandoned(each)), 'Abandoned'),
      ]
    )
    + panel.stacked + panel.columns + panel.quarters + panel.coloured(theme.waits)
    + panel.size(12, 9);

  local times =
    panel.graph(
      'Time to answer',
      'Mean and 90th percentile of the wait of those who were answered. Grey is the 90th percentile '
      + 'of the week before.',
      's',
      [
        panel.query(figure.answerTime(each), 'Mean'),
        panel.query(figure.answerTimeQuantile(0.9, each), '90 % within'),
        panel.query(figure.answerTimeQuantile(0.9, queries.ago(each)), 'a week before'),
      ]
    )
    + panel.logarithmic + panel.hours
    + panel.coloured(
      theme.series('Mean', theme.answered)
      + theme.series('90 % within', theme.late)
      + theme.before('a week before')
    )
    + panel.noValue('Nobody answered')
    + panel.size(12, 9);

  local by = ['medium', 'direction'];
  local media =
    panel.table(
      'By medium and direction',
      'The figures above, for each medium and direction. The error budget is what the '
      + 'objective allows '
      + 'to miss: red once more than that was missed.',
      [
        {
          label: 'medium',
          name: 'Medium',
          link: {
            title: 'Queues of this medium',
            url: '/d/vcc-queues?var-medium=${__value.raw:percentencode}'
                 + ''
                 + '&${datasource:queryparam}&${account:queryparam}&${group:queryparam}&${__url_time_range}',
          },
        },
        { label: 'direction', name: 'Direction' },
      ],
      [
        panel.counted('Offered', q.count(figure.offered(whole, by))),
        panel.counted('Answered', q.count(figure.answered(whole, by))) + { colour: theme.answered },
        panel.counted('Abandoned', q.count(figure.abandoned(whole, by))) + { colour: theme.abandoned },
        panel.shared('Abandonment', figure.abandonment(whole, by)),
        panel.shared('Service level', figure.serviceLevel(whole, by)),
        panel.shared('Budget spent', figure.budgetSpent(figure.serviceLevel(whole, by))) + { steps: theme.budget, decimals: 0 },
        panel.timed('Answer time', figure.answerTime(whole, by)),
        panel.timed('90 % within', figure.answerTimeQuantile(0.9, whole, by)),
        panel.counted('In progress', q.now('sum', 'vcc_interactions_in_progress', by)),
      ]
    )
    + panel.size(24, 9);

  local started(label, title, colours) =
    panel.graph(
      title,
      'Interactions that started, an hour, each at first sight. The reporting group does not '
      + 'narrow it.',
      'short',
      [panel.query(
        q.hourly(q.sum('vcc_interactions_started_total', each, by=[label])), '{{%s}}' % label
      )]
    )
    + panel.stacked + panel.columns + panel.quarters + panel.coloured(colours) + panel.size(12, 8);

  local states =
    panel.graph(
      'In progress, by what is happening',
      'Interactions going on, by their state. A gap is where it was not known.',
      panel.number,
      [panel.query(q.now('sum', 'vcc_interactions_in_progress', ['state']), '{{state}}')]
    )
    + panel.stacked + panel.decimals(0) + panel.coloured(theme.states)
    + panel.noValue('Not known now') + panel.size(12, 8);

  local inMedia =
    panel.graph(
      'In progress, by medium',
      'Interactions going on, by their medium. A gap is where it was not known.',
      panel.number,
      [panel.query(q.now('sum', 'vcc_interactions_in_progress', ['medium']), '{{medium}}')]
    )
    + panel.stacked + panel.decimals(0) + panel.coloured(theme.media)
    + panel.noValue('Not known now') + panel.size(12, 8);

  local paths =
    panel.bars(
      'How interactions ended',
      'Interactions that ended, each once, by how far they came.',
      panel.number,
      [panel.query(q.count(q.sum('vcc_interactions_total', whole, by=['path'])), '{{path}}')]
    )
    + panel.decimals(0) + panel.coloured(theme.paths) + panel.size(8, 9);

  local outcomes =
    panel.bars(
      'Outcomes',
      'Interactions that ended, by the outcome the contact centre gave them: the ten most frequent.',
      panel.number,
      [panel.query(
        q.most(10, q.count(q.sum('vcc_interactions_total', whole, by=['outcome']))), '{{outcome}}'
      )]
    )
    + panel.decimals(0) + panel.size(8, 9);

  local groups =
    panel.bars(
      'Reporting groups',
      'Interactions that ended, by reporting group: the ten with most.',
      panel.number,
      [panel.query(
        q.most(10, q.count(q.sum('vcc_interactions_total', whole, by=['reporting_group']))),
        '{{reporting_group}}'
      )]
    )
    + panel.decimals(0) + panel.size(8, 9);

  local conversations =
    panel.graph(
      'Conversations and interactions started an hour',
      'A callback and the call that asked for it are two interactions and one conversation. The '
      + 'reporting group does not narrow it.',
      'short',
      [
        panel.query(q.hourly(q.sum('vcc_interactions_started_total', each)), 'Interactions'),
        panel.query(q.hourly(q.sum('vcc_conversations_started_total', each)), 'Conversations'),
      ]
    )
    + panel.quarters
    + panel.coloured(theme.series('Interactions', theme.neutral) + theme.series('Conversations', 'purple'))
    + panel.size(12, 8);

  local toAgent =
    panel.graph(
      'From the start to the first agent',
      'Menus, bots and every queue included: what the customer remembers. The reporting group does '
      + 'not narrow it.',
      's',
      [
        panel.query(q.mean('vcc_interaction_time_to_agent_seconds', each, 'direction="Inbound"'), 'Mean'),
        panel.query(
          q.quantile(0.9, 'vcc_interaction_time_to_agent_seconds', each, 'direction="Inbound"'),
          '90 % within'
        ),
      ]
    )
    + panel.logarithmic + panel.hours
    + panel.coloured(theme.series('Mean', theme.answered) + theme.series('90 % within', theme.late))
    + panel.noValue('Nobody connected') + panel.size(12, 8);

  dashboard.new(
    config,
    'vcc-overview',
    'Contact centre overview',
    'Today at a glance: what was offered, answered and abandoned, how fast, and what goes on now, '
    + 'against the same time last week.',
    [variable.account, variable.medium, variable.group, variable.queue + variable.hidden],
    'now/d',
    [
      dashboard.row('Today at a glance', [
        serviceLevel,
        offered,
        answered,
        abandoned,
        answerTime,
        slowest,
        handled,
        inProgress,
        age,
      ]),
      dashboard.row('Through the day', [offeredLine, levelLine, ends, times]),
      dashboard.row('By medium and direction', [
        media,
        started('medium', 'Started an hour, by medium', theme.media),
        started('direction', 'Started an hour, by direction', theme.directions),
      ]),
      dashboard.row('Going on', [states, inMedia]),
      dashboard.row('What became of it', [paths, outcomes, groups, conversations, toAgent]),
    ]
  )
