import type { Readable } from 'node:stream';
import { clip, redactSecrets } from '../../common/index.js';
import type { Log } from '../../platform/logging/index.js';

const LINE_MAX_CHARS = 500;
/** Text without a line break is cut into lines of this size. */
const BUFFER_MAX_CHARS = 4000;
const LINES_PER_WINDOW = 50;
const WINDOW_MS = 10_000;
const LAST_LINES = 3;

/** What a child writes to its standard error, in our log: line by line, and no more than a person can read. */
export class ChildLog {
  private rest = '';
  private last: string[] = [];
  private windowStart = -Infinity;
  private lines = 0;
  private leftOut = 0;

  /** @param secrets never appear in the log. */
  constructor(
    private readonly log: Log,
    private readonly server: string,
    private readonly secrets: readonly string[],
  ) {}

  follow(stream: Readable): void {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      this.add(text);
    });
    stream.on('error', () => undefined);
    stream.on('end', () => {
      this.add('\n');
    });
  }

  /** Its last lines: often the reason why it has ended. */
  get lastWords(): string {
    return this.last.join(' | ');
  }

  private add(text: string): void {
    const lines = (this.rest + text).split(/\r?\n/);
    const rest = lines.pop() ?? '';
    this.rest = rest.length > BUFFER_MAX_CHARS ? '' : rest;
    if (rest.length > BUFFER_MAX_CHARS) lines.push(rest);
    for (const line of lines) if (line.trim() !== '') this.write(line.trim());
  }

  private write(line: string): void {
    const clean = clip(redactSecrets(line, this.secrets), LINE_MAX_CHARS);
    this.last = [...this.last, clean].slice(-LAST_LINES);
    const now = performance.now();
    if (now - this.windowStart > WINDOW_MS) {
      if (this.leftOut > 0)
        this.log.info('Lines of an MCP server were left out', { server: this.server, lines: this.leftOut });
      [this.windowStart, this.lines, this.leftOut] = [now, 0, 0];
    }
    if (++this.lines > LINES_PER_WINDOW) this.leftOut++;
    else this.log.info('An MCP server says', { server: this.server, line: clean });
  }
}
