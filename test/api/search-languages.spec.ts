import request from 'supertest';
import { DEFAULT_TENANT } from '../../src/common/index.js';
import { ToolRegistry, type ToolContext } from '../../src/tools/index.js';
import { startTestApp, type TestApp } from '../support/app.js';

/** All in one corpus, so that each is found among the others, whose words it shares. */
const DOCUMENTS = {
  da: 'Klimaregnskabet udarbejdes årligt efter miljøledelsens principper. Kravene gælder for underleverandører i regnskabsåret.',
  'da, what is': 'Hvad er en rammeaftale, og hvad er et tilbud fra en leverandør?',
  'da, Århus': 'Mødet holdes i Århus ved Ærø Havn, Ørestads Boulevard.',
  'da, Aarhus': 'Mødet holdes i Aarhus Kommune.',
  'da, Århus too': 'Kontoret i Århus Kommune åbner kl. ni.',
  de: 'Die Arbeitsmängelrüge ist unverzüglich zu erheben; die Rechnungsüberprüfung erfolgt für die Straßenbeleuchtung der Großbaustelle.',
  'de, capitals': 'MASSNAHMEN DER GROẞSTADT UND DER STRASSENREINIGUNG',
  'de, names': 'Ansprechpartner sind Frau Müller und Herr Schroeder.',
  fr: 'Le cœur du marché : l’exécution des œuvres d’été à la façade.',
  es: 'El año de la licitación pública incluye pingüinos y corazón.',
  pl: 'Zakład w Łodzi ma dział „Złotówka”.',
  hr: 'Gradevinski odjel Đakovo.',
  vi: 'Hợp đồng của Đà Nẵng về đường sắt.',
  tr: 'Işık ve ısıtma sistemleri İstanbul’da DİYARBAKIR ILICA şartnamesi.',
  cs: 'Příloha č. 4: Žádost o účast.',
  ru: 'Расчёт цены договора; ещё один трубопровод.',
  uk: 'Ґатунок їжі для міст.',
  el: 'Ο ΚΑΝΟΝΙΣΜΌΣ της Αθήνας για τους όρους.',
  ar: 'تُحَدَّدُ الأسعار في العقـــد، وتبدأ المدة سنة ٢٠٢٤ في المدرسة الكبرى إلى مستشفى.',
  fa: 'کتاب‌های می‌شود ۱۴۰۳ قانون کار.',
  he: 'שָׁלוֹם וּבְרָכָה: הַמִּכְרָז פורסם.',
  hi: 'हिन्दी में निविदा क़ानून की शर्तें १२३ पाँच।',
  ko: '학교에서 납품하여야 하는 개인정보처리시스템. 민법은 적용된다.',
  'ja, kana': '契約のﾊﾟｿｺﾝとサーバーを第12条で定める。',
  'zh, traditional': '學校採購合同之驗收標準與責任，依民法典辦理。',
  'zh, simplified': '医院采购软件的质量标准。',
  th: 'สัญญานี้มีผลบังคับใช้ในโรงพยาบาล',
  pdf: 'The de\u00adliv\u00ader\u00ady of the house\u00ad\nhold goods and the main-\ntenance inter\u200bface of state\u2011owned e-mail ser\u00ac\nvers, photo\ufffe\ngraphs.',
  units: 'Arealet er 40 m², CO₂ måles, og Ａ４ bruges; ﬁnal oﬀer.',
  numbers: 'Clause 12 applies for 2024 to ISO 9001.',
  'other numbers': 'Clause 120 applies for 2023 after 112 months; clause 3 has 12 pages.',
  'stranger words': 'The poet said that blue boats queue for a corporate kran.',
} as const;

type Name = keyof typeof DOCUMENTS;

