import type { Chat, Page } from '@reprise/client';
import {
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
  type InfiniteData,
  type QueryClient,
  type UseInfiniteQueryResult,
  type UseMutationResult,
  type UseQueryResult,
} from '@tanstack/react-query';
import { reprise, userId } from './reprise.js';
import { tellTabs } from './tabs.js';

const PAGE_SIZE = 40;

const keys = {
  lists: ['chats'] as const,
  list: (search: string) => ['chats', search] as const,
  chat: (chatId: string) => ['chat', chatId] as const,
};

/** The user's chats, newest activity first, page by page; with a search text, those whose title contains it. */
export function useChats(search = ''): UseInfiniteQueryResult<Chat[]> {
  return useInfiniteQuery({
    queryKey: keys.list(search),
    queryFn: ({ pageParam: page, signal }) =>
      reprise.listChats({
        userId,
        page,
        pageSize: PAGE_SIZE,
        search: search === '' ? undefined : search,
        signal,
      }),
    initialPageParam: 1,
    getNextPageParam: ({ has_more, page }) => (has_more ? page + 1 : undefined),
    select: allOf,
    placeholderData: (before) => before,
  });
}

/** A chat may move to another page while pages are being read: list it once. */
function allOf({ pages }: InfiniteData<Page<Chat>>): Chat[] {
  return [...new Map(pages.flatMap(({ items }) => items).map((chat) => [chat.chat_id, chat])).values()];
}

/** One chat: its title and its number of messages. `null`: no chat is requested. */
export function useChat(chatId: string | null): UseQueryResult<Chat> {
  return useQuery({
    queryKey: keys.chat(chatId ?? ''),
    queryFn: ({ signal }) => reprise.getChat(chatId ?? '', { signal }),
    enabled: chatId !== null,
  });
}

/** Adds a new chat to what the page knows at once. Its title stands in until the server has a better one. */
export async function createChat(queries: QueryClient, title: string): Promise<Chat> {
  const chat = await reprise.createChat({ userId, title, autoTitle: true });
  queries.setQueryData(keys.chat(chat.chat_id), chat);
  void refreshChats(queries);
  tellTabs(keys.lists);
  return chat;
}

/** A chat with this title and no messages. */
export async function findEmptyChat(title: string): Promise<Chat | undefined> {
  const { items } = await reprise.listChats({ userId, search: title, pageSize: PAGE_SIZE });
  return items.find((chat) => chat.title === title && chat.message_count === 0);
}

/** Refetches a chat: the server has said something that contradicts what the page knows about it. */
export function refreshChat(queries: QueryClient, chatId: string): Promise<void> {
  return queries.invalidateQueries({ queryKey: keys.chat(chatId) });
}

/** When to look for the title of a chat whose run has ended, ms: the server makes one meanwhile, or does not. */
const TITLE_WAITS_MS = [0, 1500, 4000, 12_000];

/** A run has ended: refetches its chat, and its lists once they have its title. */
export async function refreshEnded(queries: QueryClient, chatId: string): Promise<void> {
  void refreshChats(queries);
  const before = queries.getQueryData<Chat>(keys.chat(chatId));
  for (const ms of TITLE_WAITS_MS) {
    await new Promise((resolve) => setTimeout(resolve, ms));
    await refreshChat(queries, chatId);
    const chat = queries.getQueryData<Chat>(keys.chat(chatId));
    if (chat?.auto_title === true) continue;
    if (chat && chat.title !== before?.title) await refreshChats(queries);
    return;
  }
}

/** Something happened in a chat, so it has moved in the list. */
export function refreshChats(queries: QueryClient): Promise<void> {
  return queries.invalidateQueries({ queryKey: keys.lists });
}

/** Renames a chat. */
export function useRenameChat(): UseMutationResult<Chat, Error, { chatId: string; title: string }> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (change) => reprise.renameChat(change),
    onSuccess: (chat) => {
      queries.setQueryData(keys.chat(chat.chat_id), chat);
      tellTabs(keys.lists, keys.chat(chat.chat_id));
      return refreshChats(queries);
    },
  });
}

/** Deletes a chat with everything in it. */
export function useDeleteChat(): UseMutationResult<void, Error, string> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (chatId) => reprise.deleteChat(chatId),
    onSuccess: (_nothing, chatId) => {
      queries.removeQueries({ queryKey: keys.chat(chatId) });
      tellTabs(keys.lists, keys.chat(chatId));
      return refreshChats(queries);
    },
  });
}
