import pg, { type FieldDef } from 'pg';
import { clipWithMark, isTooDeep, jsonFault, parseJson } from '../../common/index.js';
import { foreignLine, foreignText } from '../shared/foreign-text.js';
import type { ReadOnlySession } from './read-only-session.js';

/** A column as the model sees it. */
export interface Column {
  name: string;
  /** As PostgreSQL calls it: `integer`, `timestamp with time zone`. */
  type: string;
}

const NAME_MAX_CHARS = 200;
const VALUE_MAX_CHARS = 20_000;
const { builtins } = pg.types;

type Read = (value: string) => unknown;

/** As a number where JSON can hold it exactly, else as written. */
const number: Read = (value) => {
  const read = Number(value);
  return Number.isInteger(read)
    ? Number.isSafeInteger(read)
      ? read
      : value
    : Number.isFinite(read)
      ? read
      : value;
};
const json: Read = (value) => {
  if (value.length > VALUE_MAX_CHARS) return text(value);
  const read = parseJson(value);
  const deep = jsonFault(read, (member) => (isTooDeep(member) ? 'too deep' : undefined));
  return read === undefined || deep !== undefined ? text(value) : read;
};
const text: Read = (value) => clipWithMark(foreignText(value), VALUE_MAX_CHARS);
/** The driver's own readers; its enum of types names no lists. */
const parserOf = pg.types.getTypeParser as (oid: number) => Read;

/** Lists of simple values. */
const listOf = (oid: number): Read => {
  const parse = parserOf(oid);
  return (value) => (value.length > VALUE_MAX_CHARS ? text(value) : parse(value));
};

/** What is no text in JSON. `numeric` and dates stay as written: their text is exact. */
const READERS: ReadonlyMap<number, Read> = new Map<number, Read>([
  [builtins.BOOL, (value) => value === 't'],
  [builtins.INT2, number],
  [builtins.INT4, number],
  [builtins.INT8, number],
  [builtins.OID, number],
  [builtins.FLOAT4, number],
  [builtins.FLOAT8, number],
  [builtins.JSON, json],
  [builtins.JSONB, json],
  // bool[], int2[], int4[], float4[], float8[], text[], varchar[]
  ...[1000, 1005, 1007, 1021, 1022, 1009, 1015].map((oid) => [oid, listOf(oid)] as const),
]);

/** Names and types of columns; names that occur twice get a number. */
export async function columnsOf(fields: readonly FieldDef[], session: ReadOnlySession): Promise<Column[]> {
  const { rows } = await session.run(
    `SELECT pg_catalog.format_type(o.oid, m.mod)
     FROM pg_catalog.unnest($1::oid[]) WITH ORDINALITY o(oid, nr)
     JOIN pg_catalog.unnest($2::int[]) WITH ORDINALITY m(mod, nr) USING (nr) ORDER BY nr`,
    [fields.map(({ dataTypeID }) => dataTypeID), fields.map(({ dataTypeModifier }) => dataTypeModifier)],
  );
  const seen = new Map<string, number>();
  return fields.map(({ name }, index) => {
    const shown = foreignLine(name, NAME_MAX_CHARS);
    const times = (seen.get(shown) ?? 0) + 1;
    seen.set(shown, times);
    return { name: times === 1 ? shown : `${shown}_${times}`, type: String(rows[index]?.[0]) };
  });
}

/** A row as an object. */
export function typedRow(
  values: readonly unknown[],
  fields: readonly FieldDef[],
  columns: readonly Column[],
): Record<string, unknown> {
  return Object.fromEntries(
    columns.map(({ name }, index) => {
      const value = values[index];
      const read = READERS.get(fields[index]?.dataTypeID ?? 0) ?? text;
      return [name, typeof value === 'string' ? read(value) : null];
    }),
  );
}