const FOUND: readonly (readonly [Name, ...string[]])[] = [
  [
    'da',
    'regnskab',
    'Hvad er regnskab',
    'regnskab fra leverandør',
    'hvad er et REGNSKAB?',
    'ledelse',
    'året',
    'årlig',
  ],
  [
    'da',
    'klimaregnskaber',
    'miljoeledelse',
    'miljoledelse',
    'gaelder',
    'krav',
    'leverandører',
    'underleverandoer',
  ],
  ['da, Århus', 'Aarhus', 'Århus', 'ARHUS', 'A\u030arhus', 'Aeroe', 'ærø', 'Oerestads', 'orestad'],
  ['da, Aarhus', 'Århus', 'aarhus', 'ÅRHUS', 'Aarhus Kommune'],
  [
    'de',
    'mängel',
    'Mängel',
    'maengel',
    'MAENGEL',
    'mangel',
    'Überprüfung',
    'ueberpruefung',
    'STRASSENBELEUCHTUNG',
  ],
  [
    'de',
    'Strassenbeleuchtung',
    'straße',
    'Grossbaustelle',
    'beleuchtung',
    'welche Mängel sind zu erheben',
    'Rüge',
  ],
  ['de, capitals', 'Maßnahmen', 'maßnahme', 'Großstadt', 'grossstadt', 'Straßenreinigung', 'reinigung'],
  ['de, names', 'Mueller', 'MÜLLER', 'muller', 'Schröder', 'schroeder', 'Mu\u0308ller'],
  ['fr', 'coeur', 'Cœur', 'oeuvre', 'execution', 'ete', 'facade', 'FAÇADE', 'marche'],
  ['es', 'ano', 'licitacion', 'PÚBLICA', 'pinguino', 'corazon'],
  ['pl', 'lodzi', 'Łodzi', 'zaklad', 'zlotowka', 'DZIAŁ', 'dzial'],
  ['hr', 'dakovo', 'đakovo'],
  ['vi', 'hop dong', 'da nang', 'duong sat', 'Đường'],
  ['tr', 'ışık', 'IŞIK', 'işik', 'isik', 'isitma', 'istanbul', 'İSTANBUL', 'diyarbakır', 'ılıca', 'sartname'],
  ['cs', 'priloha', 'zadost', 'ÚČAST', 'ucast'],
  ['ru', 'расчет', 'РАСЧЁТ', 'еще', 'цена', 'договор', 'провод'],
  ['uk', 'гатунок', 'місто', 'іжі'],
  ['el', 'κανονισμος', 'Κανονισμός', 'αθηνα', 'οροι', 'ΌΡΟΥΣ'],
  [
    'ar',
    'الاسعار',
    'أسعار',
    'اسعار',
    'العقد',
    'عقد',
    'المده',
    'تحدد',
    '2024',
    '۲۰۲۴',
    'مدرسة',
    'مستشفي',
    'الي',
  ],
  ['fa', 'كتاب', 'کتابهای', 'ميشود', '1403', '١٤٠٣', 'قانون كار'],
  ['he', 'שלום', 'וברכה', 'המכרז', 'מכרז'],
  ['hi', 'हिंदी', 'हिन्दी', 'कानून', 'क़ानून', '123', 'पांच'],
  [
    'ko',
    '학교',
    '납품',
    '개인정보',
    '정보',
    '처리',
    '학교는',
    '민법',
    '법',
    '\u1112\u1161\u11a8\u1100\u116d',
  ],
  ['ja, kana', 'パソコン', '契約', 'ｻｰﾊﾞｰ', '12条', '第12条', '条'],
  ['zh, traditional', '学校', '采购', '合同', '责任', '責任', '法', '標', '民法', '验收标准', '什么是责任'],
  ['zh, simplified', '醫院', '採購', '軟件', '質量', '医'],
  ['th', 'สัญญา', 'โรงพยาบาล'],
  [
    'pdf',
    'delivery',
    'deliv\u00adery',
    'household',
    'maintenance',
    'main-\ntenance',
    'interface',
    'email',
    'e\u2011mail',
  ],
  ['pdf', 'state-owned', 'stateowned', 'servers', 'photographs', 'main', 'inter\u200bface'],
  ['units', 'm2', 'M²', '㎡', 'co2', 'CO₂', 'A4', 'Ａ４', 'final offer', 'oﬀer'],
  ['numbers', 'clause 12', '2024', '２０２４', '٢٠٢٤', '9001'],
];

const NOT_FOUND: readonly (readonly [Name, ...string[]])[] = [
  ['stranger words', 'pot', 'put', 'poker', 'botes', 'kravet', 'rat', 'orator'],
  ['numbers', '1', '202', '2023', '900', '20245', 'ISO9002', '120', '112'],
  ['other numbers', '2024', '11', '1120', '20'],
  ['da', 'skabelon', 'kl', 'reg', 'og', 'regnskov'],
  ['de', 'mengel', 'lager', 'strand', 'straf', 'ze'],
  ['de, names', 'Moeller', 'Miller', 'Mahler', 'Schrader'],
  ['da, Aarhus', 'Ahus', 'Arhaus', 'hus'],
  ['tr', 'şarkı', 'asik'],
  ['ar', 'كتاب', 'سلام', '2023', 'دار'],
  ['he', 'של', 'ספר', 'ברק'],
  ['ko', '교학', '병원', '품질', '사법'],
  ['zh, traditional', '医院', '軟件', '校学', '書'],
  ['ja, kana', '13条の', 'カメラ', '解除'],
  ['th', 'รถไฟ'],
  ['ru', 'расист', 'цех', 'дом'],
  ['hi', 'पानी', '124'],
  ['pdf', 'stable', 'hell'],
  ['units', 'm3', 'm', '2', 'CO', 'A5'],
];

