// The search by meaning over 30,000 passages with vectors of 1,536 numbers: a process of its own with the application in
// it. Environment: DATA_DIR (default: a temporary folder), PASSAGES, DIMENSIONS, ROUNDS, EMBEDDINGS_CACHE_BYTES.
import 'reflect-metadata';
import { createServer } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import mongoose from 'mongoose';
import { Latencies, nowUs } from './measure.mjs';

const dist = path.resolve(import.meta.dirname, '../../dist');
const load = (file) => import(pathToFileURL(path.join(dist, file)).href);
const { startApp } = await load('app.js');
const { loadSettings } = await load('platform/config/index.js');
const { SemanticSearch, CorpusReader } = await load('documents/index.js');

const PASSAGES = Number(process.env.PASSAGES ?? 30_000);
const DIMENSIONS = Number(process.env.DIMENSIONS ?? 1536);
const ROUNDS = Number(process.env.ROUNDS ?? 40);
const PER_DOCUMENT = 15;
/** How long the loop is watched without searches, for comparison. */
const IDLE_MS = 5000;
const TENANT = 'default';

let seed = 7;
const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647 - 0.5;
const direction = () => Float32Array.from({ length: DIMENSIONS }, random);
const base64 = (vector) => Buffer.from(vector.buffer).toString('base64');

/** Answers at once, so that only the search is measured. */
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => (body += chunk));
  request.on('end', () => {
    const data = JSON.parse(body).input.map((_, index) => ({ index, embedding: base64(direction()) }));
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ data }));
  });
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

const folder = process.env.DATA_DIR ?? mkdtempSync(path.join(os.tmpdir(), 'reprise-semantic-'));
const app = await startApp(
  loadSettings({
    ...process.env,
    PORT: '0',
    DATA_DIR: folder,
    LOG_LEVEL: 'fatal',
    EMBEDDINGS_MODEL: 'bench',
    EMBEDDINGS_BASE_URL: `http://127.0.0.1:${server.address().port}/v1`,
    EMBEDDINGS_TIMEOUT_MS: '60000',
  }),
);
const database = app.nest.get('DatabaseConnection');
const space = `bench/${DIMENSIONS}`;

async function fill() {
  const signed = () =>
    new mongoose.mongo.Binary(Buffer.from(Int8Array.from(direction(), (x) => x * 254).buffer));
  for (let first = 0; first < PASSAGES; first += PER_DOCUMENT * 100) {
    const documents = Array.from({ length: Math.min(100, (PASSAGES - first) / PER_DOCUMENT) }, (_, n) => ({
      _id: new mongoose.Types.ObjectId(),
      ...{ tenant_id: TENANT, tender_id: null, title: `Document ${first + n}`, title_key: [], ready: true },
      ...{ metadata: {}, characters: 0, passages: PER_DOCUMENT, created_at: new Date(), search_version: 2 },
      embedding: space,
    }));
    const passages = documents.flatMap(({ _id: document_id, title }) =>
      Array.from({ length: PER_DOCUMENT }, (_, index) => ({
        _id: new mongoose.Types.ObjectId(),
        ...{
          tenant_id: TENANT,
          tender_id: null,
          document_id,
          index,
          title,
          text: `${title}, ${index}`,
          terms: [],
        },
      })),
    );
    await database.collection('documents').insertMany(documents);
    await database.collection('document_passages').insertMany(passages);
    await database
      .collection('passage_vectors')
      .insertMany(passages.map(({ _id, document_id }) => ({ _id, document_id, space, values: signed() })));
  }
}

const megabytes = (bytes) => Math.round(bytes / 1e6);
const memory = () => {
  globalThis.gc?.();
  const { rss, arrayBuffers } = process.memoryUsage();
  return { rss: megabytes(rss), arrayBuffers: megabytes(arrayBuffers) };
};

try {
  await fill();
  const { size } = await database
    .collection('passage_vectors')
    .aggregate([{ $collStats: { storageStats: {} } }])
    .next()
    .then(({ storageStats }) => storageStats);
  const semantic = app.nest.get(SemanticSearch, { strict: false });
  const nearest = (query) => semantic.nearest({ tenant_id: TENANT }, query, 60);
  const before = memory();
  const from = nowUs();
  if ((await nearest('first')).length === 0) throw new Error(`Nothing was found: ${semantic.state.reason}`);
  const firstMs = (nowUs() - from) / 1000;
  const after = memory();
  const idle = monitorEventLoopDelay({ resolution: 1 });
  idle.enable();
  await pause(IDLE_MS);
  idle.disable();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const taken = new Latencies();
  const cpuFrom = process.cpuUsage();
  delay.enable();
  for (let round = 0; round < ROUNDS; round++) {
    const start = nowUs();
    await nearest(`query ${round}`);
    taken.add(nowUs() - start);
  }
  delay.disable();
  const cpu = process.cpuUsage(cpuFrom);
  const all = new Latencies();
  const reader = app.nest.get(CorpusReader);
  for (let round = 0; round < ROUNDS; round++) {
    const start = nowUs();
    await reader.search(TENANT, { query: `question ${round}`, limit: 6 });
    all.add(nowUs() - start);
  }
  console.log({
    passages: PASSAGES,
    dimensions: DIMENSIONS,
    storedMB: megabytes(size),
    firstMs: Math.round(firstMs),
    ...{ p50Ms: taken.quantile(0.5), p99Ms: taken.quantile(0.99) },
    cpuMsPerQuery: (cpu.user + cpu.system) / 1000 / ROUNDS,
    ...{ idleLoopDelayP99Ms: idle.percentile(99) / 1e6, idleLoopDelayMaxMs: idle.max / 1e6 },
    ...{ loopDelayP99Ms: delay.percentile(99) / 1e6, loopDelayMaxMs: delay.max / 1e6 },
    wholeSearchP50Ms: all.quantile(0.5),
    before,
    after,
  });
} finally {
  await app.stop();
  server.close();
  if (process.env.DATA_DIR === undefined) rmSync(folder, { recursive: true, force: true });
}
process.exit(0);
