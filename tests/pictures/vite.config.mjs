import { createReadStream } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const MODULES = join(import.meta.dirname, 'node_modules');
const INTER = join(MODULES, '@fontsource/inter/files');
const INTER_WEIGHTS = { Regular: 400, Medium: 500 };

/** What the page and Grafana's components ask for by address, and where it lies. */
const ADDRESSES = [
  // The one icon of the time picker that `@grafana/ui` asks for and does not bring.
  [/^\/public\/build\/img\/icons\/unicons\/(angle-double-left\.svg)$/, (file) => join(import.meta.dirname, 'app/icons', file), 'image/svg+xml'],
  [/^\/public\/build\/(img\/[\w/-]+\.svg)$/, (file) => join(MODULES, '@grafana/ui/dist/public', file), 'image/svg+xml'],
  [/^\/public\/fonts\/inter\/Inter-(\w+)\.woff2$/, (style) => join(INTER, `inter-latin-${INTER_WEIGHTS[style]}-normal.woff2`), 'font/woff2'],
];

const files = {
  name: 'files',
  configurePreviewServer({ middlewares }) {
    middlewares.use((request, response, next) => {
      for (const [address, path, type] of ADDRESSES) {
        const match = request.url.match(address);
        if (match) {
          response.setHeader('Content-Type', type);
          createReadStream(path(match[1])).on('error', () => response.writeHead(404).end()).pipe(response);
          return;
        }
      }
      next();
    });
  },
};

export default {
  root: join(import.meta.dirname, 'app'),
  plugins: [files],
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