let app: TestApp;
const titles = new Map<string, Name>();

beforeAll(async () => {
  app = await startTestApp();
  const adding = Object.entries(DOCUMENTS).map(async ([name, content], at) => {
    // Titles are meaningless, so that the text is what is found.
    const { body } = await request(app.url)
      .post('/api/documents')
      .send({ title: `¤ ${at}`, content });
    titles.set(body.document_id, name as Name);
  });
  await Promise.all(adding);
});
afterAll(() => app.destroy());

async function search(query: string): Promise<(Name | undefined)[]> {
  const context: ToolContext = {
    tenant: DEFAULT_TENANT,
    chat_id: 'any',
    message_id: 'a'.repeat(24),
    call_id: 'call_1',
    metadata: {},
    signal: new AbortController().signal,
    emit: () => Promise.resolve(),
    progress: () => undefined,
  };
  const { text = '' } = await app.nest
    .get(ToolRegistry)
    .call('search_tender_corpus', JSON.stringify({ query, limit: 20 }), context);
  const { passages } = JSON.parse(text) as { passages: { document_id: string }[] };
  return passages.map(({ document_id }) => titles.get(document_id));
}

const rows = (table: typeof FOUND) =>
  table.flatMap(([name, ...queries]) => queries.map((query) => [query, name] as const));

describe('search_tender_corpus', () => {
  it.each(rows(FOUND))('with %j finds the document %s', async (query, name) => {
    expect(await search(query)).toContain(name);
  });

  it.each(rows(NOT_FOUND))('with %j does not find the document %s', async (query, name) => {
    expect(await search(query)).not.toContain(name);
  });

  it.each<[string, Name, Name]>([
    ['Århus Kommune', 'da, Århus too', 'da, Aarhus'],
    ['Aarhus Kommune', 'da, Aarhus', 'da, Århus too'],
    ['clause 12', 'numbers', 'other numbers'],
    ['Hvad indeholder klimaregnskabet', 'da', 'da, what is'],
    ['採購標準', 'zh, traditional', 'zh, simplified'],
    ['采购标准', 'zh, simplified', 'zh, traditional'],
    ['Straßenbeleuchtung und Straßenreinigung der Großbaustelle', 'de', 'de, capitals'],
  ])('with %j ranks %s before %s', async (query, first, second) => {
    const found = await search(query);
    expect(found.indexOf(first)).toBeGreaterThanOrEqual(0);
    expect(found.indexOf(second)).toBeGreaterThan(found.indexOf(first));
  });

  it.each([
    '^',
    '.*',
    '$where',
    '(q+)+$',
    '[',
    '\\',
    '=clause',
    '{"$gt":""}',
    '\u00ad',
    '\u0301',
    '\u200b\u200d',
    '٫',
  ])('treats %j as nothing but words', async (query) => {
    const found = await search(query);
    expect(found).toEqual(query === '=clause' ? expect.arrayContaining(['numbers', 'other numbers']) : []);
  });
});

describe('the titles of documents', () => {
  it.each([
    ['Århus Straßenplan', 'aarhus', 'ARHUS', 'strassenplan', 'STRASSE'],
    ['Mu\u0308ller-Ｂilag №1', 'müller', 'Mueller', 'bilag', 'no1'],
    ['الأسعار', 'الاسعار'],
    ['學校', '学校', '校'],
  ])('%j is found and read by its other spellings', async (title, ...others) => {
    const { body } = await request(app.url).post('/api/documents').send({ title, content: 'x' });
    for (const search of others) {
      const { items } = (await request(app.url).get('/api/documents').query({ search })).body;
      expect([search, items.map((item: { title: string }) => item.title)]).toEqual([search, [title]]);
    }
    expect(body.title).toBe(title);
  });

  it('match nothing if the search is empty once folded', async () => {
    const { status, body } = await request(app.url).get('/api/documents').query({ search: '\u00ad' });
    expect([status, body.total ?? 0]).toEqual([status, 0]);
  });
});
