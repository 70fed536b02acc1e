import { Headers as HttpHeaders, Response, type Dispatcher } from 'undici';
import { inOpenAiShape, isHtml, type Refusal } from './refusal.js';

/** Bytes read of a rejection; the reason is at its beginning. */
const REFUSAL_MAX_BYTES = 65_536;

/** `fetch` of undici, or of a test. */
export type Fetch = (url: string, init: object) => Promise<Response>;

/**
 * Fetch for one request of the provider's client. The client itself passes on neither comments in the event stream nor
 * error bodies that are not shaped like OpenAI's; both matter here.
 */
export class WatchedFetch {
  /** What the server sent instead of an answer. */
  refusal: Refusal | undefined;

  /**
   * @param alive called at the headers and at every piece of the body, whatever it contains.
   * @param way how to connect, possibly through a proxy, and headers beside those of the client.
   * @param foreign the error for an answer that no model gives.
   */
  constructor(
    private readonly send: Fetch,
    private readonly way: { dispatcher: Dispatcher; headers: Readonly<Record<string, string>> },
    private readonly alive: () => void,
    private readonly foreign: (host: string, status: number) => Error,
  ) {}

  /** Pass this to the client. */
  readonly fetch = async (
    url: string | URL | globalThis.Request,
    init: RequestInit = {},
  ): Promise<globalThis.Response> => {
    const target = typeof url === 'object' && 'url' in url ? url.url : String(url);
    const headers = new HttpHeaders(init.headers as ConstructorParameters<typeof HttpHeaders>[0]);
    for (const [name, value] of Object.entries(this.way.headers)) headers.set(name, value);
    const response = await this.send(target, { ...init, headers, dispatcher: this.way.dispatcher });
    this.alive();
    const answer = response.ok ? this.watch(response, new URL(target).host) : await this.refuse(response);
    return sameStandard(answer);
  };

  private watch(response: Response, host: string): Response {
    const { body, status } = response;
    const pieces = body && this.pieces(body as AsyncIterable<Uint8Array>, () => this.foreign(host, status));
    return new Response(pieces, pick(response));
  }

  private async *pieces(body: AsyncIterable<Uint8Array>, foreign: () => Error): AsyncIterable<Uint8Array> {
    let begun = false;
    for await (const bytes of body) {
      this.alive();
      if (!begun && isHtml(new TextDecoder().decode(bytes.subarray(0, 512)))) throw foreign();
      begun = true;
      yield bytes;
    }
  }

  private async refuse(response: Response): Promise<Response> {
    const text = await this.beginning(response);
    this.refusal = { status: response.status, headers: response.headers as unknown as Headers, text };
    return new Response(inOpenAiShape(text), pick(response));
  }

  private async beginning({ body }: Response): Promise<string> {
    if (!body) return '';
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      this.alive();
      chunks.push(chunk);
      size += chunk.byteLength;
      if (size >= REFUSAL_MAX_BYTES) break;
    }
    return Buffer.concat(chunks).subarray(0, REFUSAL_MAX_BYTES).toString();
  }
}

/** Without the headers that described the bytes on the wire: they are decoded by now, and some are left out. */
function pick({
  status,
  statusText,
  headers,
}: Response): Pick<Response, 'status' | 'statusText' | 'headers'> {
  const kept = new HttpHeaders(headers);
  for (const name of ['content-length', 'content-encoding']) kept.delete(name);
  return { status, statusText, headers: kept };
}

/** Declared by two packages, one of which knows a little more. */
const sameStandard = (response: unknown): globalThis.Response => response as globalThis.Response;
