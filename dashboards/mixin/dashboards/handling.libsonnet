// Handling: what agents do with what reaches them.
local dashboard = import '../lib/dashboard.libsonnet';
local panel = import '../lib/panel.libsonnet';
local queries = import '../lib/query.libsonnet';
local theme = import '../lib/theme.libsonnet';
local variable = import '../lib/variable.libsonnet';

function(config)
  local q = queries.new(['account', 'medium', 'queue', 'group']);
  // For what is counted by no queue: a ratio must not be narrowed in one of its parts alone.
  local unqueued = queries.new(['account', 'medium', 'group']);
  local whole = queries.whole;
  local each = queries.each;
  local noQueue = 'The queue does not narrow it.';
  local mediumOnly = 'Queue and reporting group do not narrow it.';

  local against(of) = [
    panel.query(of(whole), 'this period'),
    panel.query(of(queries.ago(whole)), 'a week before'),
  ];

  local duration(title, description, histogram, matcher='') =
    panel.stat(
      title,
      description + ' Beside it the same a week before.',
      panel.clock,
      against(function(span) q.mean(histogram, span, matcher))
    )
    + panel.decimals(0) + panel.compared + panel.noValue('None ended') + panel.size(4, 5);

  // Both sides report a hold; the external one's counts it once.
  local held = 'kind="Held", role="External"';

  local handle = duration(
    'Average handle time',
    'Mean of talk, hold and wrap-up of an interaction, over all its agents; parked and '
    + 'interrupted time left out.',
    'vcc_interaction_handle_seconds'
  );
  local talk = duration(
    'Average talk time', "Mean time an interaction's parties talked.", 'vcc_interaction_talk_seconds'
  );
  local hold = duration(
    'Average hold', 'Mean length of a hold, each once. ' + noQueue, 'vcc_hold_seconds', held
  );
  local wrap = duration(
    'Average wrap-up', 'Mean time an agent wrapped up. ' + noQueue, 'vcc_agent_wrap_seconds'
  );

  local unansweredShare(span, by=[]) = q.ratio(
    q.sum('vcc_agent_offers_total', span, 'result="unanswered"', by),
    q.sum('vcc_agent_offers_total', span, by=by)
  );
  local unanswered =
    panel.stat(
      'Offers not answered',
      'Share of the offers to agents that no one took: declined or left ringing. Beside it the '
      + 'same a '
      + 'week before.',
      'percentunit',
      against(unansweredShare)
    )
    + panel.share + panel.fixed(theme.breakout) + panel.compared
    + panel.noValue('Nothing offered') + panel.size(4, 5);

  local transferred =
    panel.stat(
      'Transferred or consulted',
      'Share of the handled interactions in which two or more agents were connected. ' + noQueue
      + ' Beside it the same a week before.',
      'percentunit',
      against(function(span) unqueued.ratio(
        unqueued.sum('vcc_interactions_transferred_total', span),
        unqueued.sum('vcc_interactions_total', span, 'path="handled"')
      ))
    )
    + panel.share + panel.compared + panel.noValue('None handled') + panel.size(4, 5);

  local durations(title, description, histogram, colour, matcher='') =
    panel.graph(
      title,
      description,
      's',
      [
        panel.query(q.mean(histogram, each, matcher), 'Mean'),
        panel.query(q.quantile(0.5, histogram, each, matcher), 'Median'),
        panel.query(q.quantile(0.9, histogram, each, matcher), '90 % within'),
      ]
    )
    + panel.logarithmic + panel.hours
    + panel.coloured(
      theme.series('Mean', colour)
      + theme.series('Median', 'light-' + colour)
      + theme.series('90 % within', theme.late)
    )
    + panel.noValue('None ended') + panel.size(12, 8);

  local handleLine = durations(
    'Handle time',
    'Handle time of interactions that ended, over all their agents.',
    'vcc_interaction_handle_seconds',
    'blue'
  );
  local talkLine = durations(
    'Talk time', 'Talk time of interactions that ended.', 'vcc_interaction_talk_seconds', 'green'
  );
  local wrapLine = durations(
    'Wrap-up', 'Wrap-up of agents. ' + noQueue, 'vcc_agent_wrap_seconds', 'purple'
  );
  local durationLine = durations(
    'Duration from start to end',
    'How long interactions lasted, from their start until they ended, waiting included.',
    'vcc_interaction_duration_seconds',
    'blue'
  );

  local holds =
    panel.graph(
      'Holds an hour',
      'Holds that ended, an hour, by kind, each once. ' + noQueue,
      'short',
      [panel.query(
        q.hourly(q.sum('vcc_hold_seconds_count', each, 'role="External"', ['kind'])), '{{kind}}'
      )]
    )
    + panel.stacked + panel.columns + panel.quarters + panel.coloured(theme.kinds) + panel.size(12, 8);

  local holdTimes =
    panel.graph(
      'Length of holds',
      'Mean length of a hold, by kind, each once. ' + noQueue,
      's',
      [panel.query(q.mean('vcc_hold_seconds', each, 'role="External"', ['kind']), '{{kind}}')]
    )
    + panel.hours + panel.coloured(theme.kinds)
    + panel.noValue('No holds') + panel.size(12, 8);

  local byQueue = ['virtual_queue'];
  local queues =
    panel.table(
      'By queue',
      'Interactions by the first queue their last wait named, which counts each once; offers and an '
      + "agent's part by the first queue named by the wait that brought them.",
      [{ label: 'virtual_queue', name: 'Queue' }],
      [
        panel.counted('Handled', q.count(q.sum('vcc_interactions_total', whole, 'path="handled"', byQueue))) + { colour: theme.answered },
        panel.timed('Average handle time', q.mean('vcc_interaction_handle_seconds', whole, by=byQueue)),
        panel.timed('90 % handled within', q.quantile(0.9, 'vcc_interaction_handle_seconds', whole, by=byQueue)),
        panel.timed('Average talk time', q.mean('vcc_interaction_talk_seconds', whole, by=byQueue)),
        panel.timed('Average of one agent', q.mean('vcc_agent_handle_seconds', whole, by=byQueue)),
        panel.counted('Offers', q.count(q.sum('vcc_agent_offers_total', whole, by=byQueue))),
        panel.shared('Not answered', unansweredShare(whole, byQueue)) + { steps: [['transparent'], [theme.warning, 0.1], [theme.bad, 0.25]] },
      ]
    )
    + panel.size(24, 9);

  local offers =
    panel.graph(
      'Offers to agents an hour',
      "Interactions offered to an agent, an hour, each agent's channel once, by what became of it.",
      'short',
      [panel.query(q.hourly(q.sum('vcc_agent_offers_total', each, by=['result'])), '{{result}}')]
    )
    + panel.stacked + panel.columns + panel.quarters + panel.coloured(theme.offers) + panel.size(12, 8);

  local unansweredLine =
    panel.graph(
      'Offers not answered, by reporting group',
      'Share of the offers to agents that no one took, for each reporting group.',
      'percentunit',
      [panel.query(unansweredShare(each, ['reporting_group']), '{{reporting_group}}')]
    )
    + panel.hours + panel.share + panel.noValue('Nothing offered')
    + panel.size(12, 8);

  local ringing =
    panel.graph(
      'Ringing',
      'How long it rang at agents: the 90th percentile, by what became of the offer. ' + mediumOnly,
      's',
      [panel.query(q.quantile(0.9, 'vcc_agent_ring_seconds', each, by=['result']), '{{result}}')]
    )
    + panel.hours + panel.coloured(theme.offers)
    + panel.noValue('Nothing rang') + panel.size(12, 8);

  local outbound =
    panel.graph(
      'Outbound attempts an hour',
      'Outside parties dialled, an hour, by whether they were reached. ' + mediumOnly,
      'short',
      [panel.query(q.hourly(q.sum('vcc_outbound_attempts_total', each, by=['result'])), '{{result}}')]
    )
    + panel.stacked + panel.columns + panel.quarters + panel.coloured(theme.outbound)
    + panel.noValue('Nobody dialled') + panel.size(12, 8);

  local transfers =
    panel.graph(
      'Transfers and consultations an hour',
      'Ended interactions in which two or more agents were connected: consulted if the first '
      + 'outlasted '
      + 'the others, else transferred. ' + noQueue,
      'short',
      [panel.query(
        q.hourly(q.sum('vcc_interactions_transferred_total', each, by=['kind'])), '{{kind}}'
      )]
    )
    + panel.stacked + panel.columns + panel.quarters + panel.coloured(theme.kinds) + panel.size(12, 8);

  local requeued =
    panel.graph(
      'Queued again an hour',
      'Ended interactions that entered a queue two or more times, by reporting group. ' + noQueue,
      'short',
      [panel.query(
        q.hourly(q.sum('vcc_interactions_requeued_total', each, by=['reporting_group'])),
        '{{reporting_group}}'
      )]
    )
    + panel.stacked + panel.columns + panel.quarters + panel.size(12, 8);

  local most(title, description, sample, label, n, matcher='') =
    panel.bars(
      title,
      description + ' ' + mediumOnly,
      panel.number,
      [panel.query(q.most(n, q.count(q.sum(sample, whole, matcher, [label]))), '{{%s}}' % label)]
    )
    + panel.decimals(0) + panel.size(8, 9);

  local dispositions = most(
    'Dispositions',
    'What agents said became of it: the fifteen most frequent.',
    'vcc_dispositions_total',
    'disposition',
    15
  );
  local ends = most(
    "How agents' channels ended",
    'Channels of agents that ended, by reason: the ten most frequent.',
    'vcc_channels_ended_total',
    'end_reason',
    10,
    'role="Agent"'
  );
  local integrations = most(
    'Channels by integration',
    'Channels that ended, of every role, by the kind of integration: the ten most frequent.',
    'vcc_channels_ended_total',
    'integration_type',
    10
  );
  local problems = most(
    'Audio problems',
    'Audio problems agents reported, by what they called them.',
    'vcc_audio_problems_total',
    'classification',
    10
  ) + panel.fixed(theme.bad) + panel.noValue('None reported');
  local failures = most(
    'Failed deliveries',
    'Deliveries to a party that failed, by kind.',
    'vcc_delivery_failures_total',
    'kind',
    10
  ) + panel.fixed(theme.bad) + panel.noValue('None failed');
  local categorized = most(
    'Categorised',
    'Interactions that were given a category, by medium.',
    'vcc_interactions_categorized_total',
    'medium',
    10
  ) + panel.coloured(theme.media);

  local score =
    panel.stat(
      'Call quality',
      "Mean of agents' ratings of the audio, from 1 to 5. It is not customer satisfaction. " + mediumOnly,
      'none',
      [q.mean('vcc_call_quality_score', whole)]
    )
    + panel.decimals(2) + panel.thresholds([[theme.bad], [theme.warning, 3], [theme.good, 4]])
    + panel.noValue('None rated') + panel.size(6, 8);

  local ratings =
    panel.bars(
      'Ratings of the audio',
      "Agents' ratings of the audio, by score. " + mediumOnly,
      panel.number,
      [
        panel.query(
          q.count(q.sum('vcc_call_quality_ratings_total', whole, 'score="%d"' % score)), '%d' % score
        )
        for score in [5, 4, 3, 2, 1]
      ],
      ranked=false
    )
    + panel.decimals(0) + panel.coloured(theme.scores) + panel.noValue('None rated') + panel.size(6, 8);

  local scoreLine =
    panel.graph(
      'Call quality, by medium',
      "Mean of agents' ratings of the audio, from 1 to 5, over time. " + mediumOnly,
      'none',
      [panel.query(q.mean('vcc_call_quality_score', each, by=['medium']), '{{medium}}')]
    )
    + panel.hours + panel.decimals(1) + panel.coloured(theme.media)
    + panel.min(1) + panel.noValue('None rated') + panel.size(12, 8);

  local monitoring =
    panel.graph(
      'Monitoring an hour',
      'Seconds supervisors spent listening in, watching, coaching or joined, of each hour. ' + mediumOnly,
      's',
      [panel.query(q.hourly(q.sum('vcc_monitoring_seconds_sum', each, by=['kind'])), '{{kind}}')]
    )
    + panel.stacked + panel.columns + panel.quarters + panel.noValue('Nobody monitored')
    + panel.size(12, 8);

  local monitored =
    panel.bars(
      'Monitored',
      'How often supervisors listened in, watched, coached or joined. ' + mediumOnly,
      panel.number,
      [panel.query(q.count(q.sum('vcc_monitoring_seconds_count', whole, by=['kind'])), '{{kind}}')]
    )
    + panel.decimals(0) + panel.noValue('Nobody monitored') + panel.size(12, 8);

  local agents =
    panel.table(
      'By agent',
      'Offers and handle time of each agent, by agent id. Empty unless metrics.per_agent is '
      + 'switched on '
      + 'in the exporter.',
      [{ label: 'agent', name: 'Agent' }],
      [
        panel.counted('Offers', q.count(q.sum('vcc_per_agent_offers_total', whole, by=['agent']))),
        panel.shared('Not answered', q.ratio(
          q.sum('vcc_per_agent_offers_total', whole, 'result="unanswered"', ['agent']),
          q.sum('vcc_per_agent_offers_total', whole, by=['agent'])
        )),
        panel.timed('Average handle time', q.mean('vcc_per_agent_handle_seconds', whole, by=['agent'])),
      ]
    )
    + panel.noValue('metrics.per_agent is not switched on') + panel.size(24, 10);

  dashboard.new(
    config,
    'vcc-handling',
    'Handling',
    'What agents do with what reaches them: handle, talk, hold and wrap-up times, offers, transfers, '
    + 'dispositions and the quality of calls.',
    [variable.account, variable.medium, variable.queue, variable.group],
    'now/d',
    [
      dashboard.row('Today at a glance', [handle, talk, hold, wrap, unanswered, transferred]),
      dashboard.row('Times', [handleLine, talkLine, wrapLine, durationLine, holds, holdTimes]),
      dashboard.row('By queue', [queues]),
      dashboard.row('Offers', [offers, unansweredLine, ringing, outbound]),
      dashboard.row('Handed on', [transfers, requeued]),
      dashboard.row('What became of it', [dispositions, ends, integrations, categorized, problems, failures]),
      dashboard.row('Quality', [score, ratings, scoreLine, monitoring, monitored]),
      dashboard.folded('Agents', [agents]),
    ]
  )
