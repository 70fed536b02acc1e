import fc, { type Arbitrary } from 'fast-check';
import { anyText, kindOf, Payload, type Fault, type FaultKind } from './fault.js';
import type { BodySchema, Route } from './routes.js';

/** A field of a body, in JSON text: its valid value and its bad ones. */
interface Field {
  valid: string;
  always: string[];
  sometimes: Arbitrary<string>;
}

type Members = readonly (readonly [key: string, json: string])[];

const json = (value: unknown): string => JSON.stringify(value);
/** JSON text, so that keys like `__proto__`, and the same key twice, can be written. */
const object = (members: Members): string =>
  `{${members.map(([key, value]) => `${json(key)}:${value}`).join(',')}}`;
const nested = (levels: number, open: string, close: string, core = ''): string =>
  open.repeat(levels) + core + close.repeat(levels);

const operators = [
  ...['{"$gt":""}', '{"$ne":null}', '{"$where":"sleep(1000)"}', '{"$regex":".*"}', '{"$set":{"a":1}}'],
  ...['{"$expr":{"$function":{"body":"x","args":[],"lang":"js"}}}', '{"$oid":"68eb95dcac4dd9ac2789890e"}'],
];
const prototypes = [
  ...[
    '{"__proto__":{"polluted":1}}',
    '{"constructor":{"prototype":{"polluted":1}}}',
    '{"prototype":{"polluted":1}}',
  ],
  ...['{"a":[{"b":{"__proto__":{"polluted":1}}}]}', '{"_bsontype":"ObjectId","id":"x"}'],
];
const tooDeep = [
  nested(10_000, '[', ']'),
  nested(10_000, '{"a":', '}', '1'),
  nested(5000, '[{"a":', '}]', '1'),
];
const fathomless = nested(100_000, '[', ']');
const strangeNumbers = [
  '0',
  '-1',
  '1e9',
  '1e309',
  '-1e309',
  '123456789012345678901234567890',
  '1.7976931348623157e308',
];
const notText = ['true', 'false', '[]', '{}', '[""]', '[null]', '["a"]', '{"toString":1}', '{"length":5}'];
const unclean = ['"\\u0000"', '"a\\u0000b"', '"\\ud800"', '"a\\udc00b"', '"\\udc00\\ud800"', '"a\\ud83d"'];

/** What no text may be. `null` is one if the field cannot be cleared or omitted. */
function text(max: number, { mandatory = false, valid = 'text' } = {}): Field {
  const notString = fc
    .json()
    .filter((value) => !value.trim().startsWith('"') && (mandatory || value.trim() !== 'null'));
  const unfit = fc
    .tuple(anyText(0, 40), fc.constantFrom('\\u0000', '\\ud800', '\\udfff', '\\udc00\\ud800'), anyText(0, 40))
    .map(([before, poison, after]) => `"${json(before).slice(1, -1)}${poison}${json(after).slice(1, -1)}"`);
  // Half a pair at the end of one part and at the beginning of the next would form a whole one: `anyText` contains
  // none.
  const long = fc
    .tuple(fc.integer({ min: max + 1, max: max + 200 }), fc.constantFrom('x', 'æ', '\\n', '\\u4e2d'))
    .map(
      ([length, letter]) => `"${letter === 'x' ? 'x'.repeat(length) : `${'x'.repeat(length - 1)}${letter}`}"`,
    );
  return {
    valid: json(valid),
    always: [
      ...(mandatory ? ['null'] : []),
      ...['""', '" \\n\\t "', '"\\u3000"', json('x'.repeat(max + 1))],
      ...[...notText, ...unclean, ...operators, ...prototypes, ...tooDeep, ...strangeNumbers],
    ],
    sometimes: fc.oneof(
      { weight: 3, arbitrary: notString },
      { weight: 3, arbitrary: unfit },
      { weight: max > 10_000 ? 0 : 1, arbitrary: long },
    ),
  };
}

/** A text of a few values. */
function choice(valid: string, strangers: string[]): Field {
  const field = text(200, { valid });
  const other = anyText(0, 20).map((value) => json(`${value}?`));
  return {
    ...field,
    always: [...field.always, ...strangers.map(json)],
    sometimes: fc.oneof(field.sometimes, other),
  };
}

/** True or false, or nothing. */
function flag(): Field {
  return {
    valid: 'true',
    always: [
      ...['"true"', '"false"', '""', '[]', '{}', '[true]', '{"toString":1}'],
      ...[...unclean, ...operators, ...prototypes, ...tooDeep, ...strangeNumbers],
    ],
    sometimes: fc.json().filter((value) => !/^\s*(true|false|null)\s*$/.test(value)),
  };
}

