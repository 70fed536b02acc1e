import { asJsonObject } from '../../common/index.js';
import { validationFailed } from '../../platform/http/index.js';
import { isSentMessage, type SentMessage, type UiChatDto } from './ui-chat.dto.js';

/** A person's answer about a call. */
export interface UiDecision {
  callId: string;
  decision: 'approve' | 'reject';
  reason?: string | undefined;
}

/** A question as the client sent it. */
export interface UiQuestion {
  /** The client's. */
  id: string;
  text: string;
  files: readonly Readonly<Record<string, unknown>>[];
  metadata: unknown;
}

/** What a request wants. */
export type UiRequest =
  /** `edits`: the message in whose place the question stands, which may be itself. */
  | { kind: 'ask'; question: UiQuestion; edits: string | undefined }
  /** `of`: the answer, or its question; `question`: the last one that the client knows. */
  | { kind: 'regenerate'; of: string | undefined; question: UiQuestion | undefined }
  | { kind: 'continue'; answer: string; decisions: UiDecision[] };

/**
 * What a request wants: by its trigger, its `messageId` and its last message. Other messages are the client's memory of
 * what the server knows better.
 * @throws AppError 400 `validation_failed`.
 */
export function requestOf({ messages, trigger, messageId }: UiChatDto): UiRequest {
  const named = messageId ?? undefined;
  const sent = messages.filter(isSentMessage);
  const last = messages.at(-1);
  if (trigger === 'regenerate-message') {
    const asked = sent.findLast(({ role }) => role === 'user');
    return { kind: 'regenerate', of: named, question: asked && questionOf(asked) };
  }
  const continued = sent.findLast(({ id, role }) => role === 'assistant' && id === named) ?? last;
  if (continued?.role === 'assistant') return continuation(continued);
  if (last?.role === 'user') return { kind: 'ask', question: questionOf(last), edits: named };
  throw failed('must end with a message of the user, or with an answer whose approvals were decided');
}

function continuation(answer: SentMessage): UiRequest {
  const decisions = answer.parts.flatMap((part) => decisionOf(asJsonObject(part)));
  if (decisions.length > 0) return { kind: 'continue', answer: String(answer.id), decisions };
  throw failed('ends with an answer in which no approval was decided: there is nothing to continue');
}

function decisionOf(part: Readonly<Record<string, unknown>> | undefined): UiDecision[] {
  if (part?.['state'] !== 'approval-responded') return [];
  const { id, approved, reason } = asJsonObject(part['approval']) ?? {};
  if (typeof id !== 'string' || id === '' || typeof approved !== 'boolean')
    throw failed('has an approval without an id or a decision');
  const why = typeof reason === 'string' && reason.trim() !== '' ? reason : undefined;
  return [{ callId: id, decision: approved ? 'approve' : 'reject', reason: why }];
}

function questionOf({ id, parts, metadata }: SentMessage): UiQuestion {
  const known = parts.map((part) => asJsonObject(part) ?? {});
  const texts = known.flatMap(({ type, text }) =>
    type === 'text' && typeof text === 'string' ? [text] : [],
  );
  return {
    id: String(id),
    text: texts.join('\n'),
    files: known.filter(({ type }) => type === 'file'),
    metadata,
  };
}

const failed = (message: string): Error => validationFailed([{ field: 'messages', message }]);
