import { Injectable } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import type { ChatDocument } from '../../../chats/index.js';
import type { Scope } from '../../../common/index.js';
import { LogAccess, StreamPlaces, type StreamPlace } from '../../../streams/index.js';
import { NOTHING, transcriptAfter, type Transcript } from '../dialect/transcript.js';
import { interruptsOf } from '../dialect/interrupt.js';
import { ThreadStates } from '../threads/thread-states.js';
import { waits } from './run-streams.js';

/** What a client waits for. */
export interface AwaitedRun {
  readonly chat: ChatDocument;
  readonly runId: string;
  readonly decided: ReadonlySet<string>;
  readonly place?: StreamPlace;
}

/** The results of runs, for clients that do not stream. */
@Injectable()
export class RunResults {
  constructor(
    private readonly logs: LogAccess,
    private readonly places: StreamPlaces,
    private readonly states: ThreadStates,
  ) {}

  /**
   * The state of the thread when a run has ended, or waits for people. A run that goes on counts as a stream until then.
   * @returns nothing if the client has gone.
   * @throws AppError 503 `too_many_streams`, 429 `too_many_streams_of_message`; as {@link LogAccess.open}.
   */
  async of(scope: Scope, run: AwaitedRun, response: ServerResponse): Promise<object | undefined> {
    const { chat, runId, decided } = run;
    const place = run.place ?? this.places.reserve();
    const gone = new AbortController();
    const leave = (): void => {
      gone.abort();
    };
    response.once('close', leave);
    try {
      place.assign(runId);
      const log = await this.logs.open(scope, { message_id: runId, chat_id: chat._id });
      let transcript: Transcript = NOTHING;
      for await (const { frames } of log.follow(0, gone.signal)) {
        for (const { event } of frames) transcript = transcriptAfter(transcript, event);
        if (waits({ transcript }, decided)) break;
      }
      return gone.signal.aborted ? undefined : await this.result(scope, run, transcript);
    } finally {
      response.off('close', leave);
      place.release();
    }
  }

  private async result(scope: Scope, { chat, runId }: AwaitedRun, transcript: Transcript): Promise<object> {
    const { failure } = transcript;
    if (failure) return { __error__: { error: failure.code, message: failure.error } };
    const thread = await this.states.read(scope, chat);
    const values = await this.states.valuesOf(scope, thread, { runId, transcript });
    const interrupts = transcript.end ? [] : interruptsOf(transcript, runId);
    return interrupts.length > 0 ? { ...values, __interrupt__: interrupts } : values;
  }
}
