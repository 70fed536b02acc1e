import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import net from 'node:net';
import { eventTypes, type StreamEvent } from '@reprise/protocol';
import { Types } from 'mongoose';
import { startTestApp } from '../support/app.js';
import { Client, openDatabase, seq, type Created } from '../support/client.js';
import { CuttingProxy, randomFrom } from '../support/cutting-proxy.js';
import { useStreamingMessage } from '../support/guide-hook.js';
import type { ModelAnswer } from '../support/scripted-model.js';
import { curl, eventsIn, parseFrames, readAll, SseReader, watch } from '../support/sse.js';
import { until } from '../support/until.js';
import {
  expectWholeLog,
  HARD_TEXT_STORED,
  ofType,
  PLAN,
  playRichRun,
  RICH_ANSWER,
  setStage,
  theOne,
  type Stage,
} from './setup.js';

/** §3 of the contract. */

const frameOf = (event: StreamEvent): string =>
  `event: ${event.type}\nid: ${event.id}\ndata: ${JSON.stringify(event)}\n\n`;
/** Comments may come before it: with one the headers are sent. */
const PREAMBLE = /^\n?(?::[^\n]*\n\n)?retry: 1000\n\n/;

/** Streams events that are not merged with their neighbours: thinking and text in turn. */
function streamEvents(answer: ModelAnswer, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    if (i % 2 === 0) answer.reasoning(`thought ${i} \u{1F980}\n\n`);
    else answer.text(`text ${i} \u{1F980}. `);
  }
}

