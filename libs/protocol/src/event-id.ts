import { EVENT_ID_PATTERN } from './schemas.js';

/** The parts of an event id. */
export interface EventIdParts {
  /** When the event was minted, epoch milliseconds. */
  ms: number;
  /** Position in the log of its message, from 0, without gaps. */
  seq: number;
  /** 8 hex digits that distinguish two writers that claimed the same place. */
  nonce: string;
}

/** Writes an event id. `seq` has 4 digits or more. */
export function mintEventId({ ms, seq, nonce }: EventIdParts): string {
  return `${ms}_${String(seq).padStart(4, '0')}_${nonce}`;
}

/** Reads an event id; `undefined` if the text is not one. Exact inverse of {@link mintEventId}. */
export function parseEventId(text: string): EventIdParts | undefined {
  const match = EVENT_ID_PATTERN.exec(text);
  if (!match) return undefined;
  const parts = { ms: Number(match[1]), seq: Number(match[2]), nonce: match[3] ?? '' };
  return mintEventId(parts) === text ? parts : undefined;
}

/** 8 random hex digits. Not a secret: they only keep two writers' ids apart. */
export function mintNonce(): string {
  return Math.floor(Math.random() * 0x1_0000_0000)
    .toString(16)
    .padStart(8, '0');
}
