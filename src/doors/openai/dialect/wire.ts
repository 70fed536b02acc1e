import type {
  Response,
  ResponseOutputItem,
  ResponseOutputMessage,
  ResponseOutputText,
  ResponseReasoningItem,
  ResponseStreamEvent,
} from 'openai/resources/responses/responses';

// The shapes are OpenAI's own, so that the compiler checks what the door writes.

/** A response as the API sends it: the client library adds what is missing here. */
export type WireResponse = Omit<Response, 'output_text' | 'access_programs' | 'error'> & {
  /** `code` is this server's own: the API lists only those of OpenAI. */
  error: { code: string; message: string } | null;
};

/** What shows that a tool ran on the server; a client runs none of them. */
export type CallItem = ResponseOutputItem.McpCall;

/** A question to a person about a call. */
export type ApprovalItem = ResponseOutputItem.McpApprovalRequest;

/** What a run puts into `output`. */
export type OutputItem = ResponseOutputMessage | ResponseReasoningItem | CallItem | ApprovalItem;

/** A source of the answer. */
export type Annotation = ResponseOutputText.URLCitation | ResponseOutputText.FileCitation;

type Numbered = Exclude<ResponseStreamEvent, { response: Response }>;
type WithoutNumber<T> = T extends unknown ? Omit<T, 'sequence_number'> : never;

/** An event about an item of the output, before it has its number. */
export type ItemEvent = WithoutNumber<Numbered>;

/** The events about the response as a whole; any other name would stop the official client. */
export type LifecycleType =
  | 'response.created'
  | 'response.in_progress'
  | 'response.completed'
  | 'response.failed'
  | 'response.incomplete';

/** An event on the wire. */
export type WireEvent =
  | (ItemEvent & { sequence_number: number })
  | { type: LifecycleType; sequence_number: number; response: WireResponse };

/** Frames as OpenAI writes them. The event's id is only on the last one; see `dataFrames`. */
export function namedFrames(events: readonly WireEvent[], id?: string): string {
  const frames = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  if (id === undefined) return frames.join('');
  const last = frames.pop() ?? '\n';
  return `${frames.join('')}id: ${id}\n${last}`;
}
