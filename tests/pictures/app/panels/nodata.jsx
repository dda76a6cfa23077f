/** What a panel says that has nothing to show. */
export function NoData({ fieldConfig }) {
  return (
    <div style={{ display: 'grid', placeItems: 'center', height: '100%', opacity: 0.7 }}>
      {fieldConfig.defaults.noValue ?? 'No data'}
    </div>
  );
}
