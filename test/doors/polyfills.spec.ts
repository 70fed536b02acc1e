import { createRequire } from 'node:module';
import { jest } from '@jest/globals';
import type { StreamEvent } from '@reprise/protocol';
import { playRichRun, setStage, type Stage } from '../conformance/setup.js';
import type { Created } from '../support/client.js';
import { CuttingProxy } from '../support/cutting-proxy.js';
import { RawStream } from '../support/raw-stream.js';
import { until } from '../support/until.js';

/** What the polyfill received, response by response: it captures `fetch` when it is loaded. */
const statuses: number[] = [];
const { fetch: realFetch } = globalThis;
globalThis.fetch = async (...args) => {
  const response = await realFetch(...args);
  statuses.push(response.status);
  return response;
};

type SourceClass = new (url: string) => EventTarget & { close(): void };
const { EventSourcePolyfill } = createRequire(import.meta.url)('event-source-polyfill') as {
  EventSourcePolyfill: SourceClass;
};
globalThis.fetch = realFetch;

/** EventSource packages that cannot send the header put their resume point in the query. */
describe('a resume point in the query', () => {
  let stage: Stage;
  let run: Created;
  let log: StreamEvent[];
  beforeAll(async () => {
    stage = await setStage({ STREAM_RETRY_MS: '20' });
    run = await stage.client.send(await stage.client.newChat(), 'cut');
    await playRichRun(stage.model, 'cut');
    log = await stage.client.ended(run);
  });
  afterAll(() => stage.close());
  beforeEach(() => {
    statuses.length = 0;
    // It reports each cut, and the 204 that it cannot read.
    jest.spyOn(console, 'error').mockReturnValue();
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it.each(['', '?dialect=v1', '?since='])(
    'delivers each event to event-source-polyfill once over a connection that is cut (%s)',
    async (query) => {
      let budget = 700;
      const line = await CuttingProxy.start(stage.app.url, () => (budget += 400));
      const source = new EventSourcePolyfill(line.url + run.stream_url + query);
      const heard: string[] = [];
      for (const type of new Set(log.map((event) => event.type))) {
        source.addEventListener(type, (event) => {
          const { data } = event as Event & { data?: string };
          if (data !== undefined) heard.push((JSON.parse(data) as StreamEvent).id);
        });
      }
      await until('the polyfill is told that nothing is left', () => statuses.includes(204) || undefined);
      source.close();
      await line.stop();
      expect(line.cuts).toBeGreaterThan(2);
      expect(heard).toEqual(log.map((event) => event.id));
      expect(statuses.slice(0, -1)).toEqual(Array(line.cuts + 1).fill(200));
    },
  );

  const read = async (query: string, headers = {}): Promise<RawStream> =>
    (await RawStream.open(`${stage.app.url}${run.stream_url}?${query}`, headers)).end();
  const idAt = (index: number): string => log[index]?.id ?? '';
  const behind = (index: number): string[] => log.slice(index + 1).map((event) => event.id);

  it.each(['lastEventId', 'lastEventID', 'lasteventid', 'last-event-id', 'Last-Event-ID', 'last_event_id'])(
    'can be called %s',
    async (name) => {
      expect((await read(`${name}=${idAt(2)}`)).ids).toEqual(behind(2));
      expect((await read(`${name}=${log.at(-1)?.id}`)).status).toBe(204);
      expect((await read(`${name}=nonsense`)).status).toBe(400);
    },
  );

  it('is newer in the header than in the query, and newer as lastEventId than as since', async () => {
    const since = `since=${idAt(0)}`;
    const query = `${since}&lastEventId=${idAt(1)}`;
    expect((await read(query)).ids).toEqual(behind(1));
    expect((await read(query, { 'last-event-id': idAt(3) })).ids).toEqual(behind(3));
    expect((await read(`${since}&lastEventId=`)).ids).toEqual(behind(0));
  });

  it('is rejected if the query names two', async () => {
    expect((await read(`lastEventId=${idAt(1)}&lastEventId=${idAt(2)}`)).status).toBe(400);
    expect((await read(`lastEventId=${idAt(1)}&last-event-id=${idAt(2)}`)).status).toBe(400);
    expect((await read(`since=${idAt(1)}&since=${idAt(2)}`)).status).toBe(400);
  });
});
