import type { ListedTools, RemoteTool } from './connections/connection.js';
import type { ServerConfig } from './servers-schema.js';
import { modelName } from './tool-names.js';
import { traitsOf } from './tool-traits.js';
import type { ProvidedTool } from '../tools/index.js';

/** A tool that is offered to models. */
export interface OfferedTool {
  remote: RemoteTool;
  info: ProvidedTool['info'];
}

/** The tools that are offered, and a sentence for each that is not although the file or the server names it. */
export interface Offer {
  tools: OfferedTool[];
  faults: string[];
}

/** Chooses and names the tools of a server. */
export function offer(server: ServerConfig, { tools: listed, faults }: ListedTools): Offer {
  const offered = new Map<string, OfferedTool>();
  const problems = [...faults];
  const wanted = server.tools && new Set(server.tools);
  for (const remote of listed) {
    if (wanted && !wanted.has(remote.name)) continue;
    const name = modelName(server.name, remote.name);
    const other = offered.get(name);
    if (other)
      problems.push(
        `The tool "${remote.name}" is left out: with "${other.remote.name}" it shares the name ${name}.`,
      );
    else offered.set(name, { remote, info: infoOf(name, remote, server) });
  }
  const known = new Set(listed.map(({ name }) => name));
  for (const field of ['tools', 'approve', 'trust', 'idempotent'] as const)
    for (const name of server[field] ?? [])
      if (name !== '*' && !known.has(name))
        problems.push(`\`${field}\` names the tool "${name}", which the server does not offer.`);
  return { tools: [...offered.values()], faults: problems };
}

function infoOf(name: string, remote: RemoteTool, server: ServerConfig): ProvidedTool['info'] {
  const { title, description, parameters } = remote;
  const label = title === undefined || title.trim() === '' ? remote.name : title.trim();
  return { name, label: label.slice(0, 200), description, parameters, ...traitsOf(remote, server) };
}
