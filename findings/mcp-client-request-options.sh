#!/usr/bin/env bash
# @modelcontextprotocol/client 2.4.0 (npm), Node 20 and later. `callTool` takes `requestSignal` and `onRequestStreamEnd`:
# its options are declared as `RequestOptions & TransportSendOptions`, and both are documented there for transports with
# one HTTP request per message. With the protocol version that is negotiated by default neither reaches the transport: the
# callback is never called, so a call whose stream has ended without an answer waits for its whole time, and an abort
# leaves the HTTP response open until the transport is closed. A subclass of the transport that adds them in `send` works.
# Seen:
#   stream ended without an answer: REQUEST_TIMEOUT, callback called 0 times
#   aborted: the server's response is still open
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent @modelcontextprotocol/client@2.4.0

cat > probe.mjs <<'SCRIPT'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

let isClosed = false;
let called = () => undefined;
const arrived = new Promise((resolve) => (called = resolve));
const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  if (request.method !== 'POST') return response.writeHead(405).end();
  const { id, method, params } = JSON.parse(body);
  if (id === undefined) return response.writeHead(202).end();
  if (method === 'initialize') {
    const { protocolVersion } = params;
    const result = { protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'server', version: '1' } };
    response.setHeader('content-type', 'application/json');
    return response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
  if (params.name === 'cut') return response.end();
  response.on('close', () => (isClosed = true));
  called();
});
await once(server.listen(0, '127.0.0.1'), 'listening');
const client = new Client({ name: 'client', version: '1' });
const url = new URL(`http://127.0.0.1:${server.address().port}/mcp`);
await client.connect(new StreamableHTTPClientTransport(url));

let ends = 0;
const options = { timeout: 1500, onRequestStreamEnd: () => void ends++ };
const code = await client.callTool({ name: 'cut', arguments: {} }, options).catch((error) => error.code);
console.log(`stream ended without an answer: ${code}, callback called ${ends} times`);

const [signal, requestSignal] = [new AbortController(), new AbortController()];
const call = client
  .callTool({ name: 'hang', arguments: {} }, { signal: signal.signal, requestSignal: requestSignal.signal })
  .catch(() => undefined);
await arrived;
signal.abort();
requestSignal.abort();
await call;
await delay(500);
console.log(`aborted: the server's response is ${isClosed ? 'closed' : 'still open'}`);
const asSeen = code === 'REQUEST_TIMEOUT' && ends === 0 && !isClosed;
await client.close();
server.closeAllConnections();
server.close();
process.exit(asSeen ? 0 : 1);
SCRIPT
node probe.mjs
