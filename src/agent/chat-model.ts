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

/**
 * One message of the transcript given to a model. `continues` marks a question that nobody asked: it asks for the rest of
 * the message before it. `error_code` is there when the call failed; `content` tells the model the same in words.
 */
export type ModelMessage =
  | { role: 'system'; content: string }
  | { role: 'user'; content: string; continues?: true }
  | { role: 'assistant'; content: string; tool_calls?: ModelToolCall[]; provider?: ProviderData }
  | { role: 'tool'; tool_call_id: string; content: string; error_code?: string };

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
  /** Place in the order of arrival: when requests have to wait, the smaller number goes first. Default: arrives now. */
  arrival?: number;
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
  /** What happens before the answer begins, for the user to read; `once`: a run that was told so need not be told again. */
  | { type: 'status'; text: string; once?: boolean }
  | { type: 'text'; text: string }
  | { type: 'reasoning'; text: string }
  | { type: 'tool_call'; call: ModelToolCall }
  | { type: 'tool_progress'; name: string; chars: number }
  | { type: 'turn_data'; data: ProviderData }
  | { type: 'usage'; usage: ModelUsage }
  | { type: 'finish'; reason: 'stop' | 'tool_calls' | 'length' | 'content_filter' };

/** How much a model can be given. */
export interface ContextWindow {
  /** Tokens of question and answer together; `undefined` while nobody has said. */
  tokens?: number;
  /** Nobody has named `tokens`: it is half of what was too much. */
  isGuess?: boolean;
  /** What the provider counts for each token that `tokens.ts` estimates. */
  factor: number;
}

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

  /** What is known of the context window by now; a model without a provider has no limit. */
  context(): Promise<ContextWindow> {
    return Promise.resolve({ factor: 1 });
  }

  /** Asks the provider what can be known of the model beforehand. Never rejects. */
  learn(): Promise<void> {
    return Promise.resolve();
  }
}

/** What a provider said when it failed, bounded and without secrets: for logs, and for the owner of the chat. */
export interface ProviderCause {
  /** HTTP status. */
  status?: number;
  type?: string;
  code?: string;
  message?: string;
}

/** A request was longer than the model's context window. Tokens as the provider counts them, where it says. */
export interface ContextOverflow {
  window?: number;
  prompt?: number;
}

/** What is known of a provider's failure. */
export interface ModelErrorOptions {
  /** Asking again may help. */
  retryable: boolean;
  retryAfterMs?: number;
  cause?: unknown;
  provider?: ProviderCause;
  /** Present when less text would be taken. */
  overflow?: ContextOverflow;
  /** Name of the part of the request that this provider does not take, as `unsupported.ts` knows it. */
  unsupported?: string;
}

/** A model provider failed. `code` is stable: `model_rate_limited`, `model_unavailable`, `model_timeout`, `model_stream_broken`, `model_rejected`. */
export class ModelError extends Error {
  override readonly name = 'ModelError';

  constructor(
    readonly code: string,
    message: string,
    readonly options: ModelErrorOptions,
  ) {
    super(message, { cause: options.cause });
  }
}
