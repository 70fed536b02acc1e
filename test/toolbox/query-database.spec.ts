import { PostgresProcess } from '../support/postgres-process.js';
import { until } from '../support/until.js';
import { openToolbox, type Toolbox } from './support.js';

let postgres: PostgresProcess;
let tools: Toolbox;
const open: Toolbox[] = [];

/** The tool with a login of this name. */
async function toolsOf(role: string, env: Record<string, string> = {}): Promise<Toolbox> {
  const box = await openToolbox({ DATABASE_QUERY_URL: postgres.url(role), ...env });
  open.push(box);
  return box;
}

beforeAll(async () => {
  postgres = await PostgresProcess.start();
  const login = `LOGIN PASSWORD '${PostgresProcess.PASSWORD}'`;
  await postgres.sql(`
    CREATE ROLE reader ${login};
    CREATE ROLE narrow;
    GRANT narrow TO reader;
    CREATE ROLE files ${login};
    GRANT pg_read_server_files TO files;
    CREATE ROLE writer ${login};
    CREATE SCHEMA shop;
    CREATE TABLE shop.customers (id int PRIMARY KEY, name text NOT NULL, password text);
    COMMENT ON TABLE shop.customers IS 'People who have ordered';
    COMMENT ON COLUMN shop.customers.name IS 'As they write it';
    CREATE TABLE shop.orders (id bigint PRIMARY KEY, customer int REFERENCES shop.customers, total numeric(10, 2));
    CREATE TABLE shop.secrets (text text);
    CREATE VIEW shop.totals AS SELECT customer, sum(total) AS total FROM shop.orders GROUP BY 1;
    CREATE SEQUENCE shop.numbers;
    INSERT INTO shop.customers VALUES (1, 'Anna', 'pw'), (2, 'Bo', 'pw');
    INSERT INTO shop.orders SELECT n, 1 + n % 2, n * 1.5 FROM generate_series(1, 1500) n;
    CREATE FUNCTION shop.insert_one() RETURNS int LANGUAGE sql AS
      $$ INSERT INTO shop.customers VALUES (99, 'X', '') RETURNING id $$;
    GRANT USAGE ON SCHEMA shop TO reader, narrow, writer;
    GRANT SELECT (id, name) ON shop.customers TO reader;
    GRANT SELECT ON shop.orders, shop.totals TO reader;
    GRANT SELECT ON shop.orders TO narrow;
    GRANT ALL ON ALL TABLES IN SCHEMA shop TO writer;
    GRANT ALL ON ALL SEQUENCES IN SCHEMA shop TO writer;
  `);
  tools = await toolsOf('reader');
}, 60_000);
afterAll(async () => {
  for (const box of open) await box.close();
  await postgres.stop();
});

const ask = async (query: string, more: object = {}, box = tools): Promise<any> =>
  (await box.call('query_database', { query, ...more })).json;
const fault = async (query: string, more: object = {}, box = tools) =>
  box.fault('query_database', { query, ...more });

