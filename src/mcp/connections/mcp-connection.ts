import { Client, SdkError, SdkErrorCode, type ClientOptions } from '@modelcontextprotocol/client';
import { z } from 'zod';
import {
  Connection,
  ConnectionFailure,
  type ConnectionEvents,
  type ListedTools,
  type RemoteCall,
  type RemoteResult,
} from './connection.js';
import { readTools } from './listed-tools.js';
import type { HttpTransport } from './http-transport.js';
import { SdkFailures } from './sdk-failures.js';
import type { ChildTransport } from './child-transport.js';
import { isLarger, tooLarge } from './limited-body.js';

/** Above what any call takes: the call's own signal is the limit. */
const NO_LIMIT_MS = 2_147_483_647;
const LIST_MS = 30_000;
const CHECK_MS = 10_000;
/** A server may be busy once. */
const SILENT_CHECKS = 2;
const PAGES_MAX = 64;
/** What the SDK says when a message is above the buffer's size. */
const OVERFLOW = /exceeded maximum size/;
/** What it says when a stream of an HTTP server cannot be opened again. */
const GIVEN_UP = /Maximum reconnection attempts/;

const pageSchema = z.looseObject({ tools: z.array(z.unknown()), nextCursor: z.string().optional() });
const resultSchema = z.looseObject({
  content: z.array(z.looseObject({ type: z.string() })).default([]),
  structuredContent: z.unknown().optional(),
  isError: z.boolean().default(false),
});

/** What a connection is made of. */
export interface McpLine {
  transport: ChildTransport | HttpTransport;
  /** Name and version of this application. */
  client: { name: string; version: string };
  /** Whether the version of the protocol is asked for first. */
  negotiates?: boolean;
  connectMs: number;
  maxResultBytes: number;
  /** Never appear in a message. */
  secrets: readonly string[];
  /** What else is known about its end, e.g. what a child wrote last. */
  lastWords: () => string;
}

/** A session with an MCP server, over standard input and output or over HTTP. */
export class McpConnection extends Connection {
  override readonly lost: Promise<ConnectionFailure>;
  /** Aborted when nothing more comes from the server: ends the calls, too. */
  private readonly end = new AbortController();
  private resolveLost: (failure: ConnectionFailure) => void = () => undefined;
  private isRetired = false;
  private readonly failures: SdkFailures;
  private inFlight = 0;
  private isReleased = false;
  private silentChecks = 0;

  private constructor(
    private readonly client: Client,
    private readonly line: McpLine,
    events: ConnectionEvents,
  ) {
    super();
    const { transport } = line;
    const hasSession = (): boolean => 'goodbye' in transport && transport.sessionId !== undefined;
    this.failures = new SdkFailures({ ...line, hasSession, ended: this.end.signal });
    this.lost = new Promise((resolve) => (this.resolveLost = resolve));
    client.onclose = () => {
      this.lose('lost', this.failures.because('the connection was closed'));
    };
    client.onerror = (error) => {
      this.noticed(error);
    };
    client.setNotificationHandler('notifications/tools/list_changed', () => {
      events.toolsChanged();
    });
  }

  /** Starts and greets the server. @throws ConnectionFailure */
  static async open(line: McpLine, events: ConnectionEvents, signal: AbortSignal): Promise<McpConnection> {
    const client = new Client(line.client, clientOptions(line, events));
    const connection = new McpConnection(client, line, events);
    try {
      await client.connect(line.transport, { timeout: line.connectMs, signal });
      return connection;
    } catch (error) {
      const failure = connection.failureOf(error, 'it could not be started');
      await connection.close();
      throw failure;
    }
  }

  override async list(): Promise<ListedTools> {
    const found: unknown[] = [];
    const seen = new Set<string>();
    for (let cursor: string | undefined, page = 0; page < PAGES_MAX; page++) {
      const params = cursor === undefined ? {} : { cursor };
      const { tools, nextCursor } = await this.ask({ method: 'tools/list', params }, pageSchema, LIST_MS);
      found.push(...tools);
      if (nextCursor === undefined || seen.has(nextCursor)) break;
      seen.add((cursor = nextCursor));
    }
    return readTools(found);
  }

