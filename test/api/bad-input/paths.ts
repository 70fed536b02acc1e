import fc, { type Arbitrary } from 'fast-check';
import { anyText, kindOf, poisoned, type FaultKind } from './fault.js';
import type { Route } from './routes.js';
import type { World } from './world.js';

/** A path parameter: its valid value and its bad ones, as they appear in a path. */
interface Param {
  valid: string;
  always: string[];
  sometimes: Arbitrary<string>;
}

/** No id of any kind looks like this. */
const neverAnId = [
  ...['%00', 'a%00b', '%0d%0aX-Evil:%201', '%7f', '%c2%85', '%20', '%e2%80%a8%20'],
  ...['%zz', '%', '%f', '%ff', '%c0%af', '%ed%a0%80', '%u0041', '%E0%A4%A'],
  ...['..%2f', '..%2f..%2fetc%2fpasswd', '%2e%2e%2f', 'a%2fb', 'x'.repeat(201), 'x'.repeat(8000)],
];

/** Fine as the name of a user, but nothing that the server would use as an id. */
const neverOurId = [
  ...['1', '0', '-1', '1e9', '1e309', 'NaN', 'null', 'undefined', 'true', '[object%20Object]', '.', '..'],
  ...['%7B%22$gt%22:%22%22%7D', '$ne', '[$ne]=1', '__proto__', 'constructor', 'prototype', 'toString'],
  ...['%F0%9F%91%8D', '%EF%BC%91', 'g'.repeat(24), '0'.repeat(23), '0'.repeat(25), '0'.repeat(36)],
];

const percentGarbage = fc
  .array(fc.constantFrom('a', '0', '%4', '%g0', '%%', '%80', '%fe', '%f5', '-'), {
    minLength: 1,
    maxLength: 20,
  })
  .map((parts) => `${parts.join('')}%`);

const hex = (length: number): Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });

function ourId(
  valid: string,
  wellFormed: RegExp,
  unknown: Arbitrary<string>,
  otherIds: string[],
  badForms: string[],
): Param {
  const spoilt = fc
    .tuple(fc.nat(valid.length - 1), anyText(0, 3))
    .map(([at, text]) => valid.slice(0, at) + text + valid.slice(at + 1));
  const malformed = fc
    .oneof(anyText(1, 300), spoilt)
    .filter((text) => text !== '' && !wellFormed.test(text))
    .map(encodeURIComponent);
  const always = [...neverAnId, ...neverOurId, ...badForms, ...otherIds, `${valid}%00`, `${valid}%0a`];
  return { valid, always, sometimes: fc.oneof(malformed, percentGarbage, unknown) };
}

/** An id that others choose, and that names nothing stored. */
function chosenId(valid: string): Param {
  return { valid, always: neverAnId, sometimes: percentGarbage };
}

