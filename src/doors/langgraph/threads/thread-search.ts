import { Injectable } from '@nestjs/common';
import { ChatSearch, type ChatSearchQuery } from '../../../chats/index.js';
import { MessagesRepository, type ChatOutline } from '../../../messages/index.js';
import type { SearchThreadsDto } from '../dto/thread.dto.js';
import { picked } from '../picked.js';
import { toListedThread, type ThreadView } from './thread.view.js';
import type { Person } from './threads.js';

const DEFAULT_LIMIT = 10;
/** Chats that are looked at for those that stand in some way. */
const LOOKED_AT = 1000;
/** Who answers is not known of threads that other clients began. */
const MAY_BE_MISSING = ['graph_id', 'assistant_id'];

const SORTS = {
  thread_id: '_id',
  created_at: 'created_at',
  updated_at: 'updated_at',
  state_updated_at: 'updated_at',
} as const;

/** Finds threads by what their clients say about them. */
@Injectable()
export class ThreadSearch {
  constructor(
    private readonly chats: ChatSearch,
    private readonly messages: MessagesRepository,
  ) {}

  /** @throws AppError 404 `user_not_found`. */
  async find(person: Person, query: SearchThreadsDto): Promise<Partial<ThreadView>[]> {
    const { status, select } = query;
    const skip = query.offset ?? 0;
    const limit = query.limit ?? DEFAULT_LIMIT;
    if (status == null) {
      const page = await this.page(person, { ...toQuery(query), skip, limit });
      return page.map((thread) => picked(thread, select));
    }
    // How a thread stands is known by its runs alone.
    const all = await this.page(person, { ...toQuery(query), skip: 0, limit: LOOKED_AT });
    const fitting = all.filter((thread) => thread.status === status);
    return fitting.slice(skip, skip + limit).map((thread) => picked(thread, select));
  }

  private async page({ scope, userId }: Person, query: ChatSearchQuery): Promise<ThreadView[]> {
    const chats = await this.chats.find(scope, userId, query);
    const ids = chats.map(({ _id }) => _id);
    const outlines =
      ids.length > 0 ? await this.messages.outlines(scope, ids) : new Map<string, ChatOutline>();
    return chats.map((chat) => toListedThread(chat, outlines.get(chat._id)));
  }
}

function toQuery({
  metadata,
  ids,
  sort_by,
  sort_order,
}: SearchThreadsDto): Omit<ChatSearchQuery, 'skip' | 'limit'> {
  return {
    ...(metadata && { metadata, orMissing: MAY_BE_MISSING }),
    ...(ids && { keys: ids }),
    sort: SORTS[sort_by ?? 'updated_at'],
    ascending: sort_order === 'asc',
  };
}
