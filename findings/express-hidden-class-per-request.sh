#!/usr/bin/env bash
# express 5.3.0 (npm), Node 20 and later. `app.handle` calls Object.setPrototypeOf on every request and response. From
# then on V8 shares no hidden class between them: each property added afterwards (req.next, req.route, res.locals,
# whatever a middleware sets) creates one more hidden class with a descriptor array, for this one object. In an
# application with a dozen middlewares that was 25 kB of garbage per request, most of it in the old generation.
# A server created with `{ IncomingMessage, ServerResponse }` whose prototypes are Express's own is not affected, because
# setting the same prototype changes nothing. These have to be made with `class`: instances made by a function that calls
# Reflect.construct do not share hidden classes either.
# Seen (whether the last two requests and responses share a hidden class; heap per open response, client included):
#   plain: {"requests":false,"responses":false,"kb":15}
#   own classes: {"requests":true,"responses":true,"kb":13}
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent express@5.3.0

cat > measure.cjs <<'SCRIPT'
const { once } = require('node:events');
const http = require('node:http');
const express = require('express');

const COUNT = 1000;
const app = express();
const held = [];
app.use((request, response, next) => {
  for (let i = 0; i < 10; i++) request[`a${i}`] = response[`a${i}`] = i;
  next();
});
app.get('/', (request, response) => {
  held.push({ request, response });
  response.write('held open');
});

function ownClasses() {
  class AppRequest extends http.IncomingMessage {}
  class AppResponse extends http.ServerResponse {}
  Object.setPrototypeOf(AppRequest.prototype, app.request);
  Object.setPrototypeOf(AppResponse.prototype, app.response);
  Object.assign(app, { request: AppRequest.prototype, response: AppResponse.prototype });
  return { IncomingMessage: AppRequest, ServerResponse: AppResponse };
}

async function main() {
  const isOwn = process.argv[2] === 'own';
  const server = http.createServer(isOwn ? ownClasses() : {}, app).listen(0);
  await once(server, 'listening');
  const open = () => once(http.get({ port: server.address().port, agent: false }), 'response');
  const used = () => (gc(), process.memoryUsage().heapUsed);
  for (let i = 0; i < 20; i++) await open();
  const before = used();
  for (let i = 0; i < COUNT; i++) await open();
  const kb = Math.round((used() - before) / COUNT / 1024);
  const [a, b] = held.slice(-2);
  const shared = { requests: %HaveSameMap(a.request, b.request), responses: %HaveSameMap(a.response, b.response) };
  console.log(JSON.stringify({ ...shared, kb }));
  process.exit();
}
void main();
SCRIPT
plain=$(node --allow-natives-syntax --expose-gc measure.cjs plain)
own=$(node --allow-natives-syntax --expose-gc measure.cjs own)
echo "plain: $plain"
echo "own classes: $own"
grep -q '"requests":false,"responses":false' <<<"$plain"
grep -q '"requests":true,"responses":true' <<<"$own"
