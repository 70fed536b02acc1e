import fc, { type Arbitrary } from 'fast-check';
import { CURSOR } from '../../../src/admin/runs/runs-query.dto.js';
import { symptomsMeant } from '../../../src/health/diagnosis/symptoms.js';
import { anyText, kindOf, poisoned, type FaultKind } from './fault.js';
import type { QueryParameter, Route } from './routes.js';
import type { World } from './world.js';

/** Bad values, as they appear after the `=`. */
interface Values {
  always: string[];
  sometimes: Arbitrary<string>;
}

/** An integer that may be 0. */
const integerFrom0 = (parameter: QueryParameter): Values => {
  const { always, sometimes } = integer(parameter);
  return { always: always.filter((one) => one !== '0'), sometimes };
};

const encoded = (text: Arbitrary<string>): Arbitrary<string> => text.map(encodeURIComponent);

function integer({ name, minimum = 1, maximum = 1e9 }: QueryParameter): Values {
  const fits = (text: string): boolean =>
    /^\d{1,15}$/.test(text) && Number(text) >= minimum && Number(text) <= maximum;
  const number = fc.oneof(fc.integer({ max: minimum - 1 }), fc.integer({ min: maximum + 1 }), fc.double());
  return {
    always: [
      ...[
        '',
        '0',
        '-1',
        '1e9',
        '1000000000',
        '1e309',
        '1.5',
        '1e0',
        '0x10',
        '0b1',
        '+1',
        '%2B1',
        '%201',
        '1%20',
      ],
      ...['NaN', 'Infinity', 'null', 'undefined', 'true', 'abc', '1,2', '9'.repeat(400), '9007199254740993'],
      ...[
        '%00',
        '1%00',
        '%zz',
        '%ff',
        '%EF%BC%91',
        '%D9%A1',
        '[object%20Object]',
        '{"$gt":0}',
        '$ne',
        '__proto__',
      ],
      ...[`1&${name}=2`, `1&${name}=`, `${maximum + 1}`],
    ],
    sometimes: encoded(fc.oneof(anyText(0, 20), number.map(String)).filter((text) => !fits(text))),
  };
}

function text({ name }: QueryParameter, max: number): Values {
  const long = fc.integer({ min: max + 1, max: max + 500 }).map((length) => 'x'.repeat(length));
  return {
    always: [
      '',
      '%20%09',
      '%00',
      'a%00b',
      'x'.repeat(max + 1),
      `a&${name}=b`,
      `a&${name}=`,
      `&${name}=&${name}=`,
    ],
    sometimes: encoded(fc.oneof(poisoned(fc.constant('\0')), long)),
  };
}

/** One of some words. */
const oneOf =
  (...words: string[]) =>
  ({ name }: QueryParameter): Values => ({
    always: [
      '',
      '%20',
      '%00',
      '__proto__',
      'constructor',
      '$ne',
      `${words[0]?.toUpperCase()}`,
      `${words[0]}&${name}=x`,
    ],
    sometimes: encoded(anyText(1, 40).filter((value) => !words.includes(value))),
  });

/** Ids that belong to no event of `world.message`. */
export function notEvents({ event, otherEvent, message }: World): string[] {
  const [ms, seq, random] = event.split('_') as [string, string, string];
  return [
    otherEvent,
    message,
    `${ms}_9999_${random}`,
    `${ms}_99999999999999999999_${random}`,
    `${ms}_-1_${random}`,
    `${ms}_${seq}_${random === '00000000' ? '11111111' : '00000000'}`,
    `0_${seq}_${random}`,
    `${event}_`,
    `${event}, ${event}`,
    event.toUpperCase() === event ? `${event}0` : event.toUpperCase(),
    ...[
      '0',
      '-1',
      '1e9',
      'NaN',
      'null',
      '[object Object]',
      '{"$gt":""}',
      '$ne',
      '__proto__',
      'constructor',
      '__',
    ],
  ];
}

/** What is not an event of the message, or is named twice. */
const resumePoint =
  (name: string) =>
  (_: QueryParameter, world: World): Values => ({
    always: [
      ...notEvents(world).map(encodeURIComponent),
      ...['%00', '%zz', '%ff', 'x'.repeat(7000), `${world.event}%00`, `${world.event}%0a`],
      ...[`${world.event}&${name}=${world.event}`, `&${name}=`],
    ],
    sometimes: encoded(anyText(1, 80).filter((value) => value !== world.event)),
  });

/** A word of a list. */
function word({ name, enum: words = [] }: QueryParameter): Values {
  const [first = ''] = words;
  return {
    always: [
      ...['', '%00', '%zz', 'x'.repeat(7000), '__proto__', 'constructor', 'toString', '$ne', '{"$gt":""}'],
      ...[
        first.toUpperCase(),
        `${first}%00`,
        `${first}%20`,
        `${first},${first}`,
        `${first}&${name}=${first}`,
      ],
    ],
    sometimes: encoded(anyText(0, 40).filter((one) => !words.includes(one))),
  };
}

/** A moment. */
function instant({ name }: QueryParameter): Values {
  const good = '2025-10-12T10:00:00Z';
  return {
    always: [
      ...[
        '',
        '%00',
        '%zz',
        '%ff',
        '0',
        '-1',
        '1760270888823',
        '1e9',
        'NaN',
        'null',
        'now',
        '__proto__',
        '$ne',
      ],
      ...[
        '2025',
        '2025-10',
        '2025-13-01',
        '2025-02-30',
        '2025-10-12T25:00Z',
        '2025-10-12T10:00',
        '12.10.2025',
      ],
      ...['2025-10-12T10:00:00%2b99:00', '+275761-01-01T00:00:00Z', `${good}%00`, `${good}&${name}=${good}`],
      ...[`%20${good}`, `${good}%0a`, 'x'.repeat(7000), '{"$gt":""}', '[object%20Object]'],
    ],
    sometimes: encoded(anyText(0, 40).filter((one) => !/^\d{4}-\d\d-\d\d/.test(one))),
  };
}

