// A dashboard from its rows: panels flow from left to right and are numbered in their order.
local variable = import 'variable.libsonnet';

local columns = 24;

// Places a row's panels from `y` on; says where the next row begins.
local flow(panels, y) =
  std.foldl(
    function(placed, panel)
      local size = panel.gridPos;
      local fits = placed.x + size.w <= columns;
      local x = if fits then placed.x else 0;
      local top = if fits then placed.y else placed.bottom;
      {
        panels: placed.panels + [panel { gridPos+: { x: x, y: top } }],
        x: x + size.w,
        y: top,
        bottom: std.max(placed.bottom, top + size.h),
      },
    panels,
    { panels: [], x: 0, y: y, bottom: y }
  );

local place(rows) =
  std.foldl(
    function(placed, row)
      local head = {
        type: 'row',
        title: row.title,
        collapsed: row.collapsed,
        gridPos: { h: 1, w: columns, x: 0, y: placed.y },
      } + row.repeated;
      local within = flow(row.panels, placed.y + 1);
      {
        panels: placed.panels + (
          if row.collapsed
          then [head { panels: within.panels }]
          else [head { panels: [] }] + within.panels
        ),
        y: if row.collapsed then placed.y + 1 else within.bottom,
      },
    rows,
    { panels: [], y: 0 }
  ).panels;

// Each panel's id is its place: a panel of a folded row comes after the row's head.
local numbered(panels, from=1) =
  std.foldl(
    function(done, panel)
      local inner = numbered(std.get(panel, 'panels', []), done.next + 1);
      {
        panels: done.panels
                + [{ id: done.next } + panel + (if panel.type == 'row' then { panels: inner.panels } else {})],
        next: inner.next,
      },
    panels,
    { panels: [], next: from }
  );

local annotation(name, colour, expr, more) = {
  name: name,
  datasource: { type: 'prometheus', uid: '$datasource' },
  enable: true,
  hide: false,
  iconColor: colour,
  target: { expr: expr, refId: 'Anno', range: true, instant: false } + more.target,
} + more.shown;

{
  row(title, panels):: { title: title, panels: panels, collapsed: false, repeated: {} },
  folded(title, panels):: self.row(title, panels) { collapsed: true },
  // Folded, once for each value of a variable, which is that value alone within it.
  each(variable, title, panels):: self.folded(title, panels) { repeated: { repeat: variable } },

  // `time.from` is where a dashboard begins when nobody chose otherwise.
  new(config, uid, title, description, variables, from, rows):: {
    uid: uid,
    title: title,
    description: description,
    tags: config.tags,
    editable: false,
    graphTooltip: 2,  // Shared by all panels.
    schemaVersion: 42,
    timezone: 'browser',
    refresh: '30s',
    time: { from: from, to: 'now' },
    timepicker: { refresh_intervals: ['15s', '30s', '1m', '5m', '15m', '1h'] },
    templating: { list: [variable.datasource] + variables },
    annotations: { list: [
      annotation(
        'Counting began anew',
        'blue',
        'vcc_exporter_epoch_timestamp_seconds{account=~"$account"} * 1000',
        {
          target: { legendFormat: '{{account}}' },
          shown: { useValueForTime: true, titleFormat: 'Counting began anew', textFormat: '{{account}}' },
        }
      ),
      annotation(
        'Catching up',
        'orange',
        'vcc_catchup_in_progress{account=~"$account"} == 1',
        {
          target: { legendFormat: '{{account}}', interval: config.pollInterval },
          shown: { titleFormat: 'Catching up: what happened earlier is counted now', textFormat: '{{account}}' },
        }
      ),
    ] },
    links: [{
      type: 'dashboards',
      title: 'Contact centre',
      tags: config.tags,
      asDropdown: false,
      includeVars: true,
      keepTime: true,
      targetBlank: false,
      icon: 'external link',
      tooltip: '',
      url: '',
    }],
    // The data change once a poll: a rate over less shows spikes and zeros.
    panels: numbered(
      [
        local paced(panel) =
          if panel.type == 'row'
          then panel { panels: [paced(inner) for inner in super.panels] }
          else { interval: config.pollInterval } + panel;
        paced(panel)
        for panel in place(rows)
      ]
    ).panels,
  },
}
