import { Redis } from 'ioredis';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setStage, type Stage } from '../conformance/setup.js';
import { openDatabase, type Database } from '../support/client.js';
import { RedisProcess } from '../support/redis-process.js';
import { until } from '../support/until.js';

/** A word that only this person uses: in their id, name, titles, questions, answers, files and arguments. */
const PERSON = 'Xanthippe-7Q';
const OTHER = 'bob';

/** What is left of a person whose user was deleted. */
describe('a user who is deleted', () => {
  let stage: Stage;
  let redis: RedisProcess;
  let database: Database;
  const reports: string[] = [];
  const webhook = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => reports.push(chunk.toString()));
    request.on('end', () => response.end());
  });
  beforeAll(async () => {
    redis = await RedisProcess.start();
    await once(webhook.listen(0, '127.0.0.1'), 'listening');
    stage = await setStage({
      REDIS_URL: redis.url,
      BUDGET_MESSAGES_PER_DAY: '100',
      HISTORY_MAX_MESSAGES: '2',
      HISTORY_SUMMARIES: 'auto',
      APPROVAL_WEBHOOK_URL: `http://127.0.0.1:${(webhook.address() as AddressInfo).port}/`,
      APPROVAL_WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
    });
    database = await openDatabase(stage.app);
  });
  afterAll(async () => {
    await database.close();
    await stage.close();
    webhook.close();
    await redis.kill9();
  });

  /** Documents of all collections, and keys of Redis, that hold a text anywhere; by where they are. */
  async function traces(of: string): Promise<string[]> {
    const found: string[] = [];
    const collections = (await database.connection.db?.listCollections().toArray()) ?? [];
    for (const { name } of collections)
      for await (const document of database.connection.collection(name).find())
        if (JSON.stringify(document).includes(of)) found.push(name);
    const client = new Redis(redis.url);
    for (const key of await client.keys('*')) {
      const type = await client.type(key);
      const value = type === 'string' ? await client.get(key) : await dump(client, key, type);
      if (key.includes(of) || JSON.stringify(value).includes(of)) found.push(`redis ${key}`);
    }
    client.disconnect();
    return [...new Set(found)].sort();
  }

  async function dump(client: Redis, key: string, type: string): Promise<unknown> {
    if (type === 'hash') return client.hgetall(key);
    if (type === 'list') return client.lrange(key, 0, -1);
    if (type === 'set') return client.smembers(key);
    if (type === 'zset') return client.zrange(key, 0, -1);
    return client.xrange(key, '-', '+');
  }

  /** A conversation that leaves something in every corner. */
  async function live(user: string, word: string): Promise<void> {
    const { client, model } = stage;
    await client.get(`/api/users/${user}`);
    await client.patch(`/api/users/${user}`, { name: `${word} the Elder`, email: `${word}@example.org` });
    const { body: chat } = await client.post(`/api/users/${user}/chats`, { title: `Talks of ${word}` });
    for (let n = 0; n < 3; n++) {
      const question = `${word} asks ${n}`;
      const created = await client.send(chat.chat_id, question, { metadata: { who: word } });
      const first = await model.next(question);
      first.toolCall('write_file', { path: `${word}-${n}.md`, content: word }, `write_${n}`).finish();
      (await model.next(question)).text(`${word} is answered.`).finish();
      const events = await client.ended(created);
      if (n < 2) continue;
      const after = events.find(({ type }) => type === 'tool_end')?.id;
      const fork = await client.post(`/api/messages/${created.message_id}/fork`, {
        after,
        content: `${word} again`,
      });
      expect(fork.status).toBe(201);
      (await model.next(`${word} again`)).text(`${word} once more.`).finish();
      await client.ended(fork.body);
    }
  }

  it('leaves nothing in the database, in files, in Redis, and nothing of others is lost', async () => {
    // Summaries are asked for beside the runs.
    const answering = new AbortController();
    const summaries = (async () => {
      while (!answering.signal.aborted) {
        const next = stage.model.pending.find((question) => !/asks \d$|again$/.test(question));
        if (next === undefined) await new Promise((resolve) => setImmediate(resolve));
        else {
          const answer = await stage.model.next(next);
          const isAbout = JSON.stringify(answer.messages).includes(PERSON);
          answer.text(`Summary of ${isAbout ? PERSON : 'Kunigunde-3Z'}`).finish();
        }
      }
    })();
    await live(PERSON, PERSON);
    await live(OTHER, 'Kunigunde-3Z');
    await until('a summary is stored', async () => (await traces(PERSON)).includes('conversation_summaries'));
    answering.abort();
    await summaries;
    const before = await traces('Kunigunde-3Z');
    expect(await traces(PERSON)).toEqual(
      expect.arrayContaining([
        'chats',
        'message_events',
        'messages',
        'tool_calls',
        'usage_days',
        'users',
        'workspace_files',
      ]),
    );

    expect((await stage.client.delete(`/api/users/${PERSON}`)).status).toBe(204);

    expect(await traces(PERSON)).toEqual([]);
    expect(await traces('Kunigunde-3Z')).toEqual(before);
    expect((await stage.client.get(`/api/users/${OTHER}/chats`)).body.items).toHaveLength(1);
  });
});
