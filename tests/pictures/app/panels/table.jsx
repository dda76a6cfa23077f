import { FieldColorModeId, cacheFieldDisplayNames } from '@grafana/data';
import { TableNG } from '@grafana/ui/unstable';
import { NoData } from './nodata';

export const TABLE = {
  options: { showHeader: true, cellHeight: 'sm', sortBy: [], footer: undefined, frameIndex: 0 },
  standard: { color: { mode: FieldColorModeId.Thresholds } },
  custom: {
    align: 'auto',
    cellOptions: { type: 'auto' },
    displayMode: undefined,
    filterable: false,
    hideFrom: { viz: false },
    hidden: false,
    inspect: false,
    minWidth: 100,
    width: undefined,
    wrapHeaderText: undefined,
    wrapText: undefined,
    footer: undefined,
  },
};

export function TablePanel({ data, fieldConfig, options, timeRange, width, height }) {
  const frame = data.series[options.frameIndex] ?? data.series[0];
  if (!frame?.length) {
    return <NoData fieldConfig={fieldConfig} />;
  }
  cacheFieldDisplayNames(data.series);
  return (
    <TableNG
      data={frame}
      width={width}
      height={height}
      noHeader={!options.showHeader}
      cellHeight={options.cellHeight}
      initialSortBy={options.sortBy}
      structureRev={data.structureRev}
      timeRange={timeRange}
      disableKeyboardEvents
    />
  );
}
