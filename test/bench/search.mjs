// The search over 2,000 documents, about 20,000 passages: a process of its own with the application in it.
// Environment: DATA_DIR, PORT, DOCUMENTS, ROUNDS; DIST: another build of the application, to compare with.
import 'reflect-metadata';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Latencies, nowUs } from './measure.mjs';

const dist = path.resolve(import.meta.dirname, '../..', process.env.DIST ?? 'dist');
const load = (file) => import(pathToFileURL(path.join(dist, file)).href);
const { startApp } = await load('app.js');
const { loadSettings } = await load('platform/config/index.js');
const { DocumentsService, CorpusReader } = await load('documents/index.js');
const TENANT = 'default';

/** Who adds documents. Builds from before there were scopes take the tenant. */
async function author() {
  const factory = 'common/scope-factory.js';
  if (!existsSync(path.join(dist, factory))) return TENANT;
  return (await load(factory)).makeScope({ tenant: TENANT, user: 'bench' });
}

const PARTS = [
  'regn',
  'miljø',
  'krav',
  'klima',
  'kontrakt',
  'leve',
  'ramme',
  'bygge',
  'sikker',
  'under',
  'vær',
  'tid',
]
  .concat([
    'pris',
    'års',
    'kvali',
    'ansvar',
    'drifts',
    'udbuds',
    'møde',
    'plan',
    'for',
    'trans',
    'data',
    'energi',
  ])
  .concat([
    'skab',
    'hed',
    'ning',
    'else',
    'aftale',
    'dato',
    'bilag',
    'norm',
    'fører',
    'tekst',
    'gods',
    'værk',
  ]);
const COMMON = [
  'og',
  'i',
  'at',
  'er',
  'det',
  'en',
  'til',
  'som',
  'af',
  'for',
  'hvad',
  'med',
  'skal',
  'leverandøren',
];

/** The same corpus each time: words with the frequencies of a language, half of them compounds. */
function* texts(count) {
  let seed = 7;
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  const pick = (list) => list[Math.floor(random() * list.length)];
  const words = Array.from(
    { length: 20_000 },
    () => pick(PARTS) + pick(PARTS) + (random() < 0.5 ? pick(PARTS) : ''),
  );
  const word = () => (random() < 0.4 ? pick(COMMON) : words[Math.floor(words.length * random() ** 3)]);
  for (let n = 0; n < count; n++) {
    const paragraph = () => `${Array.from({ length: 130 }, word).join(' ')}.\n\n`;
    yield { title: `Bilag ${n}: ${words[n]}`, content: Array.from({ length: 10 }, paragraph).join('') };
  }
}

const QUERIES = {
  rare: ['klimaregnskab', 'energiplanværk', 'driftsnorm', 'Bilag 1203'],
  common: ['leverandøren', 'hvad skal leverandøren', 'det er en', 'krav til pris'],
  question: [
    'Hvad er kravene til leverandørens klimaregnskab og miljøledelse?',
    'Hvilke frister gælder for udbudsmødet, og hvem fører tilsyn med byggesikkerheden?',
  ],
  unknown: ['xylofonist', 'zzzz qqqq', 'Überprüfung', '契約の解除'],
  hostile: [
    'a'.repeat(2000),
    Array.from({ length: 400 }, (_, i) => `w${i}rd`).join(' '),
    '(.*)+$ '.repeat(200),
  ].concat(Array.from({ length: 60 }, (_, i) => PARTS[i % 36] + PARTS[(i * 7) % 36]).join(' ')),
};

const app = await startApp(loadSettings({ ...process.env, LOG_LEVEL: 'fatal' }));
const corpus = app.nest.get(DocumentsService);
/** In older builds one class wrote and searched. */
const reader = CorpusReader ? app.nest.get(CorpusReader) : corpus;
const who = await author();
const fillFrom = nowUs();
const cpuFrom = process.cpuUsage();
let passages = 0;
for (const text of texts(Number(process.env.DOCUMENTS ?? 2000)))
  passages += (await corpus.create(who, text)).passages;
const cpu = process.cpuUsage(cpuFrom);
const figures = { passages, fillS: (nowUs() - fillFrom) / 1e6, fillCpuS: (cpu.user + cpu.system) / 1e6 };
for (const [kind, queries] of Object.entries(QUERIES)) {
  const taken = new Latencies();
  for (let round = -1; round < Number(process.env.ROUNDS ?? 10); round++) {
    for (const query of queries) {
      const from = nowUs();
      await reader.search(TENANT, { query, limit: 6 });
      if (round >= 0) taken.add(nowUs() - from); // the first round warms up
    }
  }
  figures[`${kind}P50`] = taken.quantile(0.5);
  figures[`${kind}P99`] = taken.quantile(0.99);
}
process.send?.(figures);
if (!process.send) console.log(figures);
await app.stop();
process.exit(0);
