import fc, { type Arbitrary } from 'fast-check';

/** A body, with words for a report instead of its bytes. */
export class Payload {
  readonly bytes: Buffer;

  constructor(
    bytes: Buffer | string,
    /** Without a `Content-Length`, in chunks. */
    readonly chunked = false,
  ) {
    this.bytes = Buffer.from(bytes);
  }

  [fc.toStringMethod](): string {
    const text = this.bytes.toString('latin1');
    return JSON.stringify(text.length > 300 ? `${text.slice(0, 300)}… (${text.length} bytes)` : text);
  }
}

/** Header names and values as sent; a name may occur twice. */
export type HeaderList = [name: string, value: string][];

/** What makes a valid request a bad one. Every member replaces, or adds to, that part of the valid request. */
export interface Fault {
  method?: string;
  /** In the form that they have in a path: percent-encoded, or badly so. */
  params?: Record<string, string>;
  /** Before and after the path. */
  prefix?: string;
  suffix?: string;
  query?: string;
  headers?: HeaderList;
  body?: Payload;
}

/** Faults of one kind: those that every run tries, and those it draws. */
export interface FaultKind {
  always: Fault[];
  sometimes?: Arbitrary<Fault>;
}

/** A kind made of the values of one thing. */
export function kindOf<T>(
  toFault: (value: T) => Fault,
  always: readonly T[],
  sometimes?: Arbitrary<T>,
): FaultKind {
  return { always: always.map(toFault), ...(sometimes && { sometimes: sometimes.map(toFault) }) };
}

/** Unicode text of every plane, NUL included, without half surrogate pairs. */
export const anyText = (minLength: number, maxLength: number): Arbitrary<string> =>
  fc.string({ unit: 'binary', minLength, maxLength });

/** Puts `poison` into a text, anywhere. */
export const poisoned = (poison: Arbitrary<string>, text = anyText(0, 40)): Arbitrary<string> =>
  fc.tuple(text, poison, text).map((parts) => parts.join(''));
