import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { answerOf, Client } from '../support/client.js';
import { startTestApp } from '../support/app.js';
import { AGENT_SECRET } from './bad-input/bodies.js';
import { casesOf, withoutGenerator } from './bad-input/cases.js';
import { expectErrorFrame, expectProblem, expectRpcError } from './bad-input/expect-problem.js';
import { rawBytes, rawCases } from './bad-input/raw.js';
import { routesOf } from './bad-input/routes.js';
import { Wire, type WireRequest } from './bad-input/wire.js';
import { createWorld, watchDatabase, type Snapshot } from './bad-input/world.js';

/** Every case of a run can be reproduced with `SEED=… npm test -- test/api/bad-input`. */
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const LEAST_CASES = 2000;
const RAW_DRAWS = 12;
const RAW_AT_ONCE = 20;

// The routes define the tests, and only the running application knows its routes: it has to be up before the tests are
// named.
const app = await startTestApp({ AI_AGENT_SECRET: AGENT_SECRET });
const client = new Client(app.url);
const wire = new Wire(app.url);
const routes = routesOf((await client.get('/api/openapi.json')).body);
const world = await createWorld(app);
const database = await watchDatabase(app);
const stored: Snapshot = await database.snapshot();
const prototypes = prototypeKeys();

const begin = performance.now();
const seen = new Set<string>();
let cases = 0;

afterAll(async () => {
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  process.stdout.write(
    `bad input: ${cases} cases (${seen.size} distinct) for ${routes.length} routes in ${seconds} s, SEED=${seed}\n`,
  );
  wire.close();
  await database.close();
  await app.destroy();
});

/** Names on what every object inherits from. */
function prototypeKeys(): string[][] {
  return [{}, [], '', 0].map((value) => Object.getOwnPropertyNames(Object.getPrototypeOf(value)));
}

function count(...parts: (string | Buffer)[]): void {
  cases += 1;
  const hash = createHash('sha1');
  for (const part of parts) hash.update(part).update('\0');
  seen.add(hash.digest('base64'));
}

/** Nothing stored, nothing polluted, and the server still answers. */
async function expectUntouched(before: Snapshot): Promise<void> {
  expect(await database.snapshot()).toEqual(before);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  expect(prototypeKeys()).toEqual(prototypes);
  expect((await client.get('/health/live')).status).toBe(200);
}

async function expectRefused(request: WireRequest): Promise<void> {
  const { method, path, headers, body } = request;
  count(method, path, JSON.stringify(headers.filter(([name]) => name !== 'X-Request-Id')), body?.bytes ?? '');
  const accept = headers.find(([name]) => name === 'Accept')?.[1] ?? '';
  if (/^\/a2a\/?(\?|$)/i.test(path)) {
    expectRpcError(await wire.send(request));
    return;
  }
  const inFrames = /^\/chat\/stream\/?(\?|$)/i.test(path) && !/\bjson\b/i.test(accept);
  (inFrames ? expectErrorFrame : expectProblem)(await wire.send(request));
}

it('finds the routes, and the world they act on', async () => {
  expect(routes.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['POST /api/chats/{chat_id}/messages', 'GET /api/tools', 'GET /health']),
  );
  expect(Object.values(world)).not.toContain(undefined);
  expect(await database.snapshot()).toEqual(stored);
});

describe.each(routes.map((route) => [route.name, route] as const))('%s', (_, route) => {
  it('has a generator for everything that a client can send: see test/api/bad-input', () => {
    expect(withoutGenerator(route)).toEqual([]);
  });

  it('rejects bad input, and stores nothing', async () => {
    const before = await database.snapshot();
    const { always, sometimes, draws, toRequest } = casesOf(world, route);
    await fc.assert(
      fc.asyncProperty(sometimes, (bad) => expectRefused(toRequest(bad))),
      { seed, numRuns: always.length + draws, examples: always.map((bad) => [bad]) },
    );
    await expectUntouched(before);
  });
});

describe('beside the routes', () => {
  const paths = [
    ...[
      '//',
      '/api',
      '/api/',
      '/api/..%2f',
      '/%00',
      '/%zz',
      '/api/%zz',
      '/.env',
      '/api/users',
      '/api/chats/',
    ],
    ...[
      '/api/docs/%00',
      '/api/docs/%zz',
      '/api/docs/..%2f..%2fpackage.json',
      '/api/docs/../../../package.json',
    ],
    ...['/api/docs/%2e%2e/%2e%2e/package.json', '/api/docs/none.js', '/api/docs/%ff', '/api/openapi.json/x'],
    ...[
      '/api/__proto__',
      '/__proto__/polluted',
      '/api/constructor',
      '/health/../metrics/x',
      `/${'x'.repeat(8000)}`,
    ],
  ];

  it.each(paths.map((path) => [path.slice(0, 60), path]))('%s is rejected', async (_, path) => {
    await expectRefused({ method: 'GET', path, headers: [], body: undefined });
  });
});

describe('what is not HTTP', () => {
  it.each(rawCases(world))('$name', async (raw) => {
    count(raw.name, raw.bytes);
    const { hangUp = false, mayBeSilent = false } = raw;
    const answers = await wire.speak(raw.bytes, { hangUp, patient: !mayBeSilent });
    if (!mayBeSilent && answers.length === 0) throw new Error('There was no answer.');
    answers.forEach(expectProblem);
  });

  it('may be any bytes at all', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(rawBytes(), { minLength: RAW_AT_ONCE, maxLength: RAW_AT_ONCE }),
        async (all) => {
          all.forEach((bytes) => {
            count(bytes);
          });
          const answers = await Promise.all(all.map((bytes) => wire.speak(bytes)));
          answers.flat().forEach(expectProblem);
        },
      ),
      { seed, numRuns: RAW_DRAWS },
    );
  });

  it('leaves everything unchanged', () => expectUntouched(stored));
});

it(`covered all of that, in at least ${LEAST_CASES} cases`, () => {
  expect(cases).toBeGreaterThanOrEqual(LEAST_CASES);
});

it('leaves a server that still answers questions', async () => {
  const chat = await client.newChat(world.user);
  const events = await client.ended(await client.send(chat, 'Hvad er CSR-kravene?'));
  expect(answerOf(events)).not.toBe('');
  expect(events.at(-1)).toMatchObject({ type: 'end', status: 'completed' });
  expect(await client.history(chat)).toHaveLength(2);
});
