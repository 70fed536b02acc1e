import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import type { EngineRestart } from '../src/index.js';
import {
  cleanUp,
  clientOf,
  lost,
  newDirectory,
  numbersOf,
  start,
  startCli,
  until,
  untilEnded,
  Writer,
} from './support.js';

afterEach(cleanUp);

async function setup() {
  const directory = await newDirectory();
  const restarts: EngineRestart[] = [];
  const engine = await start(directory, { onRestart: (restart) => restarts.push(restart) });
  const client = clientOf(engine);
  return { directory, engine, restarts, client };
}

describe('an engine killed in use', () => {
  it('restarts by itself on the same URI with every acknowledged write', async () => {
    const { engine, restarts, client } = await setup();
    const writer = new Writer(client);

    for (let kills = 1; kills <= 5; kills++) {
      const before = writer.acknowledged.length;
      await until(() => writer.acknowledged.length > before + 50);
      await delay(Math.random() * 50); // the moment is what this test varies
      process.kill(engine.pid, 'SIGKILL');
      await until(() => restarts.length === kills);
    }
    await writer.stop();

    expect(await lost(writer, client)).toEqual([]);
    expect(restarts.at(-1)!.pid).toBe(engine.pid);
  });

  it('becomes one engine again for several users', async () => {
    const directory = await newDirectory();
    const pids: number[] = [];
    const onRestart = ({ pid }: EngineRestart) => pids.push(pid);
    const engines = await Promise.all(Array.from({ length: 3 }, () => start(directory, { onRestart })));

    process.kill(engines[0]!.pid, 'SIGKILL');
    await until(() => pids.length === 3);

    expect(new Set(pids).size).toBe(1);
    await numbersOf(clientOf(engines[0]!)).insertOne({ _id: 1 });
  });

  it('is replaced when its sockets are deleted', async () => {
    const { engine, restarts, client } = await setup();
    await numbersOf(client).insertOne({ _id: 1 });

    await rm(path.dirname(decodeURIComponent(new URL(engine.uri).host)), { recursive: true });
    await until(() => restarts.length === 1);

    expect(await numbersOf(clientOf(engine)).countDocuments()).toBe(1);
  });

  it('is not restarted once its user has stopped', async () => {
    const { engine, restarts, client } = await setup();
    await client.close();

    process.kill(engine.pid, 'SIGKILL');
    await engine.stop();

    expect(restarts).toEqual([]);
  });

  it('leaves nothing that blocks the next start, even if its users are killed too', async () => {
    const directory = await newDirectory();
    const user = await startCli('--dir', directory);
    const first = await start(directory);
    const client = clientOf(first);
    await numbersOf(client).insertOne({ _id: 1 });
    await client.close();
    const { pid } = first;
    user.process.kill('SIGSTOP'); // so that it cannot restart what is killed next
    await first.stop();
    process.kill(pid, 'SIGKILL');
    user.process.kill('SIGKILL');

    const second = await start(directory);

    expect(second.uri).toBe(first.uri);
    expect(await numbersOf(clientOf(second)).countDocuments()).toBe(1);
  });
});

describe('a write acknowledged by a majority', () => {
  it('has been synced to the journal, every time', async () => {
    const { client } = await setup();
    const syncs = async () => {
      const { wiredTiger } = await client.db('admin').command({ serverStatus: 1 });
      return Number(wiredTiger.log['log sync operations']);
    };
    const before = await syncs();

    // One after the other, so that no two can share a sync.
    for (let _id = 0; _id < 300; _id++) await numbersOf(client).insertOne({ _id });

    expect((await syncs()) - before).toBeGreaterThanOrEqual(300);
  });

  it('can store what looks like a write concern', async () => {
    const { client } = await setup();
    const notes = client.db('test').collection('notes', { writeConcern: { w: 'majority' } });
    const note = { writeConcern: { w: 'majority' } };

    await notes.insertOne({ ...note });

    expect(await notes.findOne()).toMatchObject(note);
  });
});

describe('an engine stopped by SIGTERM', () => {
  it('shuts down cleanly during writes, and loses none that were acknowledged', async () => {
    const { directory, engine, restarts, client } = await setup();
    const writer = new Writer(client, 32);

    for (let ends = 1; ends <= 3; ends++) {
      const before = writer.acknowledged.length;
      await until(() => writer.acknowledged.length > before + 200);
      process.kill(engine.pid, 'SIGTERM');
      await untilEnded(directory, ends);
      await until(() => restarts.length === ends);
    }
    await writer.stop();

    expect(await lost(writer, client)).toEqual([]);
  });
});

describe('a restart that cannot succeed', () => {
  it('is reported, and retried until it succeeds', async () => {
    const directory = await newDirectory();
    const errors: Error[] = [];
    const restarts: unknown[] = [];
    const engine = await start(directory, {
      onError: (error) => errors.push(error),
      onRestart: (restart) => restarts.push(restart),
    });
    const data = path.join(directory, 'data');

    await rm(data, { recursive: true });
    await writeFile(data, 'not a folder');
    process.kill(engine.pid, 'SIGKILL');

    await until(() => errors.length === 1);
    expect(errors[0]!.message).toContain('MONGODB_URI');
    await rm(data);
    await until(() => restarts.length === 1);
    await engine.stop();
  });
});
