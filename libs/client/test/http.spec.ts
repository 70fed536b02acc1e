import { RepriseClient, RepriseError, type ClientOptions } from '../src/index.js';
import { refuse, StreamServer, type Answer } from './stream-server.js';

let server: StreamServer | undefined;

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function clientOf(answer: Answer, options: ClientOptions = {}): Promise<RepriseClient> {
  server = await StreamServer.start(answer);
  return new RepriseClient({ baseUrl: `${server.url}/`, ...options });
}

const keysSent = (): unknown[] => server?.requests.map(({ headers }) => headers['idempotency-key']) ?? [];
const urls = (): unknown[] => server?.requests.map(({ method, url }) => `${method} ${url}`) ?? [];

const CREATED = { message_id: '68eb95dcac4dd9ac2789890e', stream_url: '/stream' };

describe('a request', () => {
  it('escapes path parameters', async () => {
    const client = await clientOf((response) => response.end('{}'));
    await client.listChats({ userId: 'a/b?c@d.dk', page: 2, pageSize: 50 });
    await client.listDocuments();
    expect(urls()).toEqual([
      'GET /api/users/a%2Fb%3Fc%40d.dk/chats?page=2&page_size=50',
      'GET /api/documents',
    ]);
  });

  it("carries the client's headers", async () => {
    const client = await clientOf((response) => response.end('{}'), {
      headers: { 'x-tenant': 'a', authorization: 'old' },
      getHeaders: () => Promise.resolve({ authorization: 'Bearer new' }),
    });
    await client.getChat('1');
    expect(server?.requests[0]?.headers).toMatchObject({ 'x-tenant': 'a', authorization: 'Bearer new' });
  });

  it('carries a decision about a tool call', async () => {
    const bodies: string[] = [];
    const client = await clientOf((response, request) => {
      request.on('data', (chunk: Buffer) => bodies.push(chunk.toString()));
      request.on('end', () => response.end('{}'));
    });
    await client.approve({ messageId: 'm', callId: 'c/1', decision: 'reject', reason: 'Too dear.' });
    expect(urls()).toEqual(['POST /api/messages/m/approvals/c%2F1']);
    expect(bodies).toEqual(['{"decision":"reject","reason":"Too dear."}']);
  });

  it('resolves with nothing after 204', async () => {
    const client = await clientOf((response) => response.writeHead(204).end());
    await expect(client.deleteChat('1')).resolves.toBeUndefined();
  });

  it('uses the given `fetch`', async () => {
    const seen: string[] = [];
    const client = new RepriseClient({
      baseUrl: 'http://elsewhere/prefix',
      fetch: (url) => {
        seen.push(url);
        return Promise.resolve(Response.json({}));
      },
    });
    await client.getChat('1');
    expect(seen).toEqual(['http://elsewhere/prefix/api/chats/1']);
  });

  it('needs an address outside of browsers', () => {
    expect(() => new RepriseClient()).toThrow('baseUrl');
  });

  it('is aborted by its signal', async () => {
    const client = await clientOf(() => undefined);
    const controller = new AbortController();
    const answer = client.getChat('1', { signal: controller.signal });
    controller.abort(new Error('The page is gone.'));
    await expect(answer).rejects.toThrow('The page is gone.');
  });
});

describe('a rejected request', () => {
  it("rejects with the server's problem", async () => {
    const errors = [{ field: 'content', message: 'too long' }];
    const client = await clientOf((response) => {
      response.writeHead(400, { 'content-type': 'application/problem+json' });
      const problem = { code: 'validation_failed', detail: '1 invalid field.', retryable: false };
      response.end(JSON.stringify({ ...problem, request_id: 'r1', errors }));
    });
    const error = await client.getChat('1').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RepriseError);
    expect(error).toMatchObject({
      name: 'RepriseError',
      message: '1 invalid field.',
      status: 400,
      code: 'validation_failed',
      retryable: false,
      requestId: 'r1',
      errors,
      retryAfterMs: null,
    });
  });

  it('says what it can if something in between answers', async () => {
    const client = await clientOf(
      (response) => response.writeHead(502, { 'x-request-id': 'r2' }).end('<h1>Bad gateway</h1>'),
      { maxRetries: 0 },
    );
    await expect(client.getChat('1')).rejects.toMatchObject({
      status: 502,
      code: 'http_error',
      retryable: true,
      requestId: 'r2',
    });
  });

  it('rejects with status 0 if nobody answers', async () => {
    const client = await clientOf((response) => response.destroy(), { maxRetries: 0 });
    await expect(client.getChat('1')).rejects.toMatchObject({
      status: 0,
      code: 'connection_failed',
      retryable: true,
    });
  });

  it('rejects in the same way if the response breaks off', async () => {
    const client = await clientOf(
      (response) => {
        response.writeHead(200, { 'content-length': 100 });
        response.write('{"half":', () => response.destroy());
      },
      { maxRetries: 0 },
    );
    await expect(client.getChat('1')).rejects.toMatchObject({ status: 0, code: 'connection_failed' });
  });
});

