#!/usr/bin/env bash
# undici 7.30.2 (npm), Node 20 and later. A proxy that refuses to open a tunnel (407 to CONNECT) is reported as if the
# caller had aborted: `fetch` through EnvHttpProxyAgent rejects with `TypeError: fetch failed`, whose cause is
# `Error: Request was cancelled.` and whose last cause is named `AbortError` (UND_ERR_ABORTED), although no signal was
# given. The status appears only in the text of that last cause. Code that tells "cancelled by us" from "failed" by the
# name AbortError, or that shows the first cause, gets it wrong.
# Seen:
#   TypeError undefined fetch failed
#   Error 0 Request was cancelled.
#   AbortError UND_ERR_ABORTED Proxy response (407) !== 200 when HTTP Tunneling
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent undici@7.30.2

cat > proxy.mjs <<'SCRIPT'
import { once } from 'node:events';
import { createServer } from 'node:http';
import { EnvHttpProxyAgent, fetch } from 'undici';

const proxy = createServer();
proxy.on('connect', (_request, socket) => {
  socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="proxy"\r\n\r\n');
});
await once(proxy.listen(0, '127.0.0.1'), 'listening');
const uri = `http://127.0.0.1:${proxy.address().port}`;
const dispatcher = new EnvHttpProxyAgent({ httpProxy: uri, httpsProxy: uri, noProxy: '' });

const chain = [];
try {
  await fetch('http://model.example.test/', { dispatcher });
} catch (error) {
  for (let at = error; at; at = at.cause) chain.push(`${at.name} ${at.code} ${at.message}`);
}
proxy.close();
await dispatcher.destroy();
console.log(chain.join('\n'));
const last = chain.at(-1) ?? '';
const asSeen = chain[1]?.includes('Request was cancelled') && last.startsWith('AbortError') && last.includes('407');
process.exit(asSeen ? 0 : 1);
SCRIPT
node proxy.mjs
