// Exporter health: whether the figures on the other dashboards can be believed.
local dashboard = import '../lib/dashboard.libsonnet';
local figures = import '../lib/figures.libsonnet';
local panel = import '../lib/panel.libsonnet';
local queries = import '../lib/query.libsonnet';
local theme = import '../lib/theme.libsonnet';
local variable = import '../lib/variable.libsonnet';

function(config)
  local q = queries.new(['job', 'instance', 'account']);
  local figure = figures(config, q);
  local whole = queries.whole;
  local each = queries.each;
  local age(sample, by, matcher='') = 'time() - ' + q.now('min', sample, by, matcher);
  local fresh = panel.thresholds(theme.age);
  local should(zero) = panel.thresholds([[theme.good], [zero, 1]]);
  local whereNoAccount = 'Over all accounts of the exporter: the account does not narrow it.';

  local stat(title, description, unit, expr) = panel.stat(title, description, unit, [expr]) + panel.size(4, 5);

  local cursor = stat(
    'Age of what was read',
    'How long ago everything the contact centre had was read: the age of the cursor. Amber '
    + 'beyond two '
    + 'minutes, red beyond ten.',
    's',
    figure.age
  ) + fresh + panel.decimals(1) + panel.onBackground + panel.noValue('Not known');

  local lag = stat(
    'Lag of the API',
    'How far the newest event the API has is behind its own clock. In a quiet hour it grows though '
    + 'nothing is wrong.',
    's',
    q.now('max', 'vcc_api_lag_seconds')
  ) + panel.decimals(1) + panel.noValue('Not known');

  local catchup = stat(
    'Catching up',
    "Accounts whose cursor is more than a bound behind the API's clock: what happened earlier is "
    + 'counted now.',
    'none',
    q.now('sum', 'vcc_catchup_in_progress')
  ) + should(theme.warning) + panel.decimals(0) + panel.onBackground + panel.noValue('Not known');

  local failing = stat(
    'Failing now',
    'Operations whose last attempt failed, over all accounts.',
    'none',
    '%s - %s' % [q.now('count', 'vcc_up'), q.now('sum', 'vcc_up')]
  ) + should(theme.bad) + panel.decimals(0) + panel.onBackground + panel.noValue('Not known');

  local holes = stat(
    'Unread windows',
    'Windows the API could not be read for and that are still owed. Each is tried again for ever.',
    'none',
    q.now('sum', 'vcc_unread_windows')
  ) + should(theme.bad) + panel.decimals(0) + panel.onBackground + panel.noValue('Not known');

  local rejected = stat(
    'Records rejected',
    'Records in this range that could not be read. Their neighbours counted.',
    panel.number,
    q.count('(%s or vector(0))' % q.sum('vcc_records_rejected_total', whole))
  ) + should(theme.warning) + panel.decimals(0) + panel.onBackground;

  local graph(title, description, unit, targets, w=8, h=8) =
    panel.graph(title, description, unit, targets) + panel.size(w, h);

  local succeeded = panel.timeline(
    'Does it answer',
    'Whether the last attempt of each operation succeeded, over time.',
    [panel.query(q.now('min', 'vcc_up', ['account', 'operation']), '{{account}}: {{operation}}')],
    { '0': { text: 'failing', colour: theme.bad }, '1': { text: 'answers', colour: theme.good } }
  ) + panel.noValue('Not known') + panel.size(12, 7);

  local catching = panel.timeline(
    'Catching up, over time',
    'When the cursor was more than a bound behind. What happened before is counted in these '
    + 'times, and '
    + 'graphs of the contact centre show it late.',
    [panel.query(q.now('max', 'vcc_catchup_in_progress', ['account']), '{{account}}')],
    { '0': { text: 'up to date', colour: theme.good }, '1': { text: 'catching up', colour: theme.warning } }
  ) + panel.noValue('Not known') + panel.size(12, 7);

  local lags = graph(
    'Lag of the API and age of the cursor',
    "How far the API's newest event is behind its own clock, and how far we are behind in reading.",
    's',
    [
      panel.query(q.now('max', 'vcc_api_lag_seconds', ['account']), '{{account}}: lag of the API'),
      panel.query(age('vcc_cursor_timestamp_seconds', ['account']), '{{account}}: age of the cursor'),
    ]
  );

  local latest = graph(
    'Age of the newest event',
    'How long ago the newest interaction event the API had happened, and how far its clock is '
    + 'ahead of '
    + 'ours.',
    's',
    [
      panel.query(age('vcc_api_latest_update_timestamp_seconds', ['account']), '{{account}}: newest event'),
      panel.query(q.now('max', 'vcc_api_clock_skew_seconds', ['account']), '{{account}}: clock ahead'),
    ]
  ) + panel.allowNegative;

  local successes = graph(
    'Since the last success',
    'How long ago each operation last succeeded. A token is fetched only when it is about to expire.',
    's',
    [panel.query(age('vcc_poll_last_success_timestamp_seconds', ['operation']), '{{operation}}')]
  ) + panel.coloured(theme.operations) + panel.noValue('Nothing succeeded yet');

  local lateness = graph(
    'Lateness of facts',
    'How long after it happened a fact was learnt: median and 99th percentile. After a '
    + 'catch-up it is '
    + 'as high as what was caught up with.',
    's',
    [
      panel.query(q.quantile(0.5, 'vcc_fact_lateness_seconds', each, by=['fact']), '{{fact}}: half within'),
      panel.query(q.quantile(0.99, 'vcc_fact_lateness_seconds', each, by=['fact']), '{{fact}}: 99 % within'),
    ],
    12
  ) + panel.hours + panel.noValue('Nothing learnt');

  local latenessSpread = panel.heatmap(
    'Lateness, spread',
    'Facts by how long after they happened they were learnt.',
    q.buckets('vcc_fact_lateness_seconds')
  ) + panel.quarters + panel.noValue('Nothing learnt') + panel.size(12, 8);

  local hourly(title, description, sample, label, overrides=[], matcher='', w=8) =
    panel.graph(
      title,
      description,
      'short',
      [panel.query(q.hourly(q.sum(sample, each, matcher, [label])), '{{%s}}' % label)]
    )
    + panel.coloured(overrides) + panel.noValue('None so far') + panel.size(w, 8);

  local polls = hourly(
    'Polls an hour',
    'Polls that finished, an hour, failed ones included.',
    'vcc_polls_total',
    'operation',
    theme.operations
  );
  local failures = hourly(
    'Failed polls an hour, by reason',
    'Polls that failed, an hour, by why.',
    'vcc_poll_failures_total',
    'reason'
  ) + panel.stacked + panel.columns;
  local pollTimes = graph(
    'Duration of polls against their interval',
    'The 90th percentile of how long a poll takes, all its pages and commits, and the '
    + 'configured pause '
    + 'between two.',
    's',
    [
      panel.query(q.quantile(0.9, 'vcc_poll_duration_seconds', each, by=['operation']), '{{operation}}'),
      panel.query(q.now('max', 'vcc_poll_interval_seconds', [], 'operation="interactions"'), 'Pause'),
    ]
  ) + panel.coloured(theme.operations + theme.line('Pause', theme.bad)) + panel.noValue('No polls');
  local requests = hourly(
    'Requests an hour, by status',
    'HTTP requests to the API, an hour, by status code, or error where no answer came.',
    'vcc_api_requests_total',
    'code',
    theme.series('200', theme.good) + theme.series('429', theme.warning) + theme.series('401', theme.bad)
    + theme.series('500', theme.bad) + theme.series('503', theme.bad) + theme.series('error', theme.bad)
  ) + panel.stacked + panel.columns;
  local throttled = graph(
    'Throttled and repeated an hour',
    'Requests answered with 429 Too Many Requests, and requests repeated after a failure. The '
    + 'limit is '
    + 'shared by all integrations of the account.',
    'short',
    [
      panel.query(q.hourly(q.sum('vcc_api_throttled_total', each)), 'Throttled'),
      panel.query(q.hourly(q.sum('vcc_api_retries_total', each)), 'Repeated'),
    ]
  ) + panel.coloured(theme.series('Throttled', theme.bad) + theme.series('Repeated', theme.warning));
  local requestTimes = graph(
    'Duration of requests',
    'The 90th percentile of one HTTP exchange with the API.',
    's',
    [panel.query(q.quantile(0.9, 'vcc_api_request_duration_seconds', each, by=['operation']), '{{operation}}')]
  ) + panel.coloured(theme.operations) + panel.noValue('No requests');
  local token = graph(
    'Token expires in',
    'How long the current access token is still good for. It is renewed before it expires.',
    's',
    [panel.query(q.now('min', 'vcc_api_token_expiry_timestamp_seconds', ['account']) + ' - time()', '{{account}}')],
    12
  ) + panel.allowNegative + panel.noValue('No token');
  local disagreements = hourly(
    'Contradictory pages an hour',
    'Pages whose envelope contradicts itself or lacks a documented field, an hour, by what is wrong.',
    'vcc_api_page_meta_mismatches_total',
    'kind',
    w=12
  );

  local records = graph(
    'Records an hour',
    'Interaction records received, an hour, and how many of them held nothing new. Most of an '
    + 'overlap '
    + 'and of a second look does.',
    'short',
    [
      panel.query(q.hourly(q.sum('vcc_records_received_total', each)), 'Received'),
      panel.query(q.hourly(q.sum('vcc_records_duplicate_total', each)), 'Nothing new'),
    ]
  ) + panel.coloured(theme.series('Received', theme.neutral) + theme.series('Nothing new', theme.past));
  local rejects = hourly(
    'Records rejected an hour',
    'Records that could not be read, an hour, by why.',
    'vcc_records_rejected_total',
    'reason'
  ) + panel.columns;
  local facts = graph(
    'Facts not counted an hour',
    'Facts that were impossible or older than the ledger remembers, an hour, each once.',
    'short',
    [panel.query(q.hourly(q.sum('vcc_facts_rejected_total', each, by=['fact', 'reason'])), '{{fact}}: {{reason}}')]
  ) + panel.columns + panel.noValue('None so far');
  local recovered = hourly(
    'Facts recovered an hour',
    'Facts found only by reading the recent past again, an hour. It should stay at 0.',
    'vcc_recovered_facts_total',
    'fact'
  ) + panel.columns;
  local corrections = hourly(
    'Contradictions an hour',
    'Contradictions of facts already counted, an hour. The first final value stays.',
    'vcc_interaction_corrections_total',
    'fact'
  ) + panel.columns;
  local expired = hourly(
    'Interactions expired an hour',
    'Interactions without news for longer than the bound, an hour, by medium.',
    'vcc_interactions_expired_total',
    'medium',
    theme.media
  ) + panel.columns;

  local commits = graph(
    'Duration of commits',
    'How long a durable commit to the state takes. ' + whereNoAccount,
    's',
    [
      panel.query(q.quantile(0.5, 'vcc_exporter_state_commit_duration_seconds', each), 'Half within'),
      panel.query(q.quantile(0.9, 'vcc_exporter_state_commit_duration_seconds', each), '90 % within'),
      panel.query(q.quantile(0.99, 'vcc_exporter_state_commit_duration_seconds', each), '99 % within'),
    ]
  ) + panel.coloured(
    theme.series('Half within', theme.good) + theme.series('90 % within', theme.late) + theme.series('99 % within', theme.bad)
  ) + panel.noValue('No commits');
  local commitFailures = graph(
    'Commits an hour',
    'Durable commits an hour, and how many failed. Nothing of a failed one is shown; it is asked for '
    + 'again. ' + whereNoAccount,
    'short',
    [
      panel.query(q.hourly(q.sum('vcc_exporter_state_commit_duration_seconds_count', each)), 'Committed'),
      panel.query(q.hourly(q.sum('vcc_exporter_state_commit_failures_total', each)), 'Failed'),
    ]
  ) + panel.coloured(theme.series('Committed', theme.good) + theme.series('Failed', theme.bad));
  local disk = graph(
    'State and free space',
    'Size of the state file and what its file system has left. ' + whereNoAccount,
    'bytes',
    [
      panel.query(q.now('sum', 'vcc_exporter_state_size_bytes', ['instance']), '{{instance}}: state'),
      panel.query(q.now('min', 'vcc_exporter_state_filesystem_avail_bytes', ['instance']), '{{instance}}: free'),
    ]
  );
  local ledger = graph(
    'Interactions in the ledger',
    'Interactions the ledger remembers, and those of them that have not ended as far as it knows.',
    panel.number,
    [
      panel.query(q.now('sum', 'vcc_exporter_ledger_interactions', ['account']), '{{account}}: remembered'),
      panel.query(q.now('sum', 'vcc_exporter_open_interactions', ['account']), '{{account}}: open'),
    ],
    12
  ) + panel.decimals(0);
  local epoch = panel.table(
    'Exporters',
    'Which exporter counts what, in which version, since when, and since when its process runs.',
    [{ label: 'instance', name: 'Instance' }, { label: 'version', name: 'Version' }],
    [
      { name: 'Built', expr: q.now('max', 'vcc_exporter_build_info', ['instance', 'version']), unit: 'none', hidden: true },
      { name: 'Counts since', expr: '1000 * ' + q.now('min', 'vcc_exporter_epoch_timestamp_seconds', ['instance']), unit: 'dateTimeAsIso' },
      { name: 'Runs since', expr: '1000 * ' + q.now('min', 'process_start_time_seconds', ['instance']), unit: 'dateTimeAsIso' },
      { name: 'Configured', expr: '1000 * ' + q.now('min', 'vcc_exporter_config_last_reload_success_timestamp_seconds', ['instance']), unit: 'dateTimeAsIso' },
      { name: 'Newest file taken', expr: q.now('min', 'vcc_exporter_config_last_reload_successful', ['instance']), unit: 'bool_yes_no' },
    ]
  ) + panel.size(12, 8);

  local used = '%s / %s' % [
    q.now('max', 'vcc_exporter_series', ['family']),
    q.now('min', 'vcc_exporter_series_limit', ['family']),
  ];
  local series = panel.bars(
                   'Series, of the limit',
                   'How much of its limit each family uses, the twelve fullest. Beyond it, '
                   + 'values from outside count '
                   + 'under other. The limit is per account, the series are over all of them. ' + whereNoAccount,
                   'percentunit',
                   [panel.query(q.most(12, used), '{{family}}')]
                 ) + panel.decimals(1) + panel.thresholds([[theme.good], [theme.warning, 0.7], [theme.bad, 0.9]])
                 + { fieldConfig+: { defaults+: { max: 1 } } } + panel.size(12, 12);
  local seriesLine = graph(
    'Series',
    'Series of the ten largest families. ' + whereNoAccount,
    panel.number,
    [panel.query(q.most(10, q.now('max', 'vcc_exporter_series', ['family'])), '{{family}}')],
    12,
    12
  ) + panel.decimals(0);
  local overflow = graph(
    'Counted under other, an hour',
    'Increments counted under other because a limit was reached, an hour.',
    'short',
    [panel.query(q.hourly(q.sum('vcc_exporter_label_overflow_total', each, by=['label'])), '{{label}}')],
    12
  ) + panel.columns + panel.noValue('None so far');
  local redacted = graph(
    'Counted under redacted, an hour',
    'Increments counted under redacted because a value looked personal, an hour.',
    'short',
    [panel.query(q.hourly(q.sum('vcc_exporter_label_redacted_total', each, by=['label'])), '{{label}}')],
    12
  ) + panel.columns + panel.noValue('None so far');

  local noOtlp = panel.noValue('Nothing is exported over OTLP');
  local exports = hourly(
    'Exports an hour',
    'Exports over OTLP that ended, an hour, repeated and failed ones included. ' + whereNoAccount,
    'vcc_exporter_otlp_exports_total',
    'signal'
  ) + noOtlp;
  local exportFailures = graph(
    'Failed exports an hour',
    'Exports over OTLP that failed, an hour, by why. Metrics lose nothing by it: the next '
    + 'export carries '
    + 'the newest values. ' + whereNoAccount,
    'short',
    [panel.query(
      q.hourly(q.sum('vcc_exporter_otlp_export_failures_total', each, by=['signal', 'reason'])),
      '{{signal}}: {{reason}}'
    )]
  ) + panel.columns + noOtlp;
  local rejectedItems = hourly(
    'Items a receiver rejected an hour',
    'Points or spans that a receiver did not take in with the rest, an hour. ' + whereNoAccount,
    'vcc_exporter_otlp_rejected_items_total',
    'signal'
  ) + panel.columns + noOtlp;
  local outbox = graph(
    'Outbox',
    'Traces that wait to be taken by a receiver. ' + whereNoAccount,
    panel.number,
    [panel.query(q.now('sum', 'vcc_exporter_outbox_items', ['signal']), '{{signal}}')]
  ) + panel.decimals(0) + panel.noValue('No traces are exported');
  local outboxAge = graph(
    'Oldest in the outbox',
    'Since when the oldest trace waits. None is shown while nothing waits. ' + whereNoAccount,
    's',
    [panel.query(age('vcc_exporter_outbox_oldest_timestamp_seconds', ['signal']), '{{signal}}')]
  ) + panel.noValue('Nothing waits');
  local dropped = graph(
    'Dropped from the outbox an hour',
    'What no receiver took in time, an hour, by why. ' + whereNoAccount,
    'short',
    [panel.query(
      q.hourly(q.sum('vcc_exporter_outbox_dropped_total', each, by=['signal', 'reason'])),
      '{{signal}}: {{reason}}'
    )]
  ) + panel.columns + panel.noValue('No traces are exported');

  local memory = graph(
    'Memory',
    'Resident and virtual memory of the exporter. ' + whereNoAccount,
    'bytes',
    [
      panel.query(q.now('sum', 'process_resident_memory_bytes', ['instance']), '{{instance}}: resident'),
      panel.query(q.now('sum', 'process_virtual_memory_bytes', ['instance']), '{{instance}}: virtual'),
    ]
  );
  local cpu = graph(
    'Processor',
    'Processor time of the exporter, as a share of one core. ' + whereNoAccount,
    'percentunit',
    [panel.query(q.sum('process_cpu_seconds_total', each, by=['instance']), '{{instance}}')]
  ) + panel.decimals(1);
  local files = graph(
    'Files and threads',
    'Open file descriptors, how many are allowed, and threads. ' + whereNoAccount,
    panel.number,
    [
      panel.query(q.now('max', 'process_open_fds', ['instance']), '{{instance}}: open files'),
      panel.query(q.now('max', 'process_max_fds', ['instance']), '{{instance}}: allowed'),
      panel.query(q.now('max', 'process_threads', ['instance']), '{{instance}}: threads'),
    ]
  ) + panel.decimals(0) + panel.logarithmic;

  dashboard.new(
    config,
    'vcc-exporter',
    'Exporter health',
    'Whether the figures can be believed: how fresh they are, whether the API answers, what '
    + 'could not '
    + 'be read, and how the exporter itself is doing.',
    [variable.job, variable.instance, variable.account],
    'now-6h',
    [
      dashboard.row('At a glance', [cursor, lag, catchup, failing, holes, rejected]),
      dashboard.row('Freshness', [succeeded, catching, lags, latest, successes, lateness, latenessSpread]),
      dashboard.row('Asking the API', [
        polls,
        failures,
        pollTimes,
        requests,
        throttled,
        requestTimes,
        token,
        disagreements,
      ]),
      dashboard.row('What was read', [records, rejects, facts, recovered, corrections, expired]),
      dashboard.row('State', [commits, commitFailures, disk, ledger, epoch]),
      dashboard.row('Series', [series, seriesLine, overflow, redacted]),
      dashboard.row('OTLP', [exports, exportFailures, rejectedItems, outbox, outboxAge, dropped]),
      dashboard.row('Process', [memory, cpu, files]),
    ]
  )
