import type { StreamEvent } from '@reprise/protocol';
import fc from 'fast-check';
import { initialState, reduce, RepriseClient, type Connection, type StreamState } from '../src/index.js';
import { answerLog, wholeLog } from './logs.js';
import {
  collect,
  framesOf,
  openStream,
  refuse,
  restOf,
  RUN,
  StreamServer,
  type Answer,
} from './stream-server.js';

const LOG = answerLog(5);

let server: StreamServer | undefined;

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function clientOf(answer: Answer): Promise<RepriseClient> {
  server = await StreamServer.start(answer);
  return new RepriseClient({ baseUrl: server.url });
}

const requestCount = (): number => server?.requests.length ?? 0;

describe('following a run', () => {
  it('yields the whole log in order and stops at its end', async () => {
    const client = await clientOf((response, request) =>
      openStream(response).end(framesOf(restOf(LOG, request))),
    );
    expect(await collect(client)).toEqual(LOG);
    expect(requestCount()).toBe(1);
  });

  it('yields the same state however the connection is cut and whatever is repeated', async () => {
    const connection = fc.record({
      /** The fraction of the bytes that the connection lets through. */
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      overlap: fc.nat(4),
      isClean: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(wholeLog, fc.array(connection, { maxLength: 6 }), async (log, connections) => {
        const stage = await StreamServer.start((response, request, index) => {
          const { share, overlap, isClean } = connections[index] ?? { share: 1, overlap: 1, isClean: true };
          const all = Buffer.from(framesOf(restOf(log, request, overlap)));
          openStream(response).write(all.subarray(0, Math.ceil(share * all.length)), () => {
            if (isClean) response.end();
            else response.destroy();
          });
        });
        try {
          const client = new RepriseClient({ baseUrl: stage.url });
          const events: StreamEvent[] = [];
          for await (const event of client.follow(RUN)) events.push(event);
          expect(events).toEqual(log);
          let last: StreamState = initialState;
          for await (const state of client.states(RUN)) last = state;
          expect(last).toEqual(log.reduce(reduce, initialState));
        } finally {
          await stage.stop();
        }
      }),
      { numRuns: 100 },
    );
  }, 60_000);

  it('resumes after the last event seen', async () => {
    const client = await clientOf((response, request, index) => {
      const rest = restOf(LOG, request);
      openStream(response).write(framesOf(index === 0 ? rest.slice(0, 3) : rest), () => response.end());
    });
    expect(await collect(client)).toEqual(LOG);
    expect(server?.resumePoints).toEqual([undefined, LOG[2]?.id]);
  });

  it('starts where it is told to', async () => {
    const client = await clientOf((response, request) =>
      openStream(response).end(framesOf(restOf(LOG, request))),
    );
    expect(await collect(client, { after: LOG[3]?.id })).toEqual(LOG.slice(4));
  });

  it("requests the stream's address if it has only the message id", async () => {
    const client = await clientOf((response, request) => {
      if (request.url === '/elsewhere') openStream(response).end(framesOf(LOG));
      else response.end(JSON.stringify({ stream_url: '/elsewhere' }));
    });
    const events: StreamEvent[] = [];
    for await (const event of client.follow('an/id')) events.push(event);
    expect(events).toEqual(LOG);
    expect(server?.requests.map(({ url }) => url)).toEqual(['/api/messages/an%2Fid', '/elsewhere']);
  });

  it('says that an answer has no stream', async () => {
    const client = await clientOf((response) => response.end('{"run":null}'));
    await expect(client.follow('an-answer').next()).rejects.toMatchObject({ code: 'no_stream' });
  });

  it('ends when the server says 204', async () => {
    const client = await clientOf((response) => response.writeHead(204).end());
    expect(await collect(client, { after: LOG.at(-1)?.id })).toEqual([]);
    expect(requestCount()).toBe(1);
  });

  it('passes on events of types it does not know', async () => {
    const future = { ...LOG[1], type: 'from_the_future' } as unknown as StreamEvent;
    const log = [...LOG.slice(0, 1), future, ...LOG.slice(2)];
    const client = await clientOf((response) => openStream(response).end(framesOf(log)));
    expect((await collect(client)).map(({ type }) => type)).toContain('from_the_future');
  });
});

describe('the connection', () => {
  it('reports each change', async () => {
    const client = await clientOf((response, request, index) => {
      const rest = restOf(LOG, request);
      openStream(response).end(framesOf(index === 0 ? rest.slice(0, 3) : rest));
    });
    const connections: Connection[] = [];
    await collect(client, { onConnection: (connection) => connections.push(connection) });
    expect(connections).toMatchObject([
      { state: 'connecting' },
      { state: 'open' },
      { state: 'waiting', ms: expect.any(Number), error: { code: 'connection_failed' } },
      { state: 'connecting' },
      { state: 'open' },
      { state: 'closed' },
    ]);
  });

  it('is closed last, even after an error', async () => {
    const client = await clientOf((response) => {
      refuse(response, 404, 'message_not_found');
    });
    const states: string[] = [];
    await collect(client, { onConnection: ({ state }) => states.push(state) }).catch(() => undefined);
    expect(states).toEqual(['connecting', 'closed']);
  });
});

describe('states', () => {
  it('arrive once for everything received together', async () => {
    const log = answerLog(1000);
    const client = await clientOf((response) => openStream(response).end(framesOf(log)));
    let count = 0;
    let last = initialState;
    for await (const state of client.states(RUN)) {
      count++;
      last = state;
    }
    expect(last).toEqual(log.reduce(reduce, initialState));
    expect(count).toBeLessThan(200);
  });

  it('continue from a stored state', async () => {
    const client = await clientOf((response, request) =>
      openStream(response).end(framesOf(restOf(LOG, request))),
    );
    const from = LOG.slice(0, 3).reduce(reduce, initialState);
    let last = from;
    for await (const state of client.states(RUN, { from })) last = state;
    expect(last).toEqual(LOG.reduce(reduce, initialState));
    expect(server?.resumePoints).toEqual([LOG[2]?.id]);
  });

  it('of an ended run need no request', async () => {
    const client = await clientOf((response) => response.end());
    const from = LOG.reduce(reduce, initialState);
    for await (const state of client.states(RUN, { from })) throw new Error(`There is more: ${state.status}`);
    expect(requestCount()).toBe(0);
  });
});
