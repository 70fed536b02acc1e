// A server of the official SDK that speaks only the newest version of the protocol, over either transport.
import { createServer } from 'node:http';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';

const legacy = 'reject';

function make() {
  const server = new McpServer({ name: 'modern', version: '1.0.0' });
  const describe = (title) => ({
    title,
    description: title,
    inputSchema: z.object({ text: z.string().default('') }),
    annotations: { readOnlyHint: true },
  });
  server.registerTool('echo', describe('Echo'), ({ text }) => ({ content: [{ type: 'text', text }] }));
  server.registerTool('hang', describe('Hang'), () => new Promise(() => undefined));
  return server;
}

if (process.argv[2] === 'stdio') serveStdio(make, { legacy });
else
  createServer(toNodeHandler(createMcpHandler(make, { legacy }))).listen(
    Number(process.env.PORT),
    '127.0.0.1',
  );
