import { asJsonObject } from '../../common/index.js';
import { fileAt, nameOfFile, type ClientQuestion, type SentFile } from '../../messages/http/index.js';
import type { ClientDecision } from '../../runs/http/index.js';
import type { ResumeEntry, RunAgentDto } from './run-agent.dto.js';

type Fields = Readonly<Record<string, unknown>>;

/** The last message of the user. @throws AppError 400 `validation_failed` for a file that cannot be read. */
export function questionOf({ messages }: Pick<RunAgentDto, 'messages'>): ClientQuestion | undefined {
  const asked = messages.findLast(({ role }) => role === 'user');
  if (!asked) return undefined;
  const { id, content } = asked;
  if (typeof content === 'string') return { id, text: content, files: [] };
  const parts = Array.isArray(content) ? content.map((part) => asJsonObject(part) ?? {}) : [];
  const texts = parts.flatMap(({ type, text }) =>
    type === 'text' && typeof text === 'string' ? [text] : [],
  );
  const files = parts.filter(({ type }) => type !== 'text').map(fileOf);
  return { id, text: texts.join('\n'), files };
}

/** A part with a source, or the older kind with its data in it. */
function fileOf(part: Fields, index: number): SentFile {
  const field = `messages.content.files.${index}`;
  const { type, value, mimeType } = asJsonObject(part['source']) ?? {};
  const media = mimeType ?? part['mimeType'];
  const name = nameOfFile(part['filename'], media);
  const data = type === 'data' ? value : part['data'];
  if (typeof data === 'string') return fileAt(`data:;base64,${data}`, name, field);
  return fileAt(type === 'url' ? value : part['url'], name, field);
}

/** The decisions in the answers to interrupts. A cancelled one rejects. */
export function decisionsOf(resume: readonly ResumeEntry[]): ClientDecision[] {
  return resume.map(({ interruptId: callId, status, payload }) => {
    const { decision, reason, arguments: changed } = asJsonObject(payload) ?? {};
    if (status === 'cancelled') return { callId, decision: 'reject', reason };
    return { callId, decision, reason, arguments: changed };
  });
}

/** Whether the client has the messages of some calls. */
export function knowsCalls({ messages }: RunAgentDto, decisions: readonly ClientDecision[]): boolean {
  const known = new Set(
    messages.flatMap(({ toolCalls }) =>
      Array.isArray(toolCalls) ? toolCalls.map((call) => asJsonObject(call)?.['id']) : [],
    ),
  );
  return decisions.every(({ callId }) => known.has(callId));
}
