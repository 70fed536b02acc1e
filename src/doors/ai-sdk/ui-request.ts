import { asJsonObject } from '../../common/index.js';
import { fileAt, nameOfFile, type ClientQuestion, type SentFile } from '../../messages/http/index.js';
import { validationFailed } from '../../platform/http/index.js';
import type { ClientDecision } from '../../runs/http/index.js';
import { isSentMessage, type SentMessage, type UiChatDto } from './ui-chat.dto.js';

/** What a request wants. */
export type UiRequest =
  /** `edits`: the message in whose place the question stands, which may be itself. */
  | { kind: 'ask'; question: ClientQuestion; edits: string | undefined }
  /** `of`: the answer, or its question; `question`: the last one that the client knows. */
  | { kind: 'regenerate'; of: string | undefined; question: ClientQuestion | undefined }
  | { kind: 'continue'; answer: string; decisions: ClientDecision[] };

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

function decisionOf(part: Readonly<Record<string, unknown>> | undefined): ClientDecision[] {
  if (part?.['state'] !== 'approval-responded') return [];
  const { id, approved, reason } = asJsonObject(part['approval']) ?? {};
  if (typeof id !== 'string' || id === '' || typeof approved !== 'boolean')
    throw failed('has an approval without an id or a decision');
  const why = typeof reason === 'string' && reason.trim() !== '' ? reason : undefined;
  return [{ callId: id, decision: approved ? 'approve' : 'reject', reason: why }];
}

function questionOf({ id, parts, metadata }: SentMessage): ClientQuestion {
  const known = parts.map((part) => asJsonObject(part) ?? {});
  const texts = known.flatMap(({ type, text }) =>
    type === 'text' && typeof text === 'string' ? [text] : [],
  );
  return {
    id: String(id),
    text: texts.join('\n'),
    files: known.filter(({ type }) => type === 'file').map(fileOf),
    metadata,
  };
}

function fileOf({ url, filename, mediaType }: Readonly<Record<string, unknown>>, index: number): SentFile {
  return fileAt(url, nameOfFile(filename, mediaType), `messages.files.${index}.url`);
}

const failed = (message: string): Error => validationFailed([{ field: 'messages', message }]);
