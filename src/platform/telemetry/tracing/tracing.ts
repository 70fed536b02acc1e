import { PassiveSpan, type Span, type SpanStart } from './span.js';

/** Records where time goes. */
export abstract class Tracing {
  /** False: nothing is recorded, and only traces that others have begun are handed on. */
  abstract readonly isOn: boolean;

  /** Texts of users, models and tools are recorded, too. */
  abstract readonly withContent: boolean;

  /** How its export goes, for operators. */
  abstract readonly state: TracingState;

  abstract start(span: SpanStart): Span;
}

/** How the export of spans goes. */
export interface TracingState {
  /** Hosts that spans are sent to. */
  targets: readonly { host: string; failing: boolean; reason?: string }[];
}

/** Nobody wants traces. */
export class NoTracing extends Tracing {
  override readonly isOn = false;
  override readonly withContent = false;
  override readonly state: TracingState = { targets: [] };

  override start({ parent }: SpanStart): Span {
    return new PassiveSpan(parent);
  }
}
