// Alerts of demand and of what becomes of it: nothing comes in, nobody answers, assistants contain
// less, queues have no target.
local alerts = import 'alert.libsonnet';
local durations = import 'durations.libsonnet';

{
  local config = $._config,
  local windows = config.windows,
  local pendingFor = config.pendingFor,

  // The hours around this one in an earlier week: a change of the clocks moves traffic by an hour,
  // and a quiet hour beside a busy one is no news.
  local expected(weeks) =
    'min_over_time(account:vcc_interactions_started:rate%(hour)s[2h] offset %(offset)dh) * 3600 %(volume)s'
    % {
      hour: windows.hour,
      offset: weeks * 7 * 24 - 1,
      volume: alerts.atLeast('volume'),
    },

  prometheusAlerts+:: {
    groups+: [alerts.group(config, 'vcc-demand', 'contact-centre', [
      {
        name: 'VccNoInteractions',
        severity: 'critical',
        pending: pendingFor.long,
        dashboard: 'vcc-overview',
        expr: |||
          account:vcc_interactions_started:rate%(burst)s == 0
          and on (account)
            %(last)s
          and on (account)
            %(before)s
          and on (account)
            account:vcc_data_usable:%(hour)s
        ||| % {
          burst: windows.burst,
          hour: windows.hour,
          last: expected(1),
          before: expected(2),
        },
        summary: 'Nothing comes in.',
        description: 'No interaction of account {{ $labels.account }} has started for half an hour, though this hour of the last two weeks was busy. The lines, the widget or the routing may be down; or it is a holiday.',
      },
      {
        name: 'VccUnansweredOffersHigh',
        severity: 'warning',
        pending: pendingFor.usual,
        calm: config.calm,
        dashboard: 'vcc-handling',
        expr: |||
          account_medium:vcc_agent_offers_unanswered:ratio_rate%(hour)s %(over)s
          and
            account_medium:vcc_agent_offers:rate%(hour)s * %(seconds)d %(volume)s
          and on (account)
            account:vcc_data_usable:%(hour)s
        ||| % {
          hour: windows.hour,
          seconds: durations.seconds(windows.hour),
          over: alerts.over('unanswered_ratio'),
          volume: alerts.atLeast('volume'),
        },
        summary: 'Agents do not answer what they are offered.',
        description: 'In the last hour {{ $value | humanizePercentage }} of the offers of {{ $labels.medium }} of account {{ $labels.account }} were not answered. Customers wait on while it rings at nobody.',
      },
      {
        name: 'VccContainmentFalling',
        severity: 'info',
        pending: '30m',
        calm: windows.hour,
        dashboard: 'vcc-self-service',
        expr: |||
          (
            account_assistant:vcc_virtual_assistant_contained:ratio_rate%(week)s
            - account_assistant:vcc_virtual_assistant_contained:ratio_rate%(day)s
          ) %(over)s
          and
            account_assistant:vcc_virtual_assistant_interactions:rate%(day)s * %(seconds)d %(volume)s
          and on (account)
            account:vcc_data_usable:%(day)s
        ||| % {
          week: windows.week,
          day: windows.day,
          seconds: durations.seconds(windows.day),
          over: alerts.over('containment_drop_ratio'),
          volume: alerts.atLeast('volume'),
        },
        summary: 'A virtual assistant contains less than in the week.',
        description: 'The share of interactions that {{ $labels.assistant }} of account {{ $labels.account }} kept from the queues is {{ $value | humanizePercentage }} lower today than over the week, in points. More of them reach agents.',
      },
      {
        name: 'VccTrafficWithoutTarget',
        severity: 'info',
        pending: '30m',
        calm: windows.hour,
        dashboard: 'vcc-queues',
        expr: |||
          (
            sum by (account, medium, virtual_queue) (rate(vcc_queue_exits_total{timing="no_target"}[%(day)s]))
            / sum by (account, medium, virtual_queue) (rate(vcc_queue_exits_total[%(day)s]))
          ) %(over)s
          and on (account, medium, virtual_queue)
            sum by (account, medium, virtual_queue) (increase(vcc_queue_exits_total[%(day)s])) %(volume)s
          and on (account)
            account:vcc_data_usable:%(day)s
        ||| % {
          day: windows.day,
          over: alerts.over('no_target_ratio'),
          volume: alerts.atLeast('volume'),
        },
        summary: 'A queue has no service-level target.',
        description: '{{ $value | humanizePercentage }} of the exits from {{ $labels.virtual_queue }} ({{ $labels.medium }}) of account {{ $labels.account }} have no target, so they are in no service level.',
      },
    ])],
  },
}