describe('the stream', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage();
  });
  afterAll(() => stage.close());

  const begin = async (question: string): Promise<Created> =>
    stage.client.send(await stage.client.newChat(), question);

  /** A finished run. */
  const richRun = async (question: string): Promise<Created> => {
    const created = await begin(question);
    await playRichRun(stage.model, question);
    await stage.client.ended(created);
    return created;
  };

  /** A run that has streamed some text and is still active. */
  const openRun = async (question: string): Promise<{ created: Created; answer: ModelAnswer }> => {
    const created = await begin(question);
    return { created, answer: (await stage.model.next(question)).text(`${question} begins. `) };
  };

  describe('on the wire', () => {
    let created: Created;
    let events: StreamEvent[];
    beforeAll(async () => {
      created = await richRun('wire');
      events = await stage.client.replay(created.message_id);
    });

    it('is retry: 1000, then event, id, data and a blank line for each event, and nothing else', async () => {
      const { status, body } = await curl(stage.app.url + created.stream_url);
      expect(status).toBe(200);
      expect(body).toMatch(PREAMBLE);
      expect(body.replace(PREAMBLE, '')).toBe(events.map(frameOf).join(''));
    });

    it('has the headers of an event stream that nobody may buffer or store', async () => {
      const { headers } = await curl(stage.app.url + created.stream_url);
      expect(headers['content-type']).toMatch(/^text\/event-stream\b/);
      expect(headers['cache-control']).toContain('no-cache');
      expect(headers['x-accel-buffering']).toBe('no');
      expect(headers['content-length']).toBeUndefined();
      expect(headers['content-encoding']).toBeUndefined();
    });

    it('has single-line data whatever the text contains', async () => {
      const { body } = await curl(stage.app.url + created.stream_url);
      const lines = body.split(/\n|\r/);
      expect(
        lines.filter((line) => !/^(: .*|retry: \d+|event: [a-z_]+|id: \S+|data: \{.*\}|)$/s.test(line)),
      ).toEqual([]);
      const texts = parseFrames(body).map(({ data }) => JSON.parse(data).md as string | undefined);
      expect(texts.join('')).toContain(HARD_TEXT_STORED);
    });

    it('is the same without event lines in dialect v1-unnamed', async () => {
      const { body } = await curl(`${stage.app.url}${created.stream_url}?dialect=v1-unnamed`);
      expect(body).toMatch(PREAMBLE);
      expect(body.replace(PREAMBLE, '')).toBe(
        events.map((event) => frameOf(event).replace(/^event: .*\n/, '')).join(''),
      );
    });

    it('is the same in dialect v1 by name', async () => {
      const named = await curl(`${stage.app.url}${created.stream_url}?dialect=v1`);
      expect(named.body).toBe((await curl(stage.app.url + created.stream_url)).body);
    });

    it('equals what the replay endpoint returns', async () => {
      expect(await readAll(stage.app.url + created.stream_url)).toEqual(events);
      const since = `?since=${events[3]!.id}`;
      expect(await readAll(stage.app.url + created.stream_url + since)).toEqual(
        await stage.client.replay(created.message_id, since),
      );
    });
  });

  describe('rejects before any SSE header, as problem+json,', () => {
    let created: Created;
    let other: Created;
    let foreignId = '';
    let answerId = '';
    let otherChat = '';
    beforeAll(async () => {
      [created, other] = await Promise.all([richRun('refuse'), richRun('refuse other')]);
      foreignId = (await stage.client.replay(other.message_id))[1]!.id;
      const { chat_id } = await stage.client.message(created.message_id);
      otherChat = (await stage.client.message(other.message_id)).chat_id;
      answerId = (await stage.client.history(chat_id))[1].message_id;
    });

    const refused = async (
      path: string,
      status: number,
      code: string,
      ...options: string[]
    ): Promise<void> => {
      const answer = await curl(stage.app.url + path, ...options);
      expect(answer).toMatchObject({ status });
      expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
      expect(answer.headers['x-accel-buffering']).toBeUndefined();
      expect(JSON.parse(answer.body)).toMatchObject({ status, code, retryable: false });
    };
    const chatPath = (): string => created.stream_url.split('/messages')[0]!;

    it('an invalid chat id', () =>
      refused(`/api/chats/42/messages/${created.message_id}/stream`, 400, 'invalid_chat_id'));
    it('an invalid message id', () => refused(`${chatPath()}/messages/42/stream`, 400, 'invalid_message_id'));
    it('an unknown message', () =>
      refused(`${chatPath()}/messages/000000000000000000000000/stream`, 404, 'message_not_found'));
    it('a message of another chat', () =>
      refused(`/api/chats/${otherChat}/messages/${created.message_id}/stream`, 404, 'message_not_found'));
    it('an answer, which has no stream', () =>
      refused(`${chatPath()}/messages/${answerId}/stream`, 404, 'message_not_found'));
    it('an unknown dialect', () => refused(`${created.stream_url}?dialect=v9`, 400, 'unknown_dialect'));
    it('since given twice', () => refused(`${created.stream_url}?since=a&since=b`, 400, 'unknown_event_id'));
    it.each(['nonsense', '0', '1760270888823_0001_a26344ee', '1760270888823_999999_a26344ee', '../../etc'])(
      'the unknown event id %s',
      async (id) => {
        await refused(created.stream_url, 400, 'unknown_event_id', '-H', `Last-Event-ID: ${id}`);
        await refused(`${created.stream_url}?since=${encodeURIComponent(id)}`, 400, 'unknown_event_id');
      },
    );
    it('an event id of another message', async () => {
      await refused(created.stream_url, 400, 'unknown_event_id', '-H', `Last-Event-ID: ${foreignId}`);
      await refused(`${created.stream_url}?since=${foreignId}`, 400, 'unknown_event_id');
    });
    it('an event id with the right place but another nonce', async () => {
      const id = (await stage.client.replay(created.message_id))[1]!.id;
      const forged = id.slice(0, -8) + (id.endsWith('00000000') ? '11111111' : '00000000');
      await refused(created.stream_url, 400, 'unknown_event_id', '-H', `Last-Event-ID: ${forged}`);
    });
  });

  describe('for an EventSource', () => {
    it('fires listeners by name, and never onmessage', async () => {
      const created = await richRun('named');
      const watcher = watch(stage.app.url + created.stream_url, eventTypes);
      await watcher.closed;
      const events = await stage.client.replay(created.message_id);
      expect(watcher.named).toEqual(
        events.map((event) => ({ type: event.type, id: event.id, data: JSON.stringify(event) })),
      );
      expect(watcher.unnamed).toEqual([]);
    });

    it('fires only onmessage in dialect v1-unnamed', async () => {
      const created = await richRun('unnamed');
      const watcher = watch(`${stage.app.url}${created.stream_url}?dialect=v1-unnamed`, eventTypes);
      await watcher.closed;
      const events = await stage.client.replay(created.message_id);
      expect(watcher.unnamed).toEqual(events.map((event) => ({ id: event.id, data: JSON.stringify(event) })));
      expect(watcher.named).toEqual([]);
    });

    it('ends permanently after the last frame: one reconnect with the id of end, 204, CLOSED', async () => {
      const { created, answer } = await openRun('for good');
      const watcher = watch(stage.app.url + created.stream_url, eventTypes);
      await until('the viewer sees text', () => watcher.named.length >= 2);
      answer.finish();
      await watcher.closed;
      const end = (await stage.client.replay(created.message_id)).at(-1)!;
      expect(watcher.requests).toEqual([undefined, end.id]);
      expect(watcher.source.readyState).toBe(watcher.source.CLOSED);
    });
  });

  describe("for the guide's own React hook", () => {
    it('works unchanged in dialect v1-unnamed', async () => {
      const chat = await stage.client.newChat();
      const state = useStreamingMessage(stage.app.url, chat, 'hook', '?dialect=v1-unnamed');
      await playRichRun(stage.model, 'hook');
      const { toolCalls, messageId, ...rest } = await state;
      expect(rest).toEqual({
        isStreaming: false,
        plan: PLAN,
        rationale: 'Then I think again.',
        content: RICH_ANSWER,
        status: 'Completed',
        error: null,
      });
      expect(messageId).toMatch(/^[0-9a-f]{24}$/);
      expect(toolCalls.map(({ id, status }) => [id, status]).sort()).toEqual([
        ['plan_1', 'completed'],
        ['read_1', 'error'],
        ['write_1', 'completed'],
      ]);
      for (const call of toolCalls) {
        expect(call.args).not.toBe('');
        expect(call.result).not.toBe('');
        expect(call.duration).toBeGreaterThanOrEqual(0);
      }
    });

    it('shows the error of a failed run', async () => {
      const chat = await stage.client.newChat();
      const state = useStreamingMessage(stage.app.url, chat, 'hook fails', '?dialect=v1-unnamed');
      (await stage.model.next('hook fails')).fail(400);
      const { error, isStreaming } = await state;
      expect(isStreaming).toBe(false);
      expect(error).toMatch(/^The model provider rejected the request/);
    });

    it('receives nothing in the default dialect, because onmessage is not called for named events', async () => {
      const chat = await stage.client.newChat();
      const state = useStreamingMessage(stage.app.url, chat, 'hook deaf', '');
      (await stage.model.next('hook deaf')).text('Hello').finish();
      expect(await state).toMatchObject({ content: '', status: '', error: 'Stream connection lost' });
    });
  });

  describe('can be joined', () => {
    it('before the run starts: it waits, then receives everything', async () => {
      const chat = await stage.client.newChat();
      await stage.client.send(chat, 'first');
      const running = await stage.model.next('first');
      const queued = await stage.client.send(chat, 'second');
      const reader = await stage.client.stream(queued);
      expect(reader.status).toBe(200);
      await reader.matches(/retry: 1000\n\n/);
      expect(await stage.client.message(queued.message_id)).toMatchObject({ status: 'pending' });
      expect(reader.frames).toEqual([]);
      running.text('1').finish();
      (await stage.model.next('second')).text('2').finish();
      await reader.all();
      expectWholeLog(reader.events, queued);
      expect(reader.events).toEqual(await stage.client.replay(queued.message_id));
    });

    it('during the run: everything so far, then live', async () => {
      const { created, answer } = await openRun('during');
      const early = await stage.client.stream(created);
      streamEvents(answer, 0, 10);
      await early.count(12);
      const late = await stage.client.stream(created);
      await late.count(12);
      streamEvents(answer, 10, 20);
      await late.count(22);
      answer.finish();
      await Promise.all([early.all(), late.all()]);
      expectWholeLog(late.events, created);
      expect(late.text).toBe(early.text);
    });

    it('after the run: everything, then the server closes', async () => {
      const created = await richRun('after');
      const reader = await stage.client.stream(created);
      await reader.all();
      expectWholeLog(reader.events, created);
    });

    it('by any number of clients, at different times; all see the same bytes', async () => {
      const { created, answer } = await openRun('many');
      const join = (): Promise<SseReader>[] => Array.from({ length: 25 }, () => stage.client.stream(created));
      const readers = await Promise.all(join());
      for (let burst = 0; burst < 3; burst++) {
        streamEvents(answer, burst * 20, burst * 20 + 20);
        await readers[0]!.count(2 + burst * 20 + 20);
        readers.push(...(await Promise.all(join())));
      }
      answer.finish();
      await readers[0]!.all();
      readers.push(...(await Promise.all(join())));
      const seen = await Promise.all(readers.map(async (reader) => (await reader.all(), reader.text)));
      expect(readers).toHaveLength(125);
      expect(new Set(seen).size).toBe(1);
      expectWholeLog(readers[0]!.events, created);
    });
  });

  describe('resumes', () => {
    const resume = async (url: string, events: StreamEvent[]): Promise<void> => {
      for (const [index, { id }] of events.slice(0, -1).entries()) {
        const rest = events.slice(index + 1);
        expect(await readAll(url, id)).toEqual(rest);
        expect(await readAll(`${url}?since=${id}`)).toEqual(rest);
      }
    };

    it('an ended log at the event after any id, by header and by since', async () => {
      const created = await richRun('resume ended');
      await resume(stage.app.url + created.stream_url, await stage.client.replay(created.message_id));
    });

    it('a live log at the event after any id, by header and by since', async () => {
      const { created, answer } = await openRun('resume live');
      const whole = await stage.client.stream(created);
      streamEvents(answer, 0, 20);
      await whole.count(22);
      const ids = whole.events.map(({ id }) => id);
      const byHeader = await Promise.all(ids.map((id) => stage.client.stream(created, '', id)));
      const bySince = await Promise.all(ids.map((id) => stage.client.stream(created, `?since=${id}`)));
      answer.text('The end.').finish();
      await whole.all();
      for (const [index] of ids.entries()) {
        const rest = whole.frames.slice(index + 1);
        expect(await byHeader[index]!.all()).toEqual(rest);
        expect(await bySince[index]!.all()).toEqual(rest);
      }
    });

    it('by the header if both are given', async () => {
      const created = await richRun('header wins');
      const events = await stage.client.replay(created.message_id);
      const url = `${stage.app.url}${created.stream_url}?since=${events[1]!.id}`;
      expect(await readAll(url, events[4]!.id)).toEqual(events.slice(5));
      expect(await readAll(`${stage.app.url}${created.stream_url}?since=nonsense`, events[4]!.id)).toEqual(
        events.slice(5),
      );
    });

    it('from the beginning with an empty id', async () => {
      const created = await richRun('empty id');
      const events = await stage.client.replay(created.message_id);
      expect(await readAll(`${stage.app.url}${created.stream_url}?since=`)).toEqual(events);
    });

    it('in dialect v1-unnamed as well', async () => {
      const created = await richRun('resume unnamed');
      const events = await stage.client.replay(created.message_id);
      const url = `${stage.app.url}${created.stream_url}?dialect=v1-unnamed`;
      expect(await readAll(url, events[2]!.id)).toEqual(events.slice(3));
    });

    it('not at all after end: 204 without a body', async () => {
      const created = await richRun('after end');
      const { id } = (await stage.client.replay(created.message_id)).at(-1)!;
      for (const answer of [
        await curl(stage.app.url + created.stream_url, '-H', `Last-Event-ID: ${id}`),
        await curl(`${stage.app.url}${created.stream_url}?since=${id}`),
      ]) {
        expect(answer).toMatchObject({ status: 204, body: '' });
        expect(answer.headers['content-type']).not.toBe('text/event-stream');
      }
    });
  });

  it('shows nothing that is not durable', async () => {
    const { connection, close } = await openDatabase(stage.app);
    const { created, answer } = await openRun('durable');
    const reader = await stage.client.stream(created);
    await reader.count(2);
    const m = new Types.ObjectId(created.message_id);
    for (let i = 0; i < 40; i++) {
      streamEvents(answer, i, i + 1);
      await reader.count(3 + i);
      const { id } = reader.events.at(-1)!;
      const stored = await connection
        .collection('message_events')
        .findOne({ id, '_id.m': m }, { readConcern: { level: 'majority' } });
      expect(stored).toMatchObject({ id });
    }
    answer.finish();
    await reader.all();
    await close();
  });

  it('changes nothing for the run when every client leaves', async () => {
    const { created, answer } = await openRun('left alone');
    const viewers = await Promise.all(Array.from({ length: 5 }, () => stage.client.stream(created)));
    await Promise.all(viewers.map((viewer) => viewer.count(2)));
    await Promise.all(viewers.map((viewer) => viewer.close()));
    await until('nobody watches', async () => (await stage.client.metric('reprise_active_streams')) === 0);
    answer.text('Nobody is here.').finish();
    await until(
      'the run ends',
      async () => (await stage.client.message(created.message_id)).status === 'completed',
    );
    const events = await stage.client.ended(created);
    expectWholeLog(events, created);
    expect(ofType(events, 'content').at(-1)!.md).toBe('Nobody is here.');
    const [, saved] = await stage.client.history(events[0]!.chat_id);
    expect(saved.content).toBe('left alone begins. Nobody is here.');
  });

  it('is byte for byte the same after a restart of the application', async () => {
    const first = await startTestApp(stage.model.env);
    const client = new Client(first.url);
    const created = await client.send(await client.newChat(), 'restart');
    const live = await client.stream(created);
    await playRichRun(stage.model, 'restart');
    await live.all();
    await first.stop();
    const second = await startTestApp(first.env);
    try {
      const late = await SseReader.open(second.url + created.stream_url);
      await late.all();
      expectWholeLog(live.events, created);
      expect(late.text).toBe(live.text);
    } finally {
      await second.destroy();
    }
  });
});

