import type { EventBody, sourceSchema } from '@reprise/protocol';
import type { z } from 'zod';
import type { TenantId } from '../common/index.js';

/** What a tool can know and do while it runs. */
export interface ToolContext {
  tenant: TenantId;
  /** Who asks. Missing only in runs of messages from versions that did not store it. */
  user?: string | undefined;
  chat_id: string;
  message_id: string;
  /** The call itself, unique within the message. A call that is run again after a crash keeps it. */
  call_id: string;
  /** `metadata` of the user's message, e.g. `tender_id`. */
  metadata: Readonly<Record<string, unknown>>;
  /** Aborted when the run is cancelled or the tool takes too long. Pass it on to whatever the tool waits for. */
  signal: AbortSignal;
  /** The call's place in a trace (W3C Trace Context), for services that the tool asks. Missing: nobody traces. */
  traceparent?: string;
  /** Shows the user a new plan or a line of progress. Resolves when it is durable. */
  emit(body: EventBody<'plan' | 'status'>): Promise<void>;
  /** Shows the user a line of progress; at most one each second is kept. Need not be awaited. */
  progress(text: string): void;
}

/** What an answer may be based on. */
export type ToolSource = z.infer<typeof sourceSchema>;

/** A text file that a tool has made. It is stored in the chat's workspace; the model is told its path. */
export interface ToolFile {
  path: string;
  content: string;
}

/** What a tool returns: `text`, or `json`, which the model reads as its text. */
export interface ToolResult {
  /** For the model: the whole result. */
  text?: string;
  /** For the model, and for programs that read the event or the journal. */
  json?: unknown;
  /** For the user: one line, clipped at 200 characters. Default: the beginning of the text. */
  summary?: string;
  /** What the result comes from; shown with the answer. */
  sources?: readonly ToolSource[];
  files?: readonly ToolFile[];
}

/** How the runtime treats a tool. */
export interface ToolTraits {
  /** True if running it twice does no harm: only then is it run again after a crash. Default: false. */
  idempotent?: boolean;
  /** A person has to approve each call. Default: false. */
  approval?: boolean;
  /** Time limit of one call, ms. Default: `TOOL_TIMEOUT_MS`. */
  timeout_ms?: number;
  /** False: runs alone, never beside other calls of its turn. Default: true. */
  parallel?: boolean;
}

/** How a tool is declared; see {@link Tool}. */
export interface ToolOptions<S extends z.ZodObject = z.ZodObject> extends ToolTraits {
  /** Unique; letters, digits, `_` and `-`, at most 64. */
  name: string;
  /** For people, e.g. `Search the documents`. Default: the name. */
  label?: string;
  /** Tells the model what the tool does and when to use it. */
  description: string;
  /** The arguments; `describe()` of each field reaches the model. */
  parameters: S;
}

/** The code of a failed call about which nothing more is known. */
export const TOOL_FAILED = 'tool_failed';
const CODE = /^[a-z][a-z0-9_]{0,63}$/;

/** A tool failed in a way that the model should know: the message is passed to it, and shown to the user. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
  /** For programs. */
  readonly code: string;

  /** @param code a snake_case word of at most 64 characters; anything else becomes `tool_failed`. */
  constructor(message: string, code: string = TOOL_FAILED, options?: ErrorOptions) {
    super(message, options);
    this.code = CODE.test(code) ? code : TOOL_FAILED;
  }
}

type ToolMethod<S extends z.ZodObject> = (args: z.output<S>, context: ToolContext) => Promise<ToolResult>;

const declarations = new WeakMap<object, ToolOptions>();

/**
 * Declares a method of a provider as a tool. The class only has to be among the `providers` of some module.
 * @example
 * const parameters = z.object({ city: z.string() });
 * @Injectable()
 * export class WeatherTools {
 *   @Tool({ name: 'weather', description: 'Weather of a city now.', parameters, idempotent: true })
 *   async weather({ city }: z.output<typeof parameters>): Promise<ToolResult> {
 *     return { text: await lookUp(city) };
 *   }
 * }
 */
export function Tool<S extends z.ZodObject>(options: ToolOptions<S>) {
  return <M extends ToolMethod<S>>(
    _target: object,
    _key: string,
    method: TypedPropertyDescriptor<M>,
  ): void => {
    if (method.value) declarations.set(method.value, options);
  };
}

/** The declaration of a method that has `@Tool`. */
export function toolOptionsOf(method: unknown): ToolOptions | undefined {
  return typeof method === 'function' ? declarations.get(method) : undefined;
}
