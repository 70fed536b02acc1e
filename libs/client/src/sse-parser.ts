/** One dispatched frame of an event stream. */
export interface Frame {
  /** `message` if the stream does not name it. */
  readonly event: string;
  /** The last id in the stream so far, `''` before the first. */
  readonly id: string;
  readonly data: string;
}

/**
 * Reads `text/event-stream` as the HTML standard defines it, in chunks cut anywhere, even inside a character. One
 * parser reads one connection; when the connection is lost, its unfinished frame is discarded with the parser.
 */
export class SseParser {
  /** The last `retry:` in the stream, ms. */
  retryMs: number | null = null;

  private readonly decoder = new TextDecoder(); // also strips the byte order mark
  private readonly lineEnd = /\r\n|\r|\n/;
  /** The beginning of a line that is not complete yet. */
  private rest = '';
  /** The previous chunk ended with CR: an LF at the beginning of the next one belongs to it. */
  private endedWithCr = false;
  private event = '';
  private id = '';
  private data: string[] = [];

  /** @returns the frames that this chunk completes. */
  feed(chunk: Uint8Array): Frame[] {
    let text = this.decoder.decode(chunk, { stream: true });
    if (text === '') return [];
    if (this.endedWithCr && text.startsWith('\n')) text = text.slice(1);
    this.endedWithCr = text === '' ? false : text.endsWith('\r');
    return this.lines(text).flatMap((line) => this.take(line) ?? []);
  }

  private lines(text: string): string[] {
    const lines = text.split(this.lineEnd);
    lines[0] = this.rest + (lines[0] ?? '');
    this.rest = lines.pop() ?? '';
    return lines;
  }

  private take(line: string): Frame | undefined {
    if (line === '') return this.dispatch();
    const colon = line.indexOf(':');
    if (colon === 0) return undefined; // a comment
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    this.setField(name, value);
    return undefined;
  }

  private setField(name: string, value: string): void {
    if (name === 'data') this.data.push(value);
    else if (name === 'event') this.event = value;
    else if (name === 'id' && !value.includes('\0')) this.id = value;
    else if (name === 'retry' && /^\d+$/.test(value)) this.retryMs = Number(value);
  }

  private dispatch(): Frame | undefined {
    const { event, id, data } = this;
    this.event = '';
    this.data = [];
    return data.length === 0 ? undefined : { event: event || 'message', id, data: data.join('\n') };
  }
}
