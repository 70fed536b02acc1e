import { answerOf, Client } from '../support/client.js';
import { watch, type SseReader } from '../support/sse.js';
import { until, within } from '../support/until.js';
import { Cluster } from './cluster.js';

const TYPES = ['start', 'status', 'content', 'rationale', 'end'];
const START_LIMIT_MS = 60_000;
/** The default: a process that is asked to stop has exited by then. */
const SHUTDOWN_GRACE_MS = 10_000;

let cluster: Cluster;

beforeAll(async () => {
  cluster = await Cluster.start();
}, START_LIMIT_MS);

afterAll(() => cluster.destroy(), START_LIMIT_MS);

afterEach(() => cluster.isQuiet());

/** What a stream said, byte for byte, from one frame on. */
const wire = (reader: SseReader, from = 0): string[] => reader.frames.slice(from).map(({ data }) => data);

const isContent = (md: string) => (event: { type: string; md?: unknown }) =>
  event.type === 'content' && event.md === md;

describe('two api processes and a worker behind nginx', () => {
  it('show every client the same whole stream, wherever it lands', async () => {
    const { front, model } = cluster;
    const run = await front.send(await front.newChat(), 'everybody?');
    const turn = await model.next('everybody?');
    const readers = await Promise.all(Array.from({ length: 6 }, () => front.stream(run)));
    expect(await cluster.streams()).toEqual([3, 3]);
    expect(readers[0]!.headers['content-type']).toContain('text/event-stream');
    expect(readers[0]!.headers['content-encoding']).toBeUndefined();

    for (const word of ['one ', 'two ', 'three']) {
      turn.text(word);
      await Promise.all(readers.map((reader) => reader.until(word, isContent(word)))); // each word arrives separately
    }
    turn.finish();
    await Promise.all(readers.map((reader) => reader.all()));

    const log = wire(readers[0]!);
    for (const reader of readers) expect(wire(reader)).toEqual(log);
    for (const index of [0, 1]) {
      const replay = await cluster.api(index).replay(run.message_id);
      expect(replay.map((event) => JSON.stringify(event))).toEqual(log);
    }
    expect(answerOf(readers[0]!.events)).toBe('one two three');
  });

  it('allow a client to resume at the other api process', async () => {
    const { front, model } = cluster;
    const run = await front.send(await front.newChat(), 'resume?');
    const turn = (await model.next('resume?')).text('first ');
    const before = await front.stream(run);
    const { id } = await before.until('the first word', isContent('first '));
    const place = before.frames.length;
    const home = (await cluster.streams()).indexOf(1);

    const after = await front.stream(run, '', id); // the old connection is not known to be dead yet
    expect((await cluster.streams())[1 - home]).toBe(1);
    turn.text('second').finish();
    await Promise.all([before.all(), after.all()]);

    expect(wire(after)).toEqual(wire(before, place));
    expect(after.events.at(-1)?.type).toBe('end');
  });

  it('send heartbeats through nginx while nothing happens', async () => {
    const { front, model } = cluster;
    const run = await front.send(await front.newChat(), 'silence?');
    const turn = await model.next('silence?');
    const reader = await front.stream(run);

    await reader.matches(/: heartbeat\n\n(.|\n)*: heartbeat\n\n/);

    turn.text('words').finish();
    await reader.all();
  });

  it('stop a run on the worker as soon as any api process is asked', async () => {
    const { front, model } = cluster;
    const run = await front.send(await front.newChat(), 'stop?');
    const turn = (await model.next('stop?')).text('begun');
    const reader = await cluster.api(1).stream(run);
    await reader.until('it began', isContent('begun'));

    const since = performance.now();
    expect((await cluster.api(0).cancel(run.message_id)).status).toBe(202);
    await within('the model is let go', turn.hungUp);
    await reader.all();

    expect(performance.now() - since).toBeLessThan(900); // RUN_LEASE_MS / 3, when the lease would have reported it
    expect(reader.events.at(-1)).toMatchObject({ type: 'end', status: 'cancelled' });
  });

  it('keep one chat busy for all of them, and interrupt it from any', async () => {
    const { front, model } = cluster;
    const chat = await front.newChat();
    const first = await cluster.api(0).send(chat, 'busy?');
    const turn = (await model.next('busy?')).text('words');
    const refused = await cluster
      .api(1)
      .post(`/api/chats/${chat}/messages`, { content: 'no', on_busy: 'reject' });
    expect(refused).toMatchObject({ status: 409, body: { code: 'chat_busy' } });

    const second = await cluster.api(1).send(chat, 'now me', { on_busy: 'interrupt' });
    await within('the model is let go', turn.hungUp);
    (await model.next('now me')).text('yes').finish();

    expect((await front.ended(first)).at(-1)).toMatchObject({ status: 'cancelled' });
    expect(answerOf(await front.ended(second))).toBe('yes');
  });

  it('answer the messages of a chat in order, whichever process accepted them', async () => {
    const { front, model } = cluster;
    const chat = await front.newChat();
    const questions = Array.from({ length: 8 }, (_, index) => `question ${index}`);
    const runs = [];
    for (const [index, question] of questions.entries())
      runs.push(await cluster.api(index % 2).send(chat, question));

    const asked: string[] = [];
    for (let count = 0; count < questions.length; count++) {
      const turn = await model.next();
      expect(model.pending).toEqual([]); // one at a time
      asked.push(turn.question);
      turn.text('answer').finish();
    }

    expect(asked).toEqual(questions);
    const logs = await Promise.all(runs.map((run) => front.ended(run)));
    for (const log of logs) expect(log.at(-1)).toMatchObject({ status: 'completed' });
  });
});

