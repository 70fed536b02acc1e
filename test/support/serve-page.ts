import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A page at its own address. */
export interface ServedPage {
  url: string;
  stop(): Promise<void>;
}

/** Serves one page; every path is that page. @param html its text, or the file that holds it */
export async function servePage(html: string | URL): Promise<ServedPage> {
  const text = typeof html === 'string' ? html : await readFile(html, 'utf8');
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8').end(text);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
