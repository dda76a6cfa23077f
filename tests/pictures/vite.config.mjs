import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const MODULES = join(import.meta.dirname, 'node_modules');
const INTER = join(MODULES, '@fontsource/inter/files');
const INTER_STYLES = { Regular: '400-normal', Medium: '500-normal', Italic: '400-italic', MediumItalic: '500-italic' };
const NO_ICON = '<svg xmlns="http://www.w3.org/2000/svg"/>';

const ICON = /^\/public\/build\/(img\/[\w/-]+\.svg)$/;
const FONT = /^\/public\/fonts\/inter\/Inter-(\w+)\.woff2$/;

/** Icons and fonts at the addresses where Grafana's server has them. */
const publicFiles = {
  name: 'public-files',
  configurePreviewServer({ middlewares }) {
    middlewares.use((request, response, next) => {
      const [, icon] = request.url.match(ICON) ?? [];
      const [, style] = request.url.match(FONT) ?? [];
      if (icon) {
        response.setHeader('Content-Type', 'image/svg+xml').end(iconFile(icon) ?? NO_ICON);
      } else if (style) {
        response.setHeader('Content-Type', 'font/woff2').end(readFileSync(join(INTER, `inter-latin-${INTER_STYLES[style]}.woff2`)));
      } else {
        next();
      }
    });
  },
};

/** An icon of `@grafana/ui`, or ours: it asks for a few that it does not bring. */
function iconFile(path) {
  const places = [join(MODULES, '@grafana/ui/dist/public', path), join(import.meta.dirname, 'app/icons', basename(path))];
  const found = places.find(existsSync);
  return found && readFileSync(found);
}

export default {
  root: join(import.meta.dirname, 'app'),
  plugins: [publicFiles],
  logLevel: 'error',
  build: {
    outDir: join(ROOT, 'target/pictures/page'),
    emptyOutDir: true,
    target: 'esnext',
    chunkSizeWarningLimit: Infinity,
    // `@grafana/scenes` looks for functions of newer Grafanas and does without those that are absent.
    rolldownOptions: { shimMissingExports: true },
  },
  preview: { host: '127.0.0.1', port: 0 },
};
