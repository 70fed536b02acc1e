/** Part of a body, framed once for all receivers: Node would frame it again, in four writes, for each of them. */
export class Chunk {
  /** As a chunk of a chunked body (RFC 9112, 7.1); empty for no text, since an empty chunk would end the body. */
  readonly framed: Buffer;
  /** Only the text, in UTF-8. */
  readonly bytes: Buffer;

  constructor(text: string) {
    const size = Buffer.byteLength(text);
    const head = `${size.toString(16)}\r\n`;
    this.framed = Buffer.from(size === 0 ? '' : `${head}${text}\r\n`);
    this.bytes = this.framed.subarray(head.length, head.length + size);
  }
}