describe('a worker', () => {
  it('serves its operators, and nobody else', async () => {
    const worker = new Client(cluster.workers[0]!.url);
    for (const path of ['/api', '/api/agents', '/api/docs', '/api/openapi.json', '/API/agents'])
      expect(await worker.get(path)).toMatchObject({ status: 404, body: { code: 'route_not_found' } });
    const refused = await worker.post('/api/users/alice/chats', {});
    expect(refused).toMatchObject({ status: 404, body: { code: 'route_not_found', retryable: false } });
    for (const path of ['/health', '/health/live', '/health/ready', '/metrics'])
      expect((await worker.get(path)).status).toBe(200);
  });
});

describe('without Redis', () => {
  it('runs continue, streams read the log, and messages are stored and answered', async () => {
    const { front, model, redis } = cluster;
    const run = await front.send(await front.newChat(), 'before the fall?');
    const turn = (await model.next('before the fall?')).text('one ');
    const readers = await Promise.all([0, 1].map((index) => cluster.api(index).stream(run)));
    await Promise.all(readers.map((reader) => reader.until('it began', isContent('one '))));

    await redis.kill9();

    turn.text('two ');
    await Promise.all(readers.map((reader) => reader.until('the log was read', isContent('two '))));
    const late = await front.send(await front.newChat(), 'during the fall?');
    const lateTurn = await model.next('during the fall?'); // found by the worker's sweep
    const cancelled = await front.send(await front.newChat(), 'cancelled meanwhile?');
    const cancelledTurn = await model.next('cancelled meanwhile?');
    await front.cancel(cancelled.message_id);
    await within('the lease tells', cancelledTurn.hungUp);

    await redis.restart();

    turn.text('three').finish();
    lateTurn.text('late').finish();
    await Promise.all(readers.map((reader) => reader.all()));
    expect(answerOf(readers[0]!.events)).toBe('one two three');
    expect(wire(readers[1]!)).toEqual(wire(readers[0]!));
    expect(answerOf(await front.ended(late))).toBe('late');
    expect((await front.ended(cancelled)).at(-1)).toMatchObject({ status: 'cancelled' });
    const afterwards = await front.send(await front.newChat(), 'after the fall?');
    (await model.next('after the fall?')).text('well').finish();
    expect(answerOf(await front.ended(afterwards))).toBe('well');
  });

  it('no request waits for a Redis that hangs', async () => {
    const { front, model, redis } = cluster;
    const chat = await front.newChat();
    redis.freeze();
    try {
      const since = performance.now();
      const run = await front.send(chat, 'frozen?');
      expect(performance.now() - since).toBeLessThan(3000);
      const reader = await front.stream(run);
      (await model.next('frozen?')).text('thawed').finish();
      await reader.all();
      expect(answerOf(reader.events)).toBe('thawed');
    } finally {
      redis.thaw();
    }
  });

  it('losing the queue loses no run', async () => {
    const { front, model, redis } = cluster;
    const chat = await front.newChat();
    const first = await front.send(chat, 'first of two?');
    const turn = (await model.next('first of two?')).text('a');
    const second = await front.send(chat, 'second of two?');

    await redis.flush();

    turn.finish();
    (await model.next('second of two?')).text('b').finish();
    expect(answerOf(await front.ended(first))).toBe('a');
    expect(answerOf(await front.ended(second))).toBe('b');
    const next = await front.send(await front.newChat(), 'and now?');
    (await model.next('and now?')).text('c').finish();
    expect(answerOf(await front.ended(next))).toBe('c');
  });
});

