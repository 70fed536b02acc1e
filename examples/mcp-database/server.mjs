// Tools for a PostgreSQL database. `node server.mjs` listens, `node server.mjs stdio` speaks over standard input and output.
import { z } from 'zod';
import { serve } from '../serve.mjs';
import { Database } from './database.mjs';

const { DATABASE_URL, STATEMENT_TIMEOUT_MS = '10000' } = process.env;
if (!DATABASE_URL) throw new Error('DATABASE_URL must be set, e.g. postgres://reader:secret@127.0.0.1/shop');
const database = new Database({ url: DATABASE_URL, statementMs: Number(STATEMENT_TIMEOUT_MS) });

const TABLES = `
  SELECT table_schema AS schema, table_name AS name,
         array_agg(column_name || ' ' || data_type ORDER BY ordinal_position) AS columns
  FROM information_schema.columns
  WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
  GROUP BY 1, 2 ORDER BY 1, 2`;

serve({
  name: 'database_tools',
  description: 'Questions to a PostgreSQL database, which can only be read',
  tools: [
    {
      name: 'query_database',
      title: 'Query the database',
      description:
        'Runs one SQL query of PostgreSQL that reads: SELECT, WITH, VALUES or TABLE. Returns rows as JSON.',
      readOnly: true,
      input: z.object({
        query: z.string().min(1).max(20_000).describe('The query. Write $1, $2 … for parameters'),
        parameters: z
          .array(z.union([z.string(), z.number(), z.boolean(), z.null()]))
          .max(100)
          .default([])
          .describe('Values of $1, $2 …'),
        limit: z.int().min(1).max(1000).default(100).describe('Maximum number of rows'),
      }),
      run: (args) => database.query(args),
    },
    {
      name: 'list_tables',
      title: 'List the tables',
      description: 'Lists the tables and views that can be read, with their columns and types.',
      readOnly: true,
      input: z.object({}),
      run: () => database.query({ query: TABLES, parameters: [], limit: 1000 }),
    },
  ],
});
