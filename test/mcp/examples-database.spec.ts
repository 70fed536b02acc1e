import { PostgresProcess } from '../support/postgres-process.js';
import { closeWorlds, example, newWorld, threeWays, WAYS } from './examples.js';
import type { McpWorld } from './support.js';

// The example server for databases in all three ways, with a real PostgreSQL.

afterAll(closeWorlds);

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
