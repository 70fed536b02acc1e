import type { MessageDocument } from './message.schema.js';
import type { RunFacet } from './run-facet.js';

declare const brand: unique symbol;

/** A question with its run. */
export type Question = MessageDocument & { run: RunFacet };

/**
 * A run that this process holds: a worker's capability. With it a worker can read and write what belongs to that run,
 * and nothing else. `run.attempt` is the fencing token. Only a claim creates one.
 */
export type HeldRun = Question & { readonly [brand]: 'HeldRun' };
