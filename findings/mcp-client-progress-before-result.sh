#!/usr/bin/env bash
# @modelcontextprotocol/client 2.4.0 (npm), Node 20 and later. Progress that a server sends before its result is lost if
# both arrive in one piece: a result is handled at once and forgets the call's `onprogress`, while notifications that came
# before it are still waiting for a microtask. A server that writes quickly, e.g. two progress lines and the result over
# standard output, is seen without any progress; the order on the wire does not matter.
# Seen:
#   two writes: 1,2
#   one write: (none)
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent @modelcontextprotocol/client@2.4.0

cat > server.mjs <<'SCRIPT'
import { createInterface } from 'node:readline';

const line = (message) => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`;
createInterface({ input: process.stdin }).on('line', (text) => {
  const { id, method, params } = JSON.parse(text);
  if (id === undefined) return;
  if (method === 'initialize') {
    const { protocolVersion } = params;
    const serverInfo = { name: 'server', version: '1' };
    process.stdout.write(line({ id, result: { protocolVersion, capabilities: { tools: {} }, serverInfo } }));
    return;
  }
  const { progressToken } = params._meta;
  const progress = [1, 2].map((step) =>
    line({ method: 'notifications/progress', params: { progressToken, progress: step, total: 2 } }),
  );
  const result = line({ id, result: { content: [] } });
  if (params.name === 'one') process.stdout.write(progress.join('') + result);
  else {
    process.stdout.write(progress.join(''));
    setTimeout(() => process.stdout.write(result), 300);
  }
});
SCRIPT

cat > client.mjs <<'SCRIPT'
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { setTimeout as delay } from 'node:timers/promises';

const client = new Client({ name: 'client', version: '1' });
await client.connect(new StdioClientTransport({ command: process.execPath, args: ['server.mjs'] }));
const seen = { two: [], one: [] };
for (const name of ['two', 'one']) {
  await client.callTool({ name, arguments: {} }, { onprogress: ({ progress }) => seen[name].push(progress) });
  await delay(200); // whatever is late has time to come
}
await client.close();
console.log(`two writes: ${seen.two.join() || '(none)'}\none write: ${seen.one.join() || '(none)'}`);
process.exit(seen.two.join() === '1,2' && seen.one.length === 0 ? 0 : 1);
SCRIPT
node client.mjs
