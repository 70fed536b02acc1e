import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { RepriseClient } from '@reprise/client';
import { answerLog } from '../../client/test/logs.js';
import {
  framesOf,
  openStream,
  refuse,
  RUN,
  StreamServer,
  type Answer,
} from '../../client/test/stream-server.js';
import { until, within } from '../../../test/support/until.js';
import { FollowedRuns, type RunSnapshot } from '../src/index.js';

const LOG = answerLog(3);
const ID = typeof RUN === 'string' ? RUN : RUN.message_id;

let server: StreamServer | undefined;

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function storeOf(answer: Answer): Promise<FollowedRuns> {
  server = await StreamServer.start(answer);
  return FollowedRuns.of(new RepriseClient({ baseUrl: server.url }));
}

/** A store with a server that opens a stream and leaves the rest to the test. */
async function openStore(): Promise<{ store: FollowedRuns; response: Promise<ServerResponse> }> {
  const opened: ServerResponse[] = [];
  const store = await storeOf((response) => opened.push(openStream(response)));
  return { store, response: until('the stream is open', () => opened[0]) };
}

const now = (store: FollowedRuns): RunSnapshot => store.snapshot(ID);
const isDone = (store: FollowedRuns) => (): boolean => now(store).state.status === 'completed';
const nothing = (): void => undefined;

describe('the store of runs', () => {
  it('is one per client', () => {
    const client = new RepriseClient({ baseUrl: 'http://localhost' });
    expect(FollowedRuns.of(client)).toBe(FollowedRuns.of(client));
    expect(FollowedRuns.of(client)).not.toBe(
      FollowedRuns.of(new RepriseClient({ baseUrl: 'http://localhost' })),
    );
  });

  it('has one connection for all components, including those that mount again at once', async () => {
    const { store, response } = await openStore();
    store.subscribe(RUN, nothing)();
    const leaves = [store.subscribe(RUN, nothing), store.subscribe(ID, nothing)];
    (await response).write(framesOf(LOG.slice(0, 2)));
    await until('events have come', () => now(store).state.seq === 1);
    for (const leave of leaves) leave();
    const leave = store.subscribe(RUN, nothing);
    (await response).end(framesOf(LOG.slice(2)));
    await until('it is done', isDone(store));
    expect(server?.requests).toHaveLength(1);
    leave();
  });

  it('disconnects when the last component has unmounted, and not before', async () => {
    const { store, response } = await openStore();
    const leaves = [store.subscribe(RUN, nothing), store.subscribe(RUN, nothing)];
    const stream = await response;
    let isClosed = false;
    const closed = once(stream, 'close').then(() => (isClosed = true));
    leaves[0]?.();
    const left = performance.now();
    await until('it would have hung up', () => performance.now() - left > 1500);
    expect(isClosed).toBe(false);
    leaves[1]?.();
    await within('the client hangs up', closed);
  });

  it('changes its state only together with the notification', async () => {
    const store = await storeOf((response) => openStream(response).end(framesOf(LOG)));
    const seen: RunSnapshot[] = [];
    let before = now(store);
    const leave = store.subscribe(RUN, () => {
      seen.push(now(store));
    });
    await until('it is done', () => {
      const same = now(store) === before || now(store) === seen.at(-1);
      before = now(store);
      expect(same).toBe(true);
      return isDone(store)();
    });
    leave();
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('notifies about many events at once, even on a page in the background, where no frame is drawn', async () => {
    const log = answerLog(60);
    const store = await storeOf((response) => {
      openStream(response);
      const rest = [...log];
      const timer = setInterval(() => {
        response.write(framesOf(rest.splice(0, 1)));
        if (rest.length > 0) return;
        clearInterval(timer);
        response.end();
      }, 2);
    });
    const page = globalThis as { requestAnimationFrame?: () => number };
    page.requestAnimationFrame = () => 1;
    try {
      let calls = 0;
      const since = performance.now();
      const leave = store.subscribe(RUN, () => calls++);
      await until('it is done', isDone(store));
      expect(calls).toBeLessThanOrEqual((performance.now() - since) / 100 + 1);
      leave();
    } finally {
      delete page.requestAnimationFrame;
    }
  });

  it('remembers an ended run, without another request', async () => {
    const store = await storeOf((response) => openStream(response).end(framesOf(LOG)));
    const leave = store.subscribe(RUN, nothing);
    await until('it is done', isDone(store));
    leave();
    store.subscribe(RUN, nothing)();
    expect(now(store).state.content).toBe('piece 0 piece 1 piece 2 ');
    expect(server?.requests).toHaveLength(1);
  });

  it('retries what has failed when the next component mounts', async () => {
    const store = await storeOf((response, _request, index) => {
      if (index === 0) refuse(response, 404, 'message_not_found');
      else openStream(response).end(framesOf(LOG));
    });
    const leave = store.subscribe(RUN, nothing);
    await until('it has failed', () => now(store).error);
    expect(now(store).error).toMatchObject({ code: 'message_not_found' });
    leave();
    const leaveAgain = store.subscribe(RUN, nothing);
    await until('it is done', isDone(store));
    expect(now(store).error).toBeNull();
    leaveAgain();
  });

  it('forgets runs that nobody looks at, the oldest first', async () => {
    const store = await storeOf((response) => openStream(response).end(framesOf(LOG)));
    const follow = async (message_id: string): Promise<void> => {
      const leave = store.subscribe({ message_id, stream_url: '/stream' }, nothing);
      await until('it is done', () => store.snapshot(message_id).connection.state === 'closed');
      leave();
    };
    for (let run = 0; run < 202; run++) await follow(`run ${run}`);
    expect(store.snapshot('run 0').state.status).toBe('pending');
    expect(store.snapshot('run 201').state.status).toBe('completed');
  });
});
