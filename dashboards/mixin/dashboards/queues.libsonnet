// Queues and service level: one queue or all. A wait may name several virtual queues, so nothing here
// is summed over them: what says "all queues together" comes from the ACD queues.
local dashboard = import '../lib/dashboard.libsonnet';
local figures = import '../lib/figures.libsonnet';
local panel = import '../lib/panel.libsonnet';
local queries = import '../lib/query.libsonnet';
local theme = import '../lib/theme.libsonnet';
local variable = import '../lib/variable.libsonnet';

function(config)
  local q = queries.new(['account', 'medium', 'queue', 'group']);
  local figure = figures(config, q);
  local whole = queries.whole;
  local each = queries.each;
  local by = ['virtual_queue'];
  local kept = '${datasource:queryparam}&${account:queryparam}&${medium:queryparam}&${__url_time_range}';
  local byQueue(expr) = [panel.query(expr, '{{virtual_queue}}')];
  local together = 'All queues together: the queue does not narrow it.';

  local target = q.now('max', 'vcc_service_level_target_seconds', by);
  local inTargets = '(%s) / %s' % [figure.longestWait(by), target];
  local waiting = q.now('sum', 'vcc_queue_waiting', by);

  local waitingNow =
    panel.bars(
      'Waiting now',
      'Interactions waiting in each queue at this moment. A known queue nobody waits in shows 0.',
      panel.number,
      byQueue(waiting)
    )
    + panel.decimals(0) + panel.fixed(theme.breakout) + panel.noValue('Not known now')
    + panel.size(8, 9);

  local longest =
    panel.bars(
      'Longest wait now',
      'How long the one who has waited longest in each queue has waited so far. Nobody waits where '
      + 'none is shown. Medium and reporting group do not narrow it.',
      panel.clock,
      byQueue(figure.longestWait(by))
    )
    + panel.decimals(0) + panel.fixed(theme.breakout) + panel.noValue('Nobody waits')
    + panel.size(8, 9);

  local overTarget =
    panel.bars(
      'Longest wait, in targets',
      "How many times its queue's target the longest wait is now: green within it, amber beyond, red "
      + 'beyond three times it. Medium and reporting group do not narrow it.',
      panel.times,
      byQueue(inTargets)
    )
    + panel.decimals(1) + panel.thresholds([[theme.good], [theme.warning, 1], [theme.bad, 3]])
    + panel.noValue('Nobody waits') + panel.size(8, 9);

  local level = figure.serviceLevel(whole, by);
  local queues =
    panel.table(
      'Queues',
      'Every queue, over the range that is shown. The budget is what the objective allows to '
      + 'miss: red once more than that was missed. The longest wait is in targets. A wait that names two queues counts in both.',
      [{
        label: 'virtual_queue',
        name: 'Queue',
        link: {
          title: 'This queue alone',
          url: '/d/vcc-queues?var-queue=${__value.raw:percentencode}&' + kept + '&${group:queryparam}',
        },
      }],
      [
        panel.counted('Offered', q.count(figure.offered(whole, by))),
        panel.counted('Answered', q.count(figure.answered(whole, by))) + { colour: theme.answered },
        panel.counted('Late', q.count(figure.late(whole, by))) + { colour: theme.late },
        panel.counted('Abandoned', q.count(figure.abandoned(whole, by))) + { colour: theme.abandoned },
        panel.counted('Breakouts', q.count(figure.brokenOut(whole, by))) + { colour: theme.breakout },
        panel.shared('Abandonment', figure.abandonment(whole, by)),
        panel.shared('Service level', level),
        panel.shared('Budget spent', figure.budgetSpent(level)) + { steps: theme.budget, decimals: 0 },
        panel.timed('Answer time', figure.answerTime(whole, by)),
        panel.timed('90 % within', figure.answerTimeQuantile(0.9, whole, by)),
        panel.timed('Target', target),
        panel.counted('Waiting', waiting),
        {
          name: 'Longest wait',
          expr: inTargets,
          unit: panel.times,
          decimals: 1,
          steps: [['transparent'], [theme.warning, 1], [theme.bad, 3]],
        },
      ]
    )
    + panel.size(24, 11);

  local levels =
    panel.graph(
      'Service level',
      'Answered within target of those who count, for each queue. The dashed line is the objective.',
      'percentunit',
      byQueue(figure.serviceLevel(each, by)) + [panel.query(figure.objective, 'Objective')]
    )
    + panel.hours + panel.share + panel.coloured(theme.line('Objective', theme.bad))
    + panel.noValue('Nobody with a target') + panel.size(16, 9);

  local budgets =
    panel.bars(
      'Error budget spent',
      'What was missed in the range that is shown, of what the objective allows to miss: 0 if nobody '
      + 'was, 100 % at the objective, more below it.',
      'percentunit',
      byQueue(figure.budgetSpent(level))
    )
    + panel.decimals(0) + panel.thresholds(theme.budget)
    + panel.noValue('Nobody with a target') + panel.size(8, 9);

  local eligible =
    panel.graph(
      'Missed an hour',
      'Waits with a target that were not answered within it, an hour: what the error budget is '
      + 'spent on.',
      'short',
      byQueue(q.hourly('(%s - %s)' % [
        q.sum('vcc_service_level_eligible_total', each, by=by),
        q.sum('vcc_service_level_met_total', each, by=by),
      ]))
    )
    + panel.quarters + panel.size(12, 8);

  local abandonment =
    panel.graph(
      'Abandoned of offered',
      'Share of those who left a queue that hung up, for each queue; hang-ups within seconds '
      + 'left out '
      + 'of both.',
      'percentunit',
      byQueue(figure.abandonment(each, by))
    )
    + panel.hours + panel.share + panel.noValue('Nobody left a queue')
    + panel.size(12, 8);

  local waitingLine =
    panel.graph(
      'Waiting',
      'Interactions waiting in each queue, over time. A gap is where it was not known.',
      panel.number,
      byQueue(waiting)
    )
    + panel.decimals(0) + panel.noValue('Not known now') + panel.size(12, 8);

  local entries =
    panel.graph(
      'Entered an hour',
      'Entries into each queue, an hour, each at first sight.',
      'short',
      byQueue(q.hourly(q.sum('vcc_queue_entries_total', each, by=by)))
    )
    + panel.quarters + panel.size(12, 8);

  local results =
    panel.stackedBars(
      'Left, by result',
      'What became of those who left each queue in the range that is shown.',
      panel.number,
      q.count(q.sum('vcc_queue_exits_total', whole, by=by + ['result'])),
      'virtual_queue',
      'result'
    )
    + panel.decimals(0) + panel.coloured(theme.results) + panel.size(12, 11);

  local resultsLine =
    panel.graph(
      'Left an hour, by result, all queues together',
      'Waits that ended, an hour, each once. ' + together,
      'short',
      [panel.query(
        q.hourly(q.sum('vcc_acd_queue_exits_total', each, by=['result'])), '{{result}}'
      )]
    )
    + panel.stacked + panel.columns + panel.quarters + panel.coloured(theme.results)
    + panel.size(12, 11);

  local short =
    panel.bars(
      'Hung up within seconds',
      'Short abandonments: hang-ups quicker than the exporter is configured for. They count against '
      + 'nobody.',
      panel.number,
      byQueue(q.count(figure.short(whole, by)))
    )
    + panel.decimals(0) + panel.fixed(theme.past) + panel.size(8, 8);

  local skills =
    panel.bars(
      'Skills asked for',
      'How often a wait asked for a skill: the fifteen most frequent. Medium, queue and reporting '
      + 'group do not narrow it.',
      panel.number,
      [panel.query(
        q.most(15, q.count(q.sum('vcc_queue_skill_requests_total', whole, by=['skill']))), '{{skill}}'
      )]
    )
    + panel.decimals(0) + panel.size(8, 8);

  local acd =
    panel.bars(
      'ACD queues',
      'Waits that ended in each ACD queue, each once: the fifteen with most. The queue, which is a '
      + 'virtual one, does not narrow it.',
      panel.number,
      [panel.query(
        q.most(15, q.count(q.sum('vcc_acd_queue_exits_total', whole, by=['acd_queue']))), '{{acd_queue}}'
      )]
    )
    + panel.decimals(0) + panel.size(8, 8);

  local spread =
    panel.heatmap(
      'How long they wait, all queues together',
      'Waits that ended, by their length, answered or not. ' + together,
      figure.waitBuckets()
    )
    + panel.quarters + panel.noValue('Nobody left a queue') + panel.size(12, 10);

  local times =
    panel.graph(
      '90 % answered within',
      'The 90th percentile of the wait of those who were answered, for each queue, ringing included.',
      's',
      byQueue(figure.answerTimeQuantile(0.9, each, by))
    )
    + panel.logarithmic + panel.hours + panel.noValue('Nobody answered') + panel.size(12, 10);

  local means =
    panel.graph(
      'Average answer time',
      'Mean wait of those who were answered, for each queue, ringing included.',
      's',
      byQueue(figure.answerTime(each, by))
    )
    + panel.logarithmic + panel.hours + panel.noValue('Nobody answered') + panel.size(12, 8);

  local pendingFor =
    panel.graph(
      'Half of those who hang up do so within',
      'The median wait of those who abandoned, for each queue: how patient customers are.',
      's',
      byQueue(figure.pendingFor(0.5, each, by))
    )
    + panel.hours + panel.noValue('Nobody hung up') + panel.size(12, 8);

  local agentResults =
    panel.stackedBars(
      'Agents queueing for a held customer, by result',
      'What became of agents who queued while they held a customer. They are in no other '
      + 'figure here.',
      panel.number,
      q.count(q.sum('vcc_agent_queue_exits_total', whole, by=by + ['result'])),
      'virtual_queue',
      'result'
    )
    + panel.decimals(0) + panel.coloured(theme.results) + panel.size(12, 8);

  local agentWaits =
    panel.graph(
      "Agents' average wait for a held customer",
      'Mean wait of agents who queued while they held a customer, for each queue.',
      's',
      byQueue(q.mean('vcc_agent_queue_wait_seconds', each, by=by))
    )
    + panel.hours + panel.noValue('No agent queued') + panel.size(12, 8);

  // Within a row of one queue that queue is `$queue`: its waits are still told apart by it.
  local one = [
    panel.graph(
      'Left an hour, by result',
      'Who left this queue, an hour, by what became of them.',
      'short',
      [panel.query(
        q.hourly(q.sum('vcc_queue_exits_total', each, by=by + ['result'])), '{{result}}'
      )]
    )
    + panel.stacked + panel.columns + panel.quarters + panel.coloured(theme.results)
    + panel.size(8, 9),

    panel.heatmap(
      'How long they wait',
      'Waits in this queue that ended, by their length, answered or not.',
      figure.waitBuckets(by)
    )
    + panel.quarters + panel.noValue('Nobody left the queue') + panel.size(8, 9),

    panel.graph(
      'Service level',
      'Answered within target of those who count in this queue. The dashed line is the objective.',
      'percentunit',
      [
        panel.query(figure.serviceLevel(each, by), 'Service level'),
        panel.query(figure.objective, 'Objective'),
      ]
    )
    + panel.hours + panel.share
    + panel.coloured(theme.series('Service level', theme.good) + theme.line('Objective', theme.bad))
    + panel.noValue('Nobody with a target') + panel.size(8, 9),
  ];

  dashboard.new(
    config,
    'vcc-queues',
    'Queues and service level',
    'One queue or all: who waits now and how long, what becomes of those who wait, and whether the '
    + 'service level holds.',
    [variable.account, variable.medium, variable.queue, variable.group],
    'now/d',
    [
      dashboard.row('Now', [waitingNow, longest, overTarget]),
      dashboard.row('Queue by queue', [queues]),
      dashboard.row('Service level', [levels, budgets, eligible, abandonment]),
      dashboard.row('In and out', [results, resultsLine, entries, waitingLine, short, skills, acd]),
      dashboard.row('How long they wait', [spread, times, means, pendingFor]),
      dashboard.row('Agents who queue', [agentResults, agentWaits]),
      dashboard.each('queue', '$queue, alone', one),
    ]
  )
