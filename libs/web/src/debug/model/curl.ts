/** A text as one word of a POSIX shell: nothing in it has a special meaning. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/**
 * The command that resumes a stream after an event.
 * @param streamUrl absolute.
 * @param lastEventId if omitted, the stream starts with its first event.
 */
export function curlCommand(streamUrl: string, lastEventId: string | null): string {
  const header = lastEventId === null ? '' : `-H ${shellQuote(`Last-Event-ID: ${lastEventId}`)} `;
  return `curl -N ${header}${shellQuote(streamUrl)}`;
}
