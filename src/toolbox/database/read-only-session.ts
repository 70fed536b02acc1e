import { Injectable } from '@nestjs/common';
import PQueue from 'p-queue';
import pg, { type Client } from 'pg';
import { Settings } from '../../platform/config/index.js';
import { ToolError } from '../../tools/index.js';
import { withDeadline } from '../shared/deadline.js';
import { databaseFault } from './database-fault.js';

/** Connections of one process; further calls wait. */
const CONNECTIONS = 4;
/** What the server sends between two questions of ours; a value of one row can be a gigabyte. */
const BATCH_MAX_BYTES = 16_777_216;
const LOCK_TIMEOUT_MS = 3000;
/** The database stops a query itself, and says so, before we stop waiting. */
const GRACE_MS = 1000;

/** Values as the server writes them: what they become is decided in one place, with their type known. */
const AS_TEXT = { getTypeParser: () => (value: unknown) => value };

/** Roles that can leave the database: a query could read files of its server or run programs there. */
const UNSAFE_LOGIN = `
  SELECT r.rolname FROM pg_catalog.pg_roles r
  WHERE r.rolname = session_user AND r.rolsuper
     OR r.rolname IN ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program')
        AND pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER')
  LIMIT 1`;
/** Since PostgreSQL 14: the server notices within a second that nobody waits any more. */
const NOTICE_HANG_UP = `
  SELECT pg_catalog.set_config(name, '1000', true) FROM pg_catalog.pg_settings
  WHERE name = 'client_connection_check_interval'`;

/** One connection in a read-only transaction that is never committed. */
export class ReadOnlySession {
  private received = 0;

  constructor(
    private readonly client: Client,
    private readonly statementMs: number,
  ) {
    // The driver buffers a message until it is complete, however large it is.
    this.client.connection.stream.on('data', (bytes: Uint8Array) => {
      this.received += bytes.byteLength;
      if (this.received > BATCH_MAX_BYTES) this.client.connection.stream.destroy(tooLarge());
    });
  }

  /**
   * Sends one statement, which is all that the extended protocol takes.
   * @throws ToolError `too_large`; what the server reports.
   */
  async run(text: string, values: unknown[] = []): Promise<pg.QueryArrayResult<unknown[]>> {
    // The last statement may have changed this for the next one.
    await this.client.query(`SET LOCAL statement_timeout = ${this.statementMs}`);
    this.received = 0;
    return this.client.query({
      text,
      values,
      rowMode: 'array',
      queryMode: 'extended',
    } as pg.QueryArrayConfig);
  }
}

function tooLarge(): ToolError {
  return new ToolError(
    'The rows are too large. Select fewer columns, or shorten long values with left().',
    'too_large',
  );
}

/** Opens connections to the database that people and models may ask, one for each call. */
@Injectable()
export class ReadOnlyDatabase {
  private readonly queue = new PQueue({ concurrency: CONNECTIONS });

  constructor(private readonly settings: Settings) {}

  /**
   * Runs work in a session of its own: nothing that a query has set or locked outlives it.
   * @throws ToolError with what the model can do about it.
   */
  async session<T>(signal: AbortSignal, work: (session: ReadOnlySession) => Promise<T>): Promise<T> {
    const ms = this.settings.TOOLBOX_TIMEOUT_MS + GRACE_MS;
    return this.queue.add(
      () => withDeadline({ signal, ms, peer: 'The database' }, (end) => this.connected(end, work)),
      { signal },
    );
  }

  private async connected<T>(
    signal: AbortSignal,
    work: (session: ReadOnlySession) => Promise<T>,
  ): Promise<T> {
    const client = new pg.Client({
      connectionString: this.settings.DATABASE_QUERY_URL,
      connectionTimeoutMillis: this.settings.TOOLBOX_TIMEOUT_MS,
      application_name: 'reprise query_database',
      types: AS_TEXT,
    });
    client.on('error', () => undefined); // the statement that was running fails as well
    const hangUp = (): void => {
      client.connection.stream.destroy();
    };
    signal.addEventListener('abort', hangUp, { once: true });
    try {
      await client.connect();
      const result = await work(await this.begin(client));
      await client.end(); // the server rolls back
      return result;
    } catch (error) {
      throw databaseFault(error, signal);
    } finally {
      signal.removeEventListener('abort', hangUp);
      hangUp();
    }
  }

  private async begin(client: Client): Promise<ReadOnlySession> {
    const { TOOLBOX_TIMEOUT_MS: ms, DATABASE_QUERY_ROLE: role } = this.settings;
    await client.query(
      [
        'BEGIN TRANSACTION READ ONLY',
        `SET LOCAL statement_timeout = ${ms}`,
        `SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`,
        `SET LOCAL idle_in_transaction_session_timeout = ${ms + GRACE_MS}`,
        'SET LOCAL DateStyle = ISO',
        'SET LOCAL IntervalStyle = iso_8601',
      ].join('; '),
    );
    const unsafe = await client.query(UNSAFE_LOGIN);
    if (unsafe.rowCount !== 0)
      throw new ToolError(
        'The database tool is switched off: its login may do more than read tables. An administrator has to give DATABASE_QUERY_URL another login.',
        'not_authorized',
      );
    await client.query(NOTICE_HANG_UP);
    if (role !== undefined) await client.query(`SET LOCAL ROLE ${pg.escapeIdentifier(role)}`);
    return new ReadOnlySession(client, ms);
  }
}
