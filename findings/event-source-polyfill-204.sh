#!/usr/bin/env bash
# event-source-polyfill 1.0.31, Node 20.20 (and every browser with fetch).
#
# An EventSource that gets 204 must stop reconnecting: that is how a server says that nothing more will come.
# This polyfill reads `response.body.getReader()` before it looks at the status; a 204 has no body, so a TypeError
# becomes an `error` event, readyState returns to CONNECTING, and it reconnects, with growing pauses, for as long as the
# page lives. Any other status except 200 does close it.
#
# Seen: after 204 "readyState 0, 3 requests and counting"; after 410 with a body "readyState 2, 1 request".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund event-source-polyfill@1.0.31

cat >look.cjs <<'JS'
const { createServer } = require('node:http');
const { once } = require('node:events');
const { EventSourcePolyfill } = require('event-source-polyfill');

console.error = () => {}; // it reports its TypeError here

async function answer(status, body) {
  let requests = 0;
  const asked = new (require('node:events'))();
  const server = createServer((_request, response) => {
    requests++;
    if (requests === 1) {
      // A first stream that sets a short pause, then ends.
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end('retry: 10\nid: 1\ndata: x\n\n');
    } else response.writeHead(status).end(body);
    asked.emit('request', requests);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const source = new EventSourcePolyfill(`http://127.0.0.1:${server.address().port}/`);
  const until = new Promise((resolve) => {
    asked.on('request', (count) => count === 4 && resolve());
    source.addEventListener('error', () => source.readyState === 2 && resolve());
  });
  await until;
  const { readyState } = source;
  source.close();
  server.closeAllConnections();
  server.close();
  return { readyState, after: requests - 1 };
}

(async () => {
  const gone = await answer(410, 'gone');
  const none = await answer(204);
  console.log(`204: readyState ${none.readyState}, ${none.after} requests and counting`);
  console.log(`410: readyState ${gone.readyState}, ${gone.after} request`);
  process.exit(none.readyState !== 2 && none.after >= 3 && gone.readyState === 2 && gone.after === 1 ? 0 : 1);
})();
JS
node look.cjs
