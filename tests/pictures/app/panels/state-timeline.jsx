import { FieldColorModeId, FieldType, formattedValueToString, getFieldDisplayName } from '@grafana/data';
import { UPlotChart, useTheme2 } from '@grafana/ui';
import { NoData } from './nodata';
import { rowsPlot, timeAxis } from './rows';

export const STATE_TIMELINE = {
  options: { alignValue: 'left', mergeValues: true, rowHeight: 0.9, showValue: 'auto' },
  standard: { color: { mode: FieldColorModeId.ContinuousGrYlRd } },
  custom: { fillOpacity: 70, lineWidth: 0, hideFrom: {} },
};

const TEXT_INSET = 6;

/** Each series as a row, in it the states one after the other. */
export function StateTimelinePanel({ data, fieldConfig, options, timeRange, timeZone, width, height }) {
  const theme = useTheme2();
  const rows = data.series.flatMap((frame) => statesOf(frame, data.series, timeRange)).reverse();
  if (!rows.length) {
    return <NoData fieldConfig={fieldConfig} />;
  }
  const edge = (1 - options.rowHeight) / 2;
  const config = rowsPlot({
    axis: timeAxis({ timeRange, timeZone }),
    labels: rows.map(({ label }) => label),
    labelAt: 0.5,
    theme,
    paint(ctx, box, pixel) {
      ctx.font = `${12 * pixel}px ${theme.typography.fontFamily}`;
      ctx.textAlign = 'left';
      ctx.textBaseline = 'middle';
      rows.forEach(({ states, opacity }, row) =>
        states.forEach(({ from, to, display }) => {
          const [left, top, wide, high] = box(row, from, to, edge, 1 - edge);
          ctx.globalAlpha = opacity;
          ctx.fillStyle = display.color;
          ctx.fillRect(left, top, wide, high);
          ctx.globalAlpha = 1;
          const text = formattedValueToString(display);
          if (ctx.measureText(text).width + 2 * TEXT_INSET * pixel < wide) {
            ctx.fillStyle = theme.colors.getContrastText(display.color);
            ctx.fillText(text, left + TEXT_INSET * pixel, top + high / 2);
          }
        })
      );
    },
  });
  const times = [timeRange.from.valueOf(), timeRange.to.valueOf()];
  return <UPlotChart config={config} data={[times, [null, null]]} width={width} height={height} />;
}

/** The fields of a frame as rows; equal values that follow each other are one state. */
function statesOf(frame, frames, timeRange) {
  const times = frame.fields.find(({ type }) => type === FieldType.time).values;
  return frame.fields
    .filter(({ type }) => type === FieldType.number)
    .map((field) => {
      const states = [];
      field.values.forEach((value, i) => {
        if (value == null) {
          return;
        }
        const to = times[i + 1] ?? timeRange.to.valueOf();
        const last = states.at(-1);
        if (last?.value === value && last.to === times[i]) {
          last.to = to;
        } else {
          states.push({ value, from: Math.max(times[i], timeRange.from), to, display: field.display(value) });
        }
      });
      const opacity = field.config.custom.fillOpacity / 100;
      return { label: getFieldDisplayName(field, frame, frames), opacity, states };
    });
}
