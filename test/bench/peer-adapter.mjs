// Reprise as a peer of the SSE benchmark: node <peers>/run.mjs --peers raw,raw-log,<this file>
import { createHash } from 'node:crypto';
import { execFileSync, spawn } from 'node:child_process';
import { openSync, readdirSync, readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
// The harness that runs this file: BENCH_PEERS, else the folder of the script that was started.
const peers =
  process.env.BENCH_PEERS ?? path.dirname(path.resolve(process.argv[1])).replace(/\/harness$/, '');
const { controlClient } = await import(pathToFileURL(path.join(peers, 'harness/control.mjs')).href);
const messageId = (stream) => createHash('sha256').update(stream).digest('hex').slice(0, 24);

const listens = (port) =>
  new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });

/** Every process below `pid`: the engine is a child, and its CPU and memory count. */
function engineOf(dir) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const cmdline = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return (
          cmdline.includes('host.js') &&
          (cmdline.includes(dir) || readFileSync(`/proc/${pid}/environ`, 'utf8').includes(dir))
        );
      } catch {
        return false;
      }
    });
}

async function start({ port, dir }, env) {
  execFileSync('node', [path.join(root, 'scripts/ensure-built.mjs')]);
  const out = openSync(`${dir}/server.log`, 'a');
  const flags = process.env.BENCH_NODE_FLAGS?.split(' ') ?? []; // for example --cpu-prof
  const server = spawn(process.execPath, [...flags, path.join(root, 'test/bench/server.mjs')], {
    env: {
      ...process.env,
      NODE_ENV: 'production',
      PORT: String(port),
      DATA_DIR: dir,
      HARNESS: path.join(peers, 'harness'),
      ...env,
    },
    stdio: ['ignore', out, out],
  });
  for (let tries = 0; !(await listens(port)); tries++) {
    if (tries > 400 || server.exitCode !== null) throw new Error('the server did not start');
    await sleep(50);
  }
  return { port, pids: [server.pid, ...engineOf(dir)] };
}

export const adapter = (name, env) => ({
  name,
  durability: 'MongoDB, w: majority, j: true, group commit; delivered after the acknowledgement',
  version: () => JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).version,
  supports: { replay: true, resume: true },
  start: (options) => start(options, env),
  ...controlClient,
  subscribe: (ctx, stream, resume) => ({
    path: `/api/chats/550e8400-e29b-41d4-a716-446655440000/messages/${messageId(stream)}/stream?dialect=bench`,
    headers: resume?.lastEventId ? { 'Last-Event-ID': resume.lastEventId } : {},
  }),
});

export default adapter('reprise', {});
