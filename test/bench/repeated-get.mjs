// One request again and again on one connection, on node:net: node:http on this side would cost as much as the server's answer.
import net from 'node:net';

const HEAD_END = '\r\n\r\n';

/** One connection; counts complete answers. Takes answers of status 200 that name their length. */
export class RepeatedGet {
  answered = 0;
  /** Rejects when the server refuses or hangs up; stays pending otherwise. */
  failed;
  socket;
  #request;
  #text = '';
  #fail;

  constructor({ url, path }) {
    const { hostname, port, host } = new URL(url);
    this.#request = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
    this.failed = new Promise((_resolve, reject) => (this.#fail = reject));
    this.failed.catch(() => undefined);
    this.socket = net.connect({ host: hostname, port: Number(port), noDelay: true });
    this.socket.setEncoding('latin1').on('data', (text) => this.#read(text));
    this.socket.on('error', this.#fail);
    this.socket.on('close', () => this.#fail(new Error(`GET ${path}: the server closed the connection`)));
  }

  begin() {
    this.socket.write(this.#request);
  }

  end() {
    this.socket.destroy();
  }

  #read(text) {
    this.#text += text;
    const headEnd = this.#text.indexOf(HEAD_END);
    if (headEnd < 0) return;
    const length = /^HTTP\/1\.1 200 [^]*?\r\ncontent-length: (\d+)\r\n/i.exec(this.#text)?.[1];
    if (length === undefined) {
      this.#fail(new Error(`not an answer to count: ${this.#text.slice(0, 300)}`));
      this.end();
    } else if (this.#text.length >= headEnd + HEAD_END.length + Number(length)) {
      this.#text = '';
      this.answered++;
      this.begin();
    }
  }
}
