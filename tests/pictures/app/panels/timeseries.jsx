import { FieldColorModeId, FieldType } from '@grafana/data';
import { TimeSeries } from '@grafana/ui';
import { NoData } from './nodata';

export const TIME_SERIES = {
  options: {
    legend: { showLegend: true, displayMode: 'list', placement: 'bottom', calcs: [] },
    tooltip: { mode: 'single' },
  },
  standard: { color: { mode: FieldColorModeId.PaletteClassic } },
  custom: {
    drawStyle: 'line',
    lineInterpolation: 'linear',
    lineWidth: 1,
    lineStyle: { fill: 'solid' },
    fillOpacity: 0,
    gradientMode: 'none',
    fillBelowTo: undefined,
    spanNulls: false,
    showPoints: 'auto',
    pointSize: 5,
    barAlignment: 0,
    barWidthFactor: 0.6,
    barMaxWidth: undefined,
    stacking: { mode: 'none', group: 'A' },
    transform: undefined,
    axisPlacement: 'auto',
    axisLabel: '',
    axisWidth: undefined,
    axisSoftMin: undefined,
    axisSoftMax: undefined,
    axisGridShow: undefined,
    axisCenteredZero: false,
    axisColorMode: 'text',
    axisBorderShow: false,
    scaleDistribution: { type: 'linear' },
    thresholdsStyle: { mode: 'off' },
    hideFrom: { viz: false, legend: false, tooltip: false },
  },
};

export function TimeSeriesPanel({ data, fieldConfig, options, timeRange, timeZone, width, height }) {
  const frames = data.series.filter(
    ({ fields }) => fields.some(isTime) && fields.some(({ type }) => type === FieldType.number)
  );
  if (!frames.length) {
    return <NoData fieldConfig={fieldConfig} />;
  }
  return (
    <TimeSeries
      frames={frames}
      structureRev={data.structureRev}
      timeRange={timeRange}
      timeZone={timeZone}
      width={width}
      height={height}
      legend={options.legend}
      options={options}
    />
  );
}

const isTime = ({ type }) => type === FieldType.time;
