import { z } from 'zod';

const text = z.string().min(1).max(4000);
/** YAML reads `8080` and `true` as what they look like; a variable is a text. */
const plainValue = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const toolNames = z.array(z.string().min(1).max(128)).max(500);
const limitMs = z.int().min(100).max(86_400_000);

/** One server of the file. Which fields go together is checked by {@link readServersFile}. */
const server = z.strictObject({
  command: text.optional().describe('Program to start; it speaks MCP over its standard input and output'),
  args: z.array(plainValue).max(200).default([]).describe('Its arguments'),
  env: z
    .record(z.string(), plainValue)
    .default({})
    .describe('Its environment, beside HOME, LOGNAME, PATH, SHELL, TERM and USER; nothing else reaches it'),
  cwd: text.optional().describe('Its working directory; default: that of this process'),
  url: text.optional().describe('Address of a server that already runs: MCP over Streamable HTTP'),
  headers: z.record(z.string(), plainValue).default({}).describe('Sent with each request to `url`'),
  protocol: z
    .enum(['mcp', 'simple'])
    .default('mcp')
    .describe('`simple`: `GET url/mcp/discover` and `POST url/mcp/execute` instead of MCP'),
  required: z
    .boolean()
    .default(false)
    .describe('Whether `/health` fails, instead of being degraded, without it'),
  timeout_ms: limitMs.optional().describe('Time limit of one call, ms; default: `TOOL_TIMEOUT_MS`'),
  connect_timeout_ms: limitMs.default(60_000).describe('Time limit for starting and greeting it, ms'),
  max_result_bytes: z
    .int()
    .min(1024)
    .max(67_108_864)
    .default(10_485_760)
    .describe('A larger result is refused; the model is told'),
  parallel: z.boolean().default(true).describe('Whether its tools may run beside other calls of a turn'),
  tools: toolNames.optional().describe('Names of the tools to offer, as the server calls them; default: all'),
  approve: toolNames.default([]).describe('Tools of which a person must approve each call; `"*"`: all'),
  trust: toolNames.default([]).describe('Tools that need no approval whatever the server says; `"*"`: all'),
  idempotent: toolNames
    .default([])
    .describe('Tools that may be called again if the outcome of a call is unknown; `"*"`: all'),
});

/** The file of MCP servers (`MCP_SERVERS_FILE`). */
export const serversFileSchema = z.strictObject({
  servers: z.record(z.string(), server),
});

/** The contents of the file. */
export type ServersFile = z.output<typeof serversFileSchema>;

/** One entry of the file. */
export type ServerEntry = ServersFile['servers'][string];

type Common = Pick<
  ServerEntry,
  | 'required'
  | 'timeout_ms'
  | 'connect_timeout_ms'
  | 'max_result_bytes'
  | 'parallel'
  | 'tools'
  | 'approve'
  | 'trust'
  | 'idempotent'
> & { name: string };

/** A server that this process starts. */
export interface StdioServer extends Common {
  kind: 'stdio';
  command: string;
  args: string[];
  env: Record<string, string>;
  cwd: string | undefined;
}

/** A server that runs elsewhere: MCP over Streamable HTTP, or the simple protocol. */
export interface HttpServer extends Common {
  kind: 'http' | 'simple';
  url: URL;
  headers: Record<string, string>;
}

/** A server with all references replaced: may contain secrets. */
export type ServerConfig = StdioServer | HttpServer;
