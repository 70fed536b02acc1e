/** A file that cannot become a document; the message is for the person who dropped it. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}
