import fc from 'fast-check';
import OpenAI from 'openai';
import type { Request } from 'express';
import { Authenticator } from '../../src/platform/http/index.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Client, type Answer } from '../support/client.js';
import { scopeOf } from '../support/scopes.js';
import { watchDatabase } from '../api/bad-input/world.js';

const NO_RESPONSE = 'resp_0123456789abcdef01234567';

/** The one form of every error under `/v1`. */
function expectError({ status, headers, body }: Answer): void {
  expect(status).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThan(500);
  expect(headers.get('content-type')).toMatch(/^application\/json/);
  expect(headers.get('x-should-retry')).toMatch(/^(true|false)$/);
  expect(Number(headers.get('retry-after') ?? 0)).toBeLessThanOrEqual(60);
  expect(Object.keys(body as object)).toEqual(['error']);
  expect(body.error).toEqual({
    message: expect.stringMatching(/\S/),
    type: expect.stringMatching(/^[a-z_]+_error$/),
    code: expect.stringMatching(/^[a-z_]+$/),
    param: body.error.param === null ? null : expect.any(String),
  });
  expect(JSON.stringify(body)).not.toMatch(/node_modules|\n\s+at |Mongo\w*Error|E11000/);
}

describe('errors under /v1', () => {
  let app: TestApp;
  let client: Client;
  beforeAll(async () => {
    app = await startTestApp();
    client = new Client(app.url);
  });
  afterAll(() => app.destroy());

  const RESPONSES = '/v1/responses';
  const CHAT = '/v1/chat/completions';
  const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`;
  const user = { role: 'user', content: 'Hi' };

  it.each<[string, string, unknown, number, string | null]>([
    ['no body', RESPONSES, undefined, 400, 'body'],
    ['no JSON', RESPONSES, '{', 400, null],
    ['a number', RESPONSES, '5', 400, 'body'],
    ['a list', RESPONSES, [], 400, 'body'],
    ['no input', RESPONSES, {}, 400, 'input'],
    ['an empty input', RESPONSES, { input: '' }, 400, 'input'],
    ['a blank input', RESPONSES, { input: ' \n' }, 400, 'input'],
    ['NUL', RESPONSES, { input: 'a\0b' }, 400, 'input'],
    ['half a character', RESPONSES, '{"input":"a\\ud800"}', 400, 'input'],
    ['an input of another type', RESPONSES, { input: 5 }, 400, 'input'],
    ['a deep input', RESPONSES, `{"input":${deep}}`, 400, 'body'],
    ['a poisoned key', RESPONSES, '{"input":"x","metadata":{"__proto__":"x"}}', 400, 'body'],
    ['an operator in metadata', RESPONSES, { input: 'x', metadata: { $gt: '' } }, 400, 'metadata'],
    ['metadata that is no text', RESPONSES, { input: 'x', metadata: { a: 1 } }, 400, 'metadata.a'],
    ['no more than an answer', RESPONSES, { input: [{ role: 'assistant', content: 'x' }] }, 400, 'input'],
    ['an unknown role', RESPONSES, { input: [{ role: 'king', content: 'x' }] }, 400, 'input.0.role'],
    ['an unknown item', RESPONSES, { input: [{ type: 'spell' }] }, 400, 'input.0.type'],
    [
      'an unknown part',
      RESPONSES,
      { input: [{ role: 'user', content: [{ type: 'input_audio' }] }] },
      400,
      'input.0.content.0.type',
    ],
    [
      'an address to fetch',
      RESPONSES,
      { input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'http://127.0.0.1/' }] }] },
      400,
      'input.0.content.0.image_url',
    ],
    [
      'a file of nobody',
      RESPONSES,
      {
        input: [
          {
            role: 'user',
            content: [
              { type: 'input_text', text: 'x' },
              { type: 'input_file', file_id: '0123456789abcdef01234567' },
            ],
          },
        ],
      },
      422,
      'attachments.0.file_id',
    ],
    ['a flag of another type', RESPONSES, { input: 'x', stream: 'yes' }, 400, 'stream'],
    ['an unknown model', RESPONSES, { input: 'x', model: 'gpt-5' }, 404, 'model'],
    ['an unknown previous response', RESPONSES, { input: 'x', previous_response_id: NO_RESPONSE }, 404, null],
    ['a previous response that is none', RESPONSES, { input: 'x', previous_response_id: 'x' }, 404, null],
    [
      'an unknown conversation',
      RESPONSES,
      { input: 'x', conversation: 'conv_00000000-0000-4000-8000-000000000000' },
      404,
      null,
    ],
    ['an empty conversation', RESPONSES, { input: 'x', conversation: '' }, 400, 'conversation'],
    [
      'two places',
      RESPONSES,
      { input: 'x', conversation: 'c', previous_response_id: NO_RESPONSE },
      400,
      'conversation',
    ],
    [
      'an approval of nothing',
      RESPONSES,
      { input: [{ type: 'mcp_approval_response', approval_request_id: 'x', approve: true }] },
      400,
      'input.0.approval_request_id',
    ],
    [
      'an approval of an unknown run',
      RESPONSES,
      {
        input: [
          {
            type: 'mcp_approval_response',
            approval_request_id: 'mcpr_0123456789abcdef01234567_c',
            approve: true,
          },
        ],
      },
      404,
      null,
    ],
    [
      'an approval without a decision',
      RESPONSES,
      { input: [{ type: 'mcp_approval_response', approval_request_id: 'x' }] },
      400,
      'input.0',
    ],
    ['a tool that must be used', RESPONSES, { input: 'x', tool_choice: 'required' }, 400, 'tool_choice'],
    ['a format', RESPONSES, { input: 'x', text: { format: { type: 'json_schema' } } }, 400, 'text.format'],
    ['a long text', RESPONSES, { input: 'x'.repeat(100_001) }, 400, 'input'],
    ['too large a body', RESPONSES, { input: 'x', more: 'x'.repeat(1_100_000) }, 413, null],
    ['no messages', CHAT, { model: 'assistant' }, 400, 'messages'],
    ['an empty list of messages', CHAT, { messages: [] }, 400, 'messages'],
    ['only instructions', CHAT, { messages: [{ role: 'system', content: 'x' }] }, 400, 'messages'],
    ['a message without content', CHAT, { messages: [{ role: 'user' }] }, 400, 'messages.0.content'],
    [
      'an answer at the end',
      CHAT,
      { messages: [user, { role: 'assistant', content: 'x' }] },
      400,
      'messages',
    ],
    ['several answers', CHAT, { messages: [user], n: 2 }, 400, 'n'],
    [
      'a format of the answer',
      CHAT,
      { messages: [user], response_format: { type: 'json_object' } },
      400,
      'response_format',
    ],
    ['an unknown model for a chat', CHAT, { messages: [user], model: 'gpt-5' }, 404, 'model'],
    ['items of a conversation', '/v1/conversations', { items: [user] }, 400, 'items'],
  ])('%s is refused, and nothing is stored', async (_, path, body, status, param) => {
    const database = await watchDatabase(app);
    const before = await database.snapshot();
    const answer = await client.post(path, body);
    expectError(answer);
    expect(answer).toMatchObject({ status, body: { error: { param } } });
    expect(await database.snapshot()).toEqual(before);
    await database.close();
  });

  it.each([
    ['GET', '/v1'],
    ['GET', '/v1/'],
    ['GET', '/v1/nothing'],
    ['PUT', '/v1/responses'],
    ['GET', '/v1/chat/completions'],
    ['GET', '/v1/%zz'],
    ['GET', '/v1/models/gpt-5'],
    ['GET', `/v1/responses/${NO_RESPONSE}`],
    ['GET', `/v1/responses/${NO_RESPONSE}?stream=true`],
    ['GET', `/v1/responses/${NO_RESPONSE}?stream=maybe`],
    ['GET', `/v1/responses/${NO_RESPONSE}?stream=true&starting_after=-1`],
    ['GET', `/v1/responses/${NO_RESPONSE}?starting_after=1&starting_after=2`],
    ['GET', '/v1/responses/x'],
    ['GET', `/v1/responses/${NO_RESPONSE}/input_items`],
    ['POST', `/v1/responses/${NO_RESPONSE}/cancel`],
    ['DELETE', `/v1/responses/${NO_RESPONSE}`],
    ['GET', '/v1/conversations/x'],
    ['DELETE', '/v1/conversations/conv_00000000-0000-4000-8000-000000000000'],
  ])('%s %s is refused in that form, for browsers, too', async (method, path) => {
    expectError(await client.request(method, path));
    expectError(await client.request(method, path, undefined, { accept: 'text/html' }));
  });

  it('refuses a form', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await client.request('POST', RESPONSES, 'input=x', headers);
    expectError(answer);
    expect(answer.status).toBe(415);
  });

  it('refuses any JSON that is no request, and stores nothing', async () => {
    const database = await watchDatabase(app);
    const before = await database.snapshot();
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), fc.constantFrom('input', 'messages'), async (value, field) => {
        fc.pre(typeof value !== 'string' || value.trim() === '');
        const path = field === 'input' ? RESPONSES : CHAT;
        expectError(await client.post(path, { [field]: value }));
        expectError(await client.post(path, JSON.stringify(value)));
      }),
      { numRuns: 60 },
    );
    expect(await database.snapshot()).toEqual(before);
    await database.close();
  });
});

describe('strangers under /v1', () => {
  let app: TestApp;
  let client: Client;
  beforeAll(async () => {
    app = await startTestApp();
    client = new Client(app.url);
    app.nest.get(Authenticator).authenticate = ({ headers }: Request) =>
      scopeOf(
        headers['x-user'] as string | undefined,
        (headers['x-tenant'] as string | undefined) ?? 'default',
      );
  });
  afterAll(() => app.destroy());

  const as = (user: string, more: Record<string, string> = {}): OpenAI =>
    new OpenAI({
      apiKey: 'any',
      baseURL: `${app.url}/v1`,
      maxRetries: 0,
      defaultHeaders: { 'x-user': user, ...more },
    });

  it.each([
    ['another user', as0('bob')],
    ['the same user of another tenant', as0('alice', { 'x-tenant': 'other' })],
  ])('%s finds nothing, and changes nothing', async (_, stranger) => {
    const hers = await as('alice').responses.create({ input: 'Hvad er CSR-kravene?' });
    const other = as(stranger.user, stranger.more);
    const notFound = { status: 404 };
    await expect(other.responses.retrieve(hers.id)).rejects.toMatchObject(notFound);
    await expect(other.responses.retrieve(hers.id, { stream: true })).rejects.toMatchObject(notFound);
    await expect(other.responses.cancel(hers.id)).rejects.toMatchObject(notFound);
    await expect(other.responses.delete(hers.id)).rejects.toMatchObject(notFound);
    await expect(other.responses.inputItems.list(hers.id)).rejects.toMatchObject(notFound);
    const conversation = hers.conversation?.id ?? '';
    await expect(other.conversations.retrieve(conversation)).rejects.toMatchObject(notFound);
    await expect(other.conversations.delete(conversation)).rejects.toMatchObject(notFound);
    await expect(other.responses.create({ input: 'x', conversation })).rejects.toMatchObject(notFound);
    await expect(other.responses.create({ input: 'x', previous_response_id: hers.id })).rejects.toMatchObject(
      notFound,
    );
    const item = { type: 'mcp_approval_response' as const, approve: true };
    const approval_request_id = `mcpr_${hers.id.replace('resp_', '')}_c`;
    await expect(other.responses.create({ input: [{ ...item, approval_request_id }] })).rejects.toMatchObject(
      notFound,
    );
    expect((await as('alice').responses.retrieve(hers.id)).output_text).toBe(hers.output_text);
    expect((await as('alice').conversations.retrieve(conversation)).id).toBe(conversation);
    expect(
      (await client.get(`/api/users/${stranger.user}/chats`, { 'x-user': stranger.user, ...stranger.more }))
        .body.total,
    ).toBe(0);
  });
});

function as0(
  user: string,
  more: Record<string, string> = {},
): { user: string; more: Record<string, string> } {
  return { user, more };
}
