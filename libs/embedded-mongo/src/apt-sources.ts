import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** A distribution's release: `{ id: 'debian', codename: 'bookworm' }`. */
export interface Release {
  readonly id: string;
  readonly codename: string;
}

/** One source of packages, as a deb822 stanza: field names in lower case. */
type Stanza = ReadonlyMap<string, string>;

const COPIED_FIELDS = ['uris', 'signed-by', 'trusted', 'check-valid-until'];

/** The text of every file from which apt reads its sources on this machine. */
export async function readAptSources(folder = '/etc/apt'): Promise<string[]> {
  const parts = path.join(folder, 'sources.list.d');
  const names = (await readdir(parts).catch(() => [])).filter((name) => /\.(list|sources)$/.test(name));
  const files = [path.join(folder, 'sources.list'), ...names.map((name) => path.join(parts, name))];
  return Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
}

/**
 * The distribution's own sources in these files, pointed at another release of it: deb822 text, empty if there are
 * none. Other vendors' sources are left out, because they may not know that release or may carry their own libc6.
 */
export function sourcesOfRelease(files: readonly string[], from: Release, codename: string): string {
  return files
    .flatMap(parseStanzas)
    .filter((stanza) => isOfDistribution(stanza, from))
    .map((stanza) => rewritten(stanza, from, codename))
    .join('\n');
}

function parseStanzas(text: string): Stanza[] {
  const withoutComments = text.replaceAll(/^\s*#.*\n?/gm, '');
  const isDeb822 = /^types:/im.test(withoutComments);
  return isDeb822
    ? withoutComments.split(/\n\s*\n/).map(parseDeb822)
    : withoutComments.split('\n').flatMap(parseOneLine);
}

function parseDeb822(text: string): Stanza {
  const unfolded = text.replaceAll(/\n[ \t]+/g, ' ');
  const fields = [...unfolded.matchAll(/^([\w-]+):[ \t]*(.*)$/gm)];
  return new Map(fields.map(([, name = '', value = '']) => [name.toLowerCase(), value.trim()]));
}

/** `deb [signed-by=/x.gpg] http://mirror/debian bookworm main contrib`; nothing for any other line. */
function parseOneLine(line: string): Stanza[] {
  const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+(.+)$/.exec(line);
  if (!match) return [];
  const [, options = '', uris = '', suites = '', components = ''] = match;
  const pairs = [...options.matchAll(/([\w-]+)=(\S+)/g)].map(
    ([, name = '', value = '']) => [name, value] as const,
  );
  return [
    new Map([['types', 'deb'], ['uris', uris], ['suites', suites], ['components', components], ...pairs]),
  ];
}

function isOfDistribution(stanza: Stanza, { id, codename }: Release): boolean {
  const keyring = stanza.get('signed-by');
  return (
    words(stanza, 'types').includes('deb') &&
    words(stanza, 'components').includes('main') &&
    stanza.get('enabled')?.toLowerCase() !== 'no' &&
    (keyring === undefined || path.basename(keyring).startsWith(`${id}-archive-`)) &&
    mainSuites(stanza, codename).length > 0
  );
}

function rewritten(stanza: Stanza, from: Release, codename: string): string {
  const suites = mainSuites(stanza, from.codename).map((suite) => suite.replace(from.codename, codename));
  const copied = COPIED_FIELDS.flatMap((name) => {
    const value = stanza.get(name);
    return value === undefined ? [] : [`${name}: ${value}`];
  });
  return ['types: deb', `suites: ${suites.join(' ')}`, 'components: main', ...copied, ''].join('\n');
}

function mainSuites(stanza: Stanza, codename: string): string[] {
  const ours = [codename, `${codename}-updates`, `${codename}-security`];
  return words(stanza, 'suites').filter((suite) => ours.includes(suite));
}

function words(stanza: Stanza, field: string): string[] {
  return (stanza.get(field) ?? '').split(/\s+/);
}
