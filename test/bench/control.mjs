// How the load generator drives a server. The producer runs in the server's process, as an agent's run does.
import http from 'node:http';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { Latencies, nowUs } from './measure.mjs';

const TEXT = 'the quick brown fox jumps over a lazy dog while five wizards box quietly at dawn ';
const DELTAS = Array.from({ length: 41 }, (_, i) => TEXT.slice(i % 20, (i % 20) + 20 + i));
const BURST = 16; // events per turn of the event loop when there is no rate

/** A token of a model: 20–60 bytes of text in 110–160 bytes of JSON. `t` is when it was appended. */
const makeEvent = (seq, stream) => ({
  seq,
  t: nowUs(),
  type: 'token.delta',
  message: stream,
  role: 'assistant',
  delta: DELTAS[seq % DELTAS.length],
});

/**
 * Answers `/_ctl/*`; false for any other request.
 * @param {{ create: (stream: string) => unknown, append: (stream: string, event: object) => Promise<void> | void }} server
 */
export function control(request, response, server) {
  if (!request.url.startsWith('/_ctl/')) return false;
  void handle(request, server).then(
    (result) => response.end(JSON.stringify(result)),
    (error) => response.writeHead(500).end(String(error?.stack ?? error)),
  );
  return true;
}

async function handle(request, { create, append }) {
  const order = JSON.parse((await request.toArray()).join(''));
  if (request.url === '/_ctl/create') return Promise.all(order.streams.map(create)).then(() => ({}));
  return produce({ ...order, append });
}

/** Appends `count` events to every stream: at `rate` a second each, one after the other's commit, or flat out. */
async function produce({ streams, count, rate, oneByOne, append }) {
  const from = nowUs();
  const lateness = new Latencies();
  const commits = [];
  const total = streams.length * count;
  const put = (n) =>
    append(streams[n % streams.length], makeEvent(Math.floor(n / streams.length), streams[0]));
  if (rate) {
    const gap = 1e6 / (rate * streams.length);
    for (let n = 0; n < total; await sleep(1)) {
      for (const now = nowUs(); n < total && from + n * gap <= now; n++) {
        lateness.add(now - from - n * gap);
        commits.push(put(n));
      }
    }
  } else {
    for (let n = 0; n < total; n++) {
      const commit = put(n);
      if (oneByOne) await commit;
      else commits.push(commit);
      if (n % BURST === BURST - 1) await turn();
    }
  }
  await Promise.all(commits);
  return { ms: (nowUs() - from) / 1000, lateP99: rate ? lateness.quantile(0.99) : 0 };
}

/** Calls `/_ctl/<name>` of a server. */
export function order(port, name, body) {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, method: 'POST', path: `/_ctl/${name}` };
    const request = http.request(options, (response) => {
      response.toArray().then((chunks) => {
        const text = chunks.join('');
        if (response.statusCode === 200) resolve(JSON.parse(text));
        else reject(new Error(`${name}: ${response.statusCode} ${text}`));
      }, reject);
    });
    request.on('error', reject).end(JSON.stringify(body));
  });
}
