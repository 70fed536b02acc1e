import { z } from 'zod';
import { clip, isJsonObject, parseJson, redactSecrets } from '../../common/index.js';
import type { HttpServer } from '../servers-schema.js';
import {
  Connection,
  ConnectionFailure,
  type ConnectionEvents,
  type ListedTools,
  type RemoteCall,
  type RemoteResult,
  type RemoteTool,
} from './connection.js';
import { describe, keepSound } from './listed-tools.js';
import type { FetchLike } from './server-fetch.js';

const LIST_MS = 30_000;
const REASON_MAX_CHARS = 300;
const TOOLS_MAX = 500;

const discoverySchema = z.looseObject({ tools: z.array(z.unknown()) });
const toolSchema = z.looseObject({
  name: z.string().min(1).max(1000),
  description: z.string().optional(),
  input_schema: z.looseObject({ type: z.literal('object') }).optional(),
  requires_confirmation: z.boolean().optional(),
});
const answerSchema = z.looseObject({
  successful: z.boolean(),
  error: z.unknown().optional(),
  data: z.looseObject({ results: z.array(z.looseObject({ response: z.unknown().optional() })) }).optional(),
});

/** The simple HTTP protocol: `GET /mcp/discover`, `POST /mcp/execute`. There is no session: each request is by itself. */
export class SimpleConnection extends Connection {
  override readonly lost: Promise<ConnectionFailure>;
  private readonly end = new AbortController();
  private retire: (failure: ConnectionFailure) => void = () => undefined;
  private listed = '';

  /** @param secrets never appear in a message. */
  constructor(
    private readonly server: HttpServer,
    private readonly fetch: FetchLike,
    private readonly events: ConnectionEvents,
    private readonly secrets: readonly string[],
  ) {
    super();
    this.lost = new Promise((resolve) => (this.retire = resolve));
  }

  override async list(): Promise<ListedTools> {
    const text = await this.discover();
    this.listed = text;
    const read = discoverySchema.safeParse(parseJson(text));
    if (!read.success)
      throw new ConnectionFailure('refused', 'its answer to /mcp/discover is not a list of tools');
    const tools: RemoteTool[] = [];
    const faults: string[] = [];
    for (const one of read.data.tools.slice(0, TOOLS_MAX)) {
      const tool = toolSchema.safeParse(one);
      if (tool.success) tools.push(toTool(tool.data));
      else faults.push('A tool is not described as the protocol requires.');
    }
    return keepSound(tools, faults);
  }

  override async call(tool: string, args: Record<string, unknown>, call: RemoteCall): Promise<RemoteResult> {
    const body = JSON.stringify({ request_id: call.id, tools: [{ tool_slug: tool, arguments: args }] });
    const text = await this.send('execute', call.signal, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        ...(call.traceparent !== undefined && { traceparent: call.traceparent }),
      },
    });
    const read = answerSchema.safeParse(parseJson(text));
    if (!read.success) throw new ConnectionFailure('refused', 'its answer is not one of this protocol');
    const { successful, error, data } = read.data;
    if (!successful) return { blocks: [block(error ?? 'The tool failed.')], isError: true };
    const response = data?.results[0]?.response;
    return typeof response === 'string' || response === undefined
      ? { blocks: response === undefined ? [] : [block(response)], isError: false }
      : { blocks: [], structured: response, isError: false };
  }

  /** The protocol announces no changes: the list is read again. */
  override async check(): Promise<boolean> {
    try {
      if ((await this.discover()) !== this.listed) this.events.toolsChanged();
      return true;
    } catch (error) {
      if (error instanceof ConnectionFailure) this.retire(error);
      return false;
    }
  }

  override release(): void {
    // each call is a connection by itself
  }

  override close(): Promise<void> {
    const failure = new ConnectionFailure('lost', 'the connection was closed');
    this.end.abort(failure);
    this.retire(failure);
    return Promise.resolve();
  }

  private discover(): Promise<string> {
    return this.send('discover', AbortSignal.timeout(LIST_MS), { method: 'GET' });
  }

  /** @returns the body of a good answer. @throws ConnectionFailure; the signal's reason when aborted. */
  private async send(what: 'discover' | 'execute', signal: AbortSignal, init: RequestInit): Promise<string> {
    const { url, headers } = this.server;
    const target = new URL(`${url.pathname.replace(/\/$/, '')}/mcp/${what}${url.search}`, url);
    const request: RequestInit = {
      ...init,
      headers: { accept: 'application/json', ...headers, ...(init.headers as Record<string, string>) },
      redirect: 'manual', // the headers are for this server alone
      signal: AbortSignal.any([signal, this.end.signal]),
    };
    try {
      const response = await this.fetch(target, request);
      const text = await response.text();
      if (response.ok) return text;
      throw new ConnectionFailure('refused', `it answered HTTP ${response.status}${this.about(text)}`);
    } catch (error) {
      throw this.failureOf(error, signal);
    }
  }

  private failureOf(error: unknown, signal: AbortSignal): unknown {
    if (this.end.signal.aborted) return this.end.signal.reason;
    if (signal.aborted)
      return isTimeout(signal.reason)
        ? new ConnectionFailure('refused', 'it did not answer in time')
        : signal.reason;
    const failure =
      error instanceof ConnectionFailure
        ? error
        : new ConnectionFailure('lost', 'the connection broke', { cause: error });
    if (failure.kind === 'not_sent') this.retire(failure);
    return failure;
  }

  /** What the server says about a failure, as frameworks put it into JSON. */
  private about(text: string): string {
    const value = parseJson(text);
    const { detail, error, message } = isJsonObject(value) ? value : {};
    const said = [detail, error, message].find((one): one is string => typeof one === 'string');
    if (said === undefined) return '';
    return `: ${clip(redactSecrets(said.replace(/\s+/g, ' '), this.secrets), REASON_MAX_CHARS)}`;
  }
}

function toTool({
  name,
  description,
  input_schema,
  requires_confirmation,
}: z.output<typeof toolSchema>): RemoteTool {
  return {
    name,
    description: describe(name, description),
    parameters: input_schema ?? { type: 'object', properties: {} },
    hints: { confirmation: requires_confirmation ?? false },
  };
}

function block(value: unknown): { type: 'text'; text: string } {
  return { type: 'text', text: typeof value === 'string' ? value : JSON.stringify(value) };
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === 'TimeoutError';
}
