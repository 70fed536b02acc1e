import { fillVariables, missingVariables, readYamlFile, type FieldFault } from '../platform/config/index.js';
import {
  serversFileSchema,
  type ServerConfig,
  type ServerEntry,
  type ServersFile,
} from './servers-schema.js';

/** Tools are named `server__tool`, in at most 64 characters. */
const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9-]|_(?!_|$)){0,31}$/;
const HEADER = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** Set by the protocol or by HTTP itself. */
const RESERVED = new Set([
  'accept',
  'connection',
  'content-length',
  'content-type',
  'host',
  'last-event-id',
  'mcp-protocol-version',
  'mcp-session-id',
  'transfer-encoding',
]);
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
const ONLY_STDIO = ['args', 'env', 'cwd'] as const;
const ONLY_HTTP = ['headers', 'protocol'] as const;

/**
 * Reads the file of MCP servers.
 * @throws YamlFileError with file, line and field of each fault.
 */
export function readServersFile(file: string): ServerConfig[] {
  const { servers } = readYamlFile(file, serversFileSchema, faultsOf);
  return Object.entries(servers).map(([name, entry]) => toConfig(name, entry));
}

function faultsOf({ servers }: ServersFile): FieldFault[] {
  return Object.entries(servers).flatMap(([name, entry]) => {
    const faults = [...kindFaults(entry), ...textFaults(entry), ...headerFaults(entry), ...listFaults(entry)];
    const wrongName = {
      path: [],
      message:
        'a name must be 1 to 32 letters, digits, "-" and single "_", and begin with a letter or digit.',
    };
    return [...(NAME.test(name) ? [] : [wrongName]), ...faults].map(({ path, message }) => ({
      path: ['servers', name, ...path],
      message,
    }));
  });
}

/** Which fields go together. */
function kindFaults(entry: ServerEntry): FieldFault[] {
  const { command, url } = entry;
  if ((command === undefined) === (url === undefined))
    return [{ path: [], message: 'must have either `command` (a program to start) or `url`.' }];
  const [foreign, needed] = command === undefined ? [ONLY_STDIO, '`command`'] : [ONLY_HTTP, '`url`'];
  return foreign
    .filter((field) => isGiven(entry, field))
    .map((field) => ({ path: [field], message: `goes only with ${needed}.` }));
}

function isGiven(entry: ServerEntry, field: (typeof ONLY_STDIO | typeof ONLY_HTTP)[number]): boolean {
  const value = entry[field];
  if (field === 'protocol') return value !== 'mcp';
  return typeof value === 'object' ? Object.keys(value).length > 0 : value !== undefined;
}

/** References to variables that are not set, and texts that are wrong once they are replaced. */
function textFaults(entry: ServerEntry): FieldFault[] {
  const faults = textsOf(entry).flatMap(([path, text]) =>
    missingVariables(text).map((name) => ({
      path,
      message: `the environment variable ${name} is not set.`,
    })),
  );
  if (faults.length > 0) return faults;
  const names = Object.keys(entry.env).filter((name) => !VARIABLE.test(name));
  faults.push(
    ...names.map((name) => ({ path: ['env', name], message: 'is not a name of an environment variable.' })),
  );
  const url = entry.url === undefined ? undefined : fillVariables(entry.url);
  if (url !== undefined && !isHttp(url))
    faults.push({ path: ['url'], message: 'must be a URL that begins with http:// or https://.' });
  else if (url !== undefined && /^\w+:\/\/[^/?#]*@/.test(url))
    faults.push({
      path: ['url'],
      message: 'cannot contain a user or a password: use an Authorization header.',
    });
  return faults;
}

function textsOf({ command, cwd, url, args, env, headers }: ServerEntry): [string[], string][] {
  const single = Object.entries({ command, cwd, url }).filter(
    (pair): pair is [string, string] => pair[1] !== undefined,
  );
  const members = (field: string, values: Record<string, string> | string[]): [string[], string][] =>
    Object.entries(values).map(([key, value]) => [[field, key], value]);
  return [
    ...single.map(([field, value]): [string[], string] => [[field], value]),
    ...members('args', args),
    ...members('env', env),
    ...members('headers', headers),
  ];
}

function headerFaults({ headers }: ServerEntry): FieldFault[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    const fault = headerFault(name, fillVariables(value));
    return fault === undefined ? [] : [{ path: ['headers', name], message: fault }];
  });
}

function headerFault(name: string, value: string): string | undefined {
  if (!HEADER.test(name)) return 'is not a name of a header.';
  if (RESERVED.has(name.toLowerCase())) return 'is set by the protocol itself.';
  return HEADER_VALUE.test(value)
    ? undefined
    : 'has a character that no HTTP header can carry: copy it again.';
}

/** A tool can only be in one of two lists that contradict each other. */
function listFaults({ approve, trust }: ServerEntry): FieldFault[] {
  return trust
    .filter((name) => approve.includes(name))
    .map((name) => ({ path: ['trust'], message: `"${name}" is in \`approve\`, too.` }));
}

function isHttp(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

function toConfig(name: string, entry: ServerEntry): ServerConfig {
  const { command, args, env, cwd, url, headers, protocol, ...common } = entry;
  const all = (values: Record<string, string>) =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key, fillVariables(value)]));
  if (command !== undefined)
    return {
      ...common,
      name,
      kind: 'stdio',
      command: fillVariables(command),
      args: args.map((arg) => fillVariables(arg)),
      env: all(env),
      cwd: cwd === undefined ? undefined : fillVariables(cwd),
    };
  const kind = protocol === 'simple' ? 'simple' : 'http';
  return { ...common, name, kind, url: new URL(fillVariables(url ?? '')), headers: all(headers) };
}
