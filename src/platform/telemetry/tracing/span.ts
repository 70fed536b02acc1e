import type { TraceContext } from './trace-context.js';

/** What is noted about a span. `undefined` values are left out. */
export type SpanAttributes = Readonly<
  Record<string, string | number | boolean | readonly string[] | undefined>
>;

/** Something that takes time, as a part of a trace. */
export interface Span {
  /** Its place; nothing if there is no trace to belong to. */
  readonly context: TraceContext | undefined;
  /** False: nobody will see what is noted, so that it need not be collected. */
  readonly isRecording: boolean;
  set(attributes: SpanAttributes): void;
  rename(name: string): void;
  /** It failed. @param type a stable word of few values, such as an error code. @param message shown to operators. */
  fail(type: string, message?: string): void;
  /** Call it once, in every case. @param at epoch milliseconds; default: now. */
  end(at?: number): void;
}

/** How a span begins. */
export interface SpanStart {
  name: string;
  /** Default: `internal`. */
  kind?: 'internal' | 'server' | 'client';
  /** What it belongs to. None: it begins a trace. */
  parent?: TraceContext | undefined;
  attributes?: SpanAttributes;
  /** Others that it continues, though they are not its parents. */
  links?: readonly { context: TraceContext; attributes?: SpanAttributes }[];
  /** Of 16 hexadecimal digits; default: a random one. */
  id?: string;
  /** Of 32 hexadecimal digits, for a span without parent; default: a random one. */
  traceId?: string;
  /** Epoch milliseconds; default: now. */
  at?: number;
}

/** The span of whoever does not trace: it only hands on the trace that it belongs to. */
export class PassiveSpan implements Span {
  readonly isRecording = false;

  constructor(readonly context: TraceContext | undefined) {}

  set(): void {
    // nobody sees it
  }

  rename(): void {
    // nobody sees it
  }

  fail(): void {
    // nobody sees it
  }

  end(): void {
    // nobody sees it
  }
}

/** Outside of every trace. */
export const NO_SPAN: Span = new PassiveSpan(undefined);
