import { getEventListeners, once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { until, within } from '../../../test/support/until.js';
import { RepriseClient, RepriseError, type Connection } from '../src/index.js';
import { answerLog } from './logs.js';
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

describe('a server in trouble', () => {
  const failing = (status: number, headers = {}): Promise<RepriseClient> =>
    clientOf((response, request, index) => {
      if (index === 0) refuse(response, status, 'trouble', headers);
      else openStream(response).end(framesOf(restOf(LOG, request)));
    });

  it.each([500, 502, 503, 504, 429, 408])('is retried after %d', async (status) => {
    const client = await failing(status);
    expect(await collect(client)).toEqual(LOG);
    expect(requestCount()).toBe(2);
  });

  it.each([502, 503, 504])("is retried after a proxy's page with %d", async (status) => {
    const page = '<html><head><title>Bad Gateway</title></head><body>nginx</body></html>';
    const client = await clientOf((response, request, index) => {
      if (index < 2) response.writeHead(status, { 'content-type': 'text/html' }).end(page);
      else openStream(response).end(framesOf(restOf(LOG, request)));
    });
    const waits: Connection[] = [];
    const events = await collect(client, {
      onConnection: (connection) => connection.state === 'waiting' && waits.push(connection),
    });
    expect(events).toEqual(LOG);
    expect(waits).toMatchObject([
      { error: { status, code: 'http_error' } },
      { error: { status, code: 'http_error' } },
    ]);
  });

  it.each([429, 503])('gets the time it asks for with %d', async (status) => {
    const client = await failing(status, { 'retry-after': '1' });
    const waits: Connection[] = [];
    await collect(client, {
      onConnection: (connection) => connection.state === 'waiting' && waits.push(connection),
    });
    const [first = 0, second = 0] = server?.times ?? [];
    expect(second - first).toBeGreaterThanOrEqual(1000);
    expect(waits).toMatchObject([{ error: { status, retryAfterMs: 1000 } }]);
  });

  it('gets until the date it names', async () => {
    const client = await failing(503, { 'retry-after': new Date(Date.now() + 3_600_000).toUTCString() });
    const controller = new AbortController();
    let waitMs = 0;
    const onConnection = (connection: Connection): void => {
      if (connection.state !== 'waiting') return;
      waitMs = connection.ms;
      controller.abort();
    };
    expect(await collect(client, { onConnection, signal: controller.signal })).toEqual([]);
    expect(waitMs).toBeGreaterThan(3_590_000);
  });

  it.each([
    [400, 'unknown_event_id'],
    [401, 'unauthorized'],
    [404, 'message_not_found'],
    [410, 'events_expired'],
  ])('is not retried after %d %s', async (status, code) => {
    const client = await clientOf((response) => {
      refuse(response, status, code);
    });
    const error = await collect(client).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RepriseError);
    expect(error).toMatchObject({ status, code, message: `This is ${code}.`, requestId: 'request-1' });
    expect(requestCount()).toBe(1);
  });

  it('that answers with something else is not retried', async () => {
    const client = await clientOf((response) =>
      response.setHeader('content-type', 'text/html').end('<p>Log in'),
    );
    await expect(collect(client)).rejects.toMatchObject({ code: 'not_a_stream', status: 200 });
  });

  it('that sends something that is not an event is not retried', async () => {
    const client = await clientOf((response) => openStream(response).end('data: {"half":\n\n'));
    await expect(collect(client)).rejects.toMatchObject({ code: 'invalid_event' });
  });

  it('is retried less and less often while nothing arrives', async () => {
    const client = await clientOf((response) => openStream(response, 20).end());
    const waits: number[] = [];
    const controller = new AbortController();
    const onConnection = (connection: Connection): void => {
      if (connection.state !== 'waiting') return;
      waits.push(connection.ms);
      if (connection.ms > 100) controller.abort(); // no single wait after `retry: 20` is this long
    };
    await within('the waits grow', collect(client, { onConnection, signal: controller.signal }));
    expect(waits[0]).toBeLessThanOrEqual(20);
  });

  it('that sends an event is trusted again', async () => {
    const log = answerLog(40);
    const client = await clientOf((response, request) =>
      openStream(response, 20).end(framesOf(restOf(log, request).slice(0, 1))),
    );
    const waits: number[] = [];
    const onConnection = (connection: Connection): unknown =>
      connection.state === 'waiting' && waits.push(connection.ms);
    expect(await collect(client, { onConnection })).toEqual(log);
    expect(Math.max(...waits)).toBeLessThanOrEqual(20);
  });
});

