import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { AppError, Clock, type Scope } from '../../common/index.js';
import { LogAccess, StreamPlaces } from '../../streams/index.js';
import { ResultReader, type WorkflowResult } from './workflow-result.js';

/** What is waited for. */
export interface AwaitedRun {
  message_id: string;
  chat_id: string;
}

/** Waits for runs to finish, for clients that want the result and nothing before it. */
@Injectable()
export class FinishedRuns implements BeforeApplicationShutdown {
  private readonly leaving = new AbortController();

  constructor(
    private readonly logs: LogAccess,
    private readonly places: StreamPlaces,
    private readonly clock: Clock,
  ) {}

  /** Those who wait are told where to follow the run instead. */
  beforeApplicationShutdown(): void {
    this.leaving.abort();
  }

  /**
   * Stores a question and waits for its run to end. That takes a place among the streams.
   * @param ask stores the question
   * @param response given up on when it closes
   * @param waitMs the longest wait
   * @returns the result, or what there is of it: the run waits for a person, the wait was too long, or the server stops.
   */
  async of<T extends AwaitedRun>(
    scope: Scope,
    {
      ask,
      response,
      waitMs,
    }: { ask: () => Promise<T>; response: ServerResponse; waitMs: number | undefined },
  ): Promise<{ asked: T; result: WorkflowResult }> {
    const place = this.places.reserve();
    try {
      const asked = await ask();
      place.assign(asked.message_id);
      const result = await this.wait(scope, asked, { response, waitMs });
      await this.checkPermission(scope);
      return { asked, result };
    } finally {
      place.release();
    }
  }

  private async wait(
    scope: Scope,
    run: AwaitedRun,
    { response, waitMs }: { response: ServerResponse; waitMs: number | undefined },
  ): Promise<WorkflowResult> {
    const reader = new ResultReader();
    const log = await this.logs.open(scope, { message_id: run.message_id, chat_id: run.chat_id });
    const done = new AbortController();
    const gone = once(response, 'close', { signal: done.signal }).then(() => {
      done.abort();
    });
    gone.catch(() => undefined); // done before it closed
    const limit = waitMs === undefined ? [] : [AbortSignal.timeout(waitMs)];
    const signal = AbortSignal.any([this.leaving.signal, done.signal, ...limit]);
    try {
      for await (const span of log.follow(0, signal))
        for (const { event } of span.frames) if (reader.read(event)) return reader.result;
      return reader.result;
    } finally {
      done.abort();
    }
  }

  /** A permission that ended meanwhile shows nothing any more. */
  private async checkPermission({ permission }: Scope): Promise<void> {
    const isOver = permission?.until !== undefined && this.clock.now() >= permission.until;
    if (isOver || (await permission?.isWithdrawn?.())) throw new AppError('token_expired');
  }
}
