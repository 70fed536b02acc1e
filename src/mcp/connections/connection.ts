/** A tool as its server describes it. */
export interface RemoteTool {
  name: string;
  /** For people. */
  title?: string | undefined;
  description: string;
  /** JSON Schema of the arguments object. */
  parameters: Record<string, unknown>;
  hints: ToolHints;
}

/** What a server says about the effects of a tool; what it does not say is `undefined`. */
export interface ToolHints {
  readOnly?: boolean | undefined;
  destructive?: boolean | undefined;
  idempotent?: boolean | undefined;
  /** The server itself asks for a confirmation of each call, or says that none is needed. */
  confirmation?: boolean | undefined;
}

/** One part of a result; `type` is a word of MCP, or one that nobody knows yet. */
export interface ResultBlock {
  type: string;
  readonly [field: string]: unknown;
}

/** What a call returned. */
export interface RemoteResult {
  blocks: readonly ResultBlock[];
  /** The result as JSON, if the server gives it. */
  structured?: unknown;
  /** The tool failed; the blocks say why. */
  isError: boolean;
}

/** What a call needs beside its arguments. */
export interface RemoteCall {
  /** Unique; the same if a call is repeated. */
  id: string;
  signal: AbortSignal;
  /** Its place in a trace, for the server. */
  traceparent?: string | undefined;
  progress(text: string): void;
}

/**
 * Why a call or a connection failed:
 * `away`: there is no connection; `not_sent`: the server never got the call; `session_lost`: it forgot us, and refused the call; `lost`: the connection
 * broke, so the outcome is unknown; `too_large`: the result is above the limit; `refused`: it answered, but not with a
 * result.
 */
export type FailureKind = 'away' | 'not_sent' | 'session_lost' | 'lost' | 'too_large' | 'refused';

/** A call or a connection failed. The message is written for a model and a person. */
export class ConnectionFailure extends Error {
  override readonly name = 'ConnectionFailure';

  constructor(
    readonly kind: FailureKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A living connection to a server. It is never repaired: when it is lost, another one is opened. */
export abstract class Connection {
  /** Resolves with the reason when the connection is of no use for new calls. */
  abstract readonly lost: Promise<ConnectionFailure>;

  /** The tools as the server lists them now. @throws ConnectionFailure */
  abstract list(): Promise<ListedTools>;

  /** @throws ConnectionFailure; the signal's reason when aborted. */
  abstract call(tool: string, args: Record<string, unknown>, call: RemoteCall): Promise<RemoteResult>;

  /** Whether it is still of use; if not, `lost` resolves, too. Never throws. */
  abstract check(): Promise<boolean>;

  /** Ends it as soon as the calls in it have ended. Does not wait for that. */
  abstract release(): void;

  /** Ends it at once, and the calls in it. Takes at most {@link CLOSE_MS}: a child that does not leave is killed. */
  abstract close(): Promise<void>;
}

/** A list of tools, and those that could not be read. */
export interface ListedTools {
  tools: RemoteTool[];
  /** One sentence for each that is left out. */
  faults: string[];
}

/** What a connection tells while it lives. */
export interface ConnectionEvents {
  /** The server says that its tools have changed. */
  toolsChanged(): void;
}

/** Time limit for closing a connection, ms: all of them are closed within what follows `SHUTDOWN_GRACE_MS`. */
export const CLOSE_MS = 2500;