describe('a request that is safe to repeat', () => {
  const failingOnce: Answer = (response, _request, index) => {
    if (index === 0) response.destroy();
    else response.end(JSON.stringify(CREATED));
  };

  it('is retried if no response arrived, with the same key', async () => {
    const client = await clientOf(failingOnce);
    expect(await client.send({ chatId: '1', content: 'Hello' })).toEqual(CREATED);
    const [first, second] = keysSent();
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect(second).toBe(first);
  });

  it('has its own key for each call, or the given one', async () => {
    const client = await clientOf((response) => response.end(JSON.stringify(CREATED)));
    await client.send({ chatId: '1', content: 'Hello' });
    await client.send({ chatId: '1', content: 'Hello' });
    await client.send({ chatId: '1', content: 'Hello', idempotencyKey: 'mine' });
    await client.retry('m', { idempotencyKey: 'mine, too' });
    const [first, second, ...given] = keysSent();
    expect(first).not.toBe(second);
    expect(given).toEqual(['mine', 'mine, too']);
  });

  it('is retried if the server asks for it', async () => {
    const client = await clientOf((response, _request, index) => {
      if (index > 0) response.end('{}');
      else response.writeHead(503, { 'retry-after': '1' }).end();
    });
    await client.getChat('1');
    const [first = 0, second = 0] = server?.times ?? [];
    expect(second - first).toBeGreaterThanOrEqual(1000);
  });

  it('is not retried if the server asks for too long a wait', async () => {
    const client = await clientOf((response) => response.writeHead(503, { 'retry-after': '60' }).end());
    await expect(client.getChat('1')).rejects.toMatchObject({ retryAfterMs: 60_000 });
    expect(urls()).toHaveLength(1);
  });

  it('is given up after as many retries as configured', async () => {
    const client = await clientOf((response) => response.destroy(), { maxRetries: 1 });
    await expect(client.getChat('1')).rejects.toMatchObject({ status: 0 });
    expect(urls()).toHaveLength(2);
  });

  it('is not retried after a rejection', async () => {
    const client = await clientOf((response) => {
      refuse(response, 409, 'chat_busy');
    });
    await expect(client.send({ chatId: '1', content: 'a' })).rejects.toMatchObject({ code: 'chat_busy' });
    expect(urls()).toHaveLength(1);
  });

  it('is distinguished from one that is not', async () => {
    const client = await clientOf(failingOnce);
    await expect(client.createChat({ userId: 'alice' })).rejects.toMatchObject({ status: 0 });
    expect(urls()).toHaveLength(1);
  });
});

describe('a token', () => {
  const demanding: Answer = (response, { headers }) => {
    if (headers.authorization === 'Bearer fresh') response.end('{}');
    else refuse(response, 401, 'unauthorized');
  };

  it('is refreshed once after a 401', async () => {
    const asked: boolean[] = [];
    const client = await clientOf(demanding, {
      getHeaders: ({ refresh }) => {
        asked.push(refresh);
        return { authorization: refresh ? 'Bearer fresh' : 'Bearer stale' };
      },
    });
    expect(await client.getChat('1')).toEqual({});
    expect(asked).toEqual([false, true]);
  });

  it('that stays invalid rejects with the 401', async () => {
    const client = await clientOf(demanding, { getHeaders: () => ({ authorization: 'Bearer stale' }) });
    await expect(client.getChat('1')).rejects.toMatchObject({ status: 401, code: 'unauthorized' });
    expect(urls()).toHaveLength(2);
  });

  it('whose source is unreachable counts as a lost connection', async () => {
    let tries = 0;
    const client = await clientOf(demanding, {
      getHeaders: () => {
        if (tries++ === 0) throw new TypeError('fetch failed');
        return { authorization: 'Bearer fresh' };
      },
    });
    expect(await client.getChat('1')).toEqual({});
  });

  it('whose source rejects for good is not requested again', async () => {
    const signedOut = new RepriseError('Signed out.', { status: 401, code: 'signed_out', retryable: false });
    const client = await clientOf(demanding, { getHeaders: () => Promise.reject(signedOut) });
    await expect(client.getChat('1')).rejects.toBe(signedOut);
    expect(urls()).toEqual([]);
  });
});

describe('a timeout', () => {
  it('ends a request without a response, with a clear message', async () => {
    const client = await clientOf(() => undefined, { timeoutMs: 300 });
    await expect(client.cancel('1')).rejects.toMatchObject({
      code: 'timed_out',
      status: 0,
      retryable: true,
      message: 'The server did not answer within 0.3 s.',
    });
    expect(urls()).toEqual(['POST /api/messages/1/cancel']);
  });

  it('covers retries, a body that breaks off, and a token that does not arrive', async () => {
    const client = await clientOf(
      (response, _request, index) => {
        if (index === 0) response.writeHead(503).end();
        else response.write('{');
      },
      { timeoutMs: 1500 },
    );
    await expect(client.getChat('1')).rejects.toMatchObject({ code: 'timed_out' });
    const waiting = { timeoutMs: 100, getHeaders: () => new Promise<never>(() => undefined) };
    const other = new RepriseClient({ baseUrl: server?.url ?? '', ...waiting });
    await expect(other.getChat('1')).rejects.toMatchObject({ code: 'timed_out' });
  });

  it('leaves the caller’s own reason and uploads alone', async () => {
    const client = await clientOf(
      (response, request) => {
        request.resume().on('end', () => setTimeout(() => response.end('{}'), 200));
      },
      { timeoutMs: 50 },
    );
    const reason = new Error('left');
    await expect(client.getChat('1', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await expect(client.uploadDocument({ title: 'a', content: 'b' })).resolves.toEqual({});
  });
});