  override async call(tool: string, args: Record<string, unknown>, call: RemoteCall): Promise<RemoteResult> {
    const { signal, traceparent } = call;
    // Where the conventions of OpenTelemetry put it, whatever the transport.
    const trace = traceparent === undefined ? {} : { _meta: { traceparent } };
    const onprogress = (progress: Progress): void => {
      call.progress(showProgress(progress));
    };
    this.inFlight++;
    try {
      const asked = this.client.request(
        { method: 'tools/call', params: { name: tool, arguments: args, ...trace } },
        resultSchema,
        { signal, timeout: NO_LIMIT_MS, onprogress },
      );
      const result = await Promise.race([asked, rejectOnAbort(this.end.signal, asked)]);
      // What comes from a child has only the limit of the line.
      if (isLarger(result, this.line.maxResultBytes)) throw tooLarge(this.line.maxResultBytes);
      return { blocks: result.content, structured: result.structuredContent, isError: result.isError };
    } catch (error) {
      signal.throwIfAborted();
      throw this.failureOf(error, 'the call failed');
    } finally {
      this.inFlight--;
      if (this.isReleased) this.release();
    }
  }

  override async check(): Promise<boolean> {
    // That a child has ended is noticed, and one that is busy need not answer.
    if (!('goodbye' in this.line.transport)) return !this.end.signal.aborted;
    try {
      await this.client.ping({ timeout: CHECK_MS });
      this.silentChecks = 0;
    } catch (error) {
      const failure = this.failureOf(error, 'it does not answer');
      const isSilent = error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout;
      if (isSilent && ++this.silentChecks >= SILENT_CHECKS) this.retire(failure);
    }
    return !this.isRetired;
  }

  override release(): void {
    this.isReleased = true;
    if (this.inFlight === 0) void this.close().catch(() => undefined);
  }

  override async close(): Promise<void> {
    const { transport } = this.line;
    if ('goodbye' in transport) await transport.goodbye();
    this.lose('lost', 'the connection was closed');
    await transport.close();
  }

  private async ask<S extends z.ZodType>(
    request: { method: string; params: Record<string, unknown> },
    schema: S,
    timeout: number,
  ): Promise<z.output<S>> {
    try {
      const options = { timeout, signal: this.end.signal };
      return (await this.client.request(request, schema, options)) as z.output<S>;
    } catch (error) {
      throw this.failureOf(error, 'its list of tools could not be read');
    }
  }

  /** Errors that belong to no call. */
  private noticed(error: Error): void {
    if (OVERFLOW.test(error.message)) {
      const { kind, message } = tooLarge(this.line.maxResultBytes);
      // With several calls nobody knows whose result it was.
      this.lose(this.inFlight > 1 ? 'lost' : kind, message);
    }
    // Calls in other streams go on.
    if (GIVEN_UP.test(error.message))
      this.retire(new ConnectionFailure('lost', this.failures.because('its stream broke')));
  }

  private retire(failure: ConnectionFailure): void {
    this.isRetired = true;
    this.resolveLost(failure);
  }

  private lose(kind: ConnectionFailure['kind'], message: string): void {
    if (this.end.signal.aborted) return;
    const failure = new ConnectionFailure(kind, message);
    this.end.abort(failure);
    this.retire(failure);
  }

  /** @param what happened, if nothing better is known. */
  private failureOf(error: unknown, what: string): ConnectionFailure {
    const failure = this.failures.read(error, what);
    if (failure.kind === 'session_lost' || failure.kind === 'not_sent') this.retire(failure);
    return failure;
  }
}

/** The newer version announces changes of lists only to clients that ask for them. */
function clientOptions({ negotiates = false }: McpLine, events: ConnectionEvents): ClientOptions {
  if (!negotiates) return { capabilities: {} };
  const onChanged = (): void => {
    events.toolsChanged();
  };
  const listChanged = { tools: { autoRefresh: false, onChanged } };
  return { capabilities: {}, versionNegotiation: { mode: 'auto' }, listChanged };
}

interface Progress {
  progress: number;
  total?: number | undefined;
  message?: string | undefined;
}

function showProgress({ progress, total, message }: Progress): string {
  const figures = total === undefined ? String(progress) : `${progress} of ${total}`;
  return message === undefined || message.trim() === '' ? figures : `${message.trim()} (${figures})`;
}

/** Rejects with the reason; the work's own rejection is then nobody's. */
function rejectOnAbort(signal: AbortSignal, work: Promise<unknown>): Promise<never> {
  return new Promise((_resolve, reject) => {
    const abort = (): void => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work
      .catch(() => undefined)
      .finally(() => {
        signal.removeEventListener('abort', abort);
      });
  });
}
