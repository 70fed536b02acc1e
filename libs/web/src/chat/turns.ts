import type { Message } from '@reprise/client';

/** A question and its answer, as one piece of the conversation. */
export interface Turn {
  /** Id of the question; of the answer where the question is missing. */
  readonly id: string;
  readonly question: Message | null;
  readonly reply: Message | null;
  /** It asks the question of the turn before it again. */
  readonly isRepeat: boolean;
}

/**
 * Messages as turns, in the order of the questions: the answer to a queued question comes after later questions, and
 * still belongs to its own. An answer whose question is further up waits until that is loaded, if it `mayComeLater`.
 */
export function toTurns(messages: readonly Message[], mayComeLater: boolean): Turn[] {
  const questions = new Set(
    messages.filter(({ role }) => role === 'user').map((message) => message.message_id),
  );
  const replies = new Map(
    messages.filter(({ role }) => role === 'assistant').map((message) => [questionOf(message), message]),
  );
  const shown = messages.filter(
    (message) => message.role === 'user' || !questions.has(questionOf(message) ?? ''),
  );
  return shown.flatMap((message, index) => {
    if (message.role === 'user') return [turnOf(message, replies, shown[index - 1])];
    return mayComeLater ? [] : [{ id: message.message_id, question: null, reply: message, isRepeat: false }];
  });
}

function turnOf(
  question: Message,
  replies: ReadonlyMap<string | undefined, Message>,
  before: Message | undefined,
): Turn {
  const { message_id: id, metadata } = question;
  const isRepeat = before !== undefined && metadata['retry_of'] === before.message_id;
  return { id, question, reply: replies.get(id) ?? null, isRepeat };
}

function questionOf({ metadata }: Message): string | undefined {
  const id = metadata['reply_to'];
  return typeof id === 'string' ? id : undefined;
}

/** Whether a message's run has more to say. */
export function isLive(message: Message | null): boolean {
  return message?.status === 'pending' || message?.status === 'processing';
}
