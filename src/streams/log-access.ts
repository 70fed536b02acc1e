import { Injectable } from '@nestjs/common';
import { parseEventId, type StreamEvent } from '@reprise/protocol';
import { AppError, type Scope } from '../common/index.js';
import type { LogCursor } from './live/cursor.js';
import { LogReader } from './live/log-reader.js';
import { EventLog, type LogKey } from './log/event-log.js';
import { readLog } from './log/read-log.js';
import { MessageLookup } from './message-lookup.js';
import { seqOf } from './dialects/frame.js';
import type { Span } from './wire/span.js';
import type { Unread } from './wire/stream-transport.js';

/** Logs that are searched for an event side by side. */
const LOGS_AT_ONCE = 20;

/** Which log a person requests. */
export interface LogRequest {
  message_id: string;
  /** The chat the message must belong to, if the route names one. */
  chat_id?: string;
  /** Id of the last event seen; `undefined` or empty: none. */
  after?: string | undefined;
}

/** The part of a log after the last event that its reader has seen. */
export interface OpenedLog extends Unread {
  /** The stored events of that part, read page by page as the caller consumes them. */
  read(limit?: number): AsyncGenerator<StreamEvent, void, undefined>;
}

/** The only way for a person to reach a log, through any door. */
@Injectable()
export class LogAccess {
  constructor(
    private readonly log: EventLog,
    private readonly logReader: LogReader,
    private readonly messages: MessageLookup,
  ) {}

  /**
   * Finds the log of a message and the place after the last event seen.
   * @throws AppError 404 `message_not_found`, 401 `ticket_expired`, 410 `events_expired`, 400 `unknown_event_id`.
   */
  async open(scope: Scope, { message_id, chat_id, after }: LogRequest): Promise<OpenedLog> {
    const message = await this.messages.find(scope, message_id);
    if (chat_id !== undefined && message.chat_id !== chat_id)
      throw new AppError('message_not_found', { id: message_id });
    if (scope.permission?.covers?.(message.ended_at) === false) throw new AppError('ticket_expired');
    if (message.expired) throw new AppError('events_expired', { id: message_id });
    const key = { tenant: scope.tenant, message_id };
    const last = after ? await this.eventWithId(key, after) : undefined;
    return this.opened(key, last, { permission: scope.permission, agent: message.agent });
  }

  /**
   * Which of some messages has an event with this id. Looks at the first ones first.
   * @param messageIds questions that the caller may read
   */
  async whoseEvent(
    { tenant }: Scope,
    messageIds: readonly string[],
    id: string,
  ): Promise<string | undefined> {
    const seq = parseEventId(id)?.seq;
    if (seq === undefined) return undefined;
    for (let at = 0; at < messageIds.length; at += LOGS_AT_ONCE) {
      const some = messageIds.slice(at, at + LOGS_AT_ONCE);
      const events = await Promise.all(
        some.map((message_id) => this.log.read({ tenant, message_id }, { from: seq, limit: 1 })),
      );
      const found = some[events.findIndex(([event]) => event?.id === id)];
      if (found !== undefined) return found;
    }
    return undefined;
  }

  private opened(
    key: LogKey,
    last: StreamEvent | undefined,
    { permission, agent }: Pick<OpenedLog, 'permission' | 'agent'>,
  ): OpenedLog {
    const from = last ? seqOf(last) + 1 : 0;
    return {
      messageId: key.message_id,
      agent,
      from,
      ended: last?.type === 'end',
      permission,
      open: (reader): LogCursor => this.logReader.open(key, from, reader),
      follow: (seq, signal): AsyncIterable<Span> => this.logReader.follow(key, seq, signal),
      read: (limit) => readLog(this.log, key, { from, limit: limit ?? Infinity }),
    };
  }

  private async eventWithId(key: LogKey, id: string): Promise<StreamEvent> {
    const seq = parseEventId(id)?.seq;
    const [event] = seq === undefined ? [] : await this.log.read(key, { from: seq, limit: 1 });
    if (event?.id === id) return event;
    throw new AppError('unknown_event_id', {});
  }
}
