import { ProtocolError, SdkHttpError } from '@modelcontextprotocol/client';
import type { Dispatcher } from 'undici';
import type { Log } from '../../platform/logging/index.js';
import type { HttpServer, ServerConfig, StdioServer } from '../servers-schema.js';
import { ChildLog } from './child-log.js';
import { ChildTransport } from './child-transport.js';
import { ConnectionFailure, type Connection, type ConnectionEvents } from './connection.js';
import { HttpTransport } from './http-transport.js';
import { McpConnection, type McpLine } from './mcp-connection.js';
import { serverFetch } from './server-fetch.js';
import { SimpleConnection } from './simple-connection.js';

/** What servers learn about us. */
const CLIENT = { name: 'reprise', version: '1' };

/** What connections need beside the server's configuration. */
export interface ConnectionMeans {
  /** How servers are reached over HTTP. */
  dispatcher: Dispatcher;
  /** Where children's standard error goes. */
  log: Log;
}

/** Opens a connection to a server: starts it if it is a program. @throws ConnectionFailure */
export function openConnection(
  server: ServerConfig,
  events: ConnectionEvents,
  means: ConnectionMeans,
  signal: AbortSignal,
): Promise<Connection> {
  if (server.kind === 'stdio') return openChild(server, events, means, signal);
  const secrets = secretsOf(server);
  if (server.kind === 'simple') {
    const fetch = serverFetch(means.dispatcher, server.max_result_bytes);
    return Promise.resolve(new SimpleConnection(server, fetch, events, secrets));
  }
  const line = (): McpLine => {
    const transport = new HttpTransport(server, means.dispatcher);
    return { ...common(server), transport, secrets, lastWords: () => '' };
  };
  return greet(line, events, signal);
}

function openChild(
  server: StdioServer,
  events: ConnectionEvents,
  { log }: ConnectionMeans,
  signal: AbortSignal,
): Promise<Connection> {
  const secrets = Object.values(server.env);
  const line = (): McpLine => {
    const words = new ChildLog(log, server.name, secrets);
    const transport = new ChildTransport(server, words);
    return { ...common(server), transport, secrets, lastWords: () => words.lastWords };
  };
  return greet(line, events, signal);
}

/**
 * In the version of the protocol that nearly all servers speak; a server that refuses it is asked which one it speaks.
 * Not at once, because for a program that takes a second process.
 */
async function greet(
  line: () => McpLine,
  events: ConnectionEvents,
  signal: AbortSignal,
): Promise<Connection> {
  try {
    return await McpConnection.open(line(), events, signal);
  } catch (error) {
    if (!isVersionRefusal(error)) throw error;
    return McpConnection.open({ ...line(), negotiates: true }, events, signal);
  }
}

/** The server has answered the greeting, but with an error. */
function isVersionRefusal(error: unknown): boolean {
  if (!(error instanceof ConnectionFailure)) return false;
  const { cause } = error;
  return cause instanceof ProtocolError || (cause instanceof SdkHttpError && cause.status === 400);
}

function common({ connect_timeout_ms, max_result_bytes }: ServerConfig) {
  return { client: CLIENT, connectMs: connect_timeout_ms, maxResultBytes: max_result_bytes };
}

/** Values of headers, with and without their scheme. */
function secretsOf({ headers }: HttpServer): string[] {
  return Object.values(headers).flatMap((value) => [value, value.replace(/^\S+\s+/, '')]);
}
