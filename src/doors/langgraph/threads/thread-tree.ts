import type { ListedMessage } from '../../../messages/index.js';
import type { MessageDocument } from '../../../run-record/index.js';

/** A question of a thread with its answer, if there is one yet. */
export interface ThreadExchange {
  readonly id: string;
  readonly question: MessageDocument;
  readonly answer: MessageDocument | undefined;
  /** The exchange that it follows. */
  readonly parent: string | undefined;
  /** The exchange whose question it asks again, unchanged: both are answers to one question for LangGraph. */
  readonly asks: string;
}

/** The exchanges of a thread, and how they follow each other. */
export class ThreadTree {
  private readonly byId: ReadonlyMap<string, ThreadExchange>;

  /** @param exchanges oldest first. */
  private constructor(readonly exchanges: readonly ThreadExchange[]) {
    this.byId = new Map(exchanges.map((exchange) => [exchange.id, exchange]));
  }

  /** @param messages of one chat, oldest first; parents that are not among them do not exist here. */
  static of(messages: readonly ListedMessage[]): ThreadTree {
    const answers = new Map(messages.map(({ message }) => [message.reply_to?.toHexString(), message]));
    const exchanges = new Map<string, ThreadExchange>();
    for (const { message, links } of messages) {
      if (message.role !== 'user') continue;
      const id = message._id.toHexString();
      const repeated = repeatedBy(message, exchanges);
      // A question from before there were branches does not know its place.
      const parent = links?.parent === undefined ? repeated?.parent : (links.parent ?? undefined);
      const isAgain = repeated && repeated.parent === parent && repeated.question.content === message.content;
      const asks = isAgain ? repeated.asks : id;
      const known = parent !== undefined && exchanges.has(parent) ? parent : undefined;
      exchanges.set(id, { id, question: message, answer: answers.get(id), parent: known, asks });
    }
    return new ThreadTree([...exchanges.values()]);
  }

  /** The newest exchange, whose branch is the current one. */
  get newest(): ThreadExchange | undefined {
    return this.exchanges.at(-1);
  }

  find(id: string): ThreadExchange | undefined {
    return this.byId.get(id);
  }

  /** The exchanges from the beginning to one of them. */
  pathTo({ id }: Pick<ThreadExchange, 'id'>): ThreadExchange[] {
    const path: ThreadExchange[] = [];
    // A parent is older than its child, so there is no circle.
    for (let at = this.byId.get(id); at; at = this.byId.get(at.parent ?? '')) path.unshift(at);
    return path;
  }
}

function repeatedBy(
  { metadata }: MessageDocument,
  earlier: ReadonlyMap<string, ThreadExchange>,
): ThreadExchange | undefined {
  const { retry_of } = metadata;
  return typeof retry_of === 'string' ? earlier.get(retry_of) : undefined;
}
