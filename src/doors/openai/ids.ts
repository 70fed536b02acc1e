import { AppError, clip } from '../../common/index.js';

const RESPONSE = /^(?:resp_)?([0-9a-f]{24})$/i;
const CONVERSATION = /^conv_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;
const APPROVAL = /^mcpr_([0-9a-f]{24})_(.+)$/is;

/** The message whose run a response is. @throws AppError 404 `response_not_found`: an id of another form names none. */
export function messageOf(id: string): string {
  const messageId = RESPONSE.exec(id)?.[1]?.toLowerCase();
  if (messageId === undefined) throw new AppError('response_not_found', { id: clip(id, 100) });
  return messageId;
}

/** What a conversation's id says: a chat of this server, or what its client calls it. */
export function conversationOf(id: string): { chatId: string } | { key: string } {
  const chatId = CONVERSATION.exec(id)?.[1]?.toLowerCase();
  return chatId === undefined ? { key: id } : { chatId };
}

/** A question about a call: which one, of which run. `undefined` if it is none of this server. */
export function approvalOf(id: string): { messageId: string; callId: string } | undefined {
  const [, messageId, callId] = APPROVAL.exec(id) ?? [];
  if (messageId === undefined || callId === undefined) return undefined;
  return { messageId: messageId.toLowerCase(), callId };
}
