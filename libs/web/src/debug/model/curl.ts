/** A text as one word of a POSIX shell: nothing in it means anything to the shell. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/**
 * The command that resumes a stream behind an event.
 * @param streamUrl absolute.
 * @param lastEventId without one the stream begins with its first event.
 */
export function curlCommand(streamUrl: string, lastEventId: string | null): string {
  const header = lastEventId === null ? '' : `-H ${shellQuote(`Last-Event-ID: ${lastEventId}`)} `;
  return `curl -N ${header}${shellQuote(streamUrl)}`;
}
