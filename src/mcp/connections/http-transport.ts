import {
  isJSONRPCErrorResponse,
  isJSONRPCNotification,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  StreamableHTTPClientTransport,
  type JSONRPCMessage,
  type RequestId,
} from '@modelcontextprotocol/client';
import type { Dispatcher } from 'undici';
import type { HttpServer } from '../servers-schema.js';
import { idOfCall, serverFetch } from './server-fetch.js';

type SendOptions = NonNullable<Parameters<StreamableHTTPClientTransport['send']>[1]>;

/** Our codes in errors with which a call ends that the server did not end. */
export const STREAM_ENDED = -32_099;
export const RESULT_TOO_LARGE = -32_098;

/** Time limit for the goodbye, ms. */
const GOODBYE_MS = 1000;

/**
 * Streamable HTTP. Two things the SDK leaves to its callers: a call whose stream broke for good ends at once instead of
 * waiting for its whole time, and the request of a cancelled call is closed.
 */
export class HttpTransport extends StreamableHTTPClientTransport {
  private readonly open = new Map<RequestId, AbortController>();

  constructor({ url, headers, max_result_bytes }: HttpServer, dispatcher: Dispatcher) {
    const fetch = serverFetch(dispatcher, max_result_bytes, (body) => {
      this.overflow(body);
    });
    super(url, { requestInit: { headers }, fetch });
    // The client puts its own handler behind this one.
    this.onmessage = (message) => {
      if (isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message))
        this.open.delete(message.id ?? '');
    };
  }

  override async send(message: JSONRPCMessage | JSONRPCMessage[], options: SendOptions = {}): Promise<void> {
    if (Array.isArray(message)) return super.send(message, options);
    if (isJSONRPCRequest(message)) return this.sendRequest(message, options);
    await super.send(message, options);
    if (isJSONRPCNotification(message) && message.method === 'notifications/cancelled')
      this.drop(message.params?.['requestId']);
  }

  private async sendRequest(
    message: JSONRPCMessage & { id: RequestId },
    options: SendOptions,
  ): Promise<void> {
    const { id } = message;
    const end = new AbortController();
    this.open.set(id, end);
    options.requestSignal?.addEventListener('abort', () => this.open.delete(id), { once: true });
    const signals = [end.signal, ...(options.requestSignal ? [options.requestSignal] : [])];
    const onRequestStreamEnd = (): void => {
      options.onRequestStreamEnd?.();
      this.fail(id, STREAM_ENDED, 'The stream ended without an answer.');
    };
    try {
      await super.send(message, {
        ...options,
        headers: { ...options.headers, ...traceHeader(message) },
        requestSignal: AbortSignal.any(signals),
        onRequestStreamEnd,
      });
    } catch (error) {
      this.open.delete(id);
      throw error;
    }
  }

  /** An answer is above the limit. It would be again, however often its stream is taken up. */
  private overflow(body: unknown): void {
    const id = idOfCall(body) as RequestId | undefined;
    if (id === undefined) return;
    const end = this.open.get(id);
    this.fail(id, RESULT_TOO_LARGE, 'The result is too large.');
    end?.abort();
  }

  /** Ends a call that nobody has answered. */
  private fail(id: RequestId, code: number, message: string): void {
    if (this.open.delete(id)) this.onmessage?.({ jsonrpc: '2.0', id, error: { code, message } });
  }

  /** The call has ended, whatever the server still does about it. */
  private drop(id: unknown): void {
    this.open.get(id as RequestId)?.abort();
    this.open.delete(id as RequestId);
  }

  /** Tells the server that the session has ended. Bounded; never throws. */
  async goodbye(): Promise<void> {
    const late = new Promise<void>((resolve) => setTimeout(resolve, GOODBYE_MS).unref());
    await Promise.race([this.terminateSession().catch(() => undefined), late]);
  }
}

/** The place of a call in a trace also as a header, for what stands between us and the server. */
function traceHeader(message: JSONRPCMessage): { traceparent?: string } {
  if (!isJSONRPCRequest(message)) return {};
  const traceparent: unknown = message.params?._meta?.['traceparent'];
  return typeof traceparent === 'string' ? { traceparent } : {};
}