describe('a silent connection', () => {
  it('is given up after three of the heartbeats that the server announces', async () => {
    const client = await clientOf((response, request, index) => {
      if (index > 0) return openStream(response).end(framesOf(restOf(LOG, request)));
      response.setHeader('x-heartbeat-ms', '40');
      return openStream(response).write(framesOf(LOG.slice(0, 2))); // and nothing more
    });
    expect(await collect(client)).toEqual(LOG);
    expect(requestCount()).toBe(2);
  });

  it('is dropped after a while, and the next one resumes', async () => {
    const client = await clientOf((response, request, index) => {
      const rest = restOf(LOG, request);
      if (index === 0) openStream(response).write(framesOf(rest.slice(0, 2)));
      else openStream(response).end(framesOf(rest));
    });
    expect(await collect(client, { silenceMs: 100 })).toEqual(LOG);
    expect(server?.resumePoints).toEqual([undefined, LOG[1]?.id]);
  });

  it('is dropped if not even the headers arrive', async () => {
    const client = await clientOf((response, request, index) => {
      if (index > 0) openStream(response).end(framesOf(LOG));
    });
    expect(await collect(client, { silenceMs: 100 })).toEqual(LOG);
  });

  it('is kept alive by heartbeats', async () => {
    const client = await clientOf((response) => {
      openStream(response);
      let beats = 0;
      const timer = setInterval(() => {
        if (beats++ < 10) response.write(': heartbeat\n\n');
        else clearInterval(timer);
        if (beats > 10) response.end(framesOf(LOG));
      }, 40);
    });
    expect(await collect(client, { silenceMs: 200 })).toEqual(LOG);
    expect(requestCount()).toBe(1);
  });

  it('is not assumed while a reader takes its time', async () => {
    let sendRest = (): unknown => undefined;
    const client = await clientOf((response) => {
      openStream(response).write(framesOf(LOG.slice(0, 1)));
      sendRest = () => response.end(framesOf(LOG.slice(1)));
    });
    const connections: string[] = [];
    const onConnection = ({ state }: Connection): unknown => connections.push(state);
    for await (const event of client.follow(RUN, { silenceMs: 50, onConnection })) {
      if (event.type !== 'start') continue;
      const since = performance.now();
      sendRest();
      await until('the reader is done with it', () => performance.now() - since > 150);
    }
    expect(connections).toEqual(['connecting', 'open', 'closed']);
  });
});

describe('stopping', () => {
  /** An endless stream, and its end as the server sees it. */
  async function endless(): Promise<{ client: RepriseClient; hungUp: Promise<unknown> }> {
    let opened: (response: ServerResponse) => void;
    const response = new Promise<ServerResponse>((resolve) => {
      opened = resolve;
    });
    const client = await clientOf((answer) => {
      openStream(answer).write(framesOf(LOG.slice(0, 2)));
      opened(answer);
    });
    const hungUp = response.then((answer) => (answer.destroyed ? undefined : once(answer, 'close')));
    return { client, hungUp: within('the client hangs up', hungUp) };
  }

  it('by leaving the loop disconnects', async () => {
    const { client, hungUp } = await endless();
    for await (const event of client.follow(RUN)) if (event.id === LOG[1]?.id) break;
    await hungUp;
  });

  it('by a signal ends the iteration at once, without an error, and disconnects', async () => {
    const { client, hungUp } = await endless();
    const controller = new AbortController();
    const { signal } = controller;
    const seen: string[] = [];
    for await (const { id } of client.follow(RUN, { signal })) {
      if (seen.push(id) === 1) controller.abort(); // the second event has arrived already
    }
    expect(seen).toEqual([LOG[0]?.id]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    await hungUp;
  });

  it('by a signal works while nothing arrives', async () => {
    const { client, hungUp } = await endless();
    const controller = new AbortController();
    const events = client.follow(RUN, { signal: controller.signal });
    await events.next();
    await events.next();
    const next = events.next();
    controller.abort();
    expect(await within('the iteration ends', next)).toEqual({ done: true, value: undefined });
    await hungUp;
  });

  it('by a signal works while it waits to reconnect', async () => {
    const client = await clientOf((response) => {
      refuse(response, 503, 'trouble', { 'retry-after': '600' });
    });
    const controller = new AbortController();
    const { signal } = controller;
    const onConnection = ({ state }: Connection): void => {
      if (state === 'waiting')
        setImmediate(() => {
          controller.abort();
        });
    };
    expect(await within('the iteration ends', collect(client, { signal, onConnection }))).toEqual([]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('by a signal works before anything has started', async () => {
    const client = await clientOf((response) => openStream(response).end(framesOf(LOG)));
    expect(await collect(client, { signal: AbortSignal.abort() })).toEqual([]);
    expect(requestCount()).toBe(0);
  });
});
