import { createParser, type EventSourceMessage, type ParseError } from 'eventsource-parser';
import { broken } from './provider-errors.js';

/** Characters of one frame, or of a body that is not a stream: a longer one is not a model's answer. */
const FRAME_MAX_CHARS = 64_000_000;

/** One thing that a model server sent: JSON under its event's name, or the end mark. */
export type Frame = { event: string; data: unknown } | 'done';

/** What arrived before a truncated frame is still worth having. */
type RawFrame = Frame | 'garbled';

/**
 * Reads the body of a response: Server-Sent Events, or JSON from a server that does not stream although it was asked
 * to. The last frame counts even without its blank line. Keep-alive comments and words that are not JSON are left out.
 * @throws ModelError for a frame that is truncated or not JSON; what the connection throws.
 */
export async function* readFrames(body: AsyncIterable<Uint8Array> | null): AsyncGenerator<Frame> {
  const decoder = new TextDecoder();
  const reader = new BodyReader();
  for await (const bytes of body ?? []) {
    yield* unbroken(reader.feed(decoder.decode(bytes, { stream: true })));
  }
  yield* unbroken(reader.end(decoder.decode()));
}

function* unbroken(frames: readonly RawFrame[]): Generator<Frame> {
  for (const frame of frames) {
    if (frame === 'garbled') throw broken();
    yield frame;
  }
}

class BodyReader {
  private readonly frames: RawFrame[] = [];
  /** The result of reading a JSON body. */
  private json: string | undefined;
  private begun = false;
  private atLineStart = true;
  private readonly parser = createParser({
    onEvent: (message) => this.frames.push(...toFrames(message)),
    onError: (error) => this.frames.push(...fromStray(error)),
    maxBufferSize: FRAME_MAX_CHARS,
  });

  feed(piece: string): RawFrame[] {
    const unmarked = this.withoutMarks(piece);
    const text = this.begun ? unmarked : unmarked.trimStart();
    if (text === '') return [];
    if (!this.begun && /^[{[]/.test(text)) this.json = '';
    this.begun = true;
    if (this.json === undefined) this.parser.feed(text);
    else this.json += text;
    if ((this.json?.length ?? 0) > FRAME_MAX_CHARS) this.frames.push('garbled');
    return this.frames.splice(0);
  }

  /** Some servers put a byte order mark before each frame. */
  private withoutMarks(piece: string): string {
    const text = (this.atLineStart ? '\n' : '') + piece;
    const from = this.atLineStart ? 1 : 0;
    this.atLineStart = /[\r\n]\uFEFF?$/.test(text);
    return text.replaceAll(/([\r\n])\uFEFF/g, '$1').slice(from);
  }

  end(rest: string): RawFrame[] {
    const frames = this.feed(rest);
    if (this.json !== undefined) return [...frames, ...wholeBody(this.json)];
    this.parser.feed('\n\n');
    return [...frames, ...this.frames.splice(0)];
  }
}

function toFrames({ event = '', data }: EventSourceMessage): RawFrame[] {
  const text = data.trim();
  if (/^"?\[DONE\]"?$/i.test(text)) return ['done'];
  if (!/^[{[]/.test(text)) return event === 'error' ? [{ event, data: text }] : [];
  const frames = parse(text, event);
  // Some servers leave out the blank lines between frames: then each line is a frame.
  return frames.includes('garbled') && text.includes('\n')
    ? text.split('\n').flatMap((line) => toFrames({ event, data: line }))
    : frames;
}

/** Some servers write a failure into a field named `error`. */
function fromStray({ type, field, value = '' }: ParseError): RawFrame[] {
  if (type === 'max-buffer-size-exceeded') return ['garbled'];
  return type === 'unknown-field' && field === 'error' ? toFrames({ event: 'error', data: value }) : [];
}

/** One JSON value, or one per line; being complete it needs no end mark. */
function wholeBody(text: string): RawFrame[] {
  const frames = parse(text);
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return [...(frames.includes('garbled') ? lines.flatMap((line) => parse(line)) : frames), 'done'];
}

/** A list counts as several chunks. */
function parse(text: string, event = ''): RawFrame[] {
  try {
    const value: unknown = JSON.parse(text);
    return (Array.isArray(value) ? (value as unknown[]) : [value]).map((data) => ({ event, data }));
  } catch {
    return ['garbled'];
  }
}
