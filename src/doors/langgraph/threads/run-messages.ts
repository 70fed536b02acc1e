import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { AppError, type Scope } from '../../../common/index.js';
import type { MessageDocument } from '../../../run-record/index.js';
import { LogAccess } from '../../../streams/index.js';
import { emptyTurn, humanMessage, type HumanMessage, type ThreadMessage } from '../dialect/messages.js';
import { messagesOf, NOTHING, transcriptAfter, type Transcript } from '../dialect/transcript.js';
import type { ThreadExchange } from './thread-tree.js';

/** Characters of ended transcripts that are kept. */
const KEPT_CHARS = 16 * 1024 * 1024;
/** The newest exchanges of a path that are read from their logs, with thinking and tools; older ones have words alone. */
const READ_LOGS = 30;

/** What runs have said, from their logs. */
@Injectable()
export class RunMessages {
  private readonly ended = new LRUCache<string, Transcript>({
    maxSize: KEPT_CHARS,
    sizeCalculation: (transcript) => JSON.stringify(messagesOf(transcript)).length + 1,
  });

  constructor(private readonly logs: LogAccess) {}

  /** The messages of some exchanges, one following the other. */
  async ofPath(scope: Scope, path: readonly ThreadExchange[]): Promise<ThreadMessage[]> {
    const firstRead = path.length - READ_LOGS;
    const messages: ThreadMessage[] = [];
    for (const [index, exchange] of path.entries())
      messages.push(
        questionOf(exchange),
        ...(index < firstRead ? wordsOf(exchange) : await this.of(scope, exchange)),
      );
    return messages;
  }

  /** What the run of an exchange has said up to now. */
  async of(scope: Scope, exchange: ThreadExchange): Promise<ThreadMessage[]> {
    const transcript = await this.transcript(scope, exchange.question);
    return transcript ? messagesOf(transcript) : wordsOf(exchange);
  }

  /** The transcript of a run up to now; nothing if its log has expired. */
  async transcript(scope: Scope, { _id, run }: MessageDocument): Promise<Transcript | undefined> {
    const message_id = _id.toHexString();
    if (run?.events_expired !== undefined) return undefined;
    const known = this.ended.get(message_id);
    if (known) return known;
    try {
      const log = await this.logs.open(scope, { message_id });
      let transcript = NOTHING;
      for await (const event of log.read()) transcript = transcriptAfter(transcript, event);
      if (transcript.end) this.ended.set(message_id, transcript);
      return transcript;
    } catch (error) {
      if (error instanceof AppError && (error.code as string) === 'events_expired') return undefined;
      throw error;
    }
  }
}

/** The question of an exchange; one that asks another one again is that one. */
export function questionOf({ asks, question }: ThreadExchange): HumanMessage {
  const { content, attachments } = question;
  return humanMessage(asks, content, attachments ? { attachments } : {});
}

function wordsOf({ id, answer }: ThreadExchange): ThreadMessage[] {
  return answer ? [{ ...emptyTurn(`${id}-0`, answer.agent), content: answer.content }] : [];
}
