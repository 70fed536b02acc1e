import type { Settings } from '../config/index.js';

type Limit = 'CONTENT_MAX_CHARS' | 'METADATA_MAX_BYTES' | 'TITLE_MAX_CHARS' | 'DOCUMENT_MAX_CHARS';
type Limits = Readonly<Record<Limit, number>>;

let current: Limits = {
  CONTENT_MAX_CHARS: 100_000,
  METADATA_MAX_BYTES: 16_384,
  TITLE_MAX_CHARS: 200,
  DOCUMENT_MAX_CHARS: 900_000,
};

/** The name of a setting that bounds a field. */
export type LimitName = Limit;

/** Called once at the start. Decorators run without dependency injection, so the rules read the limits from here. */
export function useLimits(settings: Settings): void {
  current = settings;
}

/** A limit as set. */
export function limit(name: Limit): number {
  return current[name];
}
