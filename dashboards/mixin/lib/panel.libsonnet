// Panels, as little JSON as they need. A panel is built from what it says and its targets; what
// is special about it is added: `panel.graph(…) + panel.stacked + panel.size(12, 9)`.
local theme = import 'theme.libsonnet';

local datasource = { type: 'prometheus', uid: '$datasource' };

// The plugins' version the options are written for; without one Grafana takes them for ancient.
local version = '13.2.2';

local letters = std.stringChars('ABCDEFGHIJKLMNOPQRSTUVWXYZ');

// A target is an expression with the legend of its series, or just the expression.
local target(index, given, format) =
  local asked = if std.isString(given) then { expr: given } else given;
  {
    datasource: datasource,
    editorMode: 'code',
    expr: asked.expr,
    format: format,
    legendFormat: std.get(asked, 'legend', '__auto'),
    refId: letters[index],
  };

local ranged = { instant: false, range: true };
local instant = { instant: true, range: false };

local panel(type, title, description, unit, targets, format='time_series', at=instant) = {
  type: type,
  title: title,
  description: description,
  datasource: datasource,
  pluginVersion: version,
  fieldConfig: {
    defaults: { unit: unit, min: 0, noValue: 'Nothing counted' },
    overrides: [],
  },
  targets: std.mapWithIndex(function(i, given) target(i, given, format) + at, targets),
};

local defaults(config) = { fieldConfig+: { defaults+: config } };

// `[[colour], [colour, from], …]`, as Grafana has it.
local steps(given) = [
  { color: step[0], value: if std.length(step) > 1 then step[1] else null }
  for step in given
];

local lastValue = { calcs: ['lastNotNull'], fields: '', values: false };

