import { jsonFault } from '../../common/index.js';
import { ConnectionFailure } from './connection.js';

const [LF, CR] = [0x0a, 0x0d];

/** How much of a body is passed on. */
export interface BodyLimit {
  /** Of a whole JSON document, or of one frame of an event stream, which may go on without end. */
  maxBytes: number;
  isEventStream: boolean;
  /** What becomes of a body above the limit: nothing if this returns an error, else its beginning. */
  onOverflow: () => Error | undefined;
  /** What a broken connection is called. */
  onBreak: (error: unknown) => Error;
}

/** Passes a body on, up to its limit. */
export function limitedBody(body: ReadableStream<Uint8Array>, limit: BodyLimit): ReadableStream<Uint8Array> {
  const count = limit.isEventStream ? new FrameSize() : new WholeSize();
  const reader = body.getReader();
  const stop = (): void => void reader.cancel().catch(() => undefined);
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw limit.onBreak(error);
      });
      if (done) controller.close();
      else if (count.add(value) <= limit.maxBytes) controller.enqueue(value);
      else {
        stop();
        const error = limit.onOverflow();
        if (error) throw error;
        controller.close();
      }
    },
    cancel: stop,
  });
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
