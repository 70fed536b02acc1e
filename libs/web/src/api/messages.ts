import type { Chat, Message, MessageWithRun, Page, FullToolCall } from '@reprise/client';
import {
  useInfiniteQuery,
  useQuery,
  type InfiniteData,
  type QueryClient,
  type UseInfiniteQueryResult,
  type UseQueryResult,
} from '@tanstack/react-query';
import { reprise } from './reprise.js';
import { tellTabs } from './tabs.js';

const PAGE_SIZE = 30;

type History = InfiniteData<Page<Message>, number>;

const keys = {
  history: (chatId: string) => ['messages', chatId] as const,
  run: (messageId: string) => ['run', messageId] as const,
  toolCalls: (messageId: string, ended: number) => ['tool-calls', messageId, ended] as const,
};

/**
 * A chat's messages from the newest page upwards. Pages are counted from the oldest message, so a full one never
 * changes.
 */
export function useHistory(chat: Chat | undefined): UseInfiniteQueryResult<History> {
  const newest = Math.max(1, Math.ceil((chat?.message_count ?? 0) / PAGE_SIZE));
  return useInfiniteQuery({
    queryKey: keys.history(chat?.chat_id ?? ''),
    queryFn: ({ pageParam: page, signal }) =>
      reprise.listMessages({ chatId: chat?.chat_id ?? '', page, pageSize: PAGE_SIZE, signal }),
    enabled: chat !== undefined,
    initialPageParam: newest,
    getPreviousPageParam: ({ page }) => (page > 1 ? page - 1 : undefined),
    getNextPageParam: ({ has_more, page }) => (has_more ? page + 1 : undefined),
  });
}

/** Refetches a chat's messages: there are more, or a run has ended. */
export function refreshHistory(queries: QueryClient, chatId: string): Promise<void> {
  return queries.invalidateQueries({ queryKey: keys.history(chatId) });
}

/** What the page knows about a question without asking the server. */
export type NewQuestion = Pick<
  Message,
  'message_id' | 'chat_id' | 'content' | 'metadata' | 'parent_message_id' | 'attachments'
>;

/** Shows a question that the server has just accepted, before the list is refetched. */
export async function addQuestion(queries: QueryClient, message: NewQuestion): Promise<void> {
  // A list requested earlier would arrive without it.
  await queries.cancelQueries({ queryKey: keys.history(message.chat_id) });
  const question: Message = {
    ...message,
    role: 'user',
    status: 'pending',
    created_at: new Date().toISOString(),
    processing_time_ms: null,
  };
  queries.setQueryData<History>(keys.history(message.chat_id), (history) => {
    const pages = history?.pages ?? [];
    if (pages.some(({ items }) => items.some((item) => item.message_id === question.message_id)))
      return history;
    const last = pages.at(-1) ?? EMPTY;
    const before = pages.flatMap(({ items }) => items).findLast(({ role }) => role === 'user');
    const placed = { parent_message_id: before?.message_id ?? null, ...question };
    const grown = { ...last, items: [...last.items, placed], total: last.total + 1 };
    return { pages: [...pages.slice(0, -1), grown], pageParams: history?.pageParams ?? [1] };
  });
  tellTabs(keys.history(message.chat_id));
}

const EMPTY: Page<Message> = {
  items: [],
  total: 0,
  page: 1,
  page_size: PAGE_SIZE,
  total_pages: 1,
  has_more: false,
};

/** A message with its run: usage, model, error. For runs that have ended; those do not change. */
export function useEndedRun(messageId: string, isWanted: boolean): UseQueryResult<MessageWithRun> {
  return useQuery({
    queryKey: keys.run(messageId),
    queryFn: ({ signal }) => reprise.getMessage(messageId, { signal }),
    enabled: isWanted,
    staleTime: Infinity,
  });
}

/** Full arguments and results. Refetched when another call has ended. */
export function useToolCalls(
  messageId: string,
  ended: number,
  isWanted: boolean,
): UseQueryResult<FullToolCall[]> {
  return useQuery({
    queryKey: keys.toolCalls(messageId, ended),
    queryFn: ({ signal }) => reprise.listToolCalls(messageId, { signal }),
    enabled: isWanted,
    staleTime: Infinity,
    placeholderData: (before) => before,
  });
}
