import {
  ClientFactory,
  DefaultAgentCardResolver,
  JsonRpcTransportFactory,
  type Client,
} from '@a2a-js/sdk/client';
import { Role, type SendMessageRequest, type StreamResponse } from '@a2a-js/sdk';
import { fetch as send, type RequestInit as SendInit } from 'undici';
import { pause } from '../../common/index.js';
import {
  ChatModel,
  hasImages,
  leftOut,
  ModelError,
  type ModelDelta,
  type ModelRequest,
} from '../../models/index.js';
import type { RemoteAgent } from '../catalogue/definition.js';
import { A2aAnswer } from './a2a-answer.js';
import { incomplete, refused, unavailable } from './remote-errors.js';
import type { RemoteRun, RemoteTarget } from './remote-model.js';
import { isContinuation, remoteQuestion } from './remote-question.js';

const RESUMES_MAX = 3;
const RESUME_PAUSE_MS = 500;
const CANCEL_LIMIT_MS = 5000;

/** What a request of this agent needs. */
interface Connection {
  client: Client;
  answer: A2aAnswer;
  signal: AbortSignal;
  alive: () => void;
}

/**
 * An agent elsewhere that speaks A2A 1.0, as a model of the loop: its artifacts are the answer, its status is shown.
 * It is asked once; a stream that breaks is subscribed to again. It keeps the conversation itself, by the chat's id.
 */
export class A2aModel extends ChatModel {
  override readonly name: string;
  /** Status of the last response that was not 2xx. */
  private status: number | undefined;

  constructor(
    spec: RemoteAgent,
    private readonly target: RemoteTarget,
    private readonly run: RemoteRun,
  ) {
    super();
    this.name = `remote:${spec.name}`;
  }

  override get server(): string {
    return new URL(this.target.url).host;
  }

  override async *stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelDelta> {
    if (isContinuation(request.messages)) throw incomplete(this.server);
    if (hasImages(request)) yield leftOut('images');
    const answer = new A2aAnswer();
    const silence = new AbortController();
    const timer = setTimeout(() => {
      silence.abort(new Error('silence'));
    }, this.target.timeoutMs);
    const alive = (): void => {
      timer.refresh();
    };
    const both = AbortSignal.any([signal, silence.signal]);
    try {
      const client = await this.connect(both, request.traceparent);
      const connection = { client, answer, signal: both, alive };
      yield* this.whole(connection, remoteQuestion(request).message);
    } catch (error) {
      signal.throwIfAborted();
      throw this.named(error, answer, silence.signal.aborted);
    } finally {
      clearTimeout(timer);
    }
    yield { type: 'finish', reason: 'stop' };
  }

  override check(): Promise<{ ok: boolean; detail: string }> {
    return Promise.resolve({ ok: true, detail: `${this.name} at ${this.server}` });
  }

  /** The answer to its end, over as many streams as it takes. */
  private async *whole(connection: Connection, question: string): AsyncGenerator<ModelDelta> {
    const { answer, signal } = connection;
    let broken: Error | undefined;
    try {
      for (let resumes = 0; ; resumes++) {
        try {
          yield* this.read(connection, resumes === 0 ? question : undefined);
        } catch (error) {
          signal.throwIfAborted();
          if (error instanceof ModelError || answer.taskId === undefined) throw error;
          broken = error instanceof Error ? error : undefined;
        }
        if (answer.hasEnded) return;
        if (answer.taskId === undefined || resumes >= RESUMES_MAX) throw broken ?? incomplete(this.server);
        await pause(RESUME_PAUSE_MS);
        signal.throwIfAborted();
      }
    } finally {
      if (signal.aborted && !answer.hasEnded) void this.stop(connection);
    }
  }

  /** One stream: of a question, or of the task that it began. */
  private async *read(
    { client, answer, signal, alive }: Connection,
    question?: string,
  ): AsyncGenerator<ModelDelta> {
    try {
      for await (const event of this.events({ client, answer, signal, alive }, question)) {
        alive();
        yield* answer.read(event);
        if (answer.hasEnded) return;
      }
    } catch (error) {
      if (question !== undefined || !isOver(error) || answer.taskId === undefined) throw error;
      // Nobody can subscribe to a task that has ended.
      const value = await client.getTask({ tenant: '', id: answer.taskId }, { signal });
      yield* answer.read({ payload: { $case: 'task', value } });
    }
  }