describe('a query', () => {
  it('gives rows with the types of their columns', async () => {
    const result = await tools.call('query_database', {
      query: 'SELECT id, name FROM shop.customers WHERE name = $1 OR id = $2 ORDER BY id; -- both',
      parameters: ['Anna', 2],
    });
    expect(result).toEqual({
      json: {
        success: true,
        columns: [
          { name: 'id', type: 'integer' },
          { name: 'name', type: 'text' },
        ],
        rows: [
          { id: 1, name: 'Anna' },
          { id: 2, name: 'Bo' },
        ],
        count: 2,
      },
      summary: '2 rows',
    });
  });

  it.each([
    ['true', true, 'boolean'],
    ['NULL::int', null, 'integer'],
    ['42::smallint', 42, 'smallint'],
    ['9007199254740991', 9007199254740991, 'bigint'],
    ['9007199254740993', '9007199254740993', 'bigint'],
    ['1.10::numeric(10,2)', '1.10', 'numeric(10,2)'],
    ['1.5::float8', 1.5, 'double precision'],
    ["'NaN'::float8", 'NaN', 'double precision'],
    ["'2026-03-29 02:30'::timestamp", '2026-03-29 02:30:00', 'timestamp without time zone'],
    ["'0044-03-15 BC'::date", '0044-03-15 BC', 'date'],
    ["'1 day 2 hours'::interval", 'P1DT2H', 'interval'],
    ['\'{"a": [1, null]}\'::jsonb', { a: [1, null] }, 'jsonb'],
    ['ARRAY[1, NULL, 3]', [1, null, 3], 'integer[]'],
    ["ARRAY['a', 'b,c']", ['a', 'b,c'], 'text[]'],
    ["'\\x00ff'::bytea", '\\x00ff', 'bytea'],
    ["E'a\\u202Eb\\u0001c'", 'abc', 'text'],
    ["''", '', 'text'],
    ['ROW(1, 2)', '(1,2)', 'record'],
  ])('SELECT %s', async (expression, value, type) => {
    expect(await ask(`SELECT ${expression} AS it`)).toMatchObject({
      columns: [{ name: 'it', type }],
      rows: [{ it: value }],
    });
  });

  it('keeps columns that have the same name, or an odd one', async () => {
    const { rows, columns } = await ask('SELECT 1 AS a, 2 AS a, 3 AS "__proto__", 4 AS "?column?"');
    expect(columns.map(({ name }: { name: string }) => name)).toEqual(['a', 'a_2', '__proto__', '?column?']);
    expect(JSON.stringify(rows)).toBe('[{"a":1,"a_2":2,"__proto__":3,"?column?":4}]');
  });

  it.each([
    'VALUES (1), (2)',
    'TABLE shop.totals',
    'WITH t AS (SELECT 1 AS n) SELECT n FROM t',
    '(SELECT 1 UNION SELECT 2)',
    '/* x */ SELECT 1',
  ])('may be %s', async (query) => {
    expect((await ask(query)).count).toBeGreaterThan(0);
  });

  it('without rows has columns', async () => {
    expect(await ask('SELECT id FROM shop.customers WHERE false')).toEqual({
      success: true,
      columns: [{ name: 'id', type: 'integer' }],
      rows: [],
      count: 0,
    });
  });

  it.each([
    [1, 1, true],
    [100, 100, true],
    [1000, 1000, true],
    [undefined, 100, true],
  ])('limit %s: %d rows', async (limit, count, truncated) => {
    const result = await ask('SELECT id FROM shop.orders ORDER BY id', { limit });
    expect([result.count, result.rows.length, result.truncated]).toEqual([count, count, truncated]);
  });

  it('as many rows as the limit are all of them', async () => {
    const result = await ask('SELECT id FROM shop.orders WHERE id <= 40', { limit: 40 });
    expect([result.count, result.truncated]).toEqual([40, undefined]);
  });

  it('an endless one costs only what is wanted of it', async () => {
    const query = 'WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT n FROM t';
    expect(await ask(query, { limit: 5 })).toMatchObject({ count: 5, truncated: true });
  });

  it('large values are shortened, large rows are left out, gigabytes are not received', async () => {
    const { rows } = await ask("SELECT repeat('x', 30000) AS text");
    expect(rows[0].text).toMatch(/^x{20000}\n\[… the rest was left out: too long\]$/);
    const many = await ask("SELECT repeat('x', 15000) AS text FROM generate_series(1, 100)");
    expect(many.truncated).toBe(true);
    expect(JSON.stringify(many).length).toBeLessThan(200_000);
    expect((await fault("SELECT repeat('x', 500000000)")).code).toBe('too_large');
    expect((await fault("SELECT repeat('x', 2000000) FROM generate_series(1, 1000)")).code).toBe('too_large');
  });
});

