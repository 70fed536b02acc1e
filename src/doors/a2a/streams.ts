import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import type { Observable } from 'rxjs';
import type { Scope } from '../../common/index.js';
import { StreamUrls } from '../../platform/http/index.js';
import type { MessageDocument } from '../../run-record/index.js';
import { dataFrames, LogAccess, restingOn, StreamTransport, type StreamPlace } from '../../streams/index.js';
import { a2a, type A2aState } from './a2a.dialect.js';
import { enveloped, type RpcId } from './rpc.js';
import { hasEnded, Tasks } from './tasks.js';

/** Which task is watched, and how. */
export interface WatchedTask {
  scope: Scope;
  question: MessageDocument;
  /** Calls that are decided although the log may not tell yet. */
  decided: ReadonlySet<string>;
}

/** Whose answer it becomes. */
export interface WatchingCall {
  id: RpcId;
  response: Response;
  /** Reserved before; it is given back if this fails. */
  place: StreamPlace;
  /** Last event seen; the stream begins behind it. Else with the task as it is. */
  after?: string | undefined;
}

const NOTHING_DECIDED: ReadonlySet<string> = new Set();

/** Follows tasks: as the stream of a call, or until they rest. */
@Injectable()
export class TaskStreams {
  constructor(
    private readonly logs: LogAccess,
    private readonly transport: StreamTransport,
    private readonly tasks: Tasks,
    private readonly urls: StreamUrls,
  ) {}

  /**
   * Answers with a stream: the task as it is, then what happens, until it ends or waits for a person.
   * @throws AppError `events_expired`, `unknown_event_id`, `too_many_streams`, `too_many_streams_of_message`.
   */
  async open(watched: WatchedTask, { id, response, place, after }: WatchingCall): Promise<Observable<never>> {
    const { scope, question } = watched;
    const message_id = question._id.toHexString();
    const soFar = after === undefined ? await this.tasks.soFar(scope, question) : undefined;
    // A log without events begins with the task by itself; one that has ended is told from its beginning.
    const isUnderWay = soFar?.last !== undefined && !hasEnded(soFar.task);
    const seen = after ?? (isUnderWay ? soFar.last : undefined);
    const log = await this.logs.open(scope, { message_id, after: seen });
    response.setHeader('X-Message-Id', message_id);
    response.setHeader('X-Stream-Url', this.urls.of(scope, question.chat_id, message_id));
    return this.transport.open({
      log,
      dialect: a2a,
      response,
      place,
      pausesAt: restsBut(watched.decided),
      rewrite: enveloped(id),
      ...(isUnderWay && { beginning: () => dataFrames([{ task: soFar.task }]) }),
    });
  }

  /** Waits until a task has ended, or waits for a person. @throws what aborts the signal. */
  async settled({ scope, question, decided }: WatchedTask, signal: AbortSignal): Promise<void> {
    if (question.run?.events_expired !== undefined) return;
    const log = await this.logs.open(scope, { message_id: question._id.toHexString() });
    const rests = restsBut(decided);
    let { initial: state } = a2a;
    for await (const { frames } of log.follow(0, signal))
      for (const { event, isEnd } of frames) {
        ({ state } = a2a.encode(state, event));
        if (isEnd || rests(state)) return;
      }
    signal.throwIfAborted();
  }
}

/** Whether the run rests on people, and they have not decided yet. */
function restsBut(decided = NOTHING_DECIDED): (state: unknown) => boolean {
  return (state) => {
    const asked = restingOn((state as A2aState).open);
    return asked.length > 0 && !asked.some(({ call_id }) => decided.has(call_id));
  };
}
