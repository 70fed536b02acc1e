import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';

import { cleanUp, clientOf, newDirectory, numbersOf, start, startCli, untilEnded } from './support.js';

afterEach(cleanUp);

describe('an embedded engine', () => {
  it('keeps its data from one start to the next', async () => {
    const directory = await newDirectory();
    const first = await start(directory);
    const client = clientOf(first);
    await numbersOf(client).insertOne({ _id: 7 });
    await client.close();
    await first.stop();

    const second = await start(directory);

    expect(second.uri).toBe(first.uri);
    expect(second.pid).not.toBe(first.pid);
    expect(await numbersOf(clientOf(second)).findOne()).toEqual({ _id: 7 });
  });

  it('is one engine for everything that starts it, and stops with its last user', async () => {
    const directory = await newDirectory();
    const engines = await Promise.all(Array.from({ length: 5 }, () => start(directory)));

    expect(new Set(engines.map(({ pid }) => pid)).size).toBe(1);
    expect(new Set(engines.map(({ uri }) => uri)).size).toBe(1);

    const [last, ...others] = engines;
    await Promise.all(others.map((engine) => engine.stop()));
    const client = clientOf(last!);
    await numbersOf(client).insertOne({ _id: 1 });
    await client.close();
    await Promise.all([last!.stop(), last!.stop()]);

    await untilEnded(directory);
    expect(existsSync(path.dirname(decodeURIComponent(new URL(last!.uri).host)))).toBe(false);
  });

  it('is shared by processes', async () => {
    const directory = await newDirectory();
    const other = await startCli('--dir', directory);
    const engine = await start(directory);

    expect(engine.uri).toBe(other.uri);
    await numbersOf(clientOf(other)).insertOne({ _id: 1 });
    expect(await numbersOf(clientOf(engine)).countDocuments()).toBe(1);
  });

  it('stops by itself when its only user is killed', async () => {
    const directory = await newDirectory();
    const user = await startCli('--dir', directory, '--linger', '20');

    user.process.kill('SIGKILL');

    await untilEnded(directory);
  });

  it('survives the kill of one of two users', async () => {
    const directory = await newDirectory();
    const user = await startCli('--dir', directory, '--linger', '20');
    const engine = await start(directory);
    const { pid } = engine;

    user.process.kill('SIGKILL');
    await numbersOf(clientOf(engine)).insertOne({ _id: 1 });

    await engine.stop();
    expect(engine.pid).toBe(pid);
  });

  it('runs in a directory with a long path', async () => {
    const directory = path.join(await newDirectory(), 'long-'.repeat(20), 'path-'.repeat(20));
    await mkdir(directory, { recursive: true });

    const engine = await start(directory);

    await numbersOf(clientOf(engine)).insertOne({ _id: 1 });
    expect(await readdir(directory)).toEqual(['data', 'engine.log']);
  });

  it('carries messages larger than one read of a socket', async () => {
    const engine = await start(await newDirectory());
    const blobs = clientOf(engine).db('test').collection('blobs');
    const text = 'x'.repeat(4_000_000);

    await blobs.insertMany([{ text }, { text }, { text }]);

    const lengths = (await blobs.find().toArray()).map((blob) => (blob['text'] as string).length);
    expect(lengths).toEqual([text.length, text.length, text.length]);
  });
});
