import { RepriseError, type Attachment, type Message } from '@reprise/client';
import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { createChat, findEmptyChat, refreshChat, refreshChats } from '../api/chats.js';
import { addQuestion, refreshHistory } from '../api/messages.js';
import { reprise } from '../api/reprise.js';
import { notifyError } from '../ui/notify.js';
import { isLive } from './exchanges.js';
import {
  compose,
  drop,
  find,
  isNewRoom,
  markFailed,
  markSending,
  moveRoom,
  type Outgoing,
  type Written,
} from './outbox.js';

const TITLE_CHARS = 60;

/** How messages leave the page. Failures are shown on the page, not thrown. */
export interface Sending {
  /** To a chat, or to one that this creates: see `newRoom`. */
  send: (room: string, written: Written) => void;
  /** In the place of a question, whose run it stops if that is active. */
  edit: (question: Message, text: string, attachments: readonly Attachment[]) => void;
  /** Sends again what did not arrive. */
  resend: (message: Outgoing) => void;
  /** Asks a question again, as a new one. */
  retry: (question: Message) => Promise<void>;
}

/** The last message on its way to each room: the next one waits for it, so that they reach the server in order. */
const tails = new Map<string, Promise<void>>();

/** Sends messages. */
export function useSending(): Sending {
  const queries = useQueryClient();
  const send = useCallback(
    (room: string, written: Written) => {
      sendInTurn(queries, compose(room, written));
    },
    [queries],
  );
  const edit = useCallback(
    (question: Message, content: string, attachments: readonly Attachment[]) => {
      const { chat_id, message_id: editOf, parent_message_id: parent = null } = question;
      const keepsFiles = isSame(attachments, question.attachments);
      const written = { content, parent, editOf, interrupts: isLive(question), attachments, keepsFiles };
      sendInTurn(queries, compose(chat_id, written));
    },
    [queries],
  );
  const resend = useCallback(
    ({ key }: Outgoing) => {
      markSending(key);
      const message = find(key);
      if (message) sendInTurn(queries, message, true);
    },
    [queries],
  );
  const retry = useCallback((question: Message) => askAgain(queries, question), [queries]);
  return { send, edit, resend, retry };
}

function sendInTurn(queries: QueryClient, { key, room }: Outgoing, isAgain = false): void {
  const turn = (tails.get(room) ?? Promise.resolve()).then(() => sendOut(queries, key, isAgain));
  tails.set(room, turn);
}

async function sendOut(queries: QueryClient, key: string, isAgain: boolean): Promise<void> {
  try {
    const message = find(key);
    if (!message) return;
    markSending(key);
    const { content, parent = null, editOf, interrupts = false, attachments, keepsFiles = false } = message;
    const chatId = isNewRoom(message.room) ? await makeChat(queries, message, isAgain) : message.room;
    const { message_id } = await reprise.send({
      chatId,
      content,
      ...(editOf === undefined ? { parentMessageId: parent ?? undefined } : { editOf }),
      attachments: keepsFiles ? undefined : attachments,
      onBusy: interrupts ? 'interrupt' : undefined,
      idempotencyKey: key,
    });
    await addQuestion(queries, {
      message_id,
      chat_id: chatId,
      content,
      metadata: editOf === undefined ? {} : { retry_of: editOf },
      ...(attachments && attachments.length > 0 && { attachments }),
      ...((editOf !== undefined || parent) && { parent_message_id: parent }),
    });
    drop(key);
    if (editOf !== undefined) void refreshHistory(queries, chatId);
    void refreshChats(queries);
  } catch (error) {
    markFailed(key, error);
    const room = find(key)?.room;
    if (room !== undefined && isGone(error)) void refreshChat(queries, room);
  }
}

/** @param isAgain the chat may have been created before, if the response got lost. */
async function makeChat(
  queries: QueryClient,
  { room, content }: Outgoing,
  isAgain: boolean,
): Promise<string> {
  const title = titleOf(content);
  const before = isAgain ? await findEmptyChat(title) : undefined;
  const { chat_id } = before ?? (await createChat(queries, title));
  const turn = tails.get(room);
  if (turn) tails.set(chat_id, turn);
  moveRoom(room, chat_id);
  return chat_id;
}

async function askAgain(queries: QueryClient, question: Message): Promise<void> {
  const { message_id: retry_of, chat_id, content, parent_message_id, attachments } = question;
  try {
    const { message_id } = await reprise.retry(retry_of);
    await addQuestion(queries, {
      message_id,
      chat_id,
      content,
      metadata: { retry_of },
      ...(attachments && { attachments }),
      ...(parent_message_id !== undefined && { parent_message_id }),
    });
    void refreshHistory(queries, chat_id);
  } catch (error) {
    if (isGone(error)) void refreshChat(queries, chat_id);
    else notifyError('The question could not be asked again', error);
  }
}

function isSame(files: readonly Attachment[], others: readonly Attachment[] = []): boolean {
  return files.map(({ file_id }) => file_id).join() === others.map(({ file_id }) => file_id).join();
}

/** Whether the server says that the resource no longer exists. */
export function isGone(error: unknown): boolean {
  return error instanceof RepriseError && error.status === 404;
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
