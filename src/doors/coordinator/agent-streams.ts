import { Injectable } from '@nestjs/common';
import { parseEventId } from '@reprise/protocol';
import { AppError, type Scope } from '../../common/index.js';
import { DoorRuns, FirstQuestions, MessagesRepository } from '../../messages/index.js';
import { LogAccess } from '../../streams/index.js';

/** Name of the door that begins runs by GET. */
export const STREAM_DOOR = 'stream';

/** A prompt for an agent, by somebody. */
export interface Prompted {
  userId: string;
  agent: string;
  prompt: string;
  /** The client's `Idempotency-Key`. */
  key: string | undefined;
}

/** A run that was begun, and after which of its events to go on. */
export interface StreamedRun {
  message_id: string;
  chat_id: string;
  after: string | undefined;
}

const MESSAGE_ID = /^[0-9a-f]{24}$/;
/** The clocks of two servers may differ. */
const CLOCKS_MS = 60_000;

/**
 * Runs that a GET begins. An `EventSource` that reconnects sends the same request with the last id that it has seen,
 * which names the run: the first frame has the message's id, all others have those of its events.
 */
@Injectable()
export class AgentStreams {
  constructor(
    private readonly questions: FirstQuestions,
    private readonly runs: DoorRuns,
    private readonly messages: MessagesRepository,
    private readonly logs: LogAccess,
  ) {}

  /** Begins a run. @throws AppError what `MessagesService.create` throws. */
  async begin(scope: Scope, { userId, agent, prompt, key }: Prompted): Promise<StreamedRun> {
    const input = { content: prompt, agent, idempotencyKey: key, door: { name: STREAM_DOOR } };
    const { _id, chat_id } = await this.questions.create(scope, { userId, door: STREAM_DOOR }, input);
    return { message_id: _id.toHexString(), chat_id, after: undefined };
  }

  /**
   * The run that a client has begun before; it never begins another one.
   * @throws AppError 400 `unknown_event_id`, 404 `message_not_found`.
   */
  async resumed(scope: Scope, { agent, prompt }: Prompted, seen: string): Promise<StreamedRun> {
    const isBare = MESSAGE_ID.test(seen);
    const message_id = isBare ? seen : await this.ofEvent(scope, { agent, prompt }, seen);
    const message = message_id === undefined ? null : await this.messages.find(scope, message_id);
    if (isBare && !message) throw new AppError('message_not_found', { id: seen });
    if (
      message_id === undefined ||
      message?.run?.door?.name !== STREAM_DOOR ||
      message.agent !== agent ||
      message.content !== prompt
    )
      throw new AppError('unknown_event_id', {});
    return { message_id, chat_id: message.chat_id, after: isBare ? undefined : seen };
  }

  private async ofEvent(
    scope: Scope,
    { agent, prompt }: Pick<Prompted, 'agent' | 'prompt'>,
    id: string,
  ): Promise<string | undefined> {
    const parts = parseEventId(id);
    if (!parts) return undefined;
    const before = new Date(parts.ms + CLOCKS_MS);
    const asked = await this.runs.asked(scope, { door: STREAM_DOOR, agent, content: prompt, before });
    return this.logs.whoseEvent(scope, asked, id);
  }
}
