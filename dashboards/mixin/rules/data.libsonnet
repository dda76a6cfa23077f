// Whether an account's data can be believed: how far they are behind, and over which windows.
//
// After an outage the facts of hours arrive within minutes. A ratio over a window in which they lie
// says nothing about that window, so the alerts of the contact centre ask `account:vcc_data_usable`
// of theirs, which is there if
// - the data are fresh now;
// - they were fresh all through the window, a few minutes apart: an exporter that was gone has no
//   catching up to show if it is done before the first scrape;
// - and no catching up was seen in it.
local durations = import 'durations.libsonnet';

{
  local config = $._config,
  local usual = durations.seconds(config.pendingFor.usual),

  // A burst goes on for some minutes after the gauge says that catching up is over.
  local margin = 2 * usual,

  // What may be missing: what the exporter does not call catching up yet, or a share of the window
  // in which late facts change little.
  local missing(window) = std.max(usual, window / 20),

  local usable(text) = {
    local window = durations.seconds(text),
    local resolution = durations.sixtieth(text),
    local points = (window + margin - missing(window)) / durations.seconds(resolution),
    record: 'account:vcc_data_usable:' + text,
    expr: |||
      (
        account:vcc_data_fresh:bool == 1
      and
        sum_over_time(account:vcc_data_fresh:bool[%(span)s:%(resolution)s]) >= %(points)d
      )
      unless on (account)
        max by (account) (max_over_time(vcc_catchup_in_progress[%(span)s])) > 0
    ||| % {
      span: durations.text(window + margin),
      resolution: resolution,
      points: std.floor(points),
    },
  },

  prometheusRules+:: {
    groups+: [{
      name: 'vcc-data',
      rules: [
        {
          // The cursor is in the API's clock and time() in ours.
          record: 'account:vcc_cursor_age_seconds:min',
          expr: |||
            time()
            + (
                max by (account) (vcc_api_clock_skew_seconds)
              or
                max by (account) (vcc_cursor_timestamp_seconds) * 0
            )
            - max by (account) (vcc_cursor_timestamp_seconds)
          |||,
        },
        {
          record: 'account:vcc_data_fresh:bool',
          expr: |||
            account:vcc_cursor_age_seconds:min < bool on () group_left () vcc:threshold:data_stale_seconds
          |||,
        },
      ] + [usable(config.windows[name]) for name in ['hour', 'shift', 'day', 'budget']],
    }],
  },
}
