// The thresholds as series: see thresholds.libsonnet one level up for what each means.

// jsonnet would write 0.15 as 0.14999999999999999.
local number(value) = (if value == std.floor(value) then '%d' else '%g') % value;

{
  prometheusRules+:: {
    groups+: [{
      name: 'vcc-thresholds',
      rules: [
        {
          record: 'vcc:threshold:' + name,
          expr: 'vector(%s)' % number($._config.thresholds[name].value),
        }
        for name in std.objectFields($._config.thresholds)
      ],
    }],
  },
}
