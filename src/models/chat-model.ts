import type { EventBody } from '@reprise/protocol';

/**
 * Extra data that a provider attached to a call, or to a turn that calls tools, and expects back: signatures,
 * thinking. Only the adapter that read it understands it, and sends it to nobody else.
 */
export interface ProviderData {
  /** The model and server it came from. */
  origin: string;
  /** The call's id as the provider gave it. */
  id?: string;
  fields: Record<string, unknown>;
}

/** How a call went, as reported to the model and to programs. */
export interface CallResult {
  /** For the model. */
  text: string;
  /** For programs; present if the call failed. */
  error_code?: string;
}

/** UTF-16 code units of a call's arguments that are read; a call with more fails. */
export const ARGUMENTS_MAX_CHARS = 4_000_000;

/** One tool call as the model requested it. `arguments` is its JSON text, possibly malformed. */
export interface ModelToolCall {
  id: string;
  name: string;
  arguments: string;
  provider?: ProviderData;
}

/** An image that a user's message contains. */
export interface ModelImage {
  /** `image/png`, `image/jpeg`, `image/gif` or `image/webp`. */
  media_type: string;
  /** Base64 of the file, without line breaks. */
  data: string;
}

/**
 * One message of the transcript passed to a model. Images stand before the text; so many characters at its beginning
 * are `documents`, which can be shortened. `continues` marks a question that nobody asked: it requests the
 * rest of the message before it; `summary` one that stands for earlier messages. `error_code` is set if the call failed;
 * `content` tells the model the same in words.
 */
export type ModelMessage =
  | { role: 'system'; content: string }
  | {
      role: 'user';
      content: string;
      images?: readonly ModelImage[];
      documents?: number;
      continues?: true;
      summary?: true;
    }
  | { role: 'assistant'; content: string; tool_calls?: ModelToolCall[]; provider?: ProviderData }
  | { role: 'tool'; tool_call_id: string; content: string; error_code?: string };

/** A tool as described to the model. */
export interface ModelTool {
  name: string;
  description: string;
  /** JSON Schema of the arguments object. */
  parameters: Record<string, unknown>;
}

/** How a model chooses its words; what is missing is the provider's default. */
export interface ModelSampling {
  temperature?: number | undefined;
  top_p?: number | undefined;
  /** Tokens of one answer, thinking included. */
  max_output_tokens?: number | undefined;
  /** Texts at which the answer ends. */
  stop?: readonly string[] | undefined;
  seed?: number | undefined;
  reasoning_effort?: 'minimal' | 'low' | 'medium' | 'high' | undefined;
}

/** A request to a model. */
export interface ModelRequest {
  messages: ModelMessage[];
  tools: ModelTool[];
  /** What a provider does not know, or does not accept, is not sent. */
  sampling?: ModelSampling | undefined;
  /** False: at most one tool call in a turn. Default: the provider's. */
  parallel_tool_calls?: boolean | undefined;
  /**
   * Position in the order of arrival: when requests have to wait, the smaller number goes first. Default: arrives now.
   */
  arrival?: number;
  /** What the text is for, if it is no answer: a model that only quotes has to know. */
  purpose?: 'title' | 'summary';
  /** The request's place in a trace, for the model's server. */
  traceparent?: string;
}

/** Tokens billed. */
export interface ModelUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  /** Part of `prompt_tokens`: read from the provider's cache, at another price. */
  cached_tokens?: number;
  /** Part of `prompt_tokens`: written to the provider's cache, at another price. */
  cache_write_tokens?: number;
}

/**
 * One piece of a streamed answer. A tool call is yielded once, complete, after its fragments have been joined;
 * meanwhile `tool_progress` reports how many characters of its arguments have arrived. `turn_data` belongs to the
 * whole turn.
 */
export type ModelDelta =
  /**
   * What happens before the answer starts, for the user to read; `once`: report it only once per run. `left_out`: the
   * part of the request that the model does not get.
   */
  | { type: 'status'; text: string; once?: boolean; left_out?: string }
  | { type: 'text'; text: string }
  | { type: 'reasoning'; text: string }
  | { type: 'tool_call'; call: ModelToolCall }
  | { type: 'tool_progress'; name: string; chars: number }
  /** What a remote agent does by itself, for the user to see. */
  | { type: 'event'; body: EventBody<'plan' | 'tool_start' | 'tool_end'> }
  | { type: 'turn_data'; data: ProviderData }
  | { type: 'usage'; usage: ModelUsage }
  | { type: 'finish'; reason: 'stop' | 'tool_calls' | 'length' | 'content_filter' };

/** How much a model accepts. */
export interface ContextWindow {
  /** Tokens of question and answer together; `undefined` while unknown. */
  tokens?: number;
  /** Nobody has named `tokens`: it is half of what was too much. */
  isGuess?: boolean;
  /** The provider's token count per token estimated by `tokens.ts`. */
  factor: number;
}

/** `open`: it failed so often that it is not asked; `half_open`: one request may try. */
export type CircuitState = 'closed' | 'open' | 'half_open';

/** Whether asking a model is worth the time. */
export interface Circuit {
  readonly state: CircuitState;
  /** False if another model should be asked instead, should there be one. */
  readonly mayAsk: boolean;
  /** Makes one attempt, even if it had better not be made, and counts how it ended. */
  run<T>(attempt: () => Promise<T>): Promise<T>;
}

/** A language model, whatever the provider. */
export abstract class ChatModel {
  /** Name reported in the `end` event. */
  abstract readonly name: string;

  /** Present if its server may fail. */
  readonly circuit?: Circuit;

  /** `provider:name`, as `MODEL_CHAIN` names it. */
  get ref(): string {
    return this.name;
  }

  /** `openai`, `anthropic`, `offline`; of agents that the loop treats as models `workflow` or `remote`. */
  get provider(): string {
    return this.ref.split(':', 1)[0] ?? '';
  }

  /** Host and port of its server, if there is one. */
  get server(): string | undefined {
    return undefined;
  }

  /**
   * Streams one answer. Ends after `finish`.
   * @param signal aborts the request; the iterator then throws the signal's reason.
   * @throws ModelError whose `retryable` says whether a retry may help.
   */
  abstract stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelDelta>;

  /** Cheap check for the readiness probe; `detail` is shown to operators. */
  abstract check(): Promise<{ ok: boolean; detail: string }>;

  /** What is known about the context window so far; a model without a provider has no limit. */
  context(): Promise<ContextWindow> {
    return Promise.resolve({ factor: 1 });
  }

  /** Asks the provider in advance for what it can tell about the model. Never rejects. */
  learn(): Promise<void> {
    return Promise.resolve();
  }
}

/** What a provider said about a failure, bounded and without secrets: for logs, and for the owner of the chat. */
export interface ProviderCause {
  /** HTTP status. */
  status?: number;
  type?: string;
  code?: string;
  message?: string;
}

/** A request was longer than the model's context window. Tokens as counted by the provider, if it reports them. */
export interface ContextOverflow {
  window?: number;
  prompt?: number;
}

/** What is known about a provider's failure. */
export interface ModelErrorOptions {
  /** A retry may help. */
  retryable: boolean;
  /** Only a person may ask for it: asking again by itself would repeat what has been done. */
  final?: boolean;
  retryAfterMs?: number;
  cause?: unknown;
  provider?: ProviderCause;
  /** Present if a shorter request would be accepted. */
  overflow?: ContextOverflow;
  /** Name of the request part that this provider does not accept, as in `unsupported.ts`. */
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
