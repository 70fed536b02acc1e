import pg from 'pg';
import { Problem } from '../serve.mjs';

const CONNECTIONS = 4;
const CONNECT_MS = 5000;
const RESULT_MAX_CHARS = 200_000;

/** Roles that can leave the database, however read-only a transaction is. */
const UNSAFE = `
  SELECT r.rolname FROM pg_catalog.pg_roles r
  WHERE r.rolname = session_user AND r.rolsuper
     OR r.rolname IN ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program')
        AND pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER')
  LIMIT 1`;

/**
 * Reads from PostgreSQL. That nothing is changed does not depend on the words of a query: the role may only read, and
 * each query runs in a read-only transaction that is rolled back, with a time limit of the database's own.
 */
export class Database {
  /** @param {{ url: string, statementMs: number }} settings */
  constructor({ url, statementMs }) {
    this.statementMs = statementMs;
    this.pool = new pg.Pool({ connectionString: url, max: CONNECTIONS, connectionTimeoutMillis: CONNECT_MS });
    this.pool.on('error', (error) => console.error('An idle connection broke:', error.message));
  }

  /**
   * Runs one statement that reads.
   * @returns rows, at most `limit`; `truncated` if there are more.
   */
  async query({ query, parameters, limit }) {
    const client = await this.pool.connect().catch(unreachable);
    let isBroken = false;
    try {
      await this.checkRole(client);
      await client.query('BEGIN READ ONLY');
      await client.query(`SET LOCAL statement_timeout = ${this.statementMs}`);
      // The extended protocol takes one statement: nothing can end this transaction and go on behind it. The cursor
      // fetches no more rows than are shown.
      const text = `DECLARE found NO SCROLL CURSOR FOR ${query}`;
      await client.query({ text, values: parameters, queryMode: 'extended' });
      const { rows, fields } = await client.query(`FETCH ${limit + 1} FROM found`);
      return fitting(rows.slice(0, limit), rows.length > limit, fields);
    } catch (error) {
      isBroken = !isFromServer(error);
      throw explain(error);
    } finally {
      if (!isBroken) await client.query('ROLLBACK').catch(() => (isBroken = true));
      client.release(isBroken);
    }
  }

  async checkRole(client) {
    if (this.isRoleSafe) return;
    const { rows } = await client.query(UNSAFE);
    if (rows.length > 0)
      throw new Problem(
        'The database role of this server is too powerful: it must be one that can only read.',
      );
    this.isRoleSafe = true;
  }
}

/** As many rows as fit into a result that a model can read. */
function fitting(rows, hasMore, fields) {
  let size = 0;
  const shown = rows.map(plain).filter((row) => (size += JSON.stringify(row).length) <= RESULT_MAX_CHARS);
  const truncated = hasMore || shown.length < rows.length;
  return { columns: fields.map(({ name }) => name), rows: shown, count: shown.length, truncated };
}

function plain(row) {
  const entries = Object.entries(row).map(([name, value]) => [
    name,
    Buffer.isBuffer(value) ? value.toString('hex') : value,
  ]);
  return Object.fromEntries(entries);
}

/** The driver's errors have a severity when they come from the server. */
function isFromServer(error) {
  return error instanceof Problem || typeof error?.severity === 'string';
}

function explain(error) {
  if (error instanceof Problem) return error;
  if (!isFromServer(error)) return unreachable(error);
  if (error.code === '57014') return new Problem('The query takes too long. Ask for less.');
  return new Problem(`The query failed: ${error.message} (SQLSTATE ${error.code})`);
}

/** Where the database is, and why it is not there, is not for the model. */
function unreachable(error) {
  console.error('The database cannot be reached:', error.message);
  throw new Problem('The database cannot be reached at the moment.');
}
