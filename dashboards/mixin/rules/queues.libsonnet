// Service level, abandonment, time to answer and handle time: per virtual queue, per reporting group
// and over all of a medium.
//
// A wait may name several virtual queues, so nothing per queue is ever summed: groups and media come
// from the acd families, which count a wait once. Numerators and denominators are kept, so that any
// ratio can be made of them; no ratio is averaged.
{
  local config = $._config,
  local windows = config.windows,

  local breakouts =
    '|(AgentDecline|NoAgents|QueueCapacity|QueueTime|Voluntary)Breakout|MaxEstimatedWaitTime',
  local eligible =
    '{result=~"Delivered|HangUp%s",timing=~"within|late"}'
    % if config.countBreakouts then breakouts else '',

  local all = [windows[name] for name in ['burst', 'hour', 'shift', 'day', 'budget']],
  local few = [windows[name] for name in ['hour', 'day']],

  // What is counted: the series of a queue, and those of a reporting group. A numerator names what
  // it is a share of, and is 0 where there is the whole and not the part.
  local quantities = [
    {
      name: 'vcc_service_level_eligible',
      queue: 'vcc_service_level_eligible_total',
      group: 'vcc_acd_queue_exits_total' + eligible,
      windows: all,
    },
    {
      name: 'vcc_service_level_met',
      queue: 'vcc_service_level_met_total',
      group: 'vcc_acd_queue_exits_total{result="Delivered",timing="within"}',
      windows: all,
      of: 'vcc_service_level_eligible',
    },
    {
      name: 'vcc_queue_offered',
      queue: 'vcc_queue_exits_total{timing!="short"}',
      group: 'vcc_acd_queue_exits_total{timing!="short"}',
      windows: few,
    },
    {
      name: 'vcc_queue_abandoned',
      queue: 'vcc_queue_exits_total{result="HangUp",timing!="short"}',
      group: 'vcc_acd_queue_exits_total{result="HangUp",timing!="short"}',
      windows: few,
      of: 'vcc_queue_offered',
    },
    {
      name: 'vcc_queue_answer_seconds_count',
      queue: 'vcc_queue_wait_seconds_count{category="answered"}',
      group: 'vcc_acd_queue_wait_seconds_count{category="answered"}',
      windows: few,
    },
    {
      name: 'vcc_queue_answer_seconds_sum',
      queue: 'vcc_queue_wait_seconds_sum{category="answered"}',
      group: 'vcc_acd_queue_wait_seconds_sum{category="answered"}',
      windows: few,
    },
    {
      name: 'vcc_interaction_handle_seconds_count',
      queue: 'vcc_interaction_handle_seconds_count',
      group: 'vcc_interaction_handle_seconds_count',
      windows: few,
    },
    {
      name: 'vcc_interaction_handle_seconds_sum',
      queue: 'vcc_interaction_handle_seconds_sum',
      group: 'vcc_interaction_handle_seconds_sum',
      windows: few,
    },
  ],

  local quotients = [
    { name: 'vcc_service_level:ratio_rate', of: ['vcc_service_level_met', 'vcc_service_level_eligible'], windows: all },
    { name: 'vcc_queue_abandonment:ratio_rate', of: ['vcc_queue_abandoned', 'vcc_queue_offered'], windows: few },
    { name: 'vcc_queue_answer_seconds:mean', of: ['vcc_queue_answer_seconds_sum', 'vcc_queue_answer_seconds_count'], windows: few },
    { name: 'vcc_interaction_handle_seconds:mean', of: ['vcc_interaction_handle_seconds_sum', 'vcc_interaction_handle_seconds_count'], windows: few },
  ],

  // How many times faster than the objective allows its budget is spent.
  local burn(level, by) = [
    {
      record: '%s:vcc_service_level_burn:factor%s' % [level, window],
      expr: |||
        (1 - %(level)s:vcc_service_level:ratio_rate%(window)s)
        / on (%(by)s) group_left ()
        (1 - max by (%(by)s) (vcc_service_level_objective_ratio))
      ||| % { level: level, window: window, by: by },
    }
    for window in all
  ],

  local rated(level, series) = [
    {
      record: '%s:%s:rate%s' % [level, quantity.name, window],
      expr:
        series(quantity, window)
        + if 'of' in quantity then
          'or\n%s:%s:rate%s * 0\n' % [level, quantity.of, window]
        else '',
    }
    for quantity in quantities
    for window in quantity.windows
  ],

  local divided(level) = [
    {
      record: '%s:%s%s' % [level, quotient.name, window],
      expr: '%(level)s:%(top)s:rate%(window)s / %(level)s:%(bottom)s:rate%(window)s' % {
        level: level,
        top: quotient.of[0],
        bottom: quotient.of[1],
        window: window,
      },
    }
    for quotient in quotients
    for window in quotient.windows
  ],

  local queue = 'account_medium_virtual_queue',
  local group = 'account_medium_reporting_group',
  local overall = 'account_medium',

  prometheusRules+:: {
    groups+: [
      {
        name: 'vcc-queues',
        rules:
          rated(queue, function(quantity, window)
            'sum by (account, medium, virtual_queue) (rate(%s[%s]))\n' % [quantity.queue, window])
          + divided(queue)
          + burn(queue, 'account, virtual_queue'),
      },
      {
        name: 'vcc-overall',
        rules:
          rated(group, function(quantity, window)
            'sum by (account, medium, reporting_group) (rate(%s[%s]))\n' % [quantity.group, window])
          + divided(group)
          + rated(overall, function(quantity, window)
            'sum by (account, medium) (%s:%s:rate%s)\n' % [group, quantity.name, window])
          + divided(overall)
          + burn(overall, 'account'),
      },
    ],
  },
}
