import { Injectable } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import type { Observable } from 'rxjs';
import { MODES_OF_A_RUN, type Modes } from '../dialect/modes.js';
import { ThreadStates } from '../threads/thread-states.js';
import { Threads, type Person } from '../threads/threads.js';
import { modesOf } from './modes-of.js';
import { decidedCalls, onlyTheEnd, RunStreams } from './run-streams.js';
import { RunWork } from './run-work.js';
import { ThreadRuns, type WantedRun } from './thread-runs.js';

/** What a client follows, and from where. */
export interface Followed {
  readonly threadId: string;
  readonly runId: string;
  readonly modes: Modes;
  readonly after: string | undefined;
}

/** Begins runs that are followed, and follows those that have begun. */
@Injectable()
export class StreamedRuns {
  constructor(
    private readonly threads: Threads,
    private readonly states: ThreadStates,
    private readonly begun: ThreadRuns,
    private readonly streams: RunStreams,
    private readonly work: RunWork,
  ) {}

  /** Begins a run and follows it. @throws AppError as {@link ThreadRuns.begin} and {@link RunStreams.open}. */
  async begin(
    person: Person,
    { threadId, body }: WantedRun,
    response: ServerResponse,
  ): Promise<Observable<never>> {
    const place = this.work.places.reserve();
    try {
      const { chat, run } = await this.begun.begin(person, threadId, body);
      const { runId, after, decided } = run;
      const modes = modesOf(body.stream_mode, MODES_OF_A_RUN);
      const followed = {
        chat,
        runId,
        modes,
        after,
        decided: new Set(decided),
        resumes: decided !== undefined,
      };
      return await this.streams.open(person.scope, { ...followed, place }, response);
    } catch (error) {
      place.release();
      throw error;
    }
  }

  /** Follows a run. @throws AppError as {@link RunStreams.open}. */
  async join(
    person: Person,
    { threadId, runId, modes, after }: Followed,
    response: ServerResponse,
  ): Promise<Observable<never>> {
    const { scope } = person;
    const chat = await this.threads.get(person, threadId);
    const decided = await decidedCalls(this.work.runs, scope, runId);
    return this.streams.open(scope, { chat, runId, modes, after, decided }, response);
  }

  /** Follows the newest run of a thread. @throws AppError as {@link join}. */
  async joinThread(
    person: Person,
    followed: Omit<Followed, 'runId'>,
    response: ServerResponse,
  ): Promise<Observable<never>> {
    const chat = await this.threads.get(person, followed.threadId);
    const { tree } = await this.states.read(person.scope, chat);
    const { newest } = tree;
    return newest ? this.join(person, { ...followed, runId: newest.id }, response) : onlyTheEnd(response);
  }
}
