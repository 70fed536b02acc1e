/** A file that cannot become a document; the message is for the person who dropped it. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/** How far a file has been read, 0 to 1. */
export type OnProgress = (part: number) => void;
