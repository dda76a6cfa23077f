import { FieldColorModeId, FieldType, formattedValueToString, getFieldDisplayName } from '@grafana/data';
import { UPlotChart, VizLayout, VizLegend, useTheme2 } from '@grafana/ui';
import { NoData } from './nodata';
import { numberAxis, rowsPlot } from './rows';

export const BAR_CHART = {
  options: {
    barWidth: 0.97,
    legend: { showLegend: true, displayMode: 'list', placement: 'bottom' },
    orientation: 'horizontal',
    stacking: 'normal',
    xField: undefined,
    xTickLabelMaxLength: undefined,
  },
  standard: { color: { mode: FieldColorModeId.PaletteClassic } },
  custom: { axisPlacement: 'auto', fillOpacity: 80, lineWidth: 1, hideFrom: {} },
};

/** Rows of a table as bars, horizontal and stacked: the one kind our dashboards have. */
export function BarChartPanel({ data, fieldConfig, options, width, height }) {
  const theme = useTheme2();
  if (options.orientation !== 'horizontal' || options.stacking !== 'normal') {
    throw new Error('only horizontal, stacked bars are drawn by tests/pictures');
  }
  const frame = data.series[0];
  const names = frame?.fields.find((field) => field.name === options.xField || field.type === FieldType.string);
  const parts = frame?.fields.filter(({ type }) => type === FieldType.number) ?? [];
  if (!names?.values.length || !parts.length) {
    return <NoData fieldConfig={fieldConfig} />;
  }
  const rows = names.values.map((name, i) => ({ name: shortened(name, options.xTickLabelMaxLength), i })).reverse();
  const sum = ({ i }) => parts.reduce((total, { values }) => total + (values[i] ?? 0), 0);
  const most = Math.max(...rows.map(sum));
  const edge = (1 - options.barWidth) / 2;
  const config = rowsPlot({
    axis: numberAxis(most * 1.05, (value) => formattedValueToString(parts[0].display(value))),
    labels: rows.map(({ name }) => name),
    labelAt: 0.5,
    theme,
    paint(ctx, box) {
      rows.forEach(({ i }, row) => {
        let from = 0;
        for (const { config, values, display } of parts) {
          if (values[i]) {
            ctx.globalAlpha = config.custom.fillOpacity / 100;
            ctx.fillStyle = display(values[i]).color;
            ctx.fillRect(...box(row, from, from + values[i], edge, 1 - edge));
            from += values[i];
          }
        }
      });
    },
  });
  const items = parts.map((field) => ({ label: getFieldDisplayName(field, frame), color: field.display(0).color, yAxis: 1 }));
  const { showLegend, placement, displayMode } = options.legend;
  const legend = showLegend && (
    <VizLayout.Legend placement={placement}>
      <VizLegend placement={placement} displayMode={displayMode} items={items} />
    </VizLayout.Legend>
  );
  return (
    <VizLayout width={width} height={height} legend={legend || null}>
      {(wide, high) => <UPlotChart config={config} data={[[0, most], [null, null]]} width={wide} height={high} />}
    </VizLayout>
  );
}

function shortened(text, length) {
  return length && text.length > length ? `${text.slice(0, length)}...` : text;
}
