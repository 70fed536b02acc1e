// A client of one server, on node:http with connections that are kept: what a backend that calls another one uses.
import http from 'node:http';

const TIMEOUT_MS = 120_000;

/** One server's client; every answer but 200 and 201 is an error. */
export class HttpClient {
  #agent = new http.Agent({ keepAlive: true });
  #url;

  constructor(url) {
    this.#url = url;
  }

  /** Posts JSON; resolves with the parsed answer. */
  async post(path, body) {
    return JSON.parse((await (await this.open('POST', path, body)).toArray()).join(''));
  }

  /** Resolves with the answer once its headers are there; its body is still to be read. */
  open(method, path, body) {
    return new Promise((resolve, reject) => {
      const text = body === undefined ? '' : JSON.stringify(body);
      const headers = body === undefined ? {} : jsonHeaders(text);
      const request = http.request(this.#url + path, { method, headers, agent: this.#agent });
      request.setTimeout(TIMEOUT_MS, () => request.destroy(new Error(`nothing for ${TIMEOUT_MS} ms`)));
      request.on('error', (error) => reject(new Error(`${method} ${path}: ${error.message}`)));
      request.on('response', (response) => {
        response.setEncoding('latin1');
        if (response.statusCode < 300 && response.statusCode !== 204) resolve(response);
        else void response.toArray().then((parts) => reject(refusal(method, path, response, parts)), reject);
      });
      request.end(text);
    });
  }

  /** Closes the connections that are kept. */
  close() {
    this.#agent.destroy();
  }
}

const jsonHeaders = (text) => ({
  'content-type': 'application/json',
  'content-length': Buffer.byteLength(text),
});

const refusal = (method, path, { statusCode }, parts) =>
  new Error(`${method} ${path}: ${statusCode} ${parts.join('').slice(0, 300)}`);
