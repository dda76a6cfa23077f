// What Grafana's frontend gives to Grafana's libraries when it starts, given by us.
import { EventBusSrv, LoadingState, standardTransformers, standardTransformersRegistry } from '@grafana/data';
import { initPluginTranslations } from '@grafana/i18n';
import {
  config,
  setAppEvents,
  setBackendSrv,
  setDataSourceSrv,
  setEchoSrv,
  setPluginImportUtils,
  setRunRequest,
  setTemplateSrv,
} from '@grafana/runtime';
import { initializeLoggersRegistry } from '@grafana/runtime/unstable';
import { uniqBy } from 'lodash';
import { from, of } from 'rxjs';
import { catchError, map, startWith } from 'rxjs/operators';
import { PrometheusDatasource } from './datasource';
import { registerStandardOptions } from './fields';
import { panelPlugin } from './panels';

const SETTINGS = {
  uid: 'prometheus',
  name: 'Prometheus',
  type: 'prometheus',
  isDefault: true,
  readOnly: true,
  meta: { id: 'prometheus', name: 'Prometheus', metrics: true, info: { logos: {} } },
};

/** `scrapeInterval` is what whoever sets up a data source writes there. */
export async function startRuntime(theme, scrapeInterval) {
  const settings = { ...SETTINGS, jsonData: { timeInterval: scrapeInterval } };
  await initPluginTranslations('grafana');
  initializeLoggersRegistry();
  config.theme2 = theme;
  setAppEvents(new EventBusSrv());
  setEchoSrv({ addEvent() {}, addBackend() {}, flush() {} });
  setTemplateSrv({ replace: (text) => text, getVariables: () => [], containsTemplate: () => false, updateTimeRange() {} });
  setBackendSrv({ get: nothing, fetch: () => of({ data: {} }) });
  setPluginImportUtils({ importPanelPlugin: async (id) => panelPlugin(id), getPanelPluginFromCache: panelPlugin });
  setRunRequest(runRequest);
  const datasource = new PrometheusDatasource(settings);
  setDataSourceSrv({
    get: async () => datasource,
    getList: () => [settings],
    getInstanceSettings: () => settings,
  });
  registerStandardOptions();
  standardTransformersRegistry.setInit(() =>
    uniqBy(Object.values(standardTransformers), 'id').map((transformation) => ({
      id: transformation.id,
      name: transformation.name,
      transformation: async () => transformation,
      editor: () => null,
    }))
  );
}

const nothing = async () => ({});

/** The state of a panel's queries: loading, then what came or why nothing did. */
function runRequest(datasource, request) {
  const panel = (state, rest) => ({ state, series: [], timeRange: request.range, request, ...rest });
  return from(datasource.query(request)).pipe(
    map(({ data }) => panel(LoadingState.Done, { series: data })),
    catchError((error) => {
      console.error(error.message);
      return of(panel(LoadingState.Error, { errors: [{ message: error.message }] }));
    }),
    startWith(panel(LoadingState.Loading))
  );
}
