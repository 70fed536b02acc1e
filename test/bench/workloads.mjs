// The workloads. Each runs in the load generator against its own server and returns its figures.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { order } from './control.mjs';
import { cpuSeconds, Latencies, median, nowUs, residentKb, settled } from './measure.mjs';
import { SseClient } from './sse-client.mjs';
import { neverRead, Received, subscribe, targetOf } from './subscribers.mjs';

const STALLED = 50;
const WATCHERS = 4;

/** Message ids that no database contains. */
const newNames = (count) => Array.from({ length: count }, () => randomBytes(12).toString('hex'));

async function createStreams(server, count) {
  const streams = newNames(count);
  await order(server.orderPort ?? server.port, 'create', { streams });
  return streams;
}

const produce = (server, streams, how) =>
  order(server.orderPort ?? server.port, 'produce', { streams, ...how });

/** Appends to `streams` while `readers` (names of streams, one subscriber each) follow. */
async function follow(server, { streams, readers, count, rate }) {
  const received = readers.map(() => new Received(count));
  const latencies = new Latencies();
  const total = readers.length * count;
  let got = 0;
  let first = Infinity;
  let last = 0;
  const clients = await subscribe(server, readers, (index, seq, t, now) => {
    if (!received[index].add(seq)) return;
    got++;
    if (t < first) first = t;
    last = now;
    latencies.add(now - t);
  });
  await sleep(300);
  const cpuBefore = cpuSeconds(server.pids);
  const ownBefore = process.cpuUsage();
  const [{ lateP99 }] = await Promise.all([
    produce(server, streams, { count, rate }),
    settled(
      () => got === total,
      () => got,
    ),
  ]);
  const own = process.cpuUsage(ownBefore);
  const cpu = cpuSeconds(server.pids) - cpuBefore;
  clients.close();
  const seconds = (last - first) / 1e6;
  return {
    perSecond: got / seconds,
    p50: latencies.quantile(0.5),
    p99: latencies.quantile(0.99),
    cpuUsPerEvent: (cpu * 1e6) / (count * streams.length),
    wrong: total - got + received.reduce((sum, one) => sum + one.doubled + one.reordered, 0),
    serverCpu: cpu / seconds,
    loadCpu: (own.user + own.system) / 1e6 / seconds,
    lateP99,
  };
}

/** So that no figure is that of code which was never compiled. Several readers reach every process behind a balancer. */
async function warmUp(server, readers = 1) {
  const [stream] = await createStreams(server, 1);
  await follow(server, { streams: [stream], readers: Array(readers).fill(stream), count: 1000 });
}

const fanOut = (subscribers) => async (server, quick) => {
  await warmUp(server);
  const [stream] = await createStreams(server, 1);
  const readers = Array(subscribers).fill(stream);
  return follow(server, { streams: [stream], readers, count: quick ? 500 : 2000 });
};

async function paced(server, quick) {
  await warmUp(server);
  const streams = await createStreams(server, quick ? 50 : 200);
  return follow(server, { streams, readers: streams, count: quick ? 120 : 400, rate: 40 });
}

/** Appends a log, then reads all of it: by one client, then by many at once. */
async function lateJoin(server, quick) {
  const count = quick ? 2000 : 10_000;
  const [probe, stream] = await createStreams(server, 2);
  const { ms } = await produce(server, [probe], { count: 500, oneByOne: true });
  await produce(server, [stream], { count });
  const read = async (clients) => {
    let got = 0;
    let last = 0;
    const from = nowUs();
    const readers = await subscribe(server, Array(clients).fill(stream), (_index, _seq, _t, now) => {
      got++;
      last = now;
    });
    await settled(
      () => got >= clients * count,
      () => got,
    );
    readers.close();
    await sleep(200);
    return { perSecond: (got / (last - from)) * 1e6, wrong: Math.abs(clients * count - got) };
  };
  await read(1);
  const one = await read(1);
  const many = await read(quick ? 10 : 50);
  return {
    one: one.perSecond,
    many: many.perSecond,
    wrong: one.wrong + many.wrong,
    commitMs: ms / 500,
  };
}

const idleStreams = (quick) => (quick ? 1000 : 5000);