/** What a parameter's schema says of its values; the rest goes by its name. */
function bySchema({ enum: words, format }: QueryParameter): typeof word | undefined {
  if (format === 'date-time') return instant;
  return words ? word : undefined;
}

/** Some of a few words. */
const someOf =
  (known: readonly string[]) =>
  (_: QueryParameter): Values => ({
    always: [
      '%00',
      'x',
      '__proto__',
      'constructor',
      '$ne',
      `${known[0]?.toUpperCase()}`,
      '%zz',
      'x'.repeat(7000),
    ],
    sometimes: encoded(anyText(1, 40).filter((value) => !known.includes(value))),
  });

/** The query parameters that the specs know how to spoil. */
const parameters: Record<string, (parameter: QueryParameter, world: World) => Values> = {
  page: integer,
  page_size: integer,
  after: integer,
  limit: integer,
  offset: integerFrom0,
  stream_mode: someOf(['values', 'updates', 'custom', 'messages', 'tools', 'tasks', 'debug']),
  select: someOf(['values', 'next', 'tasks']),
  wait: someOf(['0', '1', 'true', 'false']),
  action: someOf(['interrupt', 'rollback']),
  tender_id: (parameter) => text(parameter, 200),
  search: (parameter) => text(parameter, 200),
  user: (parameter) => text(parameter, 200),
  agent: (parameter) => text(parameter, 200),
  model: (parameter) => text(parameter, 200),
  code: (parameter) => text(parameter, 200),
  slower_than: integer,
  cursor: ({ name }) => ({
    always: [
      ...['', '0', 'null', '%00', '%zz', '__proto__', '$ne', '{"$gt":""}', 'x'.repeat(7000)],
      ...[
        '1_2',
        `1_${'z'.repeat(24)}`,
        `-1_${'0'.repeat(24)}`,
        `1_${'0'.repeat(24)}%00`,
        `%201_${'0'.repeat(24)}`,
      ],
      ...[`${'9'.repeat(16)}_${'0'.repeat(24)}`, `1_${'0'.repeat(24)}%0a`, `1_${'0'.repeat(24)}&${name}=`],
    ],
    sometimes: encoded(anyText(0, 60).filter((one) => !CURSOR.test(one))),
  }),
  prompt: (parameter) => text(parameter, 100_000),
  user_id: (parameter) => text(parameter, 200),
  since: resumePoint('since'),
  lastEventId: resumePoint('lastEventId'),
  symptom: () => ({
    always: [
      '%00',
      '%zz',
      '%20',
      'e',
      'streams_stop%00x',
      'x'.repeat(7000),
      '__proto__',
      '{"$gt":""}',
      'a&symptom=b',
    ],
    sometimes: encoded(anyText(1, 80).filter((value) => symptomsMeant(value).length === 0)),
  }),
  approvals: oneOf('open'),
  on_busy: oneOf('queue', 'interrupt', 'reject'),
  dialect: () => ({
    always: [
      '',
      'v2',
      'V1',
      '__proto__',
      'constructor',
      'toString',
      '%00',
      '%zz',
      'v1%00',
      'v1&dialect=v1',
      '$ne',
    ],
    sometimes: encoded(anyText(0, 40).filter((name) => name !== 'v1' && name !== 'v1-unnamed')),
  }),
};

export const unknownQuery = (route: Route): string[] =>
  route.query
    .filter((parameter) => !(bySchema(parameter) ?? parameter.name in parameters))
    .map(({ name }) => name);

/** Bad values of each parameter, and parameters that do not exist. */
export function queryFaults(world: World, route: Route): FaultKind[] {
  const values = route.query.map((parameter) => {
    const { always, sometimes } = (bySchema(parameter) ?? parameters[parameter.name]!)(parameter, world);
    return kindOf((value: string) => ({ query: `${parameter.name}=${value}` }), always, sometimes);
  });
  // A stream accepts any other parameter: polyfills of EventSource add their own. So does a route without a query.
  if (route.streams || route.query.length === 0) return values;
  const known = route.query.map(({ name }) => name);
  const [first = ''] = known;
  const strangers = [
    ...known.flatMap((name) => [
      `${name}[$gt]=1`,
      `${name}[]=1`,
      `${name}.x=1`,
      `${name}%00=1`,
      `${name}[__proto__]=1`,
    ]),
    ...['__proto__=1', '__proto__[polluted]=1', '__proto__.polluted=1', 'constructor=1', 'prototype=1'],
    ...['constructor[prototype][polluted]=1', '$where=sleep(1000)', '$or[0][a]=1', 'toString=1', 'length=1'],
    ...[
      '=1',
      '%00=1',
      '%zz=1',
      '_bsontype=ObjectId',
      `${first}=1&${'x'.repeat(7000)}=1`,
      'a=1&'.repeat(1500),
    ],
  ];
  const stranger = encoded(anyText(1, 30).filter((name) => !known.includes(name))).map((name) => `${name}=1`);
  return [...values, kindOf((query) => ({ query }), strangers, stranger)];
}
