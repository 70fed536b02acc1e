import { ValidateBy } from 'class-validator';
import { STREAM_MODES } from '../dialect/modes.js';

const MODES: ReadonlySet<unknown> = new Set(STREAM_MODES);

/** One of the stream modes, or a list of them. */
export function IsStreamMode(): PropertyDecorator {
  return ValidateBy({
    name: 'isStreamMode',
    validator: {
      validate: (value: unknown) => isStreamModes(value),
      defaultMessage: () => `must be some of: ${STREAM_MODES.join(', ')}`,
    },
  });
}

/** Whether a value is a mode, or a list of modes. */
export function isStreamModes(value: unknown): boolean {
  const modes: unknown[] = Array.isArray(value) ? value : [value];
  return modes.length <= STREAM_MODES.length && modes.every((mode) => MODES.has(mode));
}

/** What would change the meaning of a request and is not supported: absent, null or empty. */
export function IsLeftOut(why: string): PropertyDecorator {
  return ValidateBy({
    name: 'isLeftOut',
    validator: {
      validate: (value: unknown) => value === 0 || (Array.isArray(value) && value.length === 0),
      defaultMessage: () => `is not supported: ${why}`,
    },
  });
}