describe('the stream on bad connections', () => {
  const STALL_MS = 250;
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage({
      STREAM_RETRY_MS: '1',
      STREAM_HEARTBEAT_MS: '40',
      STREAM_STALL_MS: String(STALL_MS),
      RUN_MAX_OUTPUT_CHARS: '50000000',
    });
  });
  afterAll(() => stage.close());

  it('sends a comment in silence, repeatedly, which no EventSource shows', async () => {
    const created = await stage.client.send(await stage.client.newChat(), 'silence');
    const answer = await stage.model.next('silence');
    const reader = await stage.client.stream(created);
    const watcher = watch(stage.app.url + created.stream_url, eventTypes);
    await reader.matches(/"type":"start".*\n\n(: .*\n\n){3}$/);
    expect(reader.frames).toHaveLength(1);
    answer.text('At last.').finish();
    await reader.all();
    await watcher.closed;
    expect(watcher.named.map(({ id }) => id)).toEqual(reader.frames.map(({ id }) => id));
  });

  it('also sends it to clients waiting for a run that has not started', async () => {
    const chat = await stage.client.newChat();
    await stage.client.send(chat, 'long');
    const running = await stage.model.next('long');
    const queued = await stage.client.send(chat, 'later');
    const reader = await stage.client.stream(queued);
    await reader.matches(/retry: 1\n\n(: .*\n\n){2}$/);
    running.text('done').finish();
    (await stage.model.next('later')).text('done').finish();
    await reader.all();
    expectWholeLog(reader.events, queued);
  });

  it('delivers every event to an EventSource once and in order through 200 cuts at random bytes', async () => {
    const CUTS = 200;
    const EVENTS = 2000;
    const seed = Number(process.env['TEST_SEED'] ?? Date.now() % 1_000_000);
    process.stdout.write(`the 200 cuts of the stream: TEST_SEED=${seed}\n`);
    const random = randomFrom(seed);
    const proxy = await CuttingProxy.start(stage.app.url, () =>
      proxy.cuts < CUTS ? 1 + Math.floor(random() * 5000) : Infinity,
    );
    try {
      const created = await stage.client.send(await stage.client.newChat(), 'cuts');
      const answer = await stage.model.next('cuts');
      const undisturbed = await stage.client.stream(created);
      const watcher = watch(proxy.url + created.stream_url, eventTypes);
      for (let from = 0; from < EVENTS - 2; from += 54) {
        streamEvents(answer, from, Math.min(from + 54, EVENTS - 2));
        // The client is always close behind: most of its reconnects meet a growing log.
        await until('the viewer keeps up', () => watcher.named.length > from);
      }
      answer.finish();
      await undisturbed.all();
      await watcher.closed;
      const seen = watcher.named.map(({ data }) => JSON.parse(data) as StreamEvent);
      expect(proxy.cuts).toBe(CUTS);
      expect(proxy.cutsInside).toBeGreaterThan(CUTS / 2);
      expect(undisturbed.frames).toHaveLength(EVENTS);
      expect(seen.map(seq)).toEqual(Array.from({ length: EVENTS }, (_, index) => index));
      expect(watcher.named.map(({ data }) => data)).toEqual(undisturbed.frames.map(({ data }) => data));
      expectWholeLog(seen, created);
    } finally {
      await proxy.stop();
    }
  });

  it('drops a client that does not read, at a bounded cost and without slowing others', async () => {
    const PIECES = 3000;
    const created = await stage.client.send(await stage.client.newChat(), 'flood');
    const answer = await stage.model.next('flood');
    const responses: ServerResponse[] = [];
    const note = (_request: unknown, response: ServerResponse): void => void responses.push(response);
    const server = stage.app.nest.getHttpServer();
    server.prependListener('request', note);
    const lazy = await connectLazily(stage.app.url + created.stream_url);
    server.off('request', note);
    const held = responses[0]!;
    const reader = await stage.client.stream(created);
    let mostHeld = 0;
    for (let from = 0; from < PIECES; from += 100) {
      for (let i = from; i < from + 100; i++) answer.reasoning(`${i} ${'x'.repeat(4000)}\n\n`);
      await answer.drained();
      await reader.count(from + 50);
      mostHeld = Math.max(mostHeld, held.writableLength);
    }
    answer.text('Done.').finish();
    await reader.all();
    expectWholeLog(reader.events, created);
    expect(reader.frames).toHaveLength(PIECES + 3);
    await until('the lazy client is let go', () => held.destroyed);
    expect(reader.text.length).toBeGreaterThan(12_000_000);
    expect(mostHeld).toBeLessThan(4_000_000);
    await until(
      'its stream is over',
      async () => (await stage.client.metric('reprise_active_streams')) === 0,
    );

    const seen = parseFrames(await lazy.readRest());
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.length).toBeLessThan(reader.frames.length);
    expect(seen).toEqual(reader.frames.slice(0, seen.length));
    const resumed = await stage.client.stream(created, '', seen.at(-1)!.id);
    expect(eventsIn([...seen, ...(await resumed.all())])).toEqual(reader.events);
    expect(theOne(resumed.events, 'end').status).toBe('completed');
  });
});

/** A client that opens a stream and then does not read. HTTP/1.0, so that the body is not chunked. */
async function connectLazily(url: string): Promise<{ readRest(): Promise<string> }> {
  const { hostname, port, pathname } = new URL(url);
  const socket = net.connect(Number(port), hostname);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(`GET ${pathname} HTTP/1.0\r\nHost: ${hostname}\r\n\r\n`);
  let text = '';
  socket.setEncoding('utf8');
  await once(socket, 'readable');
  socket.pause();
  const readRest = async (): Promise<string> => {
    socket.on('data', (chunk: string) => (text += chunk));
    socket.resume();
    if (!socket.closed) await once(socket, 'close');
    return text.slice(text.indexOf('\r\n\r\n') + 4);
  };
  return { readRest };
}