describe('nothing can be written or left behind', () => {
  it.each([
    ['DELETE FROM shop.orders', 'invalid_query'],
    ['UPDATE shop.orders SET total = 0', 'invalid_query'],
    ['DROP TABLE shop.orders', 'invalid_query'],
    ['TRUNCATE shop.orders', 'invalid_query'],
    ["COPY shop.orders TO '/tmp/x'", 'invalid_query'],
    ["COPY shop.orders TO PROGRAM 'id'", 'invalid_query'],
    ['DO $$ BEGIN DELETE FROM shop.orders; END $$', 'invalid_query'],
    ['CALL something()', 'invalid_query'],
    ['SET ROLE owner', 'invalid_query'],
    ['COMMIT', 'invalid_query'],
    ['SELECT 1; DELETE FROM shop.orders', 'invalid_query'],
    ['SELECT 1; COMMIT; DELETE FROM shop.orders', 'invalid_query'],
    ['SELECT 1 INTO shop.copy', 'invalid_query'],
    ['SELECT * FROM shop.orders FOR UPDATE', 'not_authorized'],
    ['WITH gone AS (DELETE FROM shop.orders RETURNING *) SELECT * FROM gone', 'invalid_query'],
    ['SELECT shop.insert_one()', 'not_authorized'],
    ["SELECT nextval('shop.numbers')", 'not_authorized'],
    ["SELECT setval('shop.numbers', 7)", 'not_authorized'],
    ["SELECT set_config('transaction_read_only', 'off', true), shop.insert_one()", 'invalid_query'],
    ["SELECT query_to_xml('DELETE FROM shop.orders', true, true, '')", 'invalid_query'],
    ['SELECT lo_create(0), shop.insert_one()', 'not_authorized'],
  ])('%s', async (query, code) => {
    const writer = await toolsOf('writer');
    const before = await postgres.sql('SELECT count(*), sum(total) FROM shop.orders');
    const error = await fault(query, {}, writer);
    expect(error.code).toBe(code);
    const after = await postgres.sql('SELECT count(*), sum(total) FROM shop.orders');
    expect(after.rows).toEqual(before.rows);
    expect((await postgres.sql('SELECT count(*) FROM shop.customers')).rows[0].count).toBe('2');
  });

  it('no lock and no setting outlives its query', async () => {
    await ask("SELECT pg_advisory_lock(7), set_config('search_path', 'shop', false)");
    await until('the lock is gone', async () => {
      const { rows } = await postgres.sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'");
      return rows[0].count === '0';
    });
    expect((await fault('SELECT * FROM customers')).code).toBe('invalid_query');
  });

  it.each([
    ['SELECT password FROM shop.customers', 'not_authorized'],
    ['SELECT * FROM shop.secrets', 'not_authorized'],
    ["SELECT pg_read_file('/etc/passwd')", 'not_authorized'],
    ['SELECT * FROM pg_authid', 'not_authorized'],
    ['SELECT nonsense', 'invalid_query'],
    ['SELECT 1/0', 'invalid_query'],
    ['SELECT $1::int', 'invalid_query'],
    ['', 'invalid_arguments'],
    ['EXPLAIN SELECT 1', 'invalid_query'],
  ])('%s is refused', async (query, code) => {
    const error = await fault(query);
    expect(error.code).toBe(code);
    expect(error.message).not.toContain(PostgresProcess.PASSWORD);
  });

  it('the role of the settings narrows what is seen', async () => {
    const narrow = await toolsOf('reader', { DATABASE_QUERY_ROLE: 'narrow' });
    expect((await ask('SELECT count(*) FROM shop.orders', {}, narrow)).rows).toEqual([{ count: 1500 }]);
    expect((await fault('SELECT name FROM shop.customers', {}, narrow)).code).toBe('not_authorized');
    const odd = await toolsOf('reader', { DATABASE_QUERY_ROLE: 'x"; RESET ROLE; --' });
    expect((await odd.fault('query_database', { query: 'SELECT 1' })).code).toBe('invalid_query');
  });

  it.each(['owner', 'files'])('a login that can leave the database is not used: %s', async (role) => {
    const strong = await toolsOf(role);
    const error = await fault('SELECT 1', {}, strong);
    expect(error.code).toBe('not_authorized');
    expect(error.message).toContain('DATABASE_QUERY_URL');
  });
});

