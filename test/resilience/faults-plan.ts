import { randomFrom } from '../support/cutting-proxy.js';

/** Everything that may happen. */
export const FAULTS = [
  'kill worker',
  'kill api',
  'stop worker',
  'kill engine',
  'kill redis',
  'flush redis',
  'cut redis',
  'cut model',
  'cut clients',
] as const;

/** Those that are worst while a tool runs. */
const AIMABLE: ReadonlySet<string> = new Set(['kill worker', 'stop worker', 'kill engine']);

/** One fault of the plan, with everything that chance decides about it. */
export interface PlannedFault {
  /** Comes after so many events … */
  afterEvents: number;
  /** … and so many milliseconds. */
  afterMs: number;
  what: (typeof FAULTS)[number];
  /** Which of the two processes of a role. */
  which: number;
  /** Waits until a tool runs that must not run twice, and hits the worker that runs it. */
  aimed: boolean;
  /** How long something is stopped, unavailable or cut, ms. */
  ms: number;
  /** Fraction of the connections that a cut affects, 0 to 1. */
  share: number;
}

/** How far apart faults are, and how long they last. */
export interface PlanOptions {
  seed: number;
  faults: number;
  /** A worker is stopped for longer than this. */
  leaseMs: number;
}

/** The same seed always gives the same plan. Each kind of fault occurs about as often as the others. */
export function planFaults({ seed, faults, leaseMs }: PlanOptions): PlannedFault[] {
  const random = randomFrom(seed);
  const upTo = (limit: number): number => Math.floor(random() * limit);
  let deck: PlannedFault['what'][] = [];
  return Array.from({ length: faults }, () => {
    if (deck.length === 0) deck = [...FAULTS];
    const [what = 'kill worker'] = deck.splice(upTo(deck.length), 1);
    const ms = what === 'stop worker' ? Math.round(leaseMs * (1.1 + random())) : upTo(800);
    return {
      afterEvents: upTo(120),
      afterMs: upTo(20),
      what,
      which: upTo(2),
      aimed: AIMABLE.has(what) && random() < 0.6,
      ms,
      share: random() < 0.5 ? 1 : random(),
    };
  });
}

/** The plan as text, one word per fault: `kill-worker-1@57e+3ms/412ms`. */
export const describePlan = (plan: readonly PlannedFault[]): string => plan.map(describeFault).join(' ');

function describeFault({ what, which, aimed, afterEvents, afterMs, ms, share }: PlannedFault): string {
  const name = what.replace(' ', '-');
  const part = name.startsWith('cut') ? `/${Math.round(share * 100)}%` : '';
  return `${name}-${aimed ? 'aimed' : which}@${afterEvents}e+${afterMs}ms/${ms}ms${part}`;
}
