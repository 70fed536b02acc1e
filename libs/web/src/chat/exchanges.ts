import type { Message } from '@reprise/client';

/** A question as it was asked one time, and its answer. */
export interface Version {
  /** Id of the question, or of the answer if the question is missing. */
  readonly id: string;
  readonly question: Message | null;
  readonly reply: Message | null;
  /** Position among the loaded messages, which are in the order of time; ids need not be. */
  readonly order: number;
}

/** One place in the conversation: a question in all its versions. */
export interface Exchange {
  /** Of the first version: it stays the same when the question is asked again. */
  readonly id: string;
  /** Oldest first, at least one. */
  readonly versions: readonly Version[];
}

/**
 * Messages as exchanges, in the order of the questions: the answer to a queued question comes after later questions but
 * still belongs to its own. A question that was asked again stays where it was asked first. Messages that belong to a
 * question further up are held back until it is loaded, if it `mayComeLater`.
 */
export function toExchanges(messages: readonly Message[], mayComeLater: boolean): Exchange[] {
  const replies = new Map(
    messages
      .filter(({ role }) => role === 'assistant')
      .map((message) => [textOf(message, 'reply_to'), message]),
  );
  const questions = new Set(
    messages.filter(({ role }) => role === 'user').map(({ message_id }) => message_id),
  );
  const places = new Map<string, { id: string; versions: Version[] }>();
  const exchanges: Exchange[] = [];
  for (const [order, message] of messages.entries()) {
    const { message_id: id } = message;
    const isQuestion = message.role === 'user';
    if (!isQuestion && questions.has(textOf(message, 'reply_to') ?? '')) continue;
    const target = isQuestion ? (firstOf(message) ?? textOf(message, 'retry_of')) : undefined;
    const place = target === undefined ? undefined : places.get(target);
    if (!place && mayComeLater && (!isQuestion || isMessageId(target))) continue;
    const version = isQuestion
      ? { id, question: message, reply: replies.get(id) ?? null, order }
      : { id, question: null, reply: message, order };
    const exchange = place ?? { id, versions: [] };
    exchange.versions.push(version);
    places.set(id, exchange);
    if (!place) exchanges.push(exchange);
  }
  return exchanges;
}

/** The question in whose place a question stands, as the server tells. */
function firstOf({ message_id, versions }: Message): string | undefined {
  const first = versions?.ids[0];
  return first === message_id ? undefined : first;
}

/** Metadata is written by the client that sent the message. */
function textOf({ metadata }: Message, key: 'reply_to' | 'retry_of'): string | undefined {
  const text = metadata[key];
  return typeof text === 'string' ? text : undefined;
}

function isMessageId(text: string | undefined): boolean {
  return text !== undefined && /^[0-9a-f]{24}$/.test(text);
}

/** Whether an exchange has this version. */
export function hasVersion({ versions }: Exchange, id: string | null): boolean {
  return versions.some((version) => version.id === id);
}

const LIVE: ReadonlySet<string> = new Set(['pending', 'processing', 'waiting']);

/** Whether a message's run is not over. */
export function isLive(message: Message | null): boolean {
  return message !== null && LIVE.has(message.status);
}
