import { jsonFault } from '../../common/index.js';
import { ConnectionFailure } from './connection.js';

const [LF, CR] = [0x0a, 0x0d];

/** How much of a body is passed on. */
export interface BodyLimit {
  /** Of a whole JSON document, or of one frame of an event stream, which may go on without end. */
  maxBytes: number;
  isEventStream: boolean;
  onOverflow: () => void;
}

/** Passes a body on, up to its limit; then it fails with a {@link ConnectionFailure}. */
export function limitedBody(
  body: ReadableStream<Uint8Array>,
  { maxBytes, isEventStream, onOverflow }: BodyLimit,
): ReadableStream<Uint8Array> {
  const count = isEventStream ? new FrameSize() : new WholeSize();
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(bytes, controller) {
        if (count.add(bytes) > maxBytes) {
          onOverflow();
          throw tooLarge(maxBytes);
        }
        controller.enqueue(bytes);
      },
    }),
  );
}

/** What the model is told about a result above the limit. */
export function tooLarge(maxBytes: number): ConnectionFailure {
  return new ConnectionFailure(
    'too_large',
    `The result is larger than ${showBytes(maxBytes)}. Ask for less, in several calls if need be.`,
  );
}

/** Whether a value that has arrived has more characters than a limit; numbers and structure count little. */
export function isLarger(value: unknown, max: number): boolean {
  let size = 0;
  const add = (member: { key: string | undefined; value: unknown }): string | undefined => {
    size += 4 + (member.key?.length ?? 0) + (typeof member.value === 'string' ? member.value.length : 0);
    return size > max ? 'larger' : undefined;
  };
  return jsonFault(value, add) !== undefined;
}

/** `12 kB`, `3.4 MB` */
export function showBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} kB`;
  return `${Math.round((bytes / 1024 / 1024) * 10) / 10} MB`;
}

class WholeSize {
  private size = 0;

  add({ length }: Uint8Array): number {
    return (this.size += length);
  }
}

/** Bytes since the last empty line. */
class FrameSize {
  private size = 0;
  private emptyLine = true;
  private wasReturn = false;

  /** @returns the size of the largest frame in these bytes, as far as it has arrived. */
  add(bytes: Uint8Array): number {
    let largest = this.size;
    for (const byte of bytes) {
      this.size++;
      if (byte === LF && this.wasReturn) this.wasReturn = false;
      else if (byte === LF || byte === CR) {
        largest = Math.max(largest, this.size);
        if (this.emptyLine) this.size = 0;
        this.emptyLine = true;
        this.wasReturn = byte === CR;
      } else this.emptyLine = this.wasReturn = false;
    }
    return Math.max(largest, this.size);
  }
}
