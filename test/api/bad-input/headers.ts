import fc, { type Arbitrary } from 'fast-check';
import { gzipSync } from 'node:zlib';
import { kindOf, Payload, type Fault, type FaultKind, type HeaderList } from './fault.js';
import { notEvents } from './queries.js';
import type { Route } from './routes.js';
import type { World } from './world.js';

/** What HTTP allows in a value: tab, visible ASCII, and bytes from 0x80 on. */
const headerText = (minLength: number, maxLength: number): Arbitrary<string> =>
  fc.string({
    unit: fc.oneof(
      { weight: 4, arbitrary: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) },
      { weight: 1, arbitrary: fc.integer({ min: 0x80, max: 0xff }).map((code) => String.fromCharCode(code)) },
      { weight: 1, arbitrary: fc.constant('\t') },
    ),
    minLength,
    maxLength,
  });

const faultOf =
  (name: string) =>
  (value: string): Fault => ({ headers: [[name, value]] });

/** The request headers that the specs know how to spoil. */
const declared: Record<string, (world: World, route: Route) => FaultKind[]> = {
  'last-event-id': (world, { template }) => [
    kindOf(
      faultOf('Last-Event-ID'),
      [
        // To a client of LangGraph, -1 is the beginning.
        ...notEvents(world).filter((id) => id !== '-1' || !template.includes('/langgraph/')),
        '\t\x80\xff\t.',
        '\xe6\xf8\xe5',
        `${world.event}\t${world.event}`,
        'x'.repeat(8192),
      ],
      headerText(1, 200).filter((value) => !['', '-1', world.event].includes(value.trim())),
    ),
    {
      always: [
        { headers: twice('Last-Event-ID', world.event) },
        { headers: twice('Last-Event-ID', world.otherEvent) },
        { headers: [['Last-Event-ID', world.otherEvent]], query: `since=${world.event}` },
      ],
    },
  ],
  // What it prefers is up to the client.
  prefer: () => [],
  'idempotency-key': (world, { params }) => [
    kindOf(
      faultOf('Idempotency-Key'),
      [
        '',
        ' ',
        'a b',
        'a\tb',
        'k\xe6y',
        '\x80',
        'x'.repeat(256),
        'x'.repeat(8192),
        ...(params.includes('chat_id') ? [world.usedKey] : []),
      ],
      fc.oneof(
        headerText(0, 200).filter((key) => !/^[!-~]+$/.test(key.trim())),
        fc.integer({ min: 256, max: 4000 }).map((length) => 'k'.repeat(length)),
      ),
    ),
    { always: [{ headers: twice('Idempotency-Key', 'a') }] },
  ],
};

function twice(name: string, value: string): HeaderList {
  return [
    [name, value],
    [name, value],
  ];
}

export const unknownHeaders = (route: Route): string[] => route.headers.filter((name) => !(name in declared));

/** Bad values of the headers a route declares, and of those every route knows. */
export function headerFaults(world: World, route: Route, validBody: Payload | undefined): FaultKind[] {
  return [
    ...route.headers.flatMap((name) => declared[name]!(world, route)),
    kindOf(faultOf('Expect'), ['200-ok', 'the best', '100-continued']),
    ...(['POST', 'PATCH'].includes(route.method) ? bodyHeaderFaults(validBody ?? new Payload('{}')) : []),
  ];
}

function bodyHeaderFaults(body: Payload): FaultKind[] {
  const types = [
    ...[
      'text/plain',
      'text/html',
      'application/xml',
      'application/x-www-form-urlencoded',
      'application/jsonx',
    ],
    ...['multipart/form-data; boundary=x', 'application/octet-stream', 'application/bson', 'json', '*/*'],
    ...[
      '',
      ';;;',
      '/',
      'application/',
      'application/json/json',
      'application/json, text/plain',
      '\xff',
      '__proto__',
    ],
    ...[
      'application/json; charset=klingon',
      'application/json; charset=latin1',
      'application/json; charset=utf-16',
    ],
    ...[
      'application/json; charset=utf-16le',
      'application/json; charset=utf-7',
      'application/json; charset=utf-32',
    ],
  ];
  const encodings = [
    'gzip',
    'deflate',
    'br',
    'rot13',
    'gzip, gzip',
    'compress',
    '\xff',
    '__proto__',
    'x'.repeat(500),
  ];
  const typed = (type: string, bytes: Buffer | string): Fault => ({
    headers: [['Content-Type', type]],
    body: new Payload(bytes),
  });
  const packed = gzipSync(body.bytes);
  const gzip: HeaderList = [['Content-Encoding', 'gzip']];
  return [
    kindOf(
      (type) => typed(type, body.bytes),
      types,
      headerText(1, 60).filter((type) => !/json/i.test(type)),
    ),
    {
      // Valid JSON, but in an encoding other than the one that JSON and this server use.
      always: [
        typed('application/json; charset=utf-16le', Buffer.from(body.bytes.toString(), 'utf16le')),
        typed('application/json', Buffer.from(body.bytes.toString(), 'utf16le')),
        typed('application/json', Buffer.from(`\ufeff${body.bytes.toString()}`, 'utf16le')),
      ],
    },
    kindOf((coding) => ({ headers: [['Content-Encoding', coding]], body }), encodings),
    {
      always: [
        { headers: gzip, body: new Payload(packed.subarray(0, packed.length - 9)) },
        { headers: gzip, body: new Payload(packed.subarray(0, 5)) },
        { headers: gzip, body: new Payload(gzipSync('{')) },
        { headers: gzip, body: new Payload(gzipSync('[1]'.slice(1))) },
        { headers: gzip, body: new Payload(gzipSync(Buffer.alloc(10_485_760, ' '))) },
      ],
      sometimes: fc
        .uint8Array({ minLength: 1, maxLength: 200 })
        .filter(([a, b]) => a !== 0x1f || b !== 0x8b)
        .map((bytes) => ({ headers: gzip, body: new Payload(Buffer.from(bytes)) })),
    },
  ];
}

/** Headers that do not make a request bad, and must not make a bad one good. */
export const noise: Arbitrary<HeaderList> = fc.array(
  fc.oneof(
    headerText(0, 300).map((value): [string, string] => ['X-Request-Id', value]),
    fc.constantFrom<[string, string]>(
      ['X-Request-Id', '<script>alert(1)</script>'],
      ['X-Request-Id', '${jndi:ldap://x/a}'],
      ['X-Request-Id', '__proto__'],
      ['X-Request-Id', 'x'.repeat(3000)],
      ['X-Http-Method-Override', 'GET'],
      ['X-Original-URL', '/health'],
      ['X-Forwarded-For', "127.0.0.1'; --"],
      ['Accept', 'text/event-stream'],
      ['Accept', '\xff/;q=NaN'],
      ['Accept-Encoding', 'rot13;q=-1'],
      ['If-None-Match', '*'],
      ['Range', 'bytes=-1-'],
      ['Cookie', '__proto__=1; =;;'],
      ['Origin', 'null'],
      ['Authorization', 'Basic \xff'],
      ['__proto__', 'polluted'],
      ['Upgrade', 'h2c'],
      ['Te', 'trailers, gzip;q=9'],
    ),
  ),
  { maxLength: 2 },
);
