import { z } from 'zod';
import { parseJson } from '../../common/index.js';
import { foreignLine } from '../shared/foreign-text.js';
import type { ReadOnlySession } from './read-only-session.js';

export const TABLES_MAX = 100;
const COMMENT_MAX_CHARS = 300;
const NAME_MAX_CHARS = 300;

/** What the role of the session may read, as JSON: tables with columns, keys and comments. */
const LISTING = `
  SELECT pg_catalog.json_build_object(
    'table', n.nspname || '.' || c.relname,
    'kind', CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'table' END,
    'comment', pg_catalog.obj_description(c.oid, 'pg_class'),
    'columns', (
      SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
        'name', a.attname, 'type', pg_catalog.format_type(a.atttypid, a.atttypmod), 'nullable', NOT a.attnotnull,
        'comment', pg_catalog.col_description(c.oid, a.attnum)) ORDER BY a.attnum)
      FROM pg_catalog.pg_attribute a
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        AND pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT')),
    'keys', (
      SELECT pg_catalog.json_agg(pg_catalog.pg_get_constraintdef(k.oid) ORDER BY k.contype DESC, k.conname)
      FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.oid AND k.contype IN ('p', 'f', 'u')))
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
    AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
    AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_any_column_privilege(c.oid, 'SELECT')
    AND ($1::text IS NULL OR c.relname = $1 OR n.nspname || '.' || c.relname = $1)
  ORDER BY n.nspname, c.relname LIMIT ${TABLES_MAX + 1}`;

const line = (max: number) => z.string().transform((value) => foreignLine(value, max));
const comment = line(COMMENT_MAX_CHARS).nullish();
const tableSchema = z.object({
  table: line(NAME_MAX_CHARS),
  kind: z.string(),
  comment,
  columns: z.array(
    z.object({ name: line(NAME_MAX_CHARS), type: line(NAME_MAX_CHARS), nullable: z.boolean(), comment }),
  ),
  keys: z.array(line(COMMENT_MAX_CHARS)).nullish(),
});

/** A table or view that may be read. */
export interface TableInfo {
  table: string;
  kind: string;
  comment?: string;
  columns: { name: string; type: string; nullable: boolean; comment?: string }[];
  keys?: string[];
}

/**
 * What may be read.
 * @param table only this one, with or without its schema.
 * @returns one more than {@link TABLES_MAX} if there are more.
 */
export async function readableTables(session: ReadOnlySession, table?: string): Promise<TableInfo[]> {
  const { rows } = await session.run(LISTING, [table ?? null]);
  return rows.map(([text]) => {
    const { comment: about, keys, columns, ...rest } = tableSchema.parse(parseJson(String(text)));
    return {
      ...rest,
      ...(about && { comment: about }),
      columns: columns.map(({ comment: of, ...column }) => ({ ...column, ...(of && { comment: of }) })),
      ...(keys && { keys }),
    };
  });
}