/** The path parameters that the specs know how to spoil. */
const params: Record<string, (world: World, route: Route) => Param> = {
  user_id: ({ user }, { codes }) => {
    const unfit = fc.oneof(
      poisoned(fc.constantFrom('\0', '\n', '/', '\u001b', '\u009f')),
      fc.string({ unit: fc.constantFrom(' ', '\t', '\u3000'), minLength: 1, maxLength: 9 }),
      fc.string({ unit: 'grapheme-ascii', minLength: 201, maxLength: 900 }),
    );
    // If users are created on first use, an unknown one is not a fault.
    const unknown = codes.includes('user_not_found') ? neverOurId : [];
    const nobody = anyText(0, 30).map((text) => `nobody${text}`);
    const drawn = unknown.length > 0 ? fc.oneof(unfit, nobody) : unfit;
    return {
      valid: user,
      always: [...neverAnId, ...unknown],
      sometimes: fc.oneof(drawn.map(encodeURIComponent), percentGarbage),
    };
  },
  // Any text can be what a client calls a thread: one that nobody has is not found.
  thread_id: ({ chat }) => ({
    valid: chat,
    always: [...neverAnId, ...neverOurId],
    sometimes: fc.oneof(
      anyText(0, 30).map((text) => encodeURIComponent(`none${text}`)),
      percentGarbage,
    ),
  }),
  run_id: ({ message, otherMessage, answer, document }) =>
    ourId(message, /^[0-9a-f]{24}$/i, hex(24), [otherMessage, answer, document], [`${message}0`]),
  checkpoint_id: ({ message, otherMessage }) => ({
    valid: `${message}.1`,
    always: [...neverAnId, ...neverOurId, message, `${message}.2`, `${otherMessage}.1`, `${message}.1%00`],
    sometimes: fc.oneof(
      anyText(1, 60).map((text) => encodeURIComponent(`${text}?`)),
      percentGarbage,
    ),
  }),
  assistant_id: () => ({
    valid: 'assistant',
    always: [...neverAnId, ...neverOurId, 'Assistant', 'poet'],
    sometimes: fc.oneof(
      anyText(1, 60).map((text) => encodeURIComponent(`${text}?`)),
      percentGarbage,
    ),
  }),
  tenant_id: () => chosenId('acme'),
  project_id: () => chosenId('support'),
  chat_id: ({ chat, otherChat, message, document }, { params: all }) =>
    ourId(
      chat,
      /^[0-9a-f-]{36}$/i,
      fc.uuid(),
      [message, document, ...(all.includes('message_id') ? [otherChat] : [])],
      [chat.replaceAll('-', ''), `{${chat}}`, `urn:uuid:${chat}`, `${chat}0`, chat.replace(/.$/, 'g')],
    ),
  session_id: ({ chat, message }) =>
    ourId(
      chat,
      /^[0-9a-f-]{36}$/i,
      fc.uuid(),
      [message],
      [chat.replaceAll('-', ''), `{${chat}}`, `${chat}0`],
    ),
  message_id: ({ chat, message, otherMessage, answer, document, waiting }, { template, params: all }) =>
    ourId(
      all.includes('call_id') ? waiting : message,
      /^[0-9a-f]{24}$/i,
      hex(24),
      [
        chat,
        document,
        ...(all.includes('chat_id') ? [otherMessage] : []),
        ...(all.includes('call_id') ? [message, otherMessage] : []),
        // An answer can be read, but has no run.
        ...(/^\/api(\/v1)?\/messages\/\{message_id\}$/.test(template) ? [] : [answer]),
      ],
      [`${message}0`, message.replace(/.$/, 'z'), `ObjectId("${message}")`, `0x${message}`],
    ),
  agent: () => ({
    valid: 'assistant',
    always: [...neverAnId, ...neverOurId, 'Assistant', 'assistant%00', 'assistantx'],
    sometimes: fc.oneof(
      anyText(1, 60)
        .filter((name) => name !== 'assistant')
        .map(encodeURIComponent),
      percentGarbage,
    ),
  }),
  chat_key: ({ chat }) => ({
    valid: chat,
    // A client of another system may call its chats as it likes.
    always: [
      '%00',
      'a%00b',
      '%zz',
      '%',
      '%f',
      '%ff',
      '%c0%af',
      '%ed%a0%80',
      'x'.repeat(201),
      'x'.repeat(8000),
    ],
    sometimes: percentGarbage,
  }),
  call_id: ({ call, message }) => ({
    valid: encodeURIComponent(call),
    // A provider may choose any characters: an id is only known or not.
    always: [...neverAnId, ...neverOurId, message, `${call}%00`, `${call}x`],
    sometimes: fc.oneof(
      anyText(1, 300)
        .filter((text) => text !== '' && text !== call)
        .map(encodeURIComponent),
      percentGarbage,
    ),
  }),
  file_id: ({ chat, message, file }) =>
    ourId(
      file,
      /^[0-9a-f]{24}$/i,
      hex(24),
      [chat, message],
      [`${file}0`, file.replace(/.$/, 'z'), `{"$oid":"${file}"}`.replaceAll('"', '%22')],
    ),
  document_id: ({ chat, message, document }) =>
    ourId(
      document,
      /^[0-9a-f]{24}$/i,
      hex(24),
      [chat, message],
      [`${document}0`, document.replace(/.$/, 'z'), `{"$oid":"${document}"}`.replaceAll('"', '%22')],
    ),
};

export const unknownParams = (route: Route): string[] => route.params.filter((name) => !(name in params));

export function validParams(world: World, route: Route): Record<string, string> {
  return Object.fromEntries(route.params.map((name) => [name, params[name]!(world, route).valid]));
}

/** Bad ids, and what is wrong around them. */
export function pathFaults(world: World, route: Route): FaultKind[] {
  const ids = route.params.map((name) => {
    const { always, sometimes } = params[name]!(world, route);
    return kindOf((value: string) => ({ params: { [name]: value } }), always, sometimes);
  });
  const suffixes = ['%zz', '%00', '%2f', '%2f..%2f', '/nope/nope', '/..%2f..%2fpackage.json/nope', '%ff'];
  const methods = [
    'PUT',
    'POST',
    'PATCH',
    'DELETE',
    'TRACE',
    'PROPFIND',
    'LOCK',
    'MKCOL',
    'PURGE',
    'M-SEARCH',
  ];
  return [
    ...ids,
    kindOf((suffix) => ({ suffix }), suffixes),
    kindOf((prefix) => ({ prefix }), ['/', '/api', '/..%2f', '/%00', '/__proto__']),
    kindOf(
      (method) => ({ method }),
      methods.filter((method) => !route.methods.includes(method)),
    ),
  ];
}
