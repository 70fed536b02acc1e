#!/usr/bin/env bash
# @anthropic-ai/sdk 1.14.0 (npm), Node 20. A plain `apiKey` is no longer sent in `x-api-key`, as 0.x did and as every
# example for the Messages API shows, but as `Authorization: Bearer`. The README of a compatible server or gateway that
# checks `x-api-key` still fits the code (`new Anthropic({ apiKey, baseURL })`), and each request is answered with 401.
# An option of the same name, the same types, no warning. `defaultHeaders` can send both.
# Seen:
#   0.137.0 x-api-key=secret authorization=undefined
#   1.14.0 x-api-key=undefined authorization=Bearer secret
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent old@npm:@anthropic-ai/sdk@0.137.0 new@npm:@anthropic-ai/sdk@1.14.0

cat > ask.mjs <<'SCRIPT'
import { once } from 'node:events';
import { createServer } from 'node:http';

const seen = [];
const server = createServer((request, response) => {
  const { 'x-api-key': key, authorization } = request.headers;
  seen.push(`x-api-key=${key} authorization=${authorization}`);
  const message = { id: 'm', type: 'message', role: 'assistant', model: 'm', content: [], stop_reason: 'end_turn', usage: { input_tokens: 1, output_tokens: 1 } };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(message));
});
await once(server.listen(0, '127.0.0.1'), 'listening');
for (const name of ['old', 'new']) {
  const { default: Anthropic } = await import(name);
  const client = new Anthropic({ apiKey: 'secret', baseURL: `http://127.0.0.1:${server.address().port}` });
  await client.messages.create({ model: 'm', max_tokens: 10, messages: [{ role: 'user', content: 'Hi' }] });
}
server.close();
server.closeAllConnections();
console.log(`0.137.0 ${seen[0]}\n1.14.0 ${seen[1]}`);
const asSeen =
  seen[0] === 'x-api-key=secret authorization=undefined' &&
  seen[1] === 'x-api-key=undefined authorization=Bearer secret';
process.exit(asSeen ? 0 : 1);
SCRIPT
node ask.mjs
