import { AsyncLocalStorage } from 'node:async_hooks';

/** The name of a setting that bounds a field. */
export type LimitName = 'CONTENT_MAX_CHARS' | 'METADATA_MAX_BYTES' | 'TITLE_MAX_CHARS' | 'DOCUMENT_MAX_CHARS';
/** The bounds of fields, as one application is set; `Settings` is one. */
export type Limits = Readonly<Record<LimitName, number>>;

const inForce = new AsyncLocalStorage<Limits>();

/**
 * Validates within the limits of one application. The decorators of a DTO name a limit only: they run when its class is
 * loaded, which applications of one process share.
 */
export function withinLimits<T>(limits: Limits, validate: () => T): T {
  return inForce.run(limits, validate);
}

/** A limit of the application whose request is being validated. */
export function limit(name: LimitName): number {
  const limits = inForce.getStore();
  if (!limits)
    throw new Error(`${name} is asked for outside of a request: validate within \`withinLimits\`.`);
  return limits[name];
}