describe('time and connection', () => {
  it.each([
    'SELECT pg_sleep(60)',
    // the second batch would no longer be limited
    "SELECT set_config('statement_timeout', '0', true), CASE WHEN n > 30 THEN pg_sleep(60) END FROM generate_series(1, 100) n",
    'SELECT count(*) FROM generate_series(1, 1000000000000)',
  ])('the database stops %s', async (query) => {
    const hasty = await toolsOf('reader', { TOOLBOX_TIMEOUT_MS: '3000' });
    expect((await fault(query, {}, hasty)).code).toBe('timed_out');
  });

  it('a call that is cancelled ends in the database, too', async () => {
    const end = new AbortController();
    const running = async (): Promise<boolean> => {
      const { rows } = await postgres.sql(
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'FETCH%' AND state = 'active'",
      );
      return rows[0].count === '1';
    };
    const call = tools.call('query_database', { query: 'SELECT pg_sleep(60)' }, end.signal);
    await until('the query runs', running);
    end.abort(new Error('cancelled'));
    await expect(call).rejects.toThrow('cancelled');
    await until('the query is gone', async () => !(await running()));
  });

  it('connections are few, and closed', async () => {
    await Promise.all(Array.from({ length: 12 }, () => ask('SELECT pg_sleep(0.01)')));
    await until('no connection is left', async () => {
      const { rows } = await postgres.sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'reader'");
      return rows[0].count === '0';
    });
  });

  it.each([
    ['a wrong password', () => postgres.url('reader', 'wrong-password-1')],
    ['no such database', () => `${postgres.url('reader')}x`],
    ['nobody listens', () => `postgres://reader:${PostgresProcess.PASSWORD}@127.0.0.1:1/postgres`],
  ])('%s: says that it cannot be reached, and no more', async (_what, url) => {
    const box = await openToolbox({ DATABASE_QUERY_URL: url() });
    open.push(box);
    const error = await fault('SELECT 1', {}, box);
    expect(error).toMatchObject({
      code: 'unreachable',
      message: 'The database cannot be reached at the moment. Do not try again at once.',
    });
  });
});

describe('action describe', () => {
  it('lists what can be read, with types, keys and comments', async () => {
    const { json, summary } = await tools.call('query_database', { action: 'describe' });
    expect(summary).toBe('3 tables');
    expect(json).toEqual({
      success: true,
      tables: [
        {
          table: 'shop.customers',
          kind: 'table',
          comment: 'People who have ordered',
          columns: [
            { name: 'id', type: 'integer', nullable: false },
            { name: 'name', type: 'text', nullable: false, comment: 'As they write it' },
          ],
          keys: ['PRIMARY KEY (id)'],
        },
        {
          table: 'shop.orders',
          kind: 'table',
          columns: [
            { name: 'id', type: 'bigint', nullable: false },
            { name: 'customer', type: 'integer', nullable: true },
            { name: 'total', type: 'numeric(10,2)', nullable: true },
          ],
          keys: ['PRIMARY KEY (id)', 'FOREIGN KEY (customer) REFERENCES shop.customers(id)'],
        },
        {
          table: 'shop.totals',
          kind: 'view',
          columns: [
            { name: 'customer', type: 'integer', nullable: true },
            { name: 'total', type: 'numeric', nullable: true },
          ],
        },
      ],
    });
  });

  it.each(['orders', 'shop.orders'])('of %s alone', async (table) => {
    const { json } = await tools.call('query_database', { action: 'describe', table });
    expect((json as any).tables).toHaveLength(1);
  });

  it.each(['secrets', "x' OR true --"])('there is no table %s', async (table) => {
    expect((await tools.fault('query_database', { action: 'describe', table })).code).toBe('table_not_found');
  });
});
