// A dashboard's JSON (the classic schema) as a scene of `@grafana/scenes`. Grafana's frontend does
// the same when it opens a dashboard.
import {
  ConstantVariable,
  CustomVariable,
  DataSourceVariable,
  EmbeddedScene,
  IntervalVariable,
  LocalValueVariable,
  QueryVariable,
  SceneControlsSpacer,
  SceneDataTransformer,
  SceneGridItem,
  SceneGridLayout,
  SceneGridRow,
  SceneQueryRunner,
  SceneRefreshPicker,
  SceneTimePicker,
  SceneTimeRange,
  SceneVariableSet,
  TextBoxVariable,
  VariableValueSelectors,
  VizPanel,
  sceneGraph,
} from '@grafana/scenes';

export function sceneOf(dashboard) {
  return new EmbeddedScene({
    $timeRange: new SceneTimeRange({ ...dashboard.time, timeZone: 'utc' }),
    $variables: new SceneVariableSet({ variables: dashboard.templating.list.map(variableOf) }),
    controls: [
      new VariableValueSelectors({}),
      new SceneControlsSpacer(),
      new SceneTimePicker({}),
      new SceneRefreshPicker({ refresh: '', withText: false }),
    ],
    body: new SceneGridLayout({ isDraggable: false, isResizable: false, children: gridOf(dashboard.panels) }),
  });
}

function variableOf({ type, name, label, description, hide, current, multi, includeAll, allValue, ...rest }) {
  const common = { name, label, description, hide, skipUrlSync: true };
  const many = { isMulti: multi, includeAll, allValue, value: current?.value ?? '', text: current?.text ?? '' };
  switch (type) {
    case 'datasource':
      return new DataSourceVariable({ ...common, ...many, pluginId: rest.query, regex: rest.regex ?? '' });
    case 'query':
      return new QueryVariable({
        ...common,
        ...many,
        datasource: rest.datasource,
        query: rest.query,
        regex: rest.regex ?? '',
        sort: rest.sort,
        refresh: rest.refresh,
      });
    case 'custom':
      return new CustomVariable({ ...common, ...many, query: rest.query });
    case 'interval':
      return new IntervalVariable({
        ...common,
        value: current?.value,
        intervals: rest.query.split(','),
        autoEnabled: rest.auto,
        autoStepCount: rest.auto_count,
        autoMinInterval: rest.auto_min,
      });
    case 'constant':
      return new ConstantVariable({ ...common, value: rest.query });
    case 'textbox':
      return new TextBoxVariable({ ...common, value: current?.value ?? rest.query });
    default:
      throw new Error(`the variable ${name} is of type ${type}, which tests/pictures/app/scene.js does not know`);
  }
}

/** Panels that follow a row in the list stand below it; a collapsed row holds its own. */
function gridOf(panels) {
  const items = [];
  let below = items;
  for (const panel of panels) {
    if (panel.type !== 'row') {
      below.push(itemOf(panel));
      continue;
    }
    below = (panel.panels ?? []).map(itemOf);
    items.push({ panel, below });
  }
  return items.map((item) => (item.panel ? rowOf(item.panel, item.below) : item));
}

function rowOf({ id, title, gridPos, collapsed, repeat }, children) {
  return new SceneGridRow({
    key: `panel-${id}`,
    title,
    y: gridPos.y,
    isCollapsed: collapsed,
    children,
    $behaviors: repeat ? [(row) => repeated(row, repeat)] : undefined,
  });
}

/** Puts one copy of a row for each value of a variable in its place, once the values are known. */
function repeated(row, name) {
  const variable = sceneGraph.lookupVariable(name, row);
  const known = variable.subscribeToState(({ loading, options }) => {
    if (loading !== false && !options.length) {
      return;
    }
    known.unsubscribe();
    const copies = options.map(({ value, label }, i) =>
      row.clone({
        key: `${row.state.key}-${i}`,
        y: row.state.y + i,
        $behaviors: undefined,
        $variables: new SceneVariableSet({ variables: [new LocalValueVariable({ name, value, text: label })] }),
      })
    );
    const { children } = row.parent.state;
    row.parent.setState({ children: children.flatMap((one) => (one === row ? copies : one)) });
  });
}

function itemOf(panel) {
  const { x, y, w, h } = panel.gridPos;
  return new SceneGridItem({ x, y, width: w, height: h, body: panelOf(panel) });
}

function panelOf({ id, type, title, description, options, fieldConfig, transparent, links, ...rest }) {
  return new VizPanel({
    key: `panel-${id}`,
    pluginId: type,
    title,
    description,
    options: options ?? {},
    fieldConfig: fieldConfig ?? { defaults: {}, overrides: [] },
    displayMode: transparent ? 'transparent' : 'default',
    $data: rest.targets?.length ? dataOf(rest) : undefined,
  });
}

function dataOf({ targets, datasource, transformations, interval, maxDataPoints }) {
  const queries = new SceneQueryRunner({ datasource, queries: targets, minInterval: interval, maxDataPoints });
  return transformations?.length ? new SceneDataTransformer({ $data: queries, transformations }) : queries;
}
