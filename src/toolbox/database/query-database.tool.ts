import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { cleanText } from '../../common/index.js';
import { Tool, ToolError, type ToolContext, type ToolResult } from '../../tools/index.js';
import { CALL_TIMEOUT_MS } from '../shared/limits.js';
import { readableTables, TABLES_MAX } from './schema-listing.js';
import { ReadOnlyDatabase } from './read-only-session.js';
import { readRows, type RowsRequest } from './rows-reader.js';

const QUERY_MAX_CHARS = 20_000;
const PARAMETERS_MAX = 100;
const parameters = z.object({
  action: z
    .enum(['query', 'describe'])
    .default('query')
    .describe('query: run a query; describe: list the tables that can be read, with columns, types and keys'),
  query: z
    .string()
    .trim()
    .min(1)
    .max(QUERY_MAX_CHARS)
    .optional()
    .describe('One SQL query of PostgreSQL that reads (action query). Write $1, $2 … for parameters'),
  parameters: z
    .array(z.union([z.string(), z.number(), z.boolean(), z.null()]))
    .max(PARAMETERS_MAX)
    .default([])
    .describe('Values of $1, $2 …'),
  limit: z.int().min(1).max(1000).default(100).describe('Maximum number of rows'),
  table: z.string().trim().min(1).max(200).optional().describe('Only this table (action describe)'),
});
type Arguments = z.output<typeof parameters>;

/** Questions to a PostgreSQL database. */
@Injectable()
export class QueryDatabaseTool {
  constructor(private readonly database: ReadOnlyDatabase) {}

  @Tool({
    name: 'query_database',
    label: 'Query the database',
    description:
      'Asks a PostgreSQL database, which can only be read. Use action describe first to learn its tables. Returns JSON.',
    parameters,
    idempotent: true,
    timeout_ms: CALL_TIMEOUT_MS,
  })
  async queryDatabase(args: Arguments, context: ToolContext): Promise<ToolResult> {
    context.progress('Querying the database');
    return args.action === 'describe' ? this.describe(args, context) : this.query(args, context);
  }

  private async query(args: Arguments, { signal }: ToolContext): Promise<ToolResult> {
    if (args.query === undefined) throw new ToolError('The action query needs a query.', 'invalid_arguments');
    const request: RowsRequest = {
      query: cleanText(args.query),
      values: args.parameters.map((value) => (typeof value === 'string' ? cleanText(value) : value)),
      limit: args.limit,
    };
    const found = await this.database.session(signal, (session) => readRows(session, request));
    const count = found.count === 1 ? '1 row' : `${found.count} rows`;
    return {
      json: { success: true, ...found },
      summary: found.truncated ? `${count}, and there are more` : count,
    };
  }

  private async describe({ table }: Arguments, { signal }: ToolContext): Promise<ToolResult> {
    const found = await this.database.session(signal, (session) => readableTables(session, table));
    if (table !== undefined && found.length === 0)
      throw new ToolError(
        `There is no table "${table}" that can be read. Leave out table to list all.`,
        'table_not_found',
      );
    const tables = found.slice(0, TABLES_MAX);
    return {
      json: { success: true, tables, ...(found.length > TABLES_MAX && { truncated: true }) },
      summary: tables.length === 1 ? '1 table' : `${tables.length} tables`,
    };
  }
}
