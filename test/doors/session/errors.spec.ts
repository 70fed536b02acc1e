import { setStage, type Stage } from '../../conformance/setup.js';
import { RawStream } from '../../support/raw-stream.js';
import { eventsIn } from './reader.js';

const NO_SESSION = '00000000-0000-4000-8000-000000000000';
const KEYED = { 'idempotency-key': 'unused' };
const SEEN = { 'last-event-id': '1760270888823_0000_a26344ee' };

interface Bad {
  what: string;
  body: unknown;
  headers?: Record<string, string>;
  query?: string;
  status: number;
  /** For clients of the guide. */
  code: string;
  /** For others. */
  problem: string;
}

const BAD: Bad[] = [
  {
    what: 'an empty message',
    body: { message: '' },
    status: 400,
    code: 'validation_error',
    problem: 'validation_failed',
  },
  { what: 'no message', body: {}, status: 400, code: 'validation_error', problem: 'validation_failed' },
  {
    what: 'a field that does not exist',
    body: { message: 'x', stream: true },
    status: 400,
    code: 'validation_error',
    problem: 'validation_failed',
  },
  {
    what: 'an option of a wrong type',
    body: { message: 'x', options: { agent: 7 } },
    status: 400,
    code: 'validation_error',
    problem: 'validation_failed',
  },
  {
    what: 'an option that is none of those',
    body: { message: 'x', options: { on_busy: 'wait' } },
    status: 400,
    code: 'validation_error',
    problem: 'validation_failed',
  },
  { what: 'no JSON', body: '{"message":', status: 400, code: 'invalid_input', problem: 'invalid_json' },
  {
    what: 'another type',
    body: 'message=x',
    headers: { 'content-type': 'text/plain' },
    status: 415,
    code: 'invalid_input',
    problem: 'unsupported_media_type',
  },
  {
    what: 'an agent that does not exist',
    body: { message: 'x', options: { agent: 'poet' } },
    status: 400,
    code: 'validation_error',
    problem: 'unknown_agent',
  },
  {
    what: 'a session that does not exist',
    body: { message: 'x', session_id: NO_SESSION },
    status: 404,
    code: 'session_expired',
    problem: 'session_not_found',
  },
  {
    what: 'a session id of another kind',
    body: { message: 'x', session_id: 'abc-123' },
    status: 404,
    code: 'session_expired',
    problem: 'session_not_found',
  },
  {
    what: 'a user id that is none',
    body: { message: 'x' },
    query: '?user_id=',
    status: 400,
    code: 'invalid_input',
    problem: 'invalid_user_id',
  },
  {
    what: 'a bad key',
    body: { message: 'x' },
    headers: { 'idempotency-key': 'a b' },
    status: 400,
    code: 'invalid_input',
    problem: 'invalid_idempotency_key',
  },
  {
    what: 'the rest of nothing',
    body: { message: 'x' },
    headers: SEEN,
    status: 400,
    code: 'invalid_input',
    problem: 'unknown_event_id',
  },
  {
    what: 'the rest of what nobody asked',
    body: { message: 'x' },
    headers: { ...SEEN, ...KEYED },
    status: 400,
    code: 'invalid_input',
    problem: 'unknown_event_id',
  },
  {
    what: 'a page of another site',
    body: { message: 'x' },
    headers: { origin: 'https://evil.example' },
    status: 403,
    code: 'cross_site',
    problem: 'cross_site',
  },
];

describe('POST /chat/stream', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage();
  });
  afterAll(() => stage.close());

  const post = ({ body, headers = {}, query = '' }: Bad, accept: string): Promise<Response> =>
    fetch(`${stage.app.url}/chat/stream${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });

  it.each(BAD)('refuses $what in one error event, for a client that looks at nothing else', async (bad) => {
    for (const accept of ['*/*', 'text/event-stream']) {
      const answer = await post(bad, accept);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([
        bad.status,
        'text/event-stream; charset=utf-8',
      ]);
      const events = eventsIn(await answer.text());
      expect(events).toEqual([
        { type: 'error', data: { code: bad.code, message: expect.stringMatching(/./), retryable: false } },
      ]);
    }
    expect((await stage.client.get('/api/users/default/chats')).body.total).toBe(0);
  });

  it.each(BAD)('refuses $what in a problem document, for a client that accepts JSON', async (bad) => {
    const answer = await post(bad, 'application/json, text/event-stream');
    expect(await answer.json()).toMatchObject({ status: bad.status, code: bad.problem });
  });

  it('names the fields in the message, since nothing else is shown', async () => {
    const answer = await post(BAD[0]!, '*/*');
    expect(eventsIn(await answer.text())[0]?.data.message).toContain('message must not be blank');
  });

  it('refuses a key that was used for something else', async () => {
    const url = `${stage.app.url}/chat/stream`;
    const first = await RawStream.post(url, { message: 'one' }, { 'idempotency-key': 'same' });
    (await stage.model.next('one')).text('x').finish();
    await first.end();
    const second = await RawStream.post(url, { message: 'other' }, { 'idempotency-key': 'same' });
    expect(second.status).toBe(422);
    expect(eventsIn((await second.end()).text)[0]?.data.code).toBe('invalid_input');
  });

  it('tells a client that came too often to try again', async () => {
    const limited = await setStage({ RATE_LIMIT_PER_MINUTE: '1' });
    const post = (): Promise<RawStream> => RawStream.post(`${limited.app.url}/chat/stream`, {});
    await post();
    const refused = await (await post()).end();
    expect([refused.status, eventsIn(refused.text)[0]?.data]).toEqual([
      429,
      { code: 'rate_limit', message: expect.any(String), retryable: true },
    ]);
    await limited.close();
  });
});

describe('with all places taken', () => {
  it('stores nothing, and says that the service is not available now', async () => {
    const stage = await setStage({ STREAMS_MAX: '1' });
    const url = `${stage.app.url}/chat/stream`;
    const first = await RawStream.post(url, { message: 'first' });
    const second = await (await RawStream.post(url, { message: 'second' })).end();
    expect([second.status, eventsIn(second.text)[0]?.data]).toEqual([
      503,
      { code: 'service_unavailable', message: expect.any(String), retryable: true },
    ]);
    expect((await stage.client.get('/api/users/default/chats')).body.total).toBe(1);
    (await stage.model.next('first')).text('x').finish();
    await first.end();
    await stage.close();
  });

  it('keeps no new session whose message is refused', async () => {
    const stage = await setStage({ BUDGET_MESSAGES_PER_DAY: '1' });
    const url = `${stage.app.url}/chat/stream`;
    const first = await RawStream.post(url, { message: 'first' });
    (await stage.model.next('first')).text('x').finish();
    await first.end();
    const second = await (await RawStream.post(url, { message: 'second' })).end();
    expect([second.status, eventsIn(second.text)[0]?.data.code]).toEqual([429, 'rate_limit']);
    expect((await stage.client.get('/api/users/default/chats')).body.total).toBe(1);
    await stage.close();
  });
});
