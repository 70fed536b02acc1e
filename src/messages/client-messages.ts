import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type Model } from 'mongoose';
import { literal, ownedBy, type Scope } from '../common/index.js';
import { MESSAGE, type MessageDocument } from '../run-record/index.js';

/** A question that a client has named, in one of its versions. The space keeps it apart from `Idempotency-Key` headers. */
const KEY = /^client (\d+) (.+)$/s;
const UNNAMED = /^(?:question-)?([0-9a-f]{24})$/;

/**
 * The idempotency key of a question to which its client gave an id, so that the same one sent twice is one message.
 * @param version how often the client has edited it: an edited message keeps its client's id
 */
export function clientKey(id: string, version = 0): string {
  return `client ${version} ${id}`;
}

/** What clients of other systems call a question: their own id, else one that is not that of its answer. */
export function questionIdOf({ _id, idempotency }: Pick<MessageDocument, '_id' | 'idempotency'>): string {
  return KEY.exec(idempotency?.key ?? '')?.[2] ?? `question-${_id.toHexString()}`;
}

function nextVersion({ idempotency }: Pick<MessageDocument, 'idempotency'>): number {
  return Number(KEY.exec(idempotency?.key ?? '')?.[1] ?? 0) + 1;
}

/** Whether an id is one that {@link questionIdOf} gave to a question that had none. */
export function isGivenId(id: string): boolean {
  return id.startsWith('question-') && UNNAMED.test(id);
}

/** Questions by what clients of other systems call them. */
@Injectable()
export class ClientMessages {
  constructor(@InjectModel(MESSAGE) private readonly messages: Model<MessageDocument>) {}

  /**
   * A question of a chat by its client's id, in its newest version; by what {@link questionIdOf} calls it; or by the id
   * that its answer has in streams, which is its message id.
   */
  async find(scope: Scope, chatId: string, id: string): Promise<MessageDocument | undefined> {
    const ours = UNNAMED.exec(id)?.[1];
    return (ours && (await this.byId(scope, chatId, ours))) || this.newest(scope, chatId, id);
  }

  /** The idempotency key of the next version of a question, whose client calls it so. */
  async nextKey(scope: Scope, chatId: string, id: string): Promise<string> {
    const newest = await this.newest(scope, chatId, id);
    if (newest) return clientKey(id, nextVersion(newest));
    return clientKey(id, UNNAMED.test(id) ? 1 : 0);
  }

  private async byId(scope: Scope, chat_id: string, id: string): Promise<MessageDocument | undefined> {
    const filter = { _id: new Types.ObjectId(id), ...ownedBy(scope), chat_id, role: 'user' as const };
    return (await this.messages.findOne(filter).lean<MessageDocument>()) ?? undefined;
  }

  private async newest(scope: Scope, chat_id: string, id: string): Promise<MessageDocument | undefined> {
    const key = new RegExp(`^client \\d+ ${literal(id)}$`);
    const found = await this.messages
      .find({ ...ownedBy(scope), chat_id, 'idempotency.key': key })
      .sort({ created_at: -1, _id: -1 })
      .limit(1)
      .lean<MessageDocument[]>();
    return found.find((question) => questionIdOf(question) === id);
  }
}
