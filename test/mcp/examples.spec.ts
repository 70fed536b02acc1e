import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import { DovecotProcess } from '../support/dovecot-process.js';
import { PostgresProcess } from '../support/postgres-process.js';
import { cleanUp, listen, startWorld, type McpWorld } from './support.js';

// The example servers, each in all three ways, with a real database and a real mail server.

const example = (name: string): string =>
  fileURLToPath(new URL(`../../examples/${name}/server.mjs`, import.meta.url));

/** One example three times: over standard input and output, over HTTP, and with the simple protocol. */
async function threeWays(name: string, env: Record<string, string>): Promise<McpWorld> {
  const { url } = await listen(example(name), [], { env });
  return newWorld({
    stdio: { command: process.execPath, args: [example(name), 'stdio'], env },
    http: { url: `${url}/mcp` },
    simple: { url, protocol: 'simple' },
  });
}

const WAYS = ['stdio', 'http', 'simple'];

const worlds: McpWorld[] = [];
async function newWorld(...args: Parameters<typeof startWorld>): Promise<McpWorld> {
  const world = await startWorld(...args);
  worlds.push(world);
  return world;
}

afterAll(async () => {
  for (const world of worlds) await world.close();
  await cleanUp();
});

describe('examples/mcp-database', () => {
  let postgres: PostgresProcess;
  let world: McpWorld;
  const query = (sql: string, more: object = {}, way = 'stdio') =>
    world.call(`${way}__query_database`, { query: sql, ...more });
  const fault = async (sql: string, more: object = {}) =>
    (await world.failure('stdio__query_database', { query: sql, ...more })).message;

  beforeAll(async () => {
    postgres = await PostgresProcess.start();
    await postgres.sql(`
      CREATE ROLE reader LOGIN PASSWORD '${PostgresProcess.PASSWORD}';
      CREATE TABLE orders (id int PRIMARY KEY, note text, big bigint, raw bytea);
      INSERT INTO orders SELECT n, 'order ' || n, 9007199254740993, '\\xff' FROM generate_series(1, 500) n;
      CREATE TABLE secrets (text text);
      CREATE FUNCTION grab() RETURNS int LANGUAGE sql AS $$ DELETE FROM orders RETURNING id $$;
      GRANT SELECT ON orders TO reader;
    `);
    world = await threeWays('mcp-database', {
      DATABASE_URL: postgres.url('reader'),
      STATEMENT_TIMEOUT_MS: '500',
    });
  }, 60_000);
  afterAll(async () => {
    await postgres.stop();
  });

  it.each(WAYS)('answers a query (%s)', async (way) => {
    const result = await query('SELECT * FROM orders WHERE id = $1 -- one', { parameters: [7] }, way);
    expect(result).toEqual({
      json: {
        columns: ['id', 'note', 'big', 'raw'],
        rows: [{ id: 7, note: 'order 7', big: '9007199254740993', raw: 'ff' }],
        count: 1,
        truncated: false,
      },
    });
  });

  it.each(WAYS)('needs no approval, since it only reads (%s)', (way) => {
    expect(world.registry.find(`${way}__query_database`)?.approval).toBe(false);
  });

  it.each(WAYS)('says in words why a query fails (%s)', async (way) => {
    const { code, message } = await world.failure(`${way}__query_database`, { query: 'SELECT nothing' });
    expect([code, message]).toEqual([
      'tool_failed',
      'The query failed: column "nothing" does not exist (SQLSTATE 42703)',
    ]);
    const wrong = await world.failure(`${way}__query_database`, { query: 'SELECT 1', limit: 0 });
    expect(wrong.message).toMatch(/limit/);
  });

  it('limits the rows', async () => {
    expect(await query('SELECT id FROM orders', { limit: 3 })).toMatchObject({
      json: { count: 3, truncated: true },
    });
    expect(await query("SELECT repeat('x', 100000) AS x FROM orders", { limit: 5 })).toMatchObject({
      json: { count: 1, truncated: true },
    });
  });

  it.each([
    ['DELETE FROM orders', /syntax error/],
    ['WITH gone AS (DELETE FROM orders RETURNING id) SELECT * FROM gone', /data-modifying|read-only/],
    ['SELECT 1; COMMIT; DELETE FROM orders', /multiple commands|syntax error/],
    ['SELECT grab()', /permission denied|read-only/],
    ["SELECT set_config('transaction_read_only', 'off', false)", /read-write/],
    ['SELECT * FROM secrets', /permission denied/],
    ["SELECT pg_read_file('/etc/passwd')", /permission denied/],
    ['SELECT pg_sleep(30)', /takes too long/],
  ])('cannot do harm: %s', async (sql, why) => {
    expect(await fault(sql)).toMatch(why);
    const { rows } = await postgres.sql('SELECT count(*)::int AS count FROM orders');
    expect(rows).toEqual([{ count: 500 }]);
  });

  it('lists the tables', async () => {
    expect(await world.call('http__list_tables')).toMatchObject({
      json: {
        rows: [
          {
            schema: 'public',
            name: 'orders',
            columns: ['id integer', 'note text', 'big bigint', 'raw bytea'],
          },
        ],
      },
    });
  });

  it('refuses a role that is too powerful', async () => {
    const env = { DATABASE_URL: postgres.url('owner') };
    const powerful = await newWorld({
      db: { command: process.execPath, args: [example('mcp-database'), 'stdio'], env },
    });
    expect((await powerful.failure('db__query_database', { query: 'SELECT 1' })).message).toMatch(
      /too powerful/,
    );
  });

  it('says nothing of how the database is reached', async () => {
    const env = { DATABASE_URL: postgres.url('reader', 'wrong-password') };
    const shut = await newWorld({
      db: { command: process.execPath, args: [example('mcp-database'), 'stdio'], env },
    });
    expect((await shut.failure('db__query_database', { query: 'SELECT 1' })).message).toBe(
      'The database cannot be reached at the moment.',
    );
  });
});