describe('SIGTERM', () => {
  it("hands a worker's runs to another one, and the attempt does not count", async () => {
    const { front, model } = cluster;
    const [old] = cluster.workers;
    await cluster.addWorker();
    // The second worker may take the run at once: then that one must exit.
    const run = await front.send(await front.newChat(), 'who answers?');
    const turn = (await model.next('who answers?')).text('the first, ');
    const reader = await front.stream(run);
    await reader.until('it began', isContent('the first, '));
    const owner = (await cluster.run(run.message_id)).lease.owner as string;
    const holder = cluster.workers.find(({ pid }) => owner.includes(String(pid))) ?? old!;

    const since = performance.now();
    const exit = holder.terminate();
    await within('the model is let go', turn.hungUp);
    (await model.next()).text('then the second').finish(); // asked to continue, not asked again
    const handover = performance.now() - since;
    await reader.all();

    expect(await exit).toMatchObject({ code: 0 });
    expect(handover).toBeLessThan(3000); // RUN_LEASE_MS: nobody waited for it to expire
    expect(answerOf(reader.events)).toContain('the first, then the second');
    expect(reader.events.at(-1)).toMatchObject({ type: 'end', status: 'completed' });
    expect(await cluster.run(run.message_id)).toMatchObject({ attempt: 2, handovers: 1 });
    process.stdout.write(`a run changed its worker in ${Math.round(handover)} ms\n`);
  });

  it('hands runs over in time even while Redis is down', async () => {
    const { front, model, redis } = cluster;
    const worker = await cluster.addWorker();
    await Promise.all(cluster.workers.slice(0, -1).map((other) => other.terminate()));
    cluster.workers.splice(0, cluster.workers.length, worker);
    const run = await front.send(await front.newChat(), 'still there?');
    const turn = (await model.next('still there?')).text('half, ');
    const reader = await front.stream(run);
    await reader.until('it began', isContent('half, '));

    await redis.kill9();
    const exit = await worker.terminate();
    await within('the model is let go', turn.hungUp);
    await cluster.addWorker();
    cluster.workers.splice(0, 1);
    (await model.next()).text('whole').finish(); // long before the lease would have expired
    await reader.all();
    await redis.restart();

    expect(exit).toMatchObject({ code: 0 });
    expect(exit.ms).toBeLessThan(SHUTDOWN_GRACE_MS);
    expect(answerOf(reader.events)).toContain('half, whole');
    expect(await cluster.run(run.message_id)).toMatchObject({ attempt: 2, handovers: 1 });
  });

  it('moves the clients of an api process to the other one, and nobody misses anything', async () => {
    const { front, model } = cluster;
    const run = await front.send(await front.newChat(), 'who is there?');
    const turn = (await model.next('who is there?')).text('one ');
    const watchers = [0, 1].map(() => watch(cluster.nginx.url + run.stream_url, TYPES));
    await until('both read', () =>
      watchers.every(({ named }) => named.some(({ data }) => data.includes('one '))),
    );
    expect(await cluster.streams()).toEqual([1, 1]);
    const raw = await cluster.api(0).stream(run);
    await raw.until('it reads', isContent('one '));

    const exit = cluster.apis[0]!.terminate();
    const closed = raw.all(); // in order: a connection that is cut rejects
    let wasUnready = false;
    await until('it is gone', async () => {
      const answer = await cluster
        .api(0)
        .get('/health/ready')
        .catch(() => undefined);
      if (answer && wasUnready) expect(answer.status).toBe(503); // never ready again
      wasUnready ||= answer?.status !== 200;
      return answer === undefined;
    });
    await closed;
    expect(raw.text).toMatch(/(retry: \d+\n\n)[^]*retry: \d+\n\n$/); // a hint at the end, too
    expect(await exit).toMatchObject({ code: 0 });

    turn.text('two').finish();
    await Promise.all(watchers.map(({ closed }) => closed));
    const log = (await front.replay(run.message_id)).map(({ id }) => id);
    for (const { named } of watchers) expect(named.map(({ id }) => id)).toEqual(log);
    expect(watchers.some(({ requests }) => requests.length === 3)).toBe(true); // first, resumed, told 204
    await cluster.apis[0]!.restart();
  });
});
