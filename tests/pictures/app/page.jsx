// One dashboard as one page: `?dashboard=FILE&theme=dark&scrapeInterval=15s`. `window.panels()` says
// of each panel whether it has its data, for whoever takes the picture.
import { createTheme } from '@grafana/data';
import { LocationServiceProvider, locationService } from '@grafana/runtime';
import { VizPanel, sceneGraph } from '@grafana/scenes';
import { GlobalStyles, Icon, LinkButton, PortalContainer, ThemeContext } from '@grafana/ui';
import { createRoot } from 'react-dom/client';
import { Router } from 'react-router-dom';
import { startRuntime } from './runtime';
import { sceneOf } from './scene';

const asked = new URLSearchParams(window.location.search);
const theme = createTheme({ colors: { mode: asked.get('theme') } });
await startRuntime(theme, asked.get('scrapeInterval'));
const dashboards = import.meta.glob('../../../dashboards/*.json', { eager: true, import: 'default' });
const dashboard = dashboards[`../../../dashboards/${asked.get('dashboard')}`];
const scene = sceneOf(dashboard);

window.panels = () =>
  sceneGraph.findAllObjects(scene, (one) => one instanceof VizPanel).map((panel) => {
    const data = panel.state.$data && sceneGraph.getData(panel).state.data;
    return {
      title: sceneGraph.interpolate(panel, panel.state.title),
      // A panel of a collapsed row is never asked for.
      shown: panel.isActive,
      done: !panel.state.$data || ['Done', 'Error'].includes(data?.state),
      error: data?.errors?.map(({ message }) => message).join('; '),
      empty: Boolean(panel.state.$data) && !data?.series.some(({ length }) => length),
    };
  });

function Page() {
  return (
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
      <LocationServiceProvider service={locationService}>
        <Router navigator={locationService.getHistory()} location={locationService.getLocation()}>
          <PortalContainer />
          <Heading />
          <main style={{ padding: '0 16px 16px' }}>
            <scene.Component model={scene} />
          </main>
        </Router>
      </LocationServiceProvider>
    </ThemeContext.Provider>
  );
}

function Heading() {
  const muted = { color: theme.colors.text.secondary };
  return (
    <header style={{ display: 'flex', alignItems: 'center', gap: 8, padding: '12px 16px', fontWeight: 500 }}>
      <span style={muted}>Dashboards</span>
      <Icon name="angle-right" style={muted} />
      <span style={{ flexGrow: 1 }}>{dashboard.title}</span>
      {dashboard.links.flatMap(linked).map(({ uid, title }) => (
        <LinkButton key={uid} variant="secondary" size="sm" href="#" icon="apps">
          {title}
        </LinkButton>
      ))}
    </header>
  );
}

/** A link to dashboards stands for every other one that has all of its tags. */
function linked({ type, tags }) {
  const others = Object.values(dashboards).filter(({ uid }) => uid !== dashboard.uid);
  return type === 'dashboards' ? others.filter((other) => tags.every((tag) => other.tags.includes(tag))) : [];
}

createRoot(document.getElementById('page')).render(<Page />);
