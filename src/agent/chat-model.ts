/**
 * What a provider put beside a call, or beside a turn that asks for tools, and wants back with it: signatures, thinking.
 * Only the adapter that read it knows what it means, and sends it to nobody else.
 */
export interface ProviderData {
  /** Model and server that gave it. */
  origin: string;
  /** The call's id as the provider gave it. */
  id?: string;
  fields: Record<string, unknown>;
}

/** One tool call as the model asked for it. `arguments` is its JSON text, perhaps malformed. */
export interface ModelToolCall {
  id: string;
  name: string;
  arguments: string;
  provider?: ProviderData;
}

/** One message of the transcript given to a model. */
export type ModelMessage =
  | { role: 'system' | 'user'; content: string }
  | { role: 'assistant'; content: string; tool_calls?: ModelToolCall[]; provider?: ProviderData }
  | { role: 'tool'; tool_call_id: string; content: string };

/** A tool as the model is told of it. */
export interface ModelTool {
  name: string;
  description: string;
  /** JSON Schema of the arguments object. */
  parameters: Record<string, unknown>;
}

/** What a model is asked. */
export interface ModelRequest {
  messages: ModelMessage[];
  tools: ModelTool[];
}

/** Tokens billed. */
export interface ModelUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
}

/**
 * One piece of a streamed answer. A tool call comes once, whole, after its fragments are joined; `tool_progress` tells
 * meanwhile how many characters of its arguments have come. `turn_data` belongs to the whole turn.
 */
export type ModelDelta =
  | { type: 'text'; text: string }
  | { type: 'reasoning'; text: string }
  | { type: 'tool_call'; call: ModelToolCall }
  | { type: 'tool_progress'; name: string; chars: number }
  | { type: 'turn_data'; data: ProviderData }
  | { type: 'usage'; usage: ModelUsage }
  | { type: 'finish'; reason: 'stop' | 'tool_calls' | 'length' | 'content_filter' };

/** A language model behind whatever provider. */
export abstract class ChatModel {
  /** Name reported in the `end` event. */
  abstract readonly name: string;

  /**
   * Streams one answer. Ends after `finish`.
   * @param signal aborts the request; the iterator then throws the signal's reason.
   * @throws ModelError with `retryable` telling whether asking again may help.
   */
  abstract stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelDelta>;

  /** Cheap check for the readiness probe; `detail` is shown to operators. */
  abstract check(): Promise<{ ok: boolean; detail: string }>;
}

/** A model provider failed. `code` is stable: `model_rate_limited`, `model_unavailable`, `model_timeout`, `model_stream_broken`, `model_rejected`. */
export class ModelError extends Error {
  override readonly name = 'ModelError';

  constructor(
    readonly code: string,
    message: string,
    readonly options: { retryable: boolean; retryAfterMs?: number; cause?: unknown },
  ) {
    super(message, { cause: options.cause });
  }
}
