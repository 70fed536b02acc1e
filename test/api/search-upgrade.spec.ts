import mongoose, { type mongo } from 'mongoose';
import request from 'supertest';
import { DEFAULT_TENANT } from '../../src/common/index.js';
import { CorpusReader } from '../../src/documents/index.js';
import { SearchUpgrade } from '../../src/documents/search-upgrade.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { until } from '../support/until.js';

let app: TestApp;
let documents: mongo.Collection;
let passages: mongo.Collection;

beforeEach(async () => {
  app = await startTestApp();
  const database = app.nest.get<mongoose.Connection>('DatabaseConnection');
  documents = database.collection('documents');
  passages = database.collection('document_passages');
});
afterEach(() => app.destroy());

const TEXT = 'Die Arbeitsmängelrüge in Århus.';
const find = async (query: string, { nest } = app) =>
  (await nest.get(CorpusReader).search(DEFAULT_TENANT, { query, limit: 20 }))
    .map(({ title }) => title)
    .sort();

/** Documents as version 1 stored them. */
async function addFormer(count: number): Promise<string[]> {
  const titles = Array.from({ length: count }, (_, i) => `Straße ${String(i).padStart(2, '0')}`);
  for (const title of titles) await request(app.url).post('/api/documents').send({ title, content: TEXT });
  await documents.updateMany({}, [
    { $set: { title_key: { $toLower: '$title' } } },
    { $unset: ['search_version', 'search_claim'] },
  ]);
  await passages.updateMany({}, { $unset: { terms: 1 }, $set: { grams: 'arb arbe arbeit' } });
  await passages.createIndexes([
    { key: { tenant_id: 1, text: 'text', grams: 'text' }, name: 'passage_text' },
    { key: { tenant_id: 1, tender_id: 1 } },
  ]);
  return titles;
}

const outdated = () => documents.countDocuments({ search_version: { $exists: false } });
const upgrade = () => app.nest.get(SearchUpgrade).run();

it('finds documents of an earlier version before they are upgraded', async () => {
  const titles = await addFormer(3);
  expect(await find('Arbeitsmängelrüge')).toEqual(titles);
  expect(await find('wer in Århus')).toEqual(titles);
  expect(await find('(.*)')).toEqual([]);
});

it('upgrades every document once, even with several processes at work', async () => {
  const titles = await addFormer(12);
  const done = await Promise.all([upgrade(), upgrade(), upgrade()]);
  expect(done.reduce((sum, count) => sum + count, 0)).toBe(12);
  expect(await outdated()).toBe(0);
  expect(await passages.countDocuments({ $or: [{ terms: null }, { grams: { $exists: true } }] })).toBe(0);
  for (const query of ['maengel', 'aarhus', 'STRASSE']) expect(await find(query)).toEqual(titles);
  const { body } = await request(app.url).get('/api/documents').query({ search: 'strasse' });
  expect(body.total).toBe(12);
  expect(await upgrade()).toBe(0);
});

it('leaves alone what another process has just claimed, and takes over what a dead one left half done', async () => {
  await addFormer(2);
  await documents.updateOne({ title: 'Straße 00' }, { $set: { search_claim: new Date() } });
  expect(await upgrade()).toBe(1);
  await documents.updateOne({ title: 'Straße 00' }, { $set: { search_claim: new Date(0) } });
  expect(await upgrade()).toBe(1);
  expect(await outdated()).toBe(0);
});

it('runs by itself at startup, which does not wait for it, and then drops the former index', async () => {
  const titles = await addFormer(5);
  await app.stop();
  app = await startTestApp(app.env);
  const database = app.nest.get<mongoose.Connection>('DatabaseConnection');
  const names = async () =>
    (await database.collection('document_passages').indexes()).map(({ name }) => name);
  await until('the former index is gone', async () => (await names()).length === 3);
  expect(await find('maengel')).toEqual(titles);
  const content = await request(app.url).get('/api/documents');
  expect(content.body.total).toBe(5);
});

it('leaves the text of the documents unchanged', async () => {
  await addFormer(1);
  await upgrade();
  const { body } = await request(app.url).get('/api/documents');
  const { body: whole } = await request(app.url).get(`/api/documents/${body.items[0].document_id}`);
  expect(whole).toMatchObject({ title: 'Straße 00', content: TEXT });
});
