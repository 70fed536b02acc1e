import mongoose from 'mongoose';
import request from 'supertest';
import { startTestApp, type TestApp } from '../support/app.js';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.destroy());

const api = () => request(app.url);
const chats = () =>
  app.nest.get<mongoose.Connection>('DatabaseConnection').collection<{ _id: string }>('chats');
const add = async (user: string, title: string): Promise<string> =>
  (await api().post(`/api/users/${user}/chats`).send({ title })).body.chat_id;
const search = async (user: string, text: string, more = {}): Promise<string[]> =>
  (
    await api()
      .get(`/api/users/${user}/chats`)
      .query({ search: text, ...more })
  ).body.items.map((chat: { title: string }) => chat.title);

let users = 0;

it.each([
  ['da', 'Møde i Århus', 'aarhus', 'ARHUS', 'møde', 'moede', 'mode i', 'A\u030arhus'],
  ['da, spelled out', 'Moede i Aarhus', 'Århus', 'møde', 'MØDE'],
  ['de', 'Straßenbeleuchtung', 'STRASSENBELEUCHTUNG', 'strasse', 'beleuchtung'],
  ['de, capitals', 'STRASSENFEST bei Mueller', 'straße', 'Müller', 'fest bei müller'],
  ['fr, NFD', 'Re\u0301sume\u0301 d’e\u0301te\u0301', 'Résumé', 'resume', "D'ÉTÉ"],
  ['fr, NFC', 'Résumé', 'Re\u0301sume\u0301', 'RESUME'],
  ['fr', 'Œuvres', 'oeuvres', 'œuvre'],
  ['es', 'Año nuevo', 'ano nuevo', 'AÑO'],
  ['pl', 'Łódź', 'lodz', 'ŁÓDŹ'],
  ['vi', 'Đà Nẵng', 'da nang'],
  ['tr', 'IŞIK İstanbul', 'ışık', 'istanbul', 'İSTANBUL', 'isik'],
  ['el', 'ΚΑΝΟΝΙΣΜΌΣ', 'κανονισμός', 'κανονισμος'],
  ['ru', 'Отчёт', 'отчет', 'ОТЧЁТ'],
  ['ar', 'الأسعار ٢٠٢٤', 'الاسعار', 'أسعار', '2024'],
  ['fa', 'کتاب‌ها', 'كتابها'],
  ['he', 'שָׁלוֹם', 'שלום'],
  ['hi', 'हिन्दी', 'हिंदी'],
  ['ko, NFD', '\u1112\u1161\u11a8\u1100\u116d', '학교', '학'],
  ['ja', 'ﾊﾟｿｺﾝ契約', 'パソコン', '契約'],
  ['zh', '學校採購', '学校', '采购'],
  ['full width', 'ＡＢＣ　１２', 'abc 12'],
  ['hidden', 'de\u00adliv\u200bery – state\u2011owned', 'delivery', 'state-owned', 'delivery - state'],
  ['units', '40 m²', 'm2', '㎡'],
  ['patterns', 'a.b*c (d) [e] ^f$ \\g', 'A.B*C', '(D)', '[e]', '^f$', '\\G', '.b'],
])('a chat in %s is found by its title in other spellings', async (_, title, ...texts) => {
  const user = `titles-${++users}`;
  await add(user, title);
  await add(user, 'Something else');
  for (const text of texts) expect([text, await search(user, text)]).toEqual([text, [title]]);
});

it.each(['poet', '.', '.*', 'x|pot', '\u00ad', '\u0301', 'pöt', 'p*'])(
  '%j does not find "Pot"',
  async (text) => {
    const user = `strangers-${++users}`;
    await add(user, 'Pot');
    const found = await search(user, text);
    expect(found).toEqual(text === 'pöt' ? ['Pot'] : []);
  },
);

it('keeps the order and the pages of the list', async () => {
  for (const [at, title] of ['Øl 1', 'Oel 2', 'Vin', 'ØL 3', 'ol 4'].entries()) {
    const _id = await add('pages', title);
    await chats().updateOne({ _id }, { $set: { updated_at: new Date(Date.UTC(2026, 0, 1 + at)) } });
  }
  expect(await search('pages', 'øl')).toEqual(['ol 4', 'ØL 3', 'Oel 2', 'Øl 1']);
  const page = await api().get('/api/users/pages/chats').query({ search: 'øl', page: 2, page_size: 3 });
  expect(page.body).toMatchObject({ total: 4, page: 2, total_pages: 2, has_more: false });
  expect(page.body.items).toHaveLength(1);
});

it('uses the current title, even if it was stored or changed by code that does not know the search', async () => {
  const id = await add('renamed', 'Før');
  expect(await search('renamed', 'foer')).toEqual(['Før']);
  await api().patch(`/api/chats/${id}`).send({ title: 'Später' });
  expect(await search('renamed', 'foer')).toEqual([]);
  expect(await search('renamed', 'spaeter')).toEqual(['Später']);
  await chats().updateOne({ _id: id }, { $set: { title: 'Après' } });
  expect(await search('renamed', 'spaeter')).toEqual([]);
  expect(await search('renamed', 'apres')).toEqual(['Après']);
  await chats().updateOne({ _id: id }, { $unset: { title_search: 1 } });
  expect(await search('renamed', 'apres')).toEqual(['Après']);
});

it('updates more titles than fit into one batch, for several searches at once', async () => {
  const now = new Date();
  await chats().insertMany(
    Array.from({ length: 2100 }, (_, i) => ({
      ...{ _id: `many-${i}`, tenant_id: 'default', user_id: 'many', title: `Møde ${i}` },
      ...{ created_at: now, updated_at: now },
    })),
  );
  const totals = await Promise.all(
    ['moede', 'MØDE', 'møde 2099'].map(
      async (text) => (await api().get('/api/users/many/chats').query({ search: text })).body.total,
    ),
  );
  expect(totals).toEqual([2100, 2100, 1]);
});

it('does not reveal what it stores', async () => {
  await add('shown', 'Ære');
  await search('shown', 'aere');
  const { body } = await api().get('/api/users/shown/chats');
  expect(Object.keys(body.items[0])).not.toContain('title_search');
});
