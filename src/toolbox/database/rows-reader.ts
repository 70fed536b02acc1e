import type { ReadOnlySession } from './read-only-session.js';
import { columnsOf, typedRow, type Column } from './typed-rows.js';

/** A query of a model. */
export interface RowsRequest {
  query: string;
  /** Values of `$1`, `$2` … */
  values: unknown[];
  /** Rows at most. */
  limit: number;
}

/** Rows of a query. */
export interface FoundRows {
  columns: Column[];
  rows: Record<string, unknown>[];
  count: number;
  /** There are more rows than the limits allow. */
  truncated?: true;
}

const BATCH_ROWS = 20;
/** Characters of all rows as JSON. */
const ROWS_MAX_CHARS = 150_000;
const CURSOR = 'reprise_rows';

/**
 * Reads rows through a cursor, so that the database never computes or sends many more than are wanted. Only a query
 * that reads can follow `DECLARE … CURSOR FOR`: the grammar of the database decides that, not a list of words.
 */
export async function readRows(session: ReadOnlySession, request: RowsRequest): Promise<FoundRows> {
  await session.run(`DECLARE ${CURSOR} NO SCROLL CURSOR FOR ${request.query}`, request.values);
  const rows: Record<string, unknown>[] = [];
  let columns: Column[] | undefined;
  let chars = 0;
  for (;;) {
    const wanted = Math.min(BATCH_ROWS, request.limit + 1 - rows.length);
    const batch = await session.run(`FETCH FORWARD ${wanted} FROM ${CURSOR}`);
    columns ??= await columnsOf(batch.fields, session);
    for (const values of batch.rows) {
      const row = typedRow(values, batch.fields, columns);
      chars += JSON.stringify(row).length;
      if (rows.length === request.limit || chars > ROWS_MAX_CHARS)
        return { columns, rows, count: rows.length, truncated: true };
      rows.push(row);
    }
    if (batch.rows.length < wanted) return { columns, rows, count: rows.length };
  }
}
