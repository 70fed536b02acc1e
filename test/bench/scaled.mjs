// Many processes: two that answer clients behind a real nginx, one that writes, a real Redis between them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { firstMessage, newDataFolder, removeFolder, start, stop, track } from './processes.mjs';
import { underLoad } from './under-load.mjs';

const SERVER = 'test/bench/server.mjs';
const NGINX_CONF = 'deploy/nginx/reprise.conf';

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

async function listens(port) {
  for (let tries = 0; tries < 400; tries++) {
    const socket = net.connect(port, '127.0.0.1');
    const [isUp] = await Promise.race([
      once(socket, 'connect').then(() => [true]),
      once(socket, 'close'),
    ]).catch(() => [false]);
    socket.destroy();
    if (isUp === true) return;
    await sleep(20);
  }
  throw new Error(`Nothing listens on ${port}.`);
}

function launch(program, args) {
  const child = track(spawn(program, args, { stdio: 'ignore' }));
  const failed = once(child, 'error').then(([error]) => {
    throw new Error(`${program} is needed for workload S: ${error.message}`);
  });
  return { child, failed };
}

async function startRedis() {
  const port = await freePort();
  const { child, failed } = launch('redis-server', [
    '--port',
    String(port),
    '--save',
    '',
    '--appendonly',
    'no',
  ]);
  await Promise.race([listens(port), failed]);
  return { port, child };
}

async function startNginx({ root, folder, ports }) {
  const port = await freePort();
  const prefix = path.join(folder, 'nginx');
  mkdirSync(prefix);
  chmodSync(prefix, 0o755);
  copyFileSync(path.join(root, NGINX_CONF), path.join(prefix, 'reprise.conf'));
  writeFileSync(
    path.join(prefix, 'upstream.conf'),
    ports.map((one) => `server 127.0.0.1:${one};\n`).join(''),
  );
  writeFileSync(path.join(prefix, 'listen.conf'), `listen 127.0.0.1:${port};\n`);
  const conf = path.join(prefix, 'reprise.conf');
  const { child, failed } = launch('nginx', ['-p', prefix, '-e', 'stderr', '-c', conf, '-g', 'daemon off;']);
  await Promise.race([listens(port), failed]);
  return { port, child };
}

/** Runs a workload on the installation; clients come through nginx, events are written by a third process. */
export async function onManyProcesses(workload, { root, quick, path: streamPath }) {
  const folder = newDataFolder();
  const closing = [() => removeFolder(folder)];
  try {
    const redis = await startRedis();
    closing.unshift(() => redis.child.kill());
    const env = { DATA_DIR: folder, PORT: '0', REDIS_URL: `redis://127.0.0.1:${redis.port}` };
    const servers = [];
    for (let n = 0; n < 3; n++) {
      const server = start(SERVER, { root, env });
      closing.unshift(() => stop(server));
      servers.push(await firstMessage(server));
    }
    const [writer, ...doors] = servers;
    const ports = doors.map(({ port }) => port);
    const nginx = await startNginx({ root, folder, ports });
    closing.unshift(() => nginx.child.kill());
    const pids = [...new Set(servers.flatMap((server) => server.pids))];
    return await underLoad(workload, quick, {
      port: nginx.port,
      orderPort: writer.port,
      pids: [...pids, redis.child.pid],
      path: streamPath,
    });
  } finally {
    for (const close of closing) await close();
  }
}
