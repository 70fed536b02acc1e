import type { Message } from '@reprise/client';
import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { createChat, refreshChats } from '../api/chats.js';
import { addQuestion, refreshHistory } from '../api/messages.js';
import { reprise } from '../api/reprise.js';
import { notifyError } from '../ui/notify.js';
import { compose, deliver, drop, type Outgoing } from './outbox.js';

const TITLE_CHARS = 60;

/** How messages leave the page. */
export interface Sending {
  /** To a chat, or to a new one. @returns the chat; `null` when there is none. */
  send: (chatId: string | null, text: string) => Promise<string | null>;
  /** Sends what did not arrive again. */
  resend: (message: Outgoing) => Promise<void>;
  /** Asks a question again, as a new one. */
  retry: (question: Message) => Promise<void>;
}

/** Sends messages; failures show on the page and are not thrown. */
export function useSending(): Sending {
  const queries = useQueryClient();
  const resend = useCallback((message: Outgoing) => sendOut(queries, message), [queries]);
  const send = useCallback(
    async (chatId: string | null, text: string) => {
      const id = chatId ?? (await newChat(queries, text));
      if (id !== null) void resend(compose(id, text));
      return id;
    },
    [queries, resend],
  );
  const retry = useCallback((question: Message) => askAgain(queries, question), [queries]);
  return { send, resend, retry };
}

async function newChat(queries: QueryClient, text: string): Promise<string | null> {
  try {
    return (await createChat(queries, titleOf(text))).chat_id;
  } catch (error) {
    notifyError('The chat could not be started', error);
    return null;
  }
}

async function sendOut(queries: QueryClient, message: Outgoing): Promise<void> {
  const created = await deliver(message);
  if (!created) return;
  const { chatId: chat_id, content } = message;
  await addQuestion(queries, { message_id: created.message_id, chat_id, content, metadata: {} });
  drop(message);
  void refreshChats(queries);
}

async function askAgain(queries: QueryClient, question: Message): Promise<void> {
  const { message_id: retry_of, chat_id, content } = question;
  try {
    const { message_id } = await reprise.retry(retry_of);
    await addQuestion(queries, { message_id, chat_id, content, metadata: { retry_of } });
    void refreshHistory(queries, chat_id);
  } catch (error) {
    notifyError('The question could not be asked again', error);
  }
}

/** The first line of a question, cut between words. */
function titleOf(text: string): string {
  const line = text.split('\n', 1)[0]?.replace(/\s+/g, ' ').trim() ?? '';
  if (line.length <= TITLE_CHARS) return line === '' ? 'New chat' : line;
  const cut = line.slice(0, TITLE_CHARS);
  const space = cut.lastIndexOf(' ');
  return `${cut
    .slice(0, space > TITLE_CHARS / 2 ? space : TITLE_CHARS)
    .toWellFormed()
    .replace(/\uFFFD$/, '')}…`;
}
