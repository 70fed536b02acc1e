import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { EMPTY, type Observable } from 'rxjs';
import { AppError, type Scope } from '../../common/index.js';
import { FirstQuestions, type NewMessage } from '../../messages/index.js';
import { StreamUrls } from '../../platform/http/index.js';
import { AnswerStreams } from '../../streams/http/index.js';
import { v1 } from '../../streams/index.js';
import { FinishedRuns, type AwaitedRun } from './finished-runs.js';

/** Name of the door that runs workflows. */
export const COORDINATOR_DOOR = 'coordinator';

/** Who wants a workflow to be run, and how the answer should look. */
export interface WorkflowCaller {
  scope: Scope;
  userId: string;
  /** The client's `Idempotency-Key`. */
  key: string | undefined;
  /** Id of the last event seen: the request asks for the rest of a stream. */
  after: string | undefined;
  request: Request;
  response: Response;
}

/** A workflow that is to be run. */
export interface WorkflowRun {
  /** As it is shown. */
  name: string;
  strategy: 'sequential' | 'parallel' | 'hierarchical';
  input: NewMessage;
}

const NOT_ENDED = ['processing', 'waiting'];

/** Runs workflows and answers as the client prefers: with the result, at once, or with a stream. */
@Injectable()
export class WorkflowRuns {
  constructor(
    private readonly questions: FirstQuestions,
    private readonly answers: AnswerStreams,
    private readonly finished: FinishedRuns,
    private readonly urls: StreamUrls,
  ) {}

  /** Serves an `@Sse()` route: return the result from the handler. @throws AppError what storing a question throws. */
  async answer(caller: WorkflowCaller, run: WorkflowRun): Promise<Observable<never>> {
    const { scope, request, response, after } = caller;
    if (after !== undefined) await this.checkKnown(caller);
    const ask = (): Promise<AwaitedRun> => this.ask(caller, run);
    if (/\btext\/event-stream\b/i.test(request.headers.accept ?? ''))
      return this.answers.open({ scope, response, dialect: v1, after }, ask);
    const { isAsync, waitMs } = preferences(request.headers['prefer']);
    if (isAsync) {
      response.setHeader('Preference-Applied', 'respond-async');
      this.send(caller, run, { asked: await ask(), result: { status: 'processing' } });
    } else {
      this.send(caller, run, await this.finished.of(scope, { ask, response, waitMs }));
    }
    return EMPTY;
  }

  /** Who asks for the rest of something must have asked for it. */
  private async checkKnown({ scope, userId, key }: WorkflowCaller): Promise<void> {
    const asker = { userId, door: COORDINATOR_DOOR };
    const known = key === undefined ? undefined : await this.questions.find(scope, asker, key);
    if (!known) throw new AppError('unknown_event_id', {});
  }

  private async ask(
    { scope, userId, key }: WorkflowCaller,
    { strategy, input }: WorkflowRun,
  ): Promise<AwaitedRun> {
    const door = { name: COORDINATOR_DOOR, label: strategy };
    const asker = { userId, door: COORDINATOR_DOOR };
    const { _id, chat_id } = await this.questions.create(scope, asker, {
      ...input,
      door,
      idempotencyKey: key,
    });
    return { message_id: _id.toHexString(), chat_id };
  }

  /** 200 with the result; 202 if there is none yet. */
  private send(
    { scope, response }: WorkflowCaller,
    { name: workflow, strategy }: WorkflowRun,
    { asked, result }: { asked: AwaitedRun; result: { status: string } },
  ): void {
    const { message_id, chat_id } = asked;
    const stream_url = this.urls.of(scope, chat_id, message_id);
    const hasEnded = !NOT_ENDED.includes(result.status);
    response.statusCode = hasEnded ? 200 : 202;
    response.setHeader('Content-Type', 'application/json; charset=utf-8');
    response.setHeader('X-Message-Id', message_id);
    response.setHeader('X-Stream-Url', stream_url);
    if (!hasEnded) response.setHeader('Location', `/api/messages/${message_id}`);
    response.end(JSON.stringify({ message_id, chat_id, stream_url, workflow, strategy, ...result }));
  }
}

/** RFC 7240: `respond-async`, and `wait` in seconds. */
function preferences(prefer: string | string[] | undefined): {
  isAsync: boolean;
  waitMs: number | undefined;
} {
  const given = String(prefer ?? '');
  const wait = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})/i.exec(given)?.[1];
  return {
    isAsync: wait === undefined && /(?:^|[,;\s])respond-async(?:$|[,;\s])/i.test(given),
    waitMs: wait === undefined ? undefined : Number(wait) * 1000,
  };
}
