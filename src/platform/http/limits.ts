/** The name of a setting that limits a field. */
export type LimitName =
  | 'CONTENT_MAX_CHARS'
  | 'METADATA_MAX_BYTES'
  | 'TITLE_MAX_CHARS'
  | 'DOCUMENT_MAX_CHARS'
  | 'INSTRUCTIONS_MAX_CHARS';
/** The limits of all fields, as configured for one application; `Settings` is one. */
export type Limits = Readonly<Record<LimitName, number>>;

let inForce: Limits | undefined;

/**
 * Validates within the limits of one application. The decorators of a DTO only name a limit: they run when its class is
 * loaded, and all applications in a process share that class. For synchronous rules: an `AsyncLocalStorage`, which would
 * serve others, too, makes every promise of the process more expensive.
 */
export function withinLimits<T>(limits: Limits, validate: () => T): T {
  const before = inForce;
  inForce = limits;
  try {
    return validate();
  } finally {
    inForce = before;
  }
}

/** The value of a limit in the application whose request is being validated. */
export function limit(name: LimitName): number {
  if (!inForce)
    throw new Error(`${name} was requested outside of a request: validate within \`withinLimits\`.`);
  return inForce[name];
}
