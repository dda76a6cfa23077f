// What comes in, what agents are offered, and what assistants contain.
{
  local windows = $._config.windows,

  local rate(level, name, selector, window) = {
    record: '%s:%s:rate%s' % [level, name, window],
    expr: 'sum by (%s) (rate(%s[%s]))' % [std.join(', ', std.split(level, '_')), selector, window],
  },

  // The part, 0 where there is the whole and not the part.
  local part(level, name, selector, window, whole) =
    rate(level, name, selector, window) + {
      expr: '%s\nor\n%s:%s:rate%s * 0\n' % [super.expr, level, whole, window],
    },

  local ratio(level, name, top, bottom, window) = {
    record: '%s:%s:ratio_rate%s' % [level, name, window],
    expr: '%(level)s:%(top)s:rate%(window)s / %(level)s:%(bottom)s:rate%(window)s' % {
      level: level,
      top: top,
      bottom: bottom,
      window: window,
    },
  },

  local started = 'vcc_interactions_started',
  local offers = 'vcc_agent_offers',
  local unanswered = 'vcc_agent_offers_unanswered',
  local sessions = 'vcc_virtual_assistant_interactions',
  local contained = 'vcc_virtual_assistant_contained',

  prometheusRules+:: {
    groups+: [{
      name: 'vcc-work',
      rules:
        [
          rate('account', started, 'vcc_interactions_started_total', window)
          for window in [windows.burst, windows.hour]
        ]
        + [
          rate('account_medium', offers, 'vcc_agent_offers_total{result=~"answered|unanswered"}', windows.hour),
          part('account_medium', unanswered, 'vcc_agent_offers_total{result="unanswered"}', windows.hour, offers),
          ratio('account_medium', unanswered, unanswered, offers, windows.hour),
        ]
        + std.flattenArrays([
          [
            rate('account_assistant', sessions, 'vcc_virtual_assistant_interactions_total', window),
            part('account_assistant', contained, 'vcc_virtual_assistant_interactions_total{result="contained"}', window, sessions),
            ratio('account_assistant', contained, contained, sessions, window),
          ]
          for window in [windows.day, windows.week]
        ]),
    }],
  },
}
