// Bots and self-service: what customers do before, or without, an agent.
local dashboard = import '../lib/dashboard.libsonnet';
local panel = import '../lib/panel.libsonnet';
local queries = import '../lib/query.libsonnet';
local theme = import '../lib/theme.libsonnet';
local variable = import '../lib/variable.libsonnet';

function(config)
  local q = queries.new(['account', 'medium', 'group']);
  local whole = queries.whole;
  local each = queries.each;
  local noGroup = 'The reporting group does not narrow it.';

  local against(of) = [
    panel.query(of(whole), 'this period'),
    panel.query(of(queries.ago(whole)), 'a week before'),
  ];

  local interactions = 'vcc_virtual_assistant_interactions_total';
  local sessions = 'vcc_virtual_assistant_sessions_total';
  local contained(span, by=[]) =
    q.ratio(q.sum(interactions, span, 'result="contained"', by), q.sum(interactions, span, by=by));

  local containment =
    panel.stat(
      'Containment',
      'Share of the interactions with an assistant that ended without a queue and without an agent. '
      + 'Contained is not resolved: it holds those who gave up. Beside it the same a week '
      + 'before. ' + noGroup,
      'percentunit',
      against(contained)
    )
    + panel.share + panel.fixed(theme.answered) + panel.compared + panel.noValue('No interactions')
    + panel.size(6, 6);

  local number(title, description, sample, colour) =
    panel.stat(
      title,
      description + ' Beside it the same a week before. ' + noGroup,
      panel.number,
      against(function(span) q.count(q.sum(sample, span)))
    )
    + panel.decimals(0) + panel.fixed(colour) + panel.compared + panel.size(6, 6);

  local sessionCount = number(
    'Sessions', 'Sessions with a virtual assistant that finished.', sessions, theme.neutral
  );
  local messageCount = number(
    'Messages',
    'Messages exchanged in sessions with a virtual assistant.',
    'vcc_virtual_assistant_messages_total',
    'purple'
  );
  local voicemailCount = number('Voicemails', 'Voicemails left.', 'vcc_voicemails_total', theme.breakout);

  local sessionLine =
    panel.graph(
      'Sessions an hour, by result',
      'Sessions with a virtual assistant that finished, an hour, by the result the assistant '
      + 'gave. ' + noGroup,
      'short',
      [panel.query(q.hourly(q.sum(sessions, each, by=['result'])), '{{result}}')]
    )
    + panel.stacked + panel.columns + panel.quarters + panel.coloured(theme.assistants)
    + panel.size(12, 9);

  local containmentLine =
    panel.graph(
      'Containment, by assistant',
      'Share of the interactions that ended without a queue and without an agent, for the last '
      + 'assistant of each. ' + noGroup,
      'percentunit',
      [panel.query(contained(each, ['assistant']), '{{assistant}}')]
    )
    + panel.hours + panel.share + panel.noValue('No interactions')
    + panel.size(12, 9);

  local by = ['assistant'];
  local assistants =
    panel.table(
      'Assistants',
      'Each assistant over the range that is shown. Interactions count under their last '
      + 'assistant. ' + noGroup,
      [{ label: 'assistant', name: 'Assistant' }],
      [
        panel.counted('Sessions', q.count(q.sum(sessions, whole, by=by))),
        panel.counted('Interactions', q.count(q.sum(interactions, whole, by=by))),
        panel.shared('Contained', contained(whole, by)) + { colour: theme.answered },
        panel.shared('Went to an agent', q.ratio(
          q.sum(interactions, whole, 'result="agent"', by), q.sum(interactions, whole, by=by)
        )) + { colour: theme.neutral },
        panel.shared('Queued, no agent', q.ratio(
          q.sum(interactions, whole, 'result="queued"', by), q.sum(interactions, whole, by=by)
        )) + { colour: theme.breakout },
        panel.timed('Average length', q.mean('vcc_virtual_assistant_seconds', whole, by=by)),
        {
          name: 'Messages a session',
          expr: '%s / (%s > 0)' % [
            q.sum('vcc_virtual_assistant_messages_total', whole, by=by),
            q.sum(sessions, whole, by=by),
          ],
          unit: 'short',
          decimals: 1,
        },
      ]
    )
    + panel.size(24, 8);

  local interactionLine =
    panel.graph(
      'Interactions with an assistant an hour',
      'Ended interactions with a virtual assistant, an hour, by where they went. ' + noGroup,
      'short',
      [panel.query(q.hourly(q.sum(interactions, each, by=['result'])), '{{result}}')]
    )
    + panel.stacked + panel.columns + panel.quarters + panel.coloured(theme.assistants)
    + panel.size(12, 8);

  local lengths =
    panel.graph(
      'Length of sessions',
      'How long sessions with a virtual assistant last. ' + noGroup,
      's',
      [
        panel.query(q.mean('vcc_virtual_assistant_seconds', each), 'Mean'),
        panel.query(q.quantile(0.9, 'vcc_virtual_assistant_seconds', each), '90 % within'),
      ]
    )
    + panel.hours
    + panel.coloured(theme.series('Mean', theme.answered) + theme.series('90 % within', theme.late))
    + panel.noValue('No sessions') + panel.size(12, 8);

  local messages =
    panel.graph(
      'Messages an hour, by assistant',
      'Messages exchanged with virtual assistants, an hour. ' + noGroup,
      'short',
      [panel.query(
        q.hourly(q.sum('vcc_virtual_assistant_messages_total', each, by=by)), '{{assistant}}'
      )]
    )
    + panel.stacked + panel.columns + panel.quarters + panel.size(12, 8);

  local alone =
    panel.graph(
      'Ended in self-service an hour',
      'Interactions that ended without a queue and without an agent, an hour, by medium.',
      'short',
      [panel.query(
        q.hourly(q.sum('vcc_interactions_total', each, 'path="self_service"', ['medium'])), '{{medium}}'
      )]
    )
    + panel.stacked + panel.columns + panel.quarters + panel.coloured(theme.media) + panel.size(12, 8);

  local most(title, description, sample, label) =
    panel.bars(
      title,
      description,
      panel.number,
      [panel.query(q.most(15, q.count(q.sum(sample, whole, by=[label]))), '{{%s}}' % label)]
    )
    + panel.decimals(0) + panel.size(8, 9);

  local plans = most(
    'Interaction plans',
    'Interaction plans entered: the fifteen most frequent.',
    'vcc_interaction_plans_total',
    'interaction_plan'
  );
  local applets = most(
    'Applets',
    'Applets that interaction plans ran, by type. ' + noGroup,
    'vcc_applets_total',
    'applet_type'
  );
  local events = most(
    'Events',
    'Everything that finished in a channel, by type: nothing the contact centre sends goes '
    + 'unseen. Medium and reporting group do not narrow it.',
    'vcc_events_total',
    'type'
  );

  local voicemails =
    panel.graph(
      'Voicemails an hour',
      'Voicemails left, an hour, by medium. ' + noGroup,
      'short',
      [panel.query(q.hourly(q.sum('vcc_voicemails_total', each, by=['medium'])), '{{medium}}')]
    )
    + panel.stacked + panel.columns + panel.quarters + panel.coloured(theme.media)
    + panel.noValue('None left') + panel.size(12, 8);

  local voicemailPlaces =
    panel.bars(
      'Where voicemails are left',
      'Voicemails, by the type of the applet that took them. ' + noGroup,
      panel.number,
      [panel.query(q.count(q.sum('vcc_voicemails_total', whole, by=['applet_type'])), '{{applet_type}}')]
    )
    + panel.decimals(0) + panel.fixed(theme.breakout) + panel.noValue('None left') + panel.size(12, 8);

  local recordings =
    panel.graph(
      'Recorded an hour',
      'Call recordings that ended, an hour, by whose channel was recorded. ' + noGroup,
      'short',
      [panel.query(q.hourly(q.sum('vcc_recording_seconds_count', each, by=['role'])), '{{role}}')]
    )
    + panel.columns + panel.quarters + panel.noValue('Nothing recorded') + panel.size(8, 8);

  local recordingLength =
    panel.graph(
      'Length of recordings',
      'Mean length of a call recording, by whose channel was recorded. ' + noGroup,
      's',
      [panel.query(q.mean('vcc_recording_seconds', each, by=['role']), '{{role}}')]
    )
    + panel.hours + panel.noValue('Nothing recorded') + panel.size(8, 8);

  local values =
    panel.graph(
      'Values from data sources an hour',
      'Values interaction plans acquired from data sources, an hour, by medium; the values '
      + 'themselves '
      + 'are never kept. ' + noGroup,
      'short',
      [panel.query(q.hourly(q.sum('vcc_data_source_values_total', each, by=['medium'])), '{{medium}}')]
    )
    + panel.stacked + panel.columns + panel.quarters + panel.coloured(theme.media)
    + panel.noValue('None acquired') + panel.size(8, 8);

  dashboard.new(
    config,
    'vcc-self-service',
    'Bots and self-service',
    'What customers do before, or without, an agent: virtual assistants and how many they contain, '
    + 'applets, plans, voicemail and recordings.',
    [variable.account, variable.medium, variable.group, variable.queue + variable.hidden],
    'now/d',
    [
      dashboard.row('Today at a glance', [containment, sessionCount, messageCount, voicemailCount]),
      dashboard.row('Virtual assistants', [
        sessionLine,
        containmentLine,
        assistants,
        interactionLine,
        lengths,
        messages,
        alone,
      ]),
      dashboard.row('Plans and applets', [plans, applets, events]),
      dashboard.row('Voicemail', [voicemails, voicemailPlaces]),
      dashboard.row('Recordings and data', [recordings, recordingLength, values]),
    ]
  )
