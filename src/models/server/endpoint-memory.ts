import type { Clock } from '../../common/index.js';
import type { Settings } from '../../platform/config/index.js';
import type { OptionalPart } from './unsupported.js';

/** Servers are updated and models replaced: after this long a part is tried again. */
const FIRST_RECHECK_MS = 15 * 60_000;
/** … and each time it is rejected again, after twice as long, up to this. */
const LAST_RECHECK_MS = 24 * 60 * 60_000;

interface Memory {
  until: number;
  forMs: number;
}

/** Which parts of a request the model's server does not accept: by setting, or because it said so. */
export class EndpointMemory {
  private readonly refused = new Map<OptionalPart, Memory>();

  constructor(
    private readonly settings: Pick<Settings, 'MODEL_STREAM_USAGE' | 'MODEL_TOOLS' | 'MODEL_IMAGES'>,
    private readonly clock: Clock,
  ) {}

  /** Parts to leave out now. */
  get leftOut(): ReadonlySet<OptionalPart> {
    const now = this.clock.now();
    const learned = [...this.refused].filter(([, { until }]) => until > now).map(([part]) => part);
    return new Set([...learned.filter((part) => !this.decided(part)), ...this.switchedOff]);
  }

  /** Parts that a setting leaves out: nobody needs to be told. */
  get switchedOff(): OptionalPart[] {
    return (['stream_options', 'tools', 'images'] as const).filter((part) => this.setting(part) === 'off');
  }

  /** Whether a setting decides that this part is always sent, whatever the server says, or never. */
  decided(part: OptionalPart): boolean {
    return this.setting(part) !== 'auto';
  }

  /** A request without these parts was answered, after one with them had been rejected. */
  remember(parts: Iterable<OptionalPart>): void {
    for (const part of parts) {
      const before = this.refused.get(part);
      const forMs = before ? Math.min(before.forMs * 2, LAST_RECHECK_MS) : FIRST_RECHECK_MS;
      this.refused.set(part, { until: this.clock.now() + forMs, forMs });
    }
  }

  private setting(part: OptionalPart): 'auto' | 'on' | 'off' {
    if (part === 'stream_options') return this.settings.MODEL_STREAM_USAGE;
    if (part === 'images') return this.settings.MODEL_IMAGES;
    return part === 'tools' ? this.settings.MODEL_TOOLS : 'auto';
  }
}
