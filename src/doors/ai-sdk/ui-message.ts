import { asJsonObject } from '../../common/index.js';
import type { Part } from './parts.js';

/** A message as the AI SDK's clients keep it. */
export interface UiMessage {
  id: string;
  role: 'user' | 'assistant';
  metadata?: Record<string, unknown>;
  parts: Part[];
}

type Mutable = Record<string, unknown> & { type: string };

/**
 * What a client makes of the parts of a stream, so that a page that is given an old answer shows what one that watched
 * it shows. @param parts of one message, from its first
 */
export function messageOf(id: string, parts: Iterable<Part>): UiMessage {
  const folding = new Folding();
  for (const part of parts) folding.take(part);
  const { metadata } = folding;
  return { id, role: 'assistant', ...(metadata && { metadata }), parts: folding.parts };
}

class Folding {
  metadata: Record<string, unknown> | undefined;
  readonly parts: Mutable[] = [];
  /** Open text and reasoning by its id. */
  private readonly open = new Map<string, Mutable>();

  take(part: Part): void {
    const metadata = asJsonObject(part['messageMetadata']);
    if (metadata) this.metadata = { ...this.metadata, ...metadata };
    const { type } = part;
    if (type === 'start-step') this.parts.push({ type: 'step-start' });
    else if (/^(text|reasoning)-/.test(type)) this.takeText(part);
    else if (type.startsWith('tool-')) this.takeTool(part);
    else if (type.startsWith('source-')) this.parts.push({ ...part });
    else if (type.startsWith('data-')) this.takeData(part);
  }

  private takeText({ type, id, delta }: Part): void {
    const key = String(id);
    const [kind = '', what] = type.split('-');
    if (what === 'start') {
      const begun = { type: kind, ...(kind === 'reasoning' && { id: key }), text: '', state: 'streaming' };
      this.open.set(key, begun);
      this.parts.push(begun);
      return;
    }
    const part = this.open.get(key);
    if (!part) return;
    if (what === 'delta') part['text'] = String(part['text']) + String(delta);
    else part['state'] = 'done';
  }

  private takeTool(part: Part): void {
    if (part.type === 'tool-input-available') {
      const { type: _type, dynamic: _dynamic, ...call } = part;
      this.parts.push({ type: 'dynamic-tool', ...call, state: 'input-available' });
      return;
    }
    const id = part['toolCallId'] ?? part['approvalId'];
    const call = this.parts.findLast((one) => one.type === 'dynamic-tool' && one['toolCallId'] === id);
    if (call) Object.assign(call, changeOf(part, call));
  }

  private takeData(part: Part): void {
    const earlier = this.parts.find(({ type, id }) => type === part.type && id === part['id']);
    if (earlier) earlier['data'] = part['data'];
    else this.parts.push({ ...part });
  }
}

/** What a part changes in the call that it is about. */
function changeOf(part: Part, call: Mutable): object {
  const { approvalId: id, approved, reason, output, errorText } = part;
  switch (part.type) {
    case 'tool-approval-request':
      return { state: 'approval-requested', approval: { id } };
    case 'tool-approval-response':
      return {
        state: 'approval-responded',
        approval: { ...(call['approval'] as object), id, approved, ...(reason !== undefined && { reason }) },
      };
    case 'tool-output-available':
      return { state: 'output-available', output };
    case 'tool-output-error':
      return { state: 'output-error', errorText };
    case 'tool-output-denied':
      return { state: 'output-denied' };
    default:
      return {};
  }
}
