// A lean reader of Server-Sent Events on node:net: the load generator must not be the bottleneck, and node:http costs
// an event and an allocation for every chunk of a body.
import net from 'node:net';
import { nowUs } from './measure.mjs';

const HEAD_END = Buffer.from('\r\n\r\n');
const LINE_END = 10;
const FRAME_END = Buffer.from('\n\n');
const ID = Buffer.from('id: ');
/** The bench's events carry `"seq":1,"t":2`, with escaped quotes when they are the text of another event. */
const SEQ = Buffer.from('seq');
const LETTER_U = 117;
const NOTHING = Buffer.alloc(0);
/** What is read is used up at once, so one buffer serves all sockets. */
const shared = Buffer.allocUnsafe(256 * 1024);

/** One subscriber to a stream with a chunked body. */
export class SseClient {
  status = 0;
  lastEventId = undefined;
  #socket;
  #rest = NOTHING; // bytes of the head, or of a frame that is not complete
  #chunk = { left: 0, sizeLine: '' };
  #open = false;
  #handlers;

  /**
   * @param {{ port: number, path: string, lastEventId?: string }} target
   * @param {{
   *   onOpen?: () => void,
   *   onEvent: (seq: number, t: number, now: number) => void,
   *   onFrame?: () => void, // after all events of a frame; `lastEventId` is kept up only for those who pass this
   *   onClose?: () => void, // not after close()
   * }} handlers
   */
  constructor({ port, path, lastEventId }, handlers) {
    this.#handlers = handlers;
    const onread = { buffer: shared, callback: (size) => this.#read(shared.subarray(0, size)) };
    this.#socket = net.connect({ host: '127.0.0.1', port, noDelay: true, onread });
    const resume = lastEventId === undefined ? '' : `Last-Event-ID: ${lastEventId}\r\n`;
    this.#socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAccept: text/event-stream\r\n${resume}\r\n`,
    );
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', () => this.#handlers.onClose?.());
  }

  close() {
    this.#handlers = { onEvent: () => undefined };
    this.#socket.destroy();
  }

  #read(bytes) {
    const now = nowUs();
    if (this.#open) this.#chunks(bytes, now);
    else this.#head(bytes, now);
    return true;
  }

  #head(bytes, now) {
    const all = Buffer.concat([this.#rest, bytes]);
    const end = all.indexOf(HEAD_END);
    this.#rest = end < 0 ? all : NOTHING;
    if (end < 0) return;
    this.status = Number(all.latin1Slice(9, 12));
    this.#open = true;
    this.#handlers.onOpen?.();
    this.#chunks(all.subarray(end + HEAD_END.length), now);
  }

  /** `left` counts the line break behind a chunk's data, too. */
  #chunks(bytes, now) {
    const chunk = this.#chunk;
    for (let at = 0; at < bytes.length;) {
      if (chunk.left === 0) {
        const lineEnd = bytes.indexOf(LINE_END, at);
        chunk.sizeLine += bytes.latin1Slice(at, lineEnd < 0 ? bytes.length : lineEnd);
        if (lineEnd < 0) return;
        at = lineEnd + 1;
        chunk.left = parseInt(chunk.sizeLine, 16) + 2;
        chunk.sizeLine = '';
      } else {
        const size = Math.min(chunk.left, bytes.length - at);
        const data = Math.min(chunk.left - 2, size);
        if (data > 0) this.#frames(bytes.subarray(at, at + data), now);
        chunk.left -= size;
        at += size;
      }
    }
  }

  #frames(bytes, now) {
    const all = this.#rest.length > 0 ? Buffer.concat([this.#rest, bytes]) : bytes;
    const { onEvent, onFrame } = this.#handlers;
    let start = 0;
    let seqAt = all.indexOf(SEQ);
    for (let end; (end = all.indexOf(FRAME_END, start)) >= 0; start = end + FRAME_END.length) {
      let hasEvent = false;
      for (; seqAt >= 0 && seqAt < end; seqAt = all.indexOf(SEQ, seqAt + SEQ.length)) {
        if (all[seqAt + SEQ.length] === LETTER_U) continue; // `sequence_number`
        this.#event(all, seqAt, now, onEvent);
        hasEvent = true;
      }
      if (!hasEvent || !onFrame) continue;
      const idAt = all.indexOf(ID, start) + ID.length;
      this.lastEventId = all.latin1Slice(idAt, all.indexOf(LINE_END, idAt));
      onFrame();
      if (this.#handlers.onFrame !== onFrame) return; // closed meanwhile
    }
    this.#rest = start < all.length ? Buffer.from(all.subarray(start)) : NOTHING;
  }

  /** Reads the next two numbers. */
  #event(bytes, seqAt, now, onEvent) {
    let at = seqAt + SEQ.length;
    const number = () => {
      while (!isDigit(bytes[at])) at++;
      let value = 0;
      for (; isDigit(bytes[at]); at++) value = value * 10 + bytes[at] - 48;
      return value;
    };
    onEvent(number(), number(), now);
  }
}

const isDigit = (byte) => byte >= 48 && byte <= 57;
