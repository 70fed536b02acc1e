import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { BoundedLabel } from './bounded-label.js';

/** Up to ten minutes: the default limit of a run. */
export const LONG_SECONDS = [0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600];
/** What a person waits for. */
export const WAIT_SECONDS = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60];
/** What happens all the time. */
export const SHORT_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];

/** Limits on labels whose values come from files, servers and models. */
export class Labels {
  readonly agent = new BoundedLabel(100);
  readonly model = new BoundedLabel(100);
  readonly provider = new BoundedLabel(20);
  readonly tool = new BoundedLabel(200);
  /** Outcomes and error codes. */
  readonly code = new BoundedLabel(100);
  readonly currency = new BoundedLabel(10);
}

/** A counter of this registry. */
export function counter<L extends string = never>(
  registers: [Registry],
  { name, help, labels = [] }: { name: string; help: string; labels?: readonly L[] },
): Counter<L> {
  return new Counter({ name, help, labelNames: [...labels], registers });
}

/** A gauge of this registry. */
export function gauge<L extends string = never>(
  registers: [Registry],
  { name, help, labels = [] }: { name: string; help: string; labels?: readonly L[] },
): Gauge<L> {
  return new Gauge({ name, help, labelNames: [...labels], registers });
}

/** A histogram of this registry. */
export function histogram<L extends string = never>(
  registers: [Registry],
  {
    name,
    help,
    buckets,
    labels = [],
  }: { name: string; help: string; buckets: number[]; labels?: readonly L[] },
): Histogram<L> {
  return new Histogram({ name, help, buckets, labelNames: [...labels], registers });
}
