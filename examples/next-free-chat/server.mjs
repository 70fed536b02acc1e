// Bundles the page and serves it: `CORS_ORIGINS=http://127.0.0.1:5173 npm start`, and `node server.mjs` beside it.
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

process.env.NODE_ENV = 'production';
const { output } = await build({
  configFile: false,
  logLevel: 'error',
  define: { 'process.env.NODE_ENV': '"production"' },
  build: {
    write: false,
    target: 'es2022',
    rolldownOptions: { input: fileURLToPath(new URL('page.jsx', import.meta.url)) },
  },
});
const script = output[0].code.replaceAll('</', '<\\/');
const page = `<!doctype html><meta charset="utf-8"><title>Chat</title><body></body><script type="module">${script}</script>`;

const server = createServer((_request, response) => {
  response.setHeader('content-type', 'text/html; charset=utf-8').end(page);
});
server.listen(Number(process.env.PORT ?? 5173), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
