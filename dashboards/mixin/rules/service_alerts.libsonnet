// Alerts of the service customers get: service level, abandonment, waiting.
//
// The budget is what the objective allows to be missed. At an objective of 80 % it cannot burn
// faster than 5 times, so the factors known from 99.9 % would never fire. Each burn looks at a long
// window, for the weight, and at a short one, to end when it is over.
local alerts = import 'alert.libsonnet';

{
  local config = $._config,
  local windows = config.windows,
  local pendingFor = config.pendingFor,

  local burn(level, long, short, threshold) =
    |||
      %(level)s:vcc_service_level_burn:factor%(long)s %(over)s
      and
        %(level)s:vcc_service_level_burn:factor%(short)s %(over)s
      and
        %(level)s:vcc_service_level_eligible:rate%(long)s * %(seconds)d %(volume)s
      and on (account)
        account:vcc_data_usable:%(long)s
    ||| % {
      level: level,
      long: long,
      short: short,
      seconds: (import 'durations.libsonnet').seconds(long),
      over: alerts.over(threshold),
      volume: alerts.atLeast('volume'),
    },

  prometheusAlerts+:: {
    groups+: [alerts.group(config, 'vcc-service', 'contact-centre', [
      {
        name: 'VccServiceLevelBurnFast',
        severity: 'critical',
        pending: pendingFor.quick,
        calm: config.calm,
        dashboard: 'vcc-overview',
        expr: burn('account_medium', windows.hour, windows.burst, 'burn_fast_factor'),
        summary: 'The service level of a medium collapses.',
        description: 'In the last hour {{ $labels.medium }} of account {{ $labels.account }} missed its target {{ $value | humanize }} times as often as the objective allows. Most customers wait too long right now.',
      },
      {
        name: 'VccServiceLevelBurn',
        severity: 'warning',
        pending: pendingFor.usual,
        calm: config.calm,
        dashboard: 'vcc-queues',
        expr: burn('account_medium_virtual_queue', windows.shift, windows.hour, 'burn_factor'),
        summary: 'The service level of a queue is below its objective.',
        description: 'In the last six hours {{ $labels.virtual_queue }} ({{ $labels.medium }}) of account {{ $labels.account }} missed its target {{ $value | humanize }} times as often as the objective allows. The day will not be saved without more agents there.',
      },
      {
        name: 'VccServiceLevelBurnSlow',
        severity: 'info',
        pending: pendingFor.long,
        calm: config.calm,
        dashboard: 'vcc-overview',
        expr: burn('account_medium', windows.budget, windows.shift, 'burn_slow_factor'),
        summary: 'The service level of some days is below the objective.',
        description: 'In the last three days {{ $labels.medium }} of account {{ $labels.account }} missed its target {{ $value | humanize }} times as often as the objective allows. Staffing and demand do not fit.',
      },
      {
        name: 'VccAbandonmentHigh',
        severity: 'warning',
        pending: pendingFor.usual,
        calm: config.calm,
        dashboard: 'vcc-queues',
        expr: |||
          account_medium:vcc_queue_abandonment:ratio_rate%(hour)s %(over)s
          and
            account_medium:vcc_queue_offered:rate%(hour)s * %(seconds)d %(volume)s
          and on (account)
            account:vcc_data_usable:%(hour)s
        ||| % {
          hour: windows.hour,
          seconds: (import 'durations.libsonnet').seconds(windows.hour),
          over: alerts.over('abandonment_ratio'),
          volume: alerts.atLeast('volume'),
        },
        summary: 'Many customers give up waiting.',
        description: 'In the last hour {{ $value | humanizePercentage }} of those who queued for {{ $labels.medium }} of account {{ $labels.account }} gave up, quick hang-ups left out. They will call again.',
      },
      {
        name: 'VccWaitFarOverTarget',
        severity: 'warning',
        pending: pendingFor.quick,
        dashboard: 'vcc-queues',
        // The entry is in the API's clock. Without fresh live data the gauge is absent. While calls
        // are in progress the API must have news: a wait is then believed up to the newest of it,
        // because in an API that stalls everybody who waited seems to wait on.
        expr: |||
          (
            time() - min by (account, virtual_queue) (vcc_queue_oldest_entry_timestamp_seconds)
            + on (account) group_left () max by (account) (vcc_api_clock_skew_seconds)
            - on (account) group_left () (
                max by (account) (vcc_api_lag_seconds)
                * on (account) (
                    sum by (account) (vcc_interactions_in_progress{state=~"ringing|connected",medium!~"%(slow)s"})
                    >= bool on () group_left () vcc:threshold:in_progress
                  )
              or
                max by (account) (vcc_api_clock_skew_seconds) * 0
            )
          )
          / on (account, virtual_queue) group_left () max by (account, virtual_queue) (vcc_service_level_target_seconds)
          %(over)s
          and on (account)
            account:vcc_data_fresh:bool == 1
        ||| % { over: alerts.over('wait_over_target_factor'), slow: config.slowMedia },
        summary: 'Somebody waits far longer than the target.',
        description: 'The longest wait in {{ $labels.virtual_queue }} of account {{ $labels.account }} is {{ $value | humanize }} times its target. That customer is still waiting.',
      },
    ])],
  },
}
