import react from '@vitejs/plugin-react';
import { createRequire } from 'node:module';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

const API = process.env['REPRISE_URL'] ?? 'http://127.0.0.1:8000';

/** Puts a compressed copy next to every asset, so that the server need not compress. */
function compress(): Plugin {
  let folder = '';
  return {
    name: 'compress',
    apply: 'build',
    configResolved: ({ root, build }) => {
      folder = path.resolve(root, build.outDir, build.assetsDir);
    },
    closeBundle: () => {
      for (const name of readdirSync(folder).filter((file) => /\.(?:js|mjs|css|svg)$/.test(file))) {
        const file = path.join(folder, name);
        writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 9 }));
      }
    },
  };
}

/** Fonts in East Asian PDFs refer to character maps by name; the PDF reader fetches the few that it needs. */
function characterMaps(): Plugin {
  const place = 'assets/cmaps';
  const require = createRequire(import.meta.url);
  const folder = path.join(path.dirname(require.resolve('pdfjs-dist/package.json')), 'cmaps');
  const read = (name: string): Buffer => readFileSync(path.join(folder, name));
  return {
    name: 'character-maps',
    generateBundle() {
      for (const name of readdirSync(folder))
        this.emitFile({ type: 'asset', fileName: `${place}/${name}`, source: read(name) });
    },
    configureServer: ({ middlewares }) => {
      middlewares.use(`/${place}`, ({ url = '' }, response) => response.end(read(path.basename(url))));
    },
  };
}

/**
 * rehype-highlight falls back to a set of 37 languages and so bundles all of them; the page lists its own
 * (`chat/markdown/languages.ts`), and never needs the set.
 */
function withoutCommonLanguages(): Plugin {
  return {
    name: 'without-common-languages',
    enforce: 'pre',
    load: (id) => (id.endsWith('/lowlight/lib/common.js') ? 'export const grammars = {};' : null),
  };
}

/** The page's build: hashed assets under `dist/assets`, nothing inline, since the page runs under a strict policy. */
export default defineConfig({
  plugins: [react(), withoutCommonLanguages(), characterMaps(), compress()],
  resolve: { conditions: ['reprise-source', 'module', 'browser', 'development|production'] },
  build: {
    assetsInlineLimit: 0,
    manifest: true,
    license: { fileName: 'licenses.md' },
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 600,
  },
  server: { proxy: { '/api': API } },
});