/** An id that may be missing, null or empty. */
function optionalId(valid: string): Field {
  const field = text(200);
  return { ...field, valid, always: field.always.filter((one) => one !== '""') };
}

const STRANGERS = ['poet', 'Assistant', '__proto__', 'constructor', 'toString', '$ne'];

/** What every workflow is given. */
const team = (): Record<'prompt' | 'metadata', Field> => ({
  prompt: text(100_000, { mandatory: true }),
  metadata: metadata(),
});

/** It must be there. */
const mandatory = (field: Field): Field => ({ ...field, always: ['null', ...field.always] });

/** Names of agents. */
function agents(): Field {
  const field = record('["assistant"]', []);
  return {
    valid: '["assistant"]',
    always: [
      ...field.always.filter((one) => one !== '[]'),
      ...[
        'null',
        '[]',
        '[7]',
        '[null]',
        '[[]]',
        '["poet"]',
        '["\\u0000"]',
        '["__proto__"]',
        '{"0":"assistant"}',
      ],
      json(Array.from({ length: 65 }, () => 'assistant')),
    ],
    sometimes: fc.json().filter((value) => !value.includes('assistant')),
  };
}

/** An object with two fields that mean something. */
function options(): Field {
  const field = metadata();
  const bad = ['7', 'null', '[]', '{}', '"poet"', '"__proto__"'].map((agent) => `{"agent":${agent}}`);
  const busy = ['7', 'null', '[]', '"QUEUE"', '"constructor"'].map((on_busy) => `{"on_busy":${on_busy}}`);
  return { ...field, valid: '{"tender_id":"a"}', always: [...field.always, ...bad, ...busy] };
}

/** The id of a message. What looks like one names none, which the server says with another status than the rest. */
function messageId(valid: string): Field {
  const field = text(200);
  const strangers = [
    '68eb95dcac4dd9ac2789890',
    '68eb95dcac4dd9ac2789890g',
    '68eb95dcac4dd9ac2789890e0',
    '__proto__',
  ];
  return {
    ...field,
    valid,
    always: [...field.always.filter((one) => one !== valid), ...strangers.map(json)],
  };
}