  private events(
    { client, answer, signal }: Connection,
    question: string | undefined,
  ): AsyncGenerator<StreamResponse, void, undefined> {
    if (question === undefined)
      return client.resubscribeTask({ tenant: '', id: answer.taskId ?? '' }, { signal });
    return client.sendMessageStream(this.request(question), { signal });
  }

  private request(text: string): SendMessageRequest {
    const { session_id, message_id, tenant_id, project_id } = this.run;
    const part = {
      content: { $case: 'text' as const, value: text },
      metadata: undefined,
      filename: '',
      mediaType: '',
    };
    const message = {
      messageId: message_id,
      contextId: session_id,
      taskId: '',
      role: Role.ROLE_USER,
      parts: [part],
      metadata: { tenant_id, project_id },
      extensions: [],
      referenceTaskIds: [],
    };
    return { tenant: '', message, configuration: undefined, metadata: undefined };
  }

  /** Reads the agent's card. @throws ModelError if it sends its callers, and their secrets, to another server. */
  private async connect(signal: AbortSignal, traceparent: string | undefined): Promise<Client> {
    const fetchImpl = this.fetching(signal, traceparent);
    const resolver = new DefaultAgentCardResolver({ fetchImpl });
    const { url } = this.target;
    const isCard = new URL(url).pathname.endsWith('.json');
    const card = await (isCard ? resolver.resolve(url, '') : resolver.resolve(url));
    const origin = new URL(url).origin;
    const supportedInterfaces = card.supportedInterfaces.filter(
      (one) => URL.parse(one.url)?.origin === origin,
    );
    if (supportedInterfaces.length === 0) {
      const why = `The card of the remote agent (${this.server}) names no address there.`;
      throw new ModelError('remote_rejected', why, { retryable: false });
    }
    const factory = new ClientFactory({ transports: [new JsonRpcTransportFactory({ fetchImpl })] });
    return factory.createFromAgentCard({ ...card, supportedInterfaces });
  }

  private fetching(given: AbortSignal, traceparent: string | undefined): typeof fetch {
    const fetching = async (input: string | URL | Request, init: RequestInit = {}): Promise<unknown> => {
      const headers = {
        ...Object.fromEntries(new Headers(init.headers).entries()),
        ...this.target.headers,
        ...(traceparent !== undefined && { traceparent }),
      };
      const { method = 'GET', body = null } = init;
      const signal = init.signal ?? given;
      const options: SendInit = {
        signal,
        method,
        body: body as SendInit['body'] & {},
        headers,
        redirect: 'error',
      };
      const response = await send(addressOf(input), options);
      this.status = response.ok ? undefined : response.status;
      return response;
    };
    // Node's fetch is this one, by types of its own.
    return fetching as typeof fetch;
  }

  /** Nobody reads the answer any more: the agent need not go on. */
  private async stop({ client, answer }: Connection): Promise<void> {
    const signal = AbortSignal.timeout(CANCEL_LIMIT_MS);
    if (answer.taskId === undefined) return;
    const cancel = { tenant: '', id: answer.taskId, metadata: undefined };
    await client.cancelTask(cancel, { signal }).catch(() => undefined);
  }

  private named(error: unknown, { hasBegun }: A2aAnswer, isSilent: boolean): ModelError {
    if (error instanceof ModelError) return error;
    if (hasBegun) return incomplete(this.server);
    if (isSilent) return unavailable(this.server, 'did not answer in time', error);
    if (this.status !== undefined) return refused(this.server, this.status);
    const reason = reasonOf(error);
    if (reason === undefined) return unavailable(this.server, 'could not be reached', error);
    const why = `The remote agent (${this.server}) refused the request: ${reason}.`;
    return new ModelError('remote_rejected', why, { retryable: false, cause: error });
  }
}

const addressOf = (input: string | URL | Request): string =>
  typeof input === 'string' || input instanceof URL ? String(input) : input.url;

/** The protocol's word for an error; `undefined`: it is none of the protocol. */
function reasonOf(error: unknown): string | undefined {
  const { reason } = (error ?? {}) as { reason?: unknown };
  return typeof reason === 'string' && /^[A-Z][A-Z_]{0,63}$/.test(reason) ? reason : undefined;
}

const isOver = (error: unknown): boolean => reasonOf(error) === 'UNSUPPORTED_OPERATION';