async function idle(server, quick) {
  const subscribers = idleStreams(quick);
  const streams = await createStreams(server, 50);
  const named = (count) => Array.from({ length: count }, (_, index) => streams[index % streams.length]);
  const warm = await subscribe(server, named(200), () => undefined);
  await sleep(300);
  warm.close();
  await sleep(1000);
  const before = residentKb(server.pids);
  const clients = await subscribe(server, named(subscribers), () => undefined);
  await sleep(2000);
  const after = residentKb(server.pids);
  clients.close();
  return { kbPerStream: (after - before) / subscribers };
}

/** A client that is killed again and again between two frames and resumes from the last id it saw. */
async function resume(server, quick) {
  const [count, kills] = quick ? [1000, 5] : [5000, 20];
  const [stream] = await createStreams(server, 1);
  const received = new Received(count);
  let killed = 0;
  const connect = (lastEventId, onOpen) => {
    let frames = 0;
    const client = new SseClient(targetOf(server, stream, lastEventId), {
      onOpen,
      onEvent: (seq) => received.add(seq),
      onFrame: () => {
        if (killed === kills || ++frames < count / (kills + 2)) return;
        killed++;
        const seen = client.lastEventId;
        client.close();
        setTimeout(connect, 10, seen);
      },
    });
  };
  await new Promise((resolve) => connect(undefined, resolve));
  await produce(server, [stream], { count, rate: 1000 });
  await settled(
    () => received.got === count,
    () => received.got,
  );
  return { lost: count - received.got, doubled: received.doubled + received.reordered, killed };
}

/** Many silent streams, and many active ones: how much memory, how late. */
async function crowd(server, quick) {
  const [silent, busy] = quick ? [1000, 200] : [5000, 1000];
  await warmUp(server);
  const quiet = await createStreams(server, 50);
  const streams = await createStreams(server, busy);
  const before = residentKb(server.pids);
  const names = Array.from({ length: silent }, (_, index) => quiet[index % quiet.length]);
  const waiting = await subscribe(server, names, () => undefined);
  const figures = await follow(server, { streams, readers: streams, count: quick ? 20 : 40, rate: 4 });
  const after = residentKb(server.pids);
  waiting.close();
  return { ...figures, kbPerStream: (after - before) / (silent + busy) };
}

/** Some clients join a long log and never read a byte of it: what they cost, and what the others notice. */
async function stalled(server, quick) {
  const [length, readers] = quick ? [20_000, 30] : [60_000, 100];
  await warmUp(server);
  const [long] = await createStreams(server, 1);
  await produce(server, [long], { count: length });
  const others = async () => {
    const streams = await createStreams(server, readers);
    return follow(server, { streams, readers: streams, count: quick ? 80 : 240, rate: 40 });
  };
  const rounds = [];
  for (let round = 0; round < (quick ? 1 : 3); round++) {
    const alone = await others();
    const before = residentKb(server.pids);
    const clients = await neverRead(server, long, STALLED);
    await sleep(1000);
    const after = residentKb(server.pids);
    const beside = await others();
    clients.close();
    const wrong = alone.wrong + beside.wrong;
    rounds.push({ alone: alone.p99, beside: beside.p99, kb: (after - before) / STALLED, wrong });
  }
  const middle = (figure) => median(rounds.map((round) => round[figure]));
  return {
    aloneP99: middle('alone'),
    besideP99: middle('beside'),
    kbPerStalled: middle('kb'),
    wrong: rounds.reduce((sum, { wrong }) => sum + wrong, 0),
  };
}

/**
 * Some runs, each followed by four clients: what one more hop costs if readers and writer are in different processes.
 */
async function watched(server, quick) {
  await warmUp(server, 20);
  const streams = await createStreams(server, 20);
  const readers = streams.flatMap((stream) => Array(WATCHERS).fill(stream));
  return follow(server, { streams, readers, count: quick ? 60 : 200, rate: 20 });
}

/** Every workload, and how many files it needs to have open: sockets are files. */
export const workloads = {
  A1: { run: fanOut(1), openFiles: () => 1 },
  A100: { run: fanOut(100), openFiles: () => 100 },
  A1000: { run: fanOut(1000), openFiles: () => 1000 },
  B: { run: paced, openFiles: () => 200 },
  C: { run: lateJoin, openFiles: () => 50 },
  D: { run: idle, openFiles: idleStreams },
  E: { run: resume, openFiles: () => 1 },
  H: { run: crowd, openFiles: (quick) => (quick ? 1200 : 6000), onlyReal: true },
  I: { run: stalled, openFiles: () => 200, onlyReal: true },
  S: { run: watched, openFiles: () => 200, onlyReal: true, scaled: true },
};
