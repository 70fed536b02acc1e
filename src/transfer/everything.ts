import { Injectable } from '@nestjs/common';
import { DocumentArchive } from '../documents/index.js';
import { Exporter, type Remark } from './exporter.js';
import { toDocumentRecord, toUserRecord } from './mapping.js';
import type { TransferRecord } from './records.js';
import { TransferStore, type UserKey } from './transfer-store.js';

/** The point after which an export continues. Written to disk: keep it readable. */
export type Position =
  { kind: 'user'; after: UserKey } | { kind: 'document'; after: string } | { kind: 'chat'; after: string };

/** A record, or the position after something complete: there a file may end, and another export may continue. */
export type Item = { record: TransferRecord } | { whole: Position };

type Items = AsyncGenerator<Item, void, undefined>;

const KINDS = ['user', 'document', 'chat'] as const;
const PAGE = 100;

/**
 * Everything in the database, of all tenants, one record at a time. Queried page by page, because a cursor would not
 * outlive a slow reader; concurrent additions and deletions do no harm.
 */
@Injectable()
export class Everything {
  constructor(
    private readonly store: TransferStore,
    private readonly documents: DocumentArchive,
    private readonly exporter: Exporter,
  ) {}

  /** @param from the position after what has been exported already. @param remark is called with what is left out. */
  async *items(from: Position | undefined, remark: Remark): Items {
    for (const kind of KINDS.slice(from ? KINDS.indexOf(from.kind) : 0)) {
      if (kind === 'user') yield* this.users(from?.kind === 'user' ? from.after : undefined);
      if (kind === 'document') yield* this.allDocuments(from?.kind === 'document' ? from.after : undefined);
      if (kind === 'chat') yield* this.chats(from?.kind === 'chat' ? from.after : undefined, remark);
    }
  }

  private async *users(after: UserKey | undefined): Items {
    for (let last = after; ;) {
      const users = await this.store.usersBehind(last, PAGE);
      for (const user of users) {
        const { tenant_id, user_id } = user;
        last = { tenant_id, user_id };
        yield { record: { kind: 'user', user: toUserRecord(user) } };
        yield { whole: { kind: 'user', after: last } };
      }
      if (users.length < PAGE) return;
    }
  }

  private async *allDocuments(after: string | undefined): Items {
    for (let last = after; ;) {
      const ids = await this.documents.idsBehind(last, PAGE);
      for (const id of ids) {
        last = id;
        const document = await this.documents.find(id);
        if (!document) continue; // deleted meanwhile
        yield { record: { kind: 'document', document: toDocumentRecord(document) } };
        yield { whole: { kind: 'document', after: id } };
      }
      if (ids.length < PAGE) return;
    }
  }

  private async *chats(after: string | undefined, remark: Remark): Items {
    for (let last = after; ;) {
      const chats = await this.store.chatsBehind(last, PAGE);
      for (const chat of chats) {
        last = chat._id;
        for await (const record of this.exporter.whole(chat, remark)) yield { record };
        yield { whole: { kind: 'chat', after: last } };
      }
      if (chats.length < PAGE) return;
    }
  }
}

/** Only the records. */
export async function* recordsOf(
  items: AsyncIterable<Item>,
): AsyncGenerator<TransferRecord, void, undefined> {
  for await (const item of items) if ('record' in item) yield item.record;
}
