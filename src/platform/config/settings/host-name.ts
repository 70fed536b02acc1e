/** A name or an IPv4 address with an optional port, or an IPv6 address in brackets; nothing of a URL around it. */
const HOST = /^(\[[0-9a-f:.]+\]|[^\s:/?#@\\[\]*]+)(?::(\d{1,5}))?$/i;

/** The parts of a `Host` header. */
export interface HostAndPort {
  /** In lower case, without brackets and without the dot of a fully qualified name. */
  host: string;
  /** As written; empty if there is none. */
  port: string;
}

/** Reads a `Host` header; nothing if it is not one. */
export function parseHost(text: string): HostAndPort | undefined {
  const [, name = '', port = ''] = HOST.exec(text) ?? [];
  const host = name
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
  return host === '' ? undefined : { host, port };
}

export const isHostName = (text: string): boolean => parseHost(text) !== undefined;
