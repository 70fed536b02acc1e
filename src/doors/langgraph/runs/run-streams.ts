import { Injectable } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import { EMPTY, type Observable } from 'rxjs';
import type { ChatDocument } from '../../../chats/index.js';
import type { Scope } from '../../../common/index.js';
import { StreamUrls } from '../../../platform/http/index.js';
import type { RunsService } from '../../../runs/index.js';
import { LogAccess, StreamTransport, type StreamPlace } from '../../../streams/index.js';
import { callsToDecide } from '../dialect/calls.js';
import { END, written } from '../dialect/frames.js';
import type { Modes } from '../dialect/modes.js';
import type { LangGraphState } from '../dialect/state.js';
import { threadIdOf } from '../threads/thread-id.js';
import { gated } from './gated-log.js';
import { RunDialects } from './run-dialects.js';

/** What a client wants to follow. */
export interface RunToFollow {
  readonly chat: ChatDocument;
  readonly runId: string;
  readonly modes: Modes;
  /** Id of the last event that it has seen. */
  readonly after?: string | undefined;
  /** Calls that are decided: the run does not wait for them, although its log may not say so yet. */
  readonly decided: ReadonlySet<string>;
  /** The client has just answered an interrupt. */
  readonly resumes?: boolean;
  readonly place?: StreamPlace;
}

/** Runs as streams of LangGraph's frames. */
@Injectable()
export class RunStreams {
  constructor(
    private readonly logs: LogAccess,
    private readonly transport: StreamTransport,
    private readonly dialects: RunDialects,
    private readonly urls: StreamUrls,
  ) {}

  /**
   * Serves an `@Sse()` route. The stream ends where the run waits for people, because their client cannot answer while it
   * is open.
   * @throws AppError as {@link LogAccess.open} and {@link StreamTransport.open}.
   */
  async open(scope: Scope, run: RunToFollow, response: ServerResponse): Promise<Observable<never>> {
    const { chat, runId, after, decided, place, resumes = false } = run;
    const log = await this.logs.open(scope, { message_id: runId, chat_id: chat._id, after });
    nameRun(response, run);
    response.setHeader('X-Stream-Url', this.urls.of(scope, chat._id, runId));
    if (log.ended) {
      place?.release();
      return onlyTheEnd(response);
    }
    const written = this.dialects.for(scope, run, response);
    const { dialect } = written;
    return this.transport.open({
      log: gated(log, () => written.ready()),
      dialect,
      response,
      place,
      pausesAt: (state) => waits(state as LangGraphState, decided),
      ...(resumes && { beginning: (state: unknown) => dialect.resumed(state as LangGraphState) }),
    });
  }
}

/** The calls of a run that people have decided. @throws AppError `message_not_found`, `events_expired`. */
export async function decidedCalls(
  runs: RunsService,
  scope: Scope,
  runId: string,
): Promise<ReadonlySet<string>> {
  const calls = await runs.toolCalls(scope, runId);
  const isDecided = ({ approval }: (typeof calls)[number]): boolean =>
    approval !== undefined && approval.state !== 'pending';
  return new Set(calls.filter(isDecided).map(({ call_id }) => call_id));
}

/** Whether a run waits for people at a place of its log. */
export function waits(
  { transcript }: Pick<LangGraphState, 'transcript'>,
  decided: ReadonlySet<string>,
): boolean {
  const calls = callsToDecide(transcript.calls);
  return calls.length > 0 && !calls.some(({ call }) => decided.has(call.id));
}

/** Where the client finds the run: it reconnects to `Location`, to which it adds the address of the API itself. */
export function nameRun(
  response: ServerResponse,
  { chat, runId, modes }: Pick<RunToFollow, 'chat' | 'runId' | 'modes'>,
): void {
  const path = `/threads/${encodeURIComponent(threadIdOf(chat))}/runs/${runId}`;
  const query = [...modes].map((mode) => `stream_mode=${mode}`).join('&');
  response.setHeader('Content-Location', path);
  response.setHeader('Location', `${path}/stream?${query}`);
  response.setHeader('X-Message-Id', runId);
}

/** A client that has seen all of a run is told so: it takes 204 for a fault. */
export function onlyTheEnd(response: ServerResponse): Observable<never> {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
  });
  response.end(response.req.method === 'HEAD' ? undefined : written([END]));
  return EMPTY;
}