{
  // Units: whole things with all their digits, and times as hours, minutes and seconds.
  number:: 'locale',
  clock:: 'dthms',
  times:: 'suffix: ×',

  // Columns of tables.
  counted(name, expr):: { name: name, expr: expr, unit: $.number, decimals: 0 },
  shared(name, expr):: { name: name, expr: expr, unit: 'percentunit', decimals: 1 },
  timed(name, expr):: { name: name, expr: expr, unit: $.clock },

  query(expr, legend):: { expr: expr, legend: legend },

  // A number to be read from across the room.
  stat(title, description, unit, targets)::
    panel('stat', title, description, unit, targets)
    + defaults({ color: { mode: 'fixed', fixedColor: theme.neutral } })
    + {
      options: {
        colorMode: 'value',
        graphMode: 'none',
        justifyMode: 'center',
        orientation: 'horizontal',
        percentChangeColorMode: 'standard',
        reduceOptions: lastValue,
        showPercentChange: false,
        text: { titleSize: 16 },
        textMode: if std.length(targets) > 1 then 'value_and_name' else 'value',
        wideLayout: false,
      },
    },

  graph(title, description, unit, targets)::
    panel('timeseries', title, description, unit, targets, at=ranged)
    + defaults({
      color: { mode: 'palette-classic' },
      custom: {
        axisGridShow: true,
        barAlignment: -1,
        drawStyle: 'line',
        fillOpacity: 0,
        lineInterpolation: 'linear',
        lineWidth: 2,
        pointSize: 4,
        showPoints: 'auto',
        spanNulls: false,
        stacking: { mode: 'none', group: 'A' },
      },
    })
    + {
      options: {
        legend: { calcs: [], displayMode: 'list', placement: 'bottom', showLegend: true },
        tooltip: { mode: 'multi', sort: 'desc', hideZeros: false },
      },
    },

  // A bar a series, the longest on top. Where the order is given another way, `ranked` is false.
  bars(title, description, unit, targets, ranked=true)::
    local longestFirst(given) = given { expr: 'sort_desc(%s)' % super.expr };
    panel('bargauge', title, description, unit, if ranked then std.map(longestFirst, targets) else targets)
    + defaults({ color: { mode: 'fixed', fixedColor: theme.neutral } })
    + {
      options: {
        displayMode: 'basic',
        legend: { calcs: [], displayMode: 'list', placement: 'bottom', showLegend: false },
        maxVizHeight: 40,
        minVizHeight: 16,
        minVizWidth: 8,
        namePlacement: 'left',
        orientation: 'horizontal',
        reduceOptions: lastValue,
        showUnfilled: false,
        sizing: 'auto',
        text: { titleSize: 14, valueSize: 18 },
        valueMode: 'text',
      },
    },

  // How waits are spread over their lengths: one cell a bucket and a moment, the fuller the brighter.
  heatmap(title, description, expr)::
    panel('heatmap', title, description, 's', [{ expr: expr, legend: '{{le}}' }], 'heatmap', ranged)
    + {
      options: {
        calculate: false,
        cellGap: 1,
        cellValues: { unit: 'short', decimals: 0 },
        color: {
          exponent: 0.5,
          fill: theme.neutral,
          mode: 'scheme',
          reverse: false,
          scale: 'exponential',
          scheme: 'Oranges',
          steps: 64,
        },
        exemplars: { color: theme.bad },
        filterValues: { le: 1e-9 },
        legend: { show: true },
        rowsFrame: { layout: 'auto' },
        showValue: 'never',
        tooltip: { mode: 'single', showColorScale: true, yHistogram: false },
        yAxis: { axisPlacement: 'left', reverse: false, unit: 's' },
      },
    },

  // What was the case when, one line a series.
  timeline(title, description, targets, said)::
    panel('state-timeline', title, description, 'none', targets, at=ranged)
    + defaults({
      color: { mode: 'thresholds' },
      custom: { fillOpacity: 70, lineWidth: 0 },
      mappings: [{
        type: 'value',
        options: {
          [value]: { index: std.parseInt(value), text: said[value].text, color: said[value].colour }
          for value in std.objectFields(said)
        },
      }],
    })
    + {
      options: {
        alignValue: 'left',
        legend: { calcs: [], displayMode: 'list', placement: 'bottom', showLegend: false },
        mergeValues: true,
        rowHeight: 0.8,
        showValue: 'auto',
        tooltip: { mode: 'single', sort: 'none' },
      },
    },

  // A row a value of `keys`, which are labels, a column a query: `{ name, expr, unit, … }`. A key
  // with a `link` leads there.
  table(title, description, keys, columns)::
    local value(i) = 'Value #' + letters[i];
    panel('table', title, description, 'short', [column.expr for column in columns], 'table')
    + defaults({ noValue: '–', custom: { align: 'auto', cellOptions: { type: 'auto' }, inspect: false } })
    + {
      fieldConfig+: {
        overrides: [
          {
            matcher: { id: 'byName', options: column.name },
            properties:
              [{ id: 'unit', value: column.unit }]
              + (if std.objectHas(column, 'decimals') then [{ id: 'decimals', value: column.decimals }] else [])
              + (if std.objectHas(column, 'min') then [{ id: 'min', value: column.min }] else [])
              + (if std.objectHas(column, 'steps') then [
                   { id: 'custom.cellOptions', value: { type: 'color-background', mode: 'basic' } },
                   // What is missing is not bad.
                   {
                     id: 'mappings',
                     value: [{
                       type: 'special',
                       options: { match: 'null+nan', result: { text: '–', color: 'transparent' } },
                     }],
                   },
                   { id: 'color', value: { mode: 'thresholds' } },
                   { id: 'thresholds', value: { mode: 'absolute', steps: steps(column.steps) } },
                 ] else [])
              + (if std.objectHas(column, 'colour') then [
                   { id: 'custom.cellOptions', value: { type: 'color-text' } },
                   { id: 'color', value: { mode: 'fixed', fixedColor: column.colour } },
                 ] else []),
          }
          for column in columns
        ] + [
          {
            matcher: { id: 'byName', options: key.name },
            // Wide enough for most names of queues.
            properties:
              [{ id: 'custom.width', value: 160 }]
              + (if std.objectHas(key, 'link') then [{ id: 'links', value: [key.link] }] else []),
          }
          for key in keys
        ],
      },
      options: {
        cellHeight: 'sm',
        frameIndex: 0,
        showHeader: true,
        sortBy: [{ displayName: keys[0].name, desc: false }],
      },
      transformations: [
        { id: 'merge', options: {} },
        {
          id: 'organize',
          options: {
            excludeByName: { Time: true } + {
              [value(i)]: true
              for i in std.range(0, std.length(columns) - 1)
              if std.get(columns[i], 'hidden', false)
            },
            indexByName:
              { [keys[i].label]: i for i in std.range(0, std.length(keys) - 1) }
              + { [value(i)]: std.length(keys) + i for i in std.range(0, std.length(columns) - 1) },
            renameByName:
              { [key.label]: key.name for key in keys }
              + { [value(i)]: columns[i].name for i in std.range(0, std.length(columns) - 1) },
          },
        },
      ],
    },

  // What the values of one label are made of, by another: a stacked bar a row.
  stackedBars(title, description, unit, expr, rows, columns)::
    panel('barchart', title, description, unit, ['sort_desc(%s)' % expr], 'table')
    + defaults({
      color: { mode: 'palette-classic-by-name' },
      custom: { axisPlacement: 'auto', fillOpacity: 85, lineWidth: 0 },
    })
    + {
      options: {
        barWidth: 0.8,
        fullHighlight: false,
        groupWidth: 0.7,
        legend: { calcs: [], displayMode: 'list', placement: 'bottom', showLegend: true },
        orientation: 'horizontal',
        showValue: 'never',
        stacking: 'normal',
        tooltip: { mode: 'multi', sort: 'none' },
        xField: rows + '\\' + columns,
        xTickLabelMaxLength: 24,
        xTickLabelRotation: 0,
      },
      transformations: [{
        id: 'groupingToMatrix',
        options: { columnField: columns, rowField: rows, valueField: 'Value', emptyValue: 'zero' },
      }],
    },

  size(w, h):: { gridPos: { w: w, h: h } },
  decimals(n):: defaults({ decimals: n }),
  coloured(overrides):: { fieldConfig+: { overrides+: overrides } },
  fixed(colour):: defaults({ color: { mode: 'fixed', fixedColor: colour } }),
  // What stands where there is no value, and why.
  noValue(text):: defaults({ noValue: text }),
  min(value):: defaults({ min: value }),
  allowNegative:: { fieldConfig+: { defaults+: { min:: null } } },
  share:: defaults({ max: 1, decimals: 1 }),

  thresholds(given):: defaults({
    color: { mode: 'thresholds' },
    thresholds: { mode: 'absolute', steps: steps(given) },
  }),
  onBackground:: { options+: { colorMode: 'background' } },

  stacked:: defaults({ custom+: {
    fillOpacity: 60,
    lineWidth: 0,
    showPoints: 'never',
    stacking: { mode: 'normal', group: 'A' },
  } }),
  columns:: defaults({ custom+: { drawStyle: 'bars', fillOpacity: 80, lineWidth: 0, showPoints: 'never' } }),
  // A day in quarters of an hour: more points would hide how many calls there are.
  quarters:: { maxDataPoints: 96 },
  // A day in hours: a ratio or a mean of a handful of calls jumps. Drawn over a gap in which nobody
  // called, but not over a night.
  hours:: { maxDataPoints: 24 } + defaults({ custom+: { spanNulls: 3 * 3600 * 1000 } }),
  // A chat waits seconds and a case hours: both are to be seen.
  logarithmic:: defaults({ custom+: { scaleDistribution: { type: 'log', log: 10 } } }),
  compared:: $.coloured([{
    matcher: { id: 'byName', options: 'a week before' },
    properties: [{ id: 'color', value: { mode: 'fixed', fixedColor: theme.past } }],
  }]),
}