describe('examples/mcp-email', () => {
  interface Delivered {
    to: string[];
    raw: string;
  }
  let smtp: SMTPServer;
  let world: McpWorld;
  const delivered: Delivered[] = [];

  beforeAll(async () => {
    smtp = new SMTPServer({
      authOptional: false,
      allowInsecureAuth: true,
      disabledCommands: ['STARTTLS'],
      onAuth: ({ username, password }, _session, done) => {
        if (username === 'bot' && password === 'p@ss') done(null, { user: 'bot' });
        else done(new Error('no'));
      },
      onRcptTo: ({ address }, _session, done) => {
        if (address.startsWith('nobody'))
          done(Object.assign(new Error('No such user'), { responseCode: 550 }));
        else done();
      },
      onData: (data, session: SMTPServerSession, done) => {
        let raw = '';
        data.on('data', (chunk: Buffer) => (raw += chunk.toString()));
        data.on('end', () => {
          delivered.push({ to: session.envelope.rcptTo.map(({ address }) => address), raw });
          done();
        });
      },
    });
    await once(smtp.listen(0, '127.0.0.1'), 'listening');
    const { port } = smtp.server.address() as AddressInfo;
    world = await threeWays('mcp-email', {
      SMTP_URL: `smtp://bot:p%40ss@127.0.0.1:${port}`,
      MAIL_FROM: 'Reprise <bot@example.com>',
    });
  });
  afterAll(async () => {
    const closed = once(smtp.server, 'close');
    smtp.close();
    await closed;
  });

  it.each(WAYS)('sends an email, after an approval (%s)', async (way) => {
    delivered.length = 0;
    expect(world.registry.find(`${way}__send_email`)).toMatchObject({ approval: true, idempotent: false });
    const result = await world.call(`${way}__send_email`, {
      to: ['ann@example.com'],
      cc: ['bo@example.com'],
      subject: 'Grüße\nBcc: eve@example.com',
      body: 'Hello',
      attachments: [{ filename: '../a.txt', content: 'aGk=', encoding: 'base64' }],
    });
    expect(result).toEqual({
      json: {
        status: 'sent',
        message_id: expect.stringMatching(/^<.+@example\.com>$/),
        recipients: ['ann@example.com', 'bo@example.com'],
        rejected: [],
      },
    });
    expect(delivered).toHaveLength(1);
    expect(delivered[0]?.to).toEqual(['ann@example.com', 'bo@example.com']);
    expect(delivered[0]?.raw).toMatch(/^From: Reprise <bot@example.com>/m);
    expect(delivered[0]?.raw).not.toMatch(/^Bcc:/im);
    expect(delivered[0]?.raw).toContain('aGk=');
  });

  it.each(WAYS)('says in words what was refused (%s)', async (way) => {
    const send = (to: string) => world.failure(`${way}__send_email`, { to: [to], subject: 's', body: 'b' });
    expect((await send('nobody@example.com')).message).toMatch(/^The mail server refused: 550/);
    expect((await send('no address')).message).toMatch(/email/i);
  });
});

