import { Injectable } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import { EMPTY, type Observable } from 'rxjs';
import type { Scope } from '../../common/index.js';
import { StreamUrls } from '../../platform/http/index.js';
import type { MessageDocument } from '../../run-record/index.js';
import { ClientDecisions, type ClientDecision } from '../../runs/http/index.js';
import { dataFrames, LogAccess, StreamTransport, type StreamPlace } from '../../streams/index.js';
import { AgHistory } from './ag-history.js';
import { messagesOf, type AgUiState } from './ag-state.js';
import { agUi, beginningOf } from './ag-ui.dialect.js';
import type { RunAgentDto } from './run-agent.dto.js';

/** Which stream, and for whom. */
export interface AgStream {
  scope: Scope;
  question: MessageDocument;
  response: ServerResponse;
  place: StreamPlace;
  /** The client's ids, which its events repeat. */
  ids: Pick<RunAgentDto, 'threadId' | 'runId'>;
  /** The run is not new to the server: the client joins it. */
  joins: boolean;
  /** The client has decided these, and knows everything before. */
  decisions?: readonly ClientDecision[] | undefined;
}

/** Streams runs as AG-UI's clients expect them. */
@Injectable()
export class AgStreams {
  constructor(
    private readonly logs: LogAccess,
    private readonly transport: StreamTransport,
    private readonly decisions: ClientDecisions,
    private readonly history: AgHistory,
    private readonly urls: StreamUrls,
  ) {}

  /** @throws AppError `message_not_found`, `events_expired`, `too_many_streams_of_message`. */
  async open(stream: AgStream): Promise<Observable<never>> {
    const { scope, question, response, place, ids, decisions, joins } = stream;
    const { chat_id } = question;
    const message_id = question._id.toHexString();
    const after = decisions
      ? await this.decisions.lastSeen(scope, message_id, decisions)
      : joins && (await this.newestKnown(scope, message_id));
    const log = await this.logs.open(scope, { message_id, chat_id, after: after || undefined });
    const asked = { question, isDecided: decisions !== undefined };
    const pausesAt = await this.decisions.pause(scope, asked, (state) => (state as AgUiState).open);
    const history = joins && log.from > 0 ? await this.history.upTo(scope, question) : undefined;
    const beginning =
      log.from > 0
        ? (state: unknown): string =>
            dataFrames(beginningOf(state as AgUiState, joined(history, state as AgUiState)))
        : undefined;
    response.setHeader('X-Message-Id', message_id);
    response.setHeader('X-Stream-Url', this.urls.of(scope, chat_id, message_id));
    const rewrite = withIds({ threadId: chat_id, runId: message_id }, ids);
    return this.transport.open({ log, dialect: agUi, response, place, pausesAt, beginning, rewrite });
  }

  /** A run without a log: for a thread that has no messages, or whose newest run has expired. */
  async withoutLog(
    { scope, response, ids }: Pick<AgStream, 'scope' | 'response' | 'ids'>,
    question?: MessageDocument,
  ): Promise<Observable<never>> {
    const run = { threadId: ids.threadId, runId: ids.runId };
    const messages = question && (await this.history.all(scope, question.chat_id));
    const frames = dataFrames([
      { type: 'RUN_STARTED', ...run },
      ...(messages ? [{ type: 'MESSAGES_SNAPSHOT', messages }] : []),
      { type: 'RUN_FINISHED', ...run, outcome: { type: 'success' } },
    ]);
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' }).end(frames);
    return EMPTY;
  }

  /** The newest event of a log; the one before it if that is the last of all, which a client has to see. */
  private async newestKnown(scope: Scope, message_id: string): Promise<string | undefined> {
    const log = await this.logs.open(scope, { message_id });
    let newest: string | undefined;
    for await (const event of log.read()) if (event.type !== 'end') newest = event.id;
    return newest;
  }
}

const joined = (
  history: Parameters<typeof beginningOf>[1],
  state: AgUiState,
): Parameters<typeof beginningOf>[1] => history && [...history, ...messagesOf(state)];

type Ids = AgStream['ids'];

/** Puts the client's ids into frames. Within texts, quotes are escaped: only fields of events look like this. */
function withIds(ours: Ids, theirs: Ids): (frames: string) => string {
  const [from, to] = [ours, theirs].map(({ threadId, runId }) =>
    JSON.stringify({ threadId, runId }).slice(1, -1),
  );
  return (frames) => frames.replaceAll(from ?? '', () => to ?? '');
}
