import { isStreamModes } from '../dto/validators.js';
import { MODES_OF_A_JOIN, STREAM_MODES, type Modes, type StreamMode } from '../dialect/modes.js';
import { wrong } from './question.js';

/** What a client can ask of a thread's stream besides: it means the modes of its runs. */
const OF_A_THREAD = new Set(['run_modes', 'state_update', 'lifecycle']);

/** The modes in a body. */
export function modesOf(
  given: StreamMode | StreamMode[] | null | undefined,
  none: readonly StreamMode[],
): Modes {
  const modes = [given ?? []].flat();
  return new Set(modes.length > 0 ? modes : none);
}

/** The modes in an address, where each is a parameter, or a JSON list. @throws AppError 400 `validation_failed`. */
export function modesInQuery(given: unknown): Modes {
  const values = [given ?? []]
    .flat()
    .flatMap((one: unknown) => (typeof one === 'string' ? listIn(one) : [one]));
  const named = values.filter((mode) => !OF_A_THREAD.has(mode as string));
  if (!isStreamModes(named)) throw wrong('stream_mode', `must be some of: ${STREAM_MODES.join(', ')}`);
  return modesOf(named as StreamMode[], MODES_OF_A_JOIN);
}

const listIn = (text: string): unknown[] => (text.startsWith('[') ? jsonList(text) : text.split(','));

function jsonList(text: string): unknown[] {
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list : [text];
  } catch {
    return [text];
  }
}
