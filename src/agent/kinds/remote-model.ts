import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { fetch, type Response } from 'undici';
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
import { incomplete, refused, unavailable } from './remote-errors.js';
import { readRemoteFrame } from './remote-frames.js';
import { isContinuation, remoteQuestion } from './remote-question.js';

/** What a remote agent is told about the run. */
export interface RemoteRun {
  session_id: string;
  message_id: string;
  tenant_id: string;
  project_id: string;
}

/** How to reach a remote agent. */
export interface RemoteTarget {
  url: string;
  /** Longest silence, ms. */
  timeoutMs: number;
  /** Sent with each request; secrets. */
  headers: Readonly<Record<string, string>>;
}

const RESUMES_MAX = 3;
const RESUME_PAUSE_MS = 500;
const FRAME_MAX_CHARS = 4_000_000;

/** The state of one answer over its connections. */
interface Answer {
  /** Something has come: the agent is not asked the same again. */
  begun: boolean;
  lastEventId: string;
  /** Its place in a trace. */
  readonly traceparent: string | undefined;
}

/**
 * A service that answers with Server-Sent Events, as a model of the loop: its text is the answer, its events are shown.
 * Once an answer has begun, the service is not asked again; a connection that breaks behind an event id is resumed there.
 */
export class RemoteModel extends ChatModel {
  override readonly name: string;

  constructor(
    private readonly spec: RemoteAgent,
    private readonly target: RemoteTarget,
    private readonly run: RemoteRun,
  ) {
    super();
    this.name = `remote:${spec.name}`;
  }

  override get server(): string {
    return this.host;
  }

  override async *stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelDelta> {
    if (isContinuation(request.messages)) throw incomplete(this.host);
    if (hasImages(request)) yield leftOut('images');
    const body = JSON.stringify({ ...remoteQuestion(request), ...this.run });
    const answer: Answer = { begun: false, lastEventId: '', traceparent: request.traceparent };
    for (let resumes = 0; ; resumes++) {
      if (yield* this.connect(body, answer, signal)) break;
      if (!answer.begun && answer.lastEventId === '') throw unavailable(this.host, 'closed the connection');
      if (answer.lastEventId === '' || resumes >= RESUMES_MAX) throw incomplete(this.host);
      await pause(RESUME_PAUSE_MS);
      signal.throwIfAborted();
    }
    yield { type: 'finish', reason: 'stop' };
  }

  override check(): Promise<{ ok: boolean; detail: string }> {
    return Promise.resolve({ ok: true, detail: `${this.name} at ${this.host}` });
  }

  /** @returns whether the answer has ended. */
  private async *connect(
    body: string,
    answer: Answer,
    signal: AbortSignal,
  ): AsyncGenerator<ModelDelta, boolean> {
    const silence = new AbortController();
    const timer = setTimeout(() => {
      silence.abort(new Error('silence'));
    }, this.target.timeoutMs);
    try {
      const response = await this.send(body, answer, AbortSignal.any([signal, silence.signal]));
      for await (const frame of frames(response, () => timer.refresh())) {
        if (frame.id !== undefined) answer.lastEventId = frame.id;
        for (const step of readRemoteFrame(frame)) {
          if (step === 'end') return true;
          answer.begun ||= step.type !== 'status';
          yield step;
        }
      }
      return false;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ModelError) throw error;
      if (answer.begun) return false;
      throw unavailable(
        this.host,
        silence.signal.aborted ? 'did not answer in time' : 'could not be reached',
        error,
      );
    } finally {
      clearTimeout(timer);
      silence.abort();
    }
  }

  private async send(
    body: string,
    { lastEventId, traceparent }: Answer,
    signal: AbortSignal,
  ): Promise<Response> {
    const headers = {
      ...this.target.headers,
      'content-type': 'application/json',
      accept: 'text/event-stream',
      ...(traceparent !== undefined && { traceparent }),
      ...(lastEventId !== '' && { 'last-event-id': lastEventId }),
    };
    const response = await fetch(this.target.url, {
      method: 'POST',
      body,
      headers,
      signal,
      redirect: 'error',
    });
    if (response.ok) return response;
    await response.body?.cancel();
    throw refused(this.host, response.status);
  }

  private get host(): string {
    return new URL(this.target.url).host;
  }
}

async function* frames({ body }: Response, alive: () => void): AsyncGenerator<EventSourceMessage> {
  const ready: EventSourceMessage[] = [];
  const parser = createParser({
    onEvent: (message) => ready.push(message),
    onError: () => undefined,
    maxBufferSize: FRAME_MAX_CHARS,
  });
  const decoder = new TextDecoder();
  for await (const bytes of (body ?? []) as AsyncIterable<Uint8Array>) {
    alive();
    parser.feed(decoder.decode(bytes, { stream: true }));
    yield* ready.splice(0);
  }
  parser.feed(`${decoder.decode()}\n\n`);
  yield* ready.splice(0);
}
