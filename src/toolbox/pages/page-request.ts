import { Injectable } from '@nestjs/common';
import { pipeline, type Duplex, type Readable } from 'node:stream';
import { constants, createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { request, type Agent, type Dispatcher } from 'undici';
import { Settings } from '../../platform/config/index.js';
import { ToolError } from '../../tools/index.js';
import { limited, readLimited } from '../shared/read-limited.js';
import { AddressGuard } from './address-guard.js';
import { guardedAgent } from './guarded-agent.js';
import { pageAddress } from './page-address.js';
import { pageFault } from './page-fault.js';

/** A page as it was received, decompressed. */
export interface ReceivedPage {
  /** Where it was found in the end. */
  url: URL;
  /** `content-type`, as sent. */
  contentType: string;
  bytes: Buffer;
}

const REDIRECTS_MAX = 5;
const HEADERS = {
  accept: 'text/html,application/xhtml+xml,application/json;q=0.9,text/*;q=0.8,*/*;q=0.1',
  'accept-encoding': 'gzip, br',
  'user-agent': 'Mozilla/5.0 (compatible; Reprise)',
};
/** As browsers do, what arrived of a body that was cut is shown. */
const TOLERANT = { finishFlush: constants.Z_SYNC_FLUSH };
const DECODERS: Readonly<Record<string, () => Duplex>> = {
  gzip: () => createGunzip(TOLERANT),
  'x-gzip': () => createGunzip(TOLERANT),
  deflate: () => createInflate(TOLERANT),
  br: () => createBrotliDecompress({ finishFlush: constants.BROTLI_OPERATION_FLUSH }),
};

/** Gets pages by an address that a model has chosen. */
@Injectable()
export class PageRequest {
  constructor(
    private readonly settings: Settings,
    private readonly guard: AddressGuard,
  ) {}

  /**
   * Follows redirects; each of them is checked like the first address. No cookie or credential is ever sent.
   * @throws ToolError that says what is wrong with the address, the host or the page.
   */
  async get(address: string, signal: AbortSignal): Promise<ReceivedPage> {
    // Its own connections, closed with it: nothing lingers when the call is aborted.
    const agent = guardedAgent(this.guard, this.settings.TOOLBOX_TIMEOUT_MS);
    try {
      return await this.follow(pageAddress(address), agent, signal);
    } finally {
      await agent.destroy();
    }
  }

  private async follow(first: URL, agent: Agent, signal: AbortSignal): Promise<ReceivedPage> {
    let url = first;
    for (let hops = 0; hops <= REDIRECTS_MAX; hops++) {
      const response = await this.send(url, agent, signal);
      const next = redirectOf(response);
      if (next === undefined) return await this.receive(url, response, signal);
      response.body.on('error', () => undefined).destroy();
      url = pageAddress(next, url);
    }
    throw new ToolError(`${first.host} redirects more than ${REDIRECTS_MAX} times.`, 'too_many_redirects');
  }

  private async send(url: URL, dispatcher: Agent, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    try {
      return await request(url, { dispatcher, headers: HEADERS, signal });
    } catch (error) {
      throw pageFault(error, url, signal);
    }
  }

  private async receive(
    url: URL,
    { statusCode, headers, body }: Dispatcher.ResponseData,
    signal: AbortSignal,
  ): Promise<ReceivedPage> {
    const limit = this.settings.FETCH_MAX_BYTES;
    try {
      if (statusCode < 200 || statusCode > 299)
        throw new ToolError(`${url.host} answered with HTTP ${statusCode}.`, 'http_status');
      const bytes = await readLimited(decoded(body, one(headers['content-encoding']), limit), limit);
      return { url, contentType: one(headers['content-type']), bytes };
    } catch (error) {
      throw pageFault(error, url, signal);
    } finally {
      body.on('error', () => undefined).destroy();
    }
  }
}

/** The body without its compression, read within the limit on both sides of it. */
function decoded(body: Readable, encoding: string, limit: number): Readable {
  const names = encoding
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity');
  const [name] = names;
  if (name === undefined) return body;
  const decoder = DECODERS[name];
  if (!decoder || names.length > 1)
    throw new ToolError('The page is compressed in a way that cannot be read.', 'unreadable_page');
  const plain = decoder();
  pipeline(limited(body, limit), plain, () => undefined); // an error reaches whoever reads `plain`
  return plain;
}

function redirectOf({ statusCode, headers }: Dispatcher.ResponseData): string | undefined {
  // browsers read it as UTF-8, undici as bytes
  const location = Buffer.from(one(headers['location']), 'latin1').toString('utf8');
  return [301, 302, 303, 307, 308].includes(statusCode) && location !== '' ? location : undefined;
}

function one(header: string | string[] | undefined): string {
  return (Array.isArray(header) ? header[0] : header) ?? '';
}
