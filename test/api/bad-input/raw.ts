import fc, { type Arbitrary } from 'fast-check';
import type { World } from './world.js';

/** Bytes on a socket. */
export interface RawCase {
  name: string;
  bytes: Buffer | string;
  /** The client disconnects as soon as they are written. */
  hangUp?: boolean;
  /** Nothing has to come back: the server may still be waiting for more, or just close. */
  mayBeSilent?: boolean;
}

const head = (...lines: string[]): string => `${lines.join('\r\n')}\r\n\r\n`;

/** What no HTTP client would send. */
export function rawCases({ chat, message, user }: World): RawCase[] {
  const path = `/api/chats/${chat}/messages`;
  const host = 'Host: localhost';
  const json = 'Content-Type: application/json';
  const post = (...lines: string[]): string => head(`POST ${path} HTTP/1.1`, host, json, ...lines);
  const stream = `/api/chats/${chat}/messages/${message}/stream`;
  const refused: [name: string, bytes: Buffer | string][] = [
    ['no request line', head('HELLO')],
    ['a method in small letters', head('get /health HTTP/1.1', host)],
    ['an unknown method', head('STEAL /health HTTP/1.1', host)],
    ['no version', head('GET /api/nothing')],
    ['HTTP/9.9', head('GET /health HTTP/9.9', host)],
    ['a preface of HTTP/2', head('PRI * HTTP/2.0', '', 'SM')],
    ['the handshake of TLS', Buffer.from('16030100a5010000a10303', 'hex')],
    ['zeros', Buffer.alloc(100)],
    ['spaces in the path', head('GET /api/users/a b HTTP/1.1', host)],
    ['a control byte in the path', head('GET /api/users/a\u0001b HTTP/1.1', host)],
    ['raw bytes above ASCII in an id', Buffer.from(head('GET /api/chats/\xff\xfe HTTP/1.1', host), 'latin1')],
    ['an absolute address', head('GET http://evil.example/api/nothing HTTP/1.1', host)],
    ['an asterisk', head('GET * HTTP/1.1', host)],
    ['no host', head(`GET ${stream} HTTP/1.1`)],
    ['two hosts', head('GET /api/chats/x HTTP/1.1', host, 'Host: y')],
    ['a header without a colon', head('GET /health HTTP/1.1', host, 'Nonsense')],
    ['a header with a space in its name', head('GET /health HTTP/1.1', host, 'X Y: 1')],
    ['an empty header name', head('GET /health HTTP/1.1', host, ': 1')],
    ['a header that is folded', head('GET /health HTTP/1.1', host, 'X-A: 1', ' 2')],
    ['NUL in a header', head(`GET ${stream} HTTP/1.1`, host, 'Last-Event-ID: a\0b')],
    [
      'a control byte in a header',
      head(post('Idempotency-Key: a\u0007b', 'Content-Length: 2').trimEnd(), '{}'),
    ],
    ['a lone line feed in a header', head(`GET ${stream} HTTP/1.1`, host, 'X-Request-Id: a\rb')],
    ['headers of 40 KB', head('GET /health HTTP/1.1', host, `X-Big: ${'x'.repeat(40_000)}`)],
    [
      'ten thousand headers',
      head('GET /health HTTP/1.1', host, ...Array.from({ length: 10_000 }, (_, i) => `X-${i}: 1`)),
    ],
    ['a path of 40 KB', head(`GET /api/users/${'x'.repeat(40_000)} HTTP/1.1`, host)],
    ['a negative length', `${post('Content-Length: -1')}{}`],
    ['a length that is no number', `${post('Content-Length: many')}{}`],
    ['a length beyond all numbers', post('Content-Length: 99999999999999999999999')],
    ['two lengths', `${post('Content-Length: 2', 'Content-Length: 3')}{} `],
    ['a length and chunks', `${post('Content-Length: 2', 'Transfer-Encoding: chunked')}0\r\n\r\n`],
    ['an unknown transfer encoding', `${post('Transfer-Encoding: rot13')}{}`],
    ['a chunk size that is none', `${post('Transfer-Encoding: chunked')}zz\r\n{}\r\n0\r\n\r\n`],
    ['a chunk size beyond all numbers', `${post('Transfer-Encoding: chunked')}ffffffffffffffffff\r\n{}`],
    ['a chunk that is longer than its size', `${post('Transfer-Encoding: chunked')}1\r\n{}}}\r\n0\r\n\r\n`],
    ['half a body, and then another request', `${post('Content-Length: 3')}{"cGET /health HTTP/1.1\r\n`],
    [
      'a body of rubbish',
      Buffer.concat([Buffer.from(post('Content-Length: 3')), Buffer.from([0xff, 0, 0x80])]),
    ],
  ];
  const closed: [name: string, bytes: string][] = [
    ['a body that continues after its end', `${post('Content-Length: 4')}{"content":"a"}`],
  ];
  const partial: [name: string, bytes: string][] = [
    ['nothing', ''],
    ['half a request line', 'POST /api/us'],
    ['half a header', `POST ${path} HTTP/1.1\r\nHos`],
    ['no body', post('Content-Length: 20')],
    ['half a body', `${post('Content-Length: 200')}{"content":"half`],
    ['all of a body but the last byte', `${post('Content-Length: 16')}{"content":"ab"`],
    ['chunks without an end', `${post('Transfer-Encoding: chunked')}f\r\n{"content":"ab"}`],
    ['half a chunk size', `${post('Transfer-Encoding: chunked')}f`],
    ['half of 10 MB', `${post('Content-Length: 900000')}{"content":"${'x'.repeat(400_000)}`],
    ['a length of 10 MB', `${post('Content-Length: 10485760')}{`],
    ['a length of 10 MB that waits for 100', post('Content-Length: 10485760', 'Expect: 100-continue')],
    [
      'half a PATCH',
      `${head(`PATCH /api/users/${user} HTTP/1.1`, host, json, 'Content-Length: 99')}{"name":"x"`,
    ],
  ];
  return [
    ...refused.map(([name, bytes]) => ({ name, bytes })),
    ...closed.map(([name, bytes]) => ({ name, bytes, mayBeSilent: true })),
    ...partial.map(([name, bytes]) => ({ name: `${name}, and then silence`, bytes, mayBeSilent: true })),
    ...partial.map(([name, bytes]) => ({
      name: `${name}, and then gone`,
      bytes,
      hangUp: true,
      mayBeSilent: true,
    })),
  ];
}

/** Garbage, and requests for an impossible chat with garbage in them: no change of a few bytes makes these valid. */
export function rawBytes(): Arbitrary<Buffer> {
  const base = Buffer.from(
    `${head('POST /api/chats/none/messages HTTP/1.1', 'Host: localhost', 'Content-Type: application/json', 'Connection: close', 'Content-Length: 13')}{"content":1}`,
  );
  const rubbish = fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => Buffer.from(bytes));
  const edits = fc.array(fc.tuple(fc.nat(base.length - 1), fc.nat(2), fc.uint8Array({ maxLength: 3 })), {
    minLength: 1,
    maxLength: 4,
  });
  const spoilt = edits.map((all) =>
    all.reduce<Buffer>(
      (bytes, [at, removed, added]) =>
        Buffer.concat([bytes.subarray(0, at), Buffer.from(added), bytes.subarray(at + removed)]),
      base,
    ),
  );
  return fc.oneof(rubbish, spoilt);
}
