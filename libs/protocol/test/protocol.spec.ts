import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import {
  eventFields,
  eventJsonSchemas,
  eventTypes,
  mintEventId,
  mintNonce,
  parseEvent,
  parseEventId,
  schemaName,
  type StreamEvent,
} from '../src/index.js';

const envelope = {
  v: 1,
  id: '1760270888823_0001_a26344ee',
  ts: '2025-10-12T12:08:08.823Z',
  message_id: '68eb9a170b8a377cc7e09834',
  chat_id: 'fc98b84e-c1c4-49ad-a29e-3bb03e67d55f',
};
const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
const call = { call_id: 'tool-abc123', name: 'search_tender_corpus' };
const samples: { [T in StreamEvent['type']]: Omit<StreamEvent<T>, keyof typeof envelope | 'type'> } = {
  start: { status: 'processing', agent: 'assistant', attempt: 1 },
  plan: { items: [{ id: 'todo-1', text: 'Search', status: 'in_progress' }] },
  rationale: { text: 'I cross-check' },
  status: { text: 'Analyzing (15s elapsed)' },
  tool_start: { ...call, args_summary: "query='CSR krav'" },
  tool_end: { ...call, status: 'ok', ms: 2450, result_summary: 'Found 3' },
  approval_required: { ...call, args_summary: '', expires_at: '2025-10-12T12:09:08.823Z' },
  approval_resolved: { call_id: 'tool-abc123', decision: 'reject', reason: 'no' },
  content: { md: '# CSR' },
  child_content: { md: 'It found', parent_call_id: 'tool-abc123' },
  error: { error: 'Tool execution timeout', code: 'tool_timeout', retryable: true },
  end: { status: 'completed', ms_total: 35124, tool_calls: 5, usage, model: 'offline' },
};

describe('event ids', () => {
  it('are parsed back to what they were minted from', () => {
    const parts = fc.record({
      ms: fc.integer({ min: 0, max: 999_999_999_999_999 }),
      seq: fc.integer({ min: 0, max: 9_999_999_999 }),
      nonce: fc.integer({ min: 0, max: 0xffff_ffff }).map((n) => n.toString(16).padStart(8, '0')),
    });
    fc.assert(
      fc.property(parts, (id) => {
        expect(parseEventId(mintEventId(id))).toEqual(id);
      }),
    );
  });

  it('have a nonce of 8 hex digits', () => {
    for (let i = 0; i < 1000; i++) expect(mintNonce()).toMatch(/^[0-9a-f]{8}$/);
  });

  it.each([
    '',
    '1_01_a26344ee',
    '1_00001_a26344ee',
    '1_0001_A26344EE',
    '01_0001_a26344ee',
    '1_0001_a26344ee\n',
    'x',
  ])('are not %j', (text) => {
    expect(parseEventId(text)).toBeUndefined();
  });
});

describe('events', () => {
  it.each(eventTypes)('%s: a sample parses to itself', (type) => {
    const event = { ...envelope, type, ...samples[type] };
    expect(parseEvent(event)).toEqual({ kind: 'event', event });
  });

  it.each(eventTypes)('%s: a missing field is named', (type) => {
    for (const field of Object.keys(samples[type])) {
      if (field === 'reason') continue;
      const event: Record<string, unknown> = { ...envelope, type, ...samples[type] };
      Reflect.deleteProperty(event, field);
      expect(parseEvent(event)).toMatchObject({ kind: 'invalid', reason: expect.stringContaining(field) });
    }
  });

  it("keep a newer server's fields", () => {
    const event = { ...envelope, type: 'content', md: 'x', language: 'da' };
    expect(parseEvent(event)).toEqual({ kind: 'event', event });
  });

  it('of an unknown type are distinguished from broken ones', () => {
    expect(parseEvent({ ...envelope, type: 'video' })).toEqual({ kind: 'unknown', type: 'video' });
    expect(parseEvent({ ...envelope, type: '__proto__' })).toEqual({ kind: 'unknown', type: '__proto__' });
  });

  it('never make the parser throw', () => {
    fc.assert(fc.property(fc.anything(), (value) => void parseEvent(value)));
  });
});

describe('JSON Schema', () => {
  it('has a component for every type, and their union', () => {
    const schemas = eventJsonSchemas();
    expect(Object.keys(schemas).sort()).toEqual([...eventTypes.map(schemaName), 'StreamEvent'].sort());
    expect(schemas['StreamEvent']).toMatchObject({ discriminator: { propertyName: 'type' } });
    for (const type of eventTypes) {
      expect(schemas[schemaName(type)]).toMatchObject({ properties: { type: { const: type } } });
    }
  });

  it('and PROTOCOL.md name the same types and fields', () => {
    const text = readFileSync(new URL('../PROTOCOL.md', import.meta.url), 'utf8');
    for (const type of eventTypes) {
      const row = text.split('\n').find((line) => line.startsWith(`| \`${type}\` `)) ?? '';
      for (const field of Object.keys(eventFields[type].shape)) expect(row).toContain(field);
    }
  });
});
