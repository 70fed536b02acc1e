import { Client as LangGraphClient } from '@langchain/langgraph-sdk';
import { until } from '../../support/until.js';

/** One frame as the SDK hands it on. */
export interface Part {
  id?: string | undefined;
  event: string;
  data: any;
}

/** The official client, pointed at the door. */
export function clientOf(url: string, headers: Record<string, string> = {}): LangGraphClient {
  return new LangGraphClient({
    apiUrl: `${url}/api/langgraph`,
    apiKey: null,
    defaultHeaders: headers,
    callerOptions: { maxRetries: 0 },
  });
}

export const human = (content: string): { messages: { type: string; content: string }[] } => ({
  messages: [{ type: 'human', content }],
});

/** Collects a stream while it goes on. */
export class Collected {
  readonly parts: Part[] = [];
  error: unknown;
  readonly ended: Promise<void>;

  constructor(stream: AsyncIterable<unknown>) {
    this.ended = this.collect(stream);
  }

  async all(): Promise<Part[]> {
    await this.ended;
    if (this.error !== undefined) throw this.error as Error;
    return this.parts;
  }

  has(what: string, fits: (part: Part) => boolean): Promise<Part> {
    return until(what, () => {
      if (this.error !== undefined) throw this.error as Error;
      return this.parts.find(fits);
    });
  }

  private async collect(stream: AsyncIterable<unknown>): Promise<void> {
    try {
      for await (const part of stream) this.parts.push(part as Part);
    } catch (error) {
      this.error = error;
    }
  }
}

/** What `useStream` does with frames: pieces of a message are joined by its id, `values` replaces everything. */
export function shownBy(parts: readonly Part[]): any[] {
  let messages: any[] = [];
  const pieces = new Map<string, any>();
  for (const { event, data } of parts) {
    if (event === 'values') ({ messages } = { messages, ...data });
    if (event !== 'messages') continue;
    const [piece] = data;
    const known = pieces.get(piece.id);
    const whole = known
      ? joined(known, piece)
      : { ...piece, type: piece.type.replace('MessageChunk', '').toLowerCase() };
    pieces.set(piece.id, whole);
    const at = messages.findIndex(({ id }) => id === piece.id);
    messages = at < 0 ? [...messages, whole] : messages.with(at, whole);
  }
  return messages;
}

function joined(known: any, piece: any): any {
  const thought: string | undefined = piece.additional_kwargs?.reasoning_content;
  const earlier: string = known.additional_kwargs.reasoning_content ?? '';
  return {
    ...known,
    content: `${known.content}${piece.content}`,
    additional_kwargs: thought ? { reasoning_content: `${earlier}${thought}` } : known.additional_kwargs,
    tool_calls: [...(known.tool_calls ?? []), ...(piece.tool_calls ?? [])],
  };
}

/** A message as a person reads it. */
export const words = ({ type, content }: any): string => `${type}: ${content}`;
