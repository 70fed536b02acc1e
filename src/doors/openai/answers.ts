import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import { AppError, Clock, type Permission, type Scope } from '../../common/index.js';
import { LogAccess, restingOn, StreamPlaces, type OpenedLog } from '../../streams/index.js';
import { openAi } from './dialect/openai.dialect.js';
import type { OpenAiState } from './dialect/state.js';

/** Whose answer to wait for. */
export interface Awaited {
  scope: Scope;
  messageId: string;
  /** The wait ends with it. The run goes on. */
  response: ServerResponse;
  /** Calls that are decided, although the log does not say so yet. */
  decided?: ReadonlySet<string> | undefined;
  /** Waits for the end, whatever people have to decide first. */
  untilEnd?: boolean;
}

/** Answers for requests that do not stream: they wait, or look at what is there. */
@Injectable()
export class Answers implements BeforeApplicationShutdown {
  private readonly leaving = new AbortController();

  constructor(
    private readonly logs: LogAccess,
    private readonly places: StreamPlaces,
    private readonly clock: Clock,
  ) {}

  beforeApplicationShutdown(): void {
    this.leaving.abort();
  }

  /** The response as far as the log goes now. @throws AppError those of `LogAccess.open`. */
  async soFar(scope: Scope, messageId: string): Promise<OpenAiState> {
    let state = openAi.initial;
    for await (const event of (await this.logs.open(scope, { message_id: messageId })).read())
      ({ state } = openAi.encode(state, event));
    return state;
  }

  /**
   * The response when its run has ended, or waits for people.
   * @throws AppError 503 `unavailable` if the server shuts down meanwhile; 401 `token_expired` if the permission ends.
   */
  async wait({ scope, messageId, response, decided, untilEnd = false }: Awaited): Promise<OpenAiState> {
    const log = await this.logs.open(scope, { message_id: messageId });
    const place = this.places.reserve();
    const gone = new AbortController();
    const onClose = (): void => {
      gone.abort();
    };
    response.on('close', onClose);
    try {
      place.assign(messageId);
      const signal = AbortSignal.any([gone.signal, this.leaving.signal]);
      const state = await follow(log, signal, (at) => !untilEnd && restsForPeople(at, decided));
      if (this.leaving.signal.aborted && !state.end) throw stopped();
      await this.assertPermitted(log.permission);
      return state;
    } finally {
      response.off('close', onClose);
      place.release();
    }
  }

  /** Returns when the run has ended, or after a time, ms. */
  async within(scope: Scope, messageId: string, ms: number): Promise<void> {
    const log = await this.logs.open(scope, { message_id: messageId });
    await follow(log, AbortSignal.any([AbortSignal.timeout(ms), this.leaving.signal]), () => false);
  }

  private async assertPermitted(permission: Permission | undefined): Promise<void> {
    const isOver = permission?.until !== undefined && this.clock.now() >= permission.until;
    if (isOver || (await permission?.isWithdrawn?.())) throw new AppError('token_expired');
  }
}

/** Whether nothing happens before people decide calls other than these. */
export function restsForPeople({ calls }: OpenAiState, decided: ReadonlySet<string> = new Set()): boolean {
  const asked = restingOn(calls);
  return asked.length > 0 && !asked.some(({ call_id }) => decided.has(call_id));
}

async function follow(
  log: OpenedLog,
  signal: AbortSignal,
  isEnough: (state: OpenAiState) => boolean,
): Promise<OpenAiState> {
  let state = openAi.initial;
  for await (const span of log.follow(0, signal)) {
    state = span.in(openAi, state).state as OpenAiState;
    if (isEnough(state)) break;
  }
  return state;
}

const stopped = (): AppError =>
  new AppError('unavailable', { message: 'The server is restarting. The run goes on: ask again.' });