describe('examples/mcp-email, searching', () => {
  let dovecot: DovecotProcess;
  let world: McpWorld;

  beforeAll(async () => {
    dovecot = await DovecotProcess.start();
    const mail = (subject: string, from: string, text: string): string =>
      `From: ${from}\nTo: ann@example.com\nSubject: ${subject}\nDate: Fri, 27 Nov 2026 10:00:00 +0000\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n${text}\n`;
    dovecot.deliver('', '1.a', mail('Invoice 7', 'Bo <bo@example.com>', 'Gr=C3=BC=C3=9Fe'));
    dovecot.deliver('', '2.b', mail('Lunch', 'cy@example.com', 'The invoice is late'));
    dovecot.deliver('', '3.c', mail('Weather', 'dee@example.com', 'Rain'));
    dovecot.deliver('.Sent', '4.d', mail('Re: Invoice 7', 'ann@example.com', 'Paid'));
    world = await threeWays('mcp-email', { IMAP_URL: dovecot.url() });
  }, 60_000);
  afterAll(() => dovecot.stop());

  it.each(WAYS)('finds emails, newest first, and marks none as read (%s)', async (way) => {
    const result = await world.call(`${way}__search_emails`, { query: 'invoice' });
    expect(result.json).toEqual({
      count: 2,
      total: 2,
      emails: [
        expect.objectContaining({ subject: 'Lunch', snippet: 'The invoice is late' }),
        {
          id: '1',
          subject: 'Invoice 7',
          from: 'Bo <bo@example.com>',
          to: 'ann@example.com',
          date: '2026-11-27T10:00:00.000Z',
          snippet: 'Grüße',
        },
      ],
    });
    expect(dovecot.files().filter((name) => /:2,.*S/.test(name))).toEqual([]);
    expect(world.registry.find(`${way}__search_emails`)?.approval).toBe(false);
    expect(world.registry.find(`${way}__send_email`)).toBeUndefined();
  });

  it('looks into the folder that is meant', async () => {
    const found = await world.call('http__search_emails', { query: 'invoice', folder: 'sent' });
    expect(found).toMatchObject({ json: { count: 1, emails: [{ subject: 'Re: Invoice 7' }] } });
    expect((await world.failure('http__search_emails', { query: 'x', folder: 'drafts' })).message).toBe(
      'The mailbox has no folder for drafts.',
    );
  });

  it('takes a query for words, whatever it contains', async () => {
    const odd = await world.call('http__search_emails', { query: '") OR ALL\r\n* 1' });
    expect(odd).toMatchObject({ json: { count: 0 } });
  });

  it('says nothing of how the mailbox is reached', async () => {
    const env = { IMAP_URL: dovecot.url('wrong-password') };
    const shut = await newWorld({
      mail: { command: process.execPath, args: [example('mcp-email'), 'stdio'], env },
    });
    expect((await shut.failure('mail__search_emails', { query: 'x' })).message).toBe(
      'The mailbox cannot be read at the moment.',
    );
  });
});

describe('a server over HTTP', () => {
  const env = { DATABASE_URL: 'postgres://x@127.0.0.1:1/x' };

  it('wants its token, if it has one', async () => {
    const { url } = await listen(example('mcp-database'), [], {
      env: { ...env, AUTH_TOKEN: 'letmein-token' },
    });
    expect((await fetch(`${url}/mcp/discover`)).status).toBe(401);
    process.env['REPRISE_TEST_TOKEN'] = 'letmein-token';
    const headers = { Authorization: 'Bearer ${REPRISE_TEST_TOKEN}' };
    const world = await newWorld(
      {
        http: { url: `${url}/mcp`, headers },
        simple: { url, protocol: 'simple', headers },
        stranger: { url: `${url}/mcp` },
      },
      { MCP_START_WAIT_MS: '2000' },
    );
    expect(['http', 'simple', 'stranger'].map((name) => world.state(name).status)).toEqual([
      'connected',
      'connected',
      'unavailable',
    ]);
    expect(world.state('stranger').reason).toBe('it answered HTTP 401: {"detail":"Wrong token."}');
  });

  it.each([
    ['GET', '/mcp/nowhere', undefined, 404],
    ['POST', '/mcp/execute', 'no json', 422],
    ['POST', '/mcp/execute', '{"tools":[]}', 422],
    ['POST', '/mcp/execute', '{"tools":[{"tool_slug":"nope"}]}', 200],
  ])('answers nonsense in words: %s %s %s', async (method, path, body, status) => {
    const { url } = await listen(example('mcp-database'), [], { env });
    const response = await fetch(url + path, { method, ...(body !== undefined && { body }) });
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual(
      status === 200 ? { successful: false, error: 'Unknown tool: nope' } : { detail: expect.any(String) },
    );
  });

  it('refuses names under which a page could reach it', async () => {
    const { port } = await listen(example('mcp-database'), [], { env });
    const { request } = await import('node:http');
    const asked = request({
      port,
      host: '127.0.0.1',
      path: '/mcp/discover',
      headers: { host: 'evil.example' },
    });
    asked.end();
    const [response] = (await once(asked, 'response')) as [import('node:http').IncomingMessage];
    expect(response.statusCode).toBe(403);
    response.resume();
  });
});