function metadata(): Field {
  const poison = [
    ...['{"$gt":1}', '{"$":1}', '{"a\\u0000":1}', '{"\\ud800":1}', '{"__proto__":1}', '{"constructor":1}'],
    ...['{"prototype":1}', '{"_bsontype":1}', '"\\u0000"', '"\\udc00"', '1e309', '-1e400'],
  ];
  const hidden = fc
    .tuple(
      fc.array(fc.constantFrom(['{"a":', '}'], ['[', ']'], ['{"a.b":1,"c":', '}'], ['[1,', ',null]']), {
        maxLength: 6,
      }),
      fc.constantFrom(...poison),
    )
    .map(([around, core]) => {
      const inside = around.reduce((value, [open, close]) => `${open}${value}${close}`, core);
      return `{"m":${inside}}`;
    });
  const deep = fc
    .tuple(fc.integer({ min: 9, max: 300 }), fc.constantFrom(['{"a":', '}'], ['[', ']'] as const))
    .map(([levels, [open, close]]) => `{"m":${nested(levels - 1, open, close, open === '[' ? '' : '1')}}`);
  const large = fc.integer({ min: 16_384, max: 17_408 }).map((bytes) => `{"m":"${'x'.repeat(bytes)}"}`);
  const notObject = fc.json().filter((value) => !/^\s*(\{|null\s*$)/.test(value));
  return {
    valid: '{"tender_id":"a"}',
    always: [
      ...['[]', '[{}]', '""', '"{}"', 'true', 'false', ...strangeNumbers],
      ...poison.map((core) => `{"m":${core}}`),
      ...poison.filter((core) => core.startsWith('{')),
      ...[...operators, ...prototypes, ...tooDeep.map((value) => `{"m":${value}}`)],
      ...[nested(9, '{"a":', '}', '1'), nested(9, '{"a":', '}', '{}'), `{"m":${nested(8, '[', ']')}}`],
      ...[
        `{"m":"${'x'.repeat(17_408)}"}`,
        `{"m":"${'\\u4e2d'.repeat(5600)}"}`,
        `{"${'k'.repeat(17_000)}":1}`,
      ],
    ],
    sometimes: fc.oneof(hidden, deep, large, notObject),
  };
}

/** An object with fields of its own. @param bad values of it that are no such object. */
function record(valid: string, bad: string[]): Field {
  return {
    valid,
    always: [
      ...['[]', '[{}]', '""', '"{}"', 'true', 'false', ...strangeNumbers],
      ...[...bad, ...operators, ...prototypes, ...tooDeep],
    ],
    sometimes: fc.json().filter((value) => !/^\s*(\{|null\s*$)/.test(value)),
  };
}

const teamOf = (strategy: string, agents: string, more = ''): string =>
  `{"strategy":${strategy},"agents":${agents}${more}}`;
const workflow = (): Field =>
  record(teamOf('"sequential"', '["assistant"]'), [
    ...['{}', '{"strategy":"sequential"}', '{"agents":["assistant"]}'],
    ...['"Sequential"', '"constructor"', 'null', '7', '["sequential"]'].map((one) =>
      teamOf(one, '["assistant"]'),
    ),
    ...['[]', '"assistant"', '{}', '[7]', '[null]', '["poet"]', '["\\u0000"]', '["__proto__"]'].map(
      (agents) => teamOf('"parallel"', agents),
    ),
    teamOf('"parallel"', json(Array.from({ length: 65 }, () => 'assistant'))),
    teamOf('"parallel"', '["assistant"]', ',"lead":"poet"'),
    teamOf('"parallel"', '["assistant"]', ',"lead":7'),
    teamOf('"parallel"', '["assistant"]', ',"boss":"assistant"'),
    teamOf('"hierarchical"', '["assistant"]'),
    teamOf('"sequential"', '["assistant"]', ',"lead":"assistant"'),
  ]);

/** Files of a message. An empty list is fine. */
const attachments = (): Field => {
  const field = record('[]', []);
  const id = '68eb95dcac4dd9ac27898910';
  return {
    valid: '[]',
    always: [
      ...field.always.filter((one) => one !== '[]'),
      ...['{}', '[null]', '[7]', '[[]]', `["${id}"]`, '[{}]', '[{"file_id":7}]', '[{"file_id":null}]'],
      ...[
        '[{"file_id":"x"}]',
        '[{"file_id":"\\u0000"}]',
        '[{"file_id":{"$ne":null}}]',
        `{"file_id":"${id}"}`,
      ],
      ...[`[{"file_id":"${id}"}]`, `[{"file_id":"${id}","name":"x"}]`, `[{"__proto__":1,"file_id":"${id}"}]`],
      json(Array.from({ length: 101 }, () => ({ file_id: id }))),
    ],
    sometimes: fc.json().filter((value) => !/^\s*(\[\s*\]|null\s*$)/.test(value)),
  };
};

const turn = (role: string, content: string): string => `[{"role":${role},"content":${content}}]`;

/** What a client remembers of a conversation. */
const turns = (): Field => {
  const field = record('[]', []);
  return {
    valid: turn('"assistant"', '"Hello"'),
    always: [
      ...field.always.filter((one) => one !== '[{}]'),
      ...['[{}]', '[null]', '[7]', '[[]]', '["Hello"]', '[{"role":"user"}]', '[{"content":"Hello"}]'],
      ...['"tool"', '"User"', 'null', '7', '["user"]', '"__proto__"'].map((role) => turn(role, '"Hello"')),
      ...['""', '" "', 'null', '7', '{}', '["Hello"]', ...unclean].map((content) => turn('"user"', content)),
      '[{"role":"user","content":"Hello","name":"Zoe"}]',
      json(Array.from({ length: 1001 }, () => ({ role: 'user', content: 'Hello' }))),
    ],
    sometimes: fc.json().filter((value) => value.trim() !== 'null'),
  };
};

const model = (): Field =>
  choice('offline', ['gpt-1', 'Offline', 'offline:', ':offline', '__proto__', 'constructor', '$ne']);

/** What looks like an id, and is none of a conversation, gets another status than the rest. */
const conversationId = (): Field => {
  const field = text(200, { valid: 'x' });
  const strangers = ['0'.repeat(36), '550e8400-e29b-41d4-a716', '68eb95dcac4dd9ac2789890e', '__proto__'];
  return { ...field, valid: 'null', always: [...field.always, ...strangers.map(json)] };
};

const email = (): Field => {
  const field = text(200, { valid: 'alice@company.com' });
  const strangers = [
    'alice',
    '@',
    'a@b',
    'a b@c.dk',
    'a@b@c.dk',
    'a@c.dk\r\nBcc: b@c.dk',
    `${'a'.repeat(300)}@c.dk`,
  ];
  return { ...field, always: [...field.always, ...strangers.map(json)] };
};

/** What a client of another system calls something: any text that is not empty. */
function foreignId(valid: string): Field {
  const field = text(200, { mandatory: true, valid });
  return { ...field, always: field.always.filter((one) => !/^"(?:\s|\\[nt]|\\u3000)+"$/.test(one)) };
}

const uiMessage = (fields: object): string =>
  json([{ id: 'u1', role: 'user', parts: [{ type: 'text', text: 'Hej?' }], ...fields }]);
const uiMessages = (): Field =>
  record(uiMessage({}), [
    ...['null', '{"0":{}}', '["a"]', '[null]', '[[]]', `[${uiMessage({})}]`],
    ...[{ id: '' }, { id: 7 }, { id: null }, { id: 'x'.repeat(201) }, { id: '\0' }, { id: '\ud800' }].map(
      uiMessage,
    ),
    ...[{ role: 'tool' }, { role: 7 }, { role: 'system' }, { role: '__proto__' }].map(uiMessage),
    ...[null, 'a', {}, [], [7], [null], [{}], [{ type: 'text' }], [{ type: 'text', text: 7 }]].map((parts) =>
      uiMessage({ parts }),
    ),
    ...['', ' \n ', '\0', '\ud800', 'x'.repeat(100_001)].map((words) =>
      uiMessage({ parts: [{ type: 'text', text: words }] }),
    ),
    ...[
      7,
      null,
      '',
      'x',
      'https://example.org/x.png',
      'file:///etc/passwd',
      'data:text/plain',
      'data:,%zz',
    ].map((url) => uiMessage({ parts: [{ type: 'file', mediaType: 'text/plain', url }] })),
    ...['/api/files/x', '/api/files/68eb95dcac4dd9ac27898910', 'data:;base64,%', 'data:;base64,a$b'].map(
      (url) =>
        uiMessage({
          parts: [
            { type: 'text', text: 'Hej?' },
            { type: 'file', mediaType: 'text/plain', url },
          ],
        }),
    ),
    ...[7, 'a', [], { $gt: 1 }, { a: '\0' }].map((metadata) => uiMessage({ metadata })),
    uiMessage({ role: 'assistant' }),
    ...[
      {},
      { id: 7, approved: true },
      { id: 'a' },
      { id: 'a', approved: 'yes' },
      { id: 'a', approved: true },
    ].map((approval) =>
      uiMessage({
        role: 'assistant',
        parts: [{ type: 'dynamic-tool', state: 'approval-responded', approval }],
      }),
    ),
  ]);

const agMessage = (fields: object): string => json([{ id: 'u1', role: 'user', content: 'Hej?', ...fields }]);
/** An empty list is fine, where a client only joins. */
const agMessages = (): Field => {
  const field = record(agMessage({}), [
    ...['null', '{"0":{}}', '["a"]', '[null]', '[[]]', `[${agMessage({})}]`],
    ...[{ id: '' }, { id: 7 }, { id: null }, { id: 'x'.repeat(201) }, { id: '\0' }, { role: 7 }].map(
      agMessage,
    ),
    ...[null, 7, {}, [], '', ' \n ', '\0', '\ud800', 'x'.repeat(100_001)].map((content) =>
      agMessage({ content }),
    ),
    ...[
      { type: 'text' },
      { type: 'image' },
      { type: 'image', source: { type: 'url', value: 'file:///etc/passwd' } },
    ].map((part) => agMessage({ content: [part] })),
    ...['%', 'a$b'].map((value) =>
      agMessage({ content: [{ type: 'document', source: { type: 'data', value } }] }),
    ),
  ]);
  return {
    ...field,
    always: field.always.filter((one) => one !== '[]'),
    sometimes: field.sometimes.filter((one) => !/^\s*\[\s*\]\s*$/.test(one)),
  };
};
const agResume = (): Field => {
  const field = record('null', [
    '{}',
    '[7]',
    '[null]',
    '["a"]',
    '[{"interruptId":"a"}]',
    '[{"status":"resolved"}]',
  ]);
  const entries = [
    { interruptId: '', status: 'resolved' },
    { interruptId: 'a', status: 'yes' },
    { interruptId: 'a', status: 'resolved' },
    { interruptId: 'a', status: 'resolved', payload: { decision: 'maybe' } },
    { interruptId: 'a', status: 'resolved', payload: { decision: 'approve' } },
  ];
  return {
    valid: 'null',
    always: [...field.always.filter((one) => one !== '[]'), ...entries.map((one) => json([one]))],
    sometimes: field.sometimes.filter((one) => !/^\s*\[\s*\]\s*$/.test(one)),
  };
};

/** A JSON object of any content. */
function anyObject(): Field {
  const bad = ['[]', '[{}]', '""', '"{}"', 'true', 'false', ...strangeNumbers, ...prototypes, ...tooDeep];
  return {
    valid: '{}',
    always: [...bad, '{"a":"\\u0000"}', '{"\\ud800":1}', '{"a":1e309}'],
    sometimes: fc.json().filter((value) => !/^\s*(\{|null\s*$)/.test(value)),
  };
}

/** What must be left out. */
const leftOut = (): Field => ({
  valid: 'null',
  always: [
    '1',
    '-1',
    '"x"',
    '""',
    '[1]',
    '["a"]',
    '{}',
    '{"a":1}',
    'true',
    'false',
    ...prototypes,
    ...tooDeep,
  ],
  sometimes: fc.json().filter((value) => !/^\s*(-?0(\.0*)?|null|\[\s*\])\s*$/.test(value)),
});

/** A whole number. */
const whole = (valid: string, bad: string[]): Field => ({
  valid,
  always: [...bad, '-1', '1.5', '1e9', '1e309', `"${valid}"`, '""', 'true', '[]', '{}', '[1]', ...operators],
  sometimes: fc.json().filter((value) => !/^\s*(-?[\d.]+(e\+?\d+)?|null)\s*$/i.test(value)),
});

/** A list of a few words. */
const wordsOf = (valid: string): Field => ({
  valid,
  always: [
    ...[
      '""',
      '"x"',
      '{}',
      'true',
      '7',
      '["x"]',
      '[7]',
      '[null]',
      '[["values"]]',
      '["__proto__"]',
      '["\\u0000"]',
    ],
    ...[...prototypes, ...tooDeep],
  ],
  sometimes: fc.json().filter((value) => !/^\s*(\[\s*\]|null\s*$)/.test(value)),
});

const graphInput = (): Field =>
  record('{"messages":[{"type":"human","content":"Hej?"}]}', [
    ...[
      '{}',
      '{"messages":null}',
      '{"messages":[]}',
      '{"messages":{}}',
      '{"messages":7}',
      '{"messages":[7]}',
    ],
    ...[
      '{"messages":[null]}',
      '{"messages":[[]]}',
      '{"messages":[{}]}',
      '{"messages":""}',
      '{"question":"Hej?"}',
    ],
    ...[
      { type: 'human' },
      { type: 'human', content: null },
      { type: 'human', content: 7 },
      { type: 'human', content: '' },
      { type: 'human', content: ' \n ' },
      { type: 'human', content: '\0' },
      { type: 'human', content: '\ud800' },
      { type: 'human', content: {} },
      { type: 'human', content: [{ type: 'text' }] },
      { type: 'human', content: [{ type: 'text', text: 7 }] },
      { type: 'human', content: [{ type: 'image_url', image_url: 'file:///etc/passwd' }] },
      { type: 'human', content: 'x'.repeat(100_001) },
      { type: 'ai', content: 'Hej!' },
      { type: 'tool', content: 'Hej!' },
      { type: '__proto__', content: 'Hej?' },
      { type: ['human'], content: 'Hej?' },
      { role: 'constructor', content: 'Hej?' },
    ].map((message) => json({ messages: [message] })),
  ]);

const graphCommand = (): Field => ({
  ...record('null', [
    ...[
      '{}',
      '{"resume":null}',
      '{"resume":"approve"}',
      '{"resume":{"decision":"approve"}}',
      '{"goto":"agent"}',
    ],
    ...['{"update":{"messages":[]}}', '{"resume":{"decisions":[]}}', '{"resume":true,"goto":"x"}'],
  ]),
});

const graphCheckpoint = (): Field =>
  record('null', [
    ...['{"checkpoint_id":7}', '{"checkpoint_id":"x"}', '{"checkpoint_id":""}', '{"checkpoint_id":[]}'],
    ...[
      '{"checkpoint_id":"68eb95dcac4dd9ac2789890e.1"}',
      '{"checkpoint_ns":"tools:1"}',
      '{"checkpoint_ns":7}',
    ],
    ...['{"checkpoint_id":"68eb95dcac4dd9ac2789890e.2"}', '{"checkpoint_id":null,"x":1}'],
  ]);

/** A text that may be empty. */
function graphId(): Field {
  const field = text(200, { valid: 'assistant' });
  return { ...field, always: field.always.filter((one) => !/^"(?:\s|\\[nt]|\\u3000)*"$/.test(one)) };
}

const RUN_FIELDS = (): Record<string, Field> => ({
  assistant_id: choice('assistant', [
    'poet',
    'Assistant',
    '__proto__',
    'constructor',
    'toString',
    '$ne',
    'x'.repeat(101),
  ]),
  input: graphInput(),
  metadata: metadata(),
  config: anyObject(),
  context: anyObject(),
  langsmith_tracer: anyObject(),
  stream_mode: {
    ...wordsOf('["values"]'),
    sometimes: fc.json().filter((value) => !/^\s*(\[\s*\]|null\s*$)/.test(value)),
  },
  multitask_strategy: choice('enqueue', ['queue', 'ENQUEUE', '__proto__']),
  if_not_exists: choice('reject', ['no', 'constructor']),
  on_disconnect: choice('continue', ['no', 'constructor']),
  on_completion: choice('keep', ['no', 'constructor']),
  durability: choice('sync', ['no', 'constructor']),
  stream_resumable: flag(),
  stream_subgraphs: flag(),
  checkpoint_during: flag(),
  strict_resume: flag(),
  feedback_keys: leftOut(),
  interrupt_before: leftOut(),
  interrupt_after: leftOut(),
  webhook: leftOut(),
  after_seconds: leftOut(),
});

/** Of the application that gets them. */
export const AGENT_SECRET = 'the secret of the agents';

/** The fields that the specs know how to spoil, by DTO. */
const schemas: Record<string, Record<string, Field>> = {
  AgentLoginDto: { agent_secret: text(1000, { mandatory: true, valid: AGENT_SECRET }) },
  // Without accounts nobody looks at these.
  TokenLoginDto: { email: email(), username: text(254), password: text(200, { mandatory: true }) },
  RefreshDto: { refresh_token: text(500, { mandatory: true }) },
  UpdateUserDto: { name: text(200), email: email() },
  CreateChatDto: { title: text(200), auto_title: flag(), instructions: text(20_000), model: model() },
  UpdateChatDto: { title: text(200, { mandatory: true }), instructions: text(20_000), model: model() },
  CreateConversationDto: { title: text(200), system_prompt: text(20_000), model: model() },
  UpdateConversationDto: {
    title: text(200, { mandatory: true }),
    system_prompt: text(20_000),
    model: model(),
  },
  TalkMessageDto: {
    content: text(100_000, { mandatory: true }),
    metadata: metadata(),
    agent: choice('assistant', ['poet', 'Assistant', '__proto__', 'constructor', 'toString', '$ne']),
    on_busy: choice('queue', ['QUEUE', 'queue ', 'constructor', '__proto__', '$ne']),
  },
  TalkStreamDto: {
    message: text(100_000, { mandatory: true }),
    messages: turns(),
    system_prompt: text(20_000),
    model: model(),
    conversation_id: conversationId(),
  },
  CreateDocumentDto: {
    title: text(500, { mandatory: true }),
    content: text(900_000, { mandatory: true }),
    tender_id: text(200),
    metadata: metadata(),
  },
  DecisionDto: {
    decision: choice('approve', ['Approve', 'approve ', 'approved', 'yes', 'constructor', '__proto__']),
    reason: text(2000),
    arguments: { ...metadata(), valid: '{"query":"CSR"}' },
  },
  CreateMessageDto: {
    content: text(100_000, { mandatory: true }),
    metadata: metadata(),
    parent_message_id: messageId('null'),
    edit_of: messageId('null'),
    agent: choice('assistant', ['poet', 'Assistant', '__proto__', 'constructor', 'toString', '$ne']),
    on_busy: choice('queue', ['QUEUE', 'queue ', 'constructor', '__proto__', '$ne']),
    workflow: workflow(),
    attachments: attachments(),
  },
  RunSequentialDto: { ...team(), agents: agents() },
  RunParallelDto: { ...team(), agents: agents(), lead: choice('assistant', STRANGERS) },
  RunHierarchicalDto: { ...team(), agents: agents(), lead: mandatory(choice('assistant', STRANGERS)) },
  RunWorkflowDto: { ...team(), workflow: mandatory(choice('review', STRANGERS)) },
  ChatStreamDto: {
    session_id: optionalId('null'),
    message: text(100_000, { mandatory: true }),
    options: options(),
  },
  RunAgentDto: {
    threadId: foreignId('t1'),
    runId: foreignId('r1'),
    messages: agMessages(),
    resume: agResume(),
  },
  UiChatDto: {
    id: foreignId('c1'),
    messages: uiMessages(),
    trigger: choice('submit-message', ['submit', 'SUBMIT-MESSAGE', '__proto__', 'constructor']),
    messageId: text(200, { valid: 'u1' }),
  },
  RunDto: {
    ...RUN_FIELDS(),
    command: graphCommand(),
    checkpoint: graphCheckpoint(),
    checkpoint_id: messageId('null'),
  },
  StatelessRunDto: RUN_FIELDS(),
  CreateThreadDto: {
    thread_id: text(200, { valid: 'a thread' }),
    metadata: metadata(),
    if_exists: choice('raise', ['no', 'constructor']),
    supersteps: leftOut(),
    ttl: leftOut(),
  },
  UpdateThreadDto: { metadata: metadata(), ttl: leftOut() },
  SearchThreadsDto: {
    metadata: metadata(),
    ids: {
      ...wordsOf('["a thread"]'),
      always: ['""', '"x"', '{}', 'true', '7', '[7]', '[null]', '[[]]', ...prototypes, ...tooDeep],
      sometimes: fc.json().filter((value) => !/^\s*(\[|null\s*$)/.test(value)),
    },
    status: choice('idle', ['IDLE', '__proto__']),
    limit: whole('10', ['0', '1001']),
    offset: whole('0', ['1000001']),
    sort_by: choice('updated_at', ['status', '__proto__', '$natural']),
    sort_order: choice('desc', ['DESC', '-1']),
    select: wordsOf('["thread_id"]'),
    values: leftOut(),
    extract: leftOut(),
  },
  HistoryDto: {
    limit: whole('10', ['0', '1001']),
    before: record('null', [
      '"x"',
      '""',
      '{"checkpoint_id":"x"}',
      '{"configurable":7}',
      '{}',
      '"68eb95dcac4dd9ac2789890e"',
    ]),
    metadata: metadata(),
    checkpoint: anyObject(),
    select: wordsOf('["values"]'),
  },
  StateAtDto: { checkpoint: graphCheckpoint(), subgraphs: flag(), select: wordsOf('["values"]') },
  SearchAssistantsDto: {
    graph_id: graphId(),
    name: graphId(),
    metadata: metadata(),
    limit: whole('10', ['0', '1001']),
    offset: whole('0', ['1000001']),
    sort_by: choice('name', ['version', '__proto__']),
    sort_order: choice('desc', ['DESC', '-1']),
    select: wordsOf('["name"]'),
  },
  ForkDto: {
    after: text(100, { mandatory: true, valid: '1760270888823_0001_a26344ee' }),
    content: text(100_000),
    tool_result: record('{"call_id":"call_1","result":"x"}', [
      ...[
        '{}',
        '{"call_id":"a"}',
        '{"result":"x"}',
        '{"call_id":7,"result":"x"}',
        '{"call_id":"a","result":7}',
      ],
      ...['{"call_id":"a","result":"\\u0000"}', '{"call_id":"a","result":"x","more":1}'],
    ]),
    agent: choice('assistant', ['poet', 'Assistant', '__proto__', 'constructor', 'toString', '$ne']),
  },
};

export function unknownFields({ body }: Route): string[] {
  if (!body) return [];
  return body.fields
    .filter((name) => schemas[body.name]?.[name] === undefined)
    .map((name) => `${body.name}.${name}`);
}

function validMembers(body: BodySchema): [key: string, json: string][] {
  return body.fields.map((name) => [name, schemas[body.name]![name]!.valid]);
}

/** A body that the route accepts, with every field. */
export const validBody = ({ body }: Route): Payload | undefined =>
  body && new Payload(object(validMembers(body)));

const bodyOf = (bytes: string | Buffer): Fault => ({ body: new Payload(bytes) });

/** Bad bodies. */
export function bodyFaults(route: Route): FaultKind[] {
  if (!['POST', 'PATCH'].includes(route.method)) return [];
  const valid = route.body ? object(validMembers(route.body)) : '{"a":"text"}';
  return [brokenText(valid), tooLarge(), ...(route.body ? declaredFaults(route.body) : [])];
}

/** What is not JSON. Also where a body would be ignored. */
function brokenText(valid: string): FaultKind {
  const inString = valid.indexOf('"', valid.indexOf(':')) + 1;
  const insert = (bytes: number[]): Buffer =>
    Buffer.concat([
      Buffer.from(valid.slice(0, inString)),
      Buffer.from(bytes),
      Buffer.from(valid.slice(inString)),
    ]);
  const invalidUtf8 = [
    [0xff],
    [0xc0, 0xaf],
    [0xed, 0xa0, 0x80],
    [0xf5, 0x80, 0x80, 0x80],
    [0xc3],
    [0x80],
    [0xe2, 0x82],
  ];
  const cut = fc.integer({ min: 1, max: valid.length - 1 }).map((length) => valid.slice(0, length));
  const added = fc
    .tuple(anyText(0, 30), fc.constantFrom(...'{}[],:"x\0'))
    .map(([more, last]) => valid + more + last);
  const broken = fc.tuple(fc.integer({ min: 0, max: 0x1f }), fc.nat(3)).map(([code]) => insert([code]));
  return kindOf<string | Buffer>(
    bodyOf,
    [
      ...[
        '{',
        '}',
        '{]',
        '[',
        '"',
        '{"a"}',
        '{"a":}',
        '{"a":1,}',
        '{,}',
        "{'a':1}",
        '{a:1}',
        '{"a":NaN}',
        '{"a":01}',
      ],
      ...[
        'undefined',
        'NaN',
        'nul',
        '-',
        '{"a":"\n"}',
        '{"a":"\\x"}',
        '{"a":"\\u12"}',
        '{"a":"\\ud800}',
        '\0',
        '{}\0',
      ],
      ...[
        '{}{}',
        '{} x',
        '// a\n{}',
        '\ufeff\ufeff{}',
        'title=a',
        '<a/>',
        '--x\r\n',
        nested(10_000, '[', ''),
      ],
      ...[
        `${valid},`,
        `${valid}${valid}`,
        `[${valid}`,
        `(${valid})`,
        `)]}',\n${valid}`,
        nested(100_000, '{"a":', ''),
      ],
      ...invalidUtf8.map(insert),
    ],
    fc.oneof(cut, added, broken),
  );
}

const TEN_MB = 10_485_760;
const large = [
  new Payload(Buffer.concat([Buffer.from('{"title":"'), Buffer.alloc(TEN_MB, 'x'), Buffer.from('"}')])),
  new Payload(
    Buffer.concat([Buffer.from('{"content":"a",'), Buffer.alloc(TEN_MB, ' '), Buffer.from('}')]),
    true,
  ),
  new Payload(Buffer.alloc(TEN_MB, '[')),
  new Payload(Buffer.alloc(1_048_577, 'x')),
];

function tooLarge(): FaultKind {
  return kindOf((body) => ({ body }), large);
}

/** JSON that is not what the route declares. */
function declaredFaults(body: BodySchema): FaultKind[] {
  const members = validMembers(body);
  const valid = object(members);
  const roots = fc.json().filter((value) => !value.trim().startsWith('{'));
  const fields = Object.entries(schemas[body.name]!).map(([name, { always, sometimes }]) => {
    const replaced = (value: string): Fault =>
      bodyOf(object(members.map(([key, own]) => [key, key === name ? value : own])));
    // The last of two members with the same name counts.
    const repeated = always.slice(0, 4).map((value) => bodyOf(object([...members, [name, value]])));
    const marked = always
      .slice(0, 3)
      .map((value) => bodyOf(`\ufeff${object([[name, value], ...members.filter(([key]) => key !== name)])}`));
    const kind = kindOf(replaced, always, sometimes);
    return { ...kind, always: [...kind.always, ...repeated, ...marked] };
  });
  return [
    kindOf(
      bodyOf,
      [
        '[]',
        `[${valid}]`,
        '"a"',
        json(valid),
        '""',
        '0',
        '1e309',
        'true',
        'false',
        'null',
        ...tooDeep.filter((one) => one.startsWith('[')),
        fathomless,
      ],
      roots,
    ),
    kindOf((name: string) => bodyOf(object(members.filter(([key]) => key !== name))), body.required),
    ...(body.isTolerant
      ? []
      : [
          kindOf(
            ([name, value]: [string, string]) => bodyOf(object([...members, [name, value]])),
            strangers(body),
            stranger(body),
          ),
        ]),
    ...fields,
  ];
}

function strangers({ fields }: BodySchema): [name: string, value: string][] {
  const names = [
    ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'],
    ...[
      '$where',
      '$gt',
      '$set',
      '$or',
      '_id',
      '__v',
      'id',
      'tenant_id',
      'user_id',
      'chat_id',
      'role',
      'status',
      'run',
    ],
    ...['created_at', 'run.status', '', ' ', '\0', '\ud800', '_bsontype', 'then', 'length', 'x'.repeat(5000)],
    ...fields.flatMap((name) => [
      `${name}.x`,
      `${name}.$gt`,
      `${name}[$gt]`,
      `${name}\0`,
      name.toUpperCase(),
      ` ${name}`,
    ]),
  ];
  const plain = names.map((name): [string, string] => [name, '"a"']);
  const values = [
    '{"polluted":1}',
    '{"prototype":{"polluted":1}}',
    'null',
    ...operators,
    ...tooDeep,
    fathomless,
  ];
  const poison = ['__proto__', 'constructor', '$where', 'x'].flatMap((name) =>
    values.map((value): [string, string] => [name, value]),
  );
  return [...plain, ...poison];
}

function stranger({ fields }: BodySchema): Arbitrary<[name: string, value: string]> {
  const name = fc.oneof(
    anyText(0, 30),
    anyText(0, 10).map((end) => `$${end}`),
  );
  return fc.tuple(
    name.filter((one) => !fields.includes(one)),
    fc.json(),
  );
}
