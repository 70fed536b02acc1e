import { z } from 'zod';
import { cleanText, isPoisonedKey, isTooDeep, jsonFault } from '../../common/index.js';
import type { ListedTools, RemoteTool } from './connection.js';

/** No model takes more, and no list may fill the memory. */
const TOOLS_MAX = 500;
const SCHEMA_MAX_CHARS = 65_536;
const DESCRIPTION_MAX_CHARS = 8192;
const NAME_SHOWN_CHARS = 60;

const hint = z.boolean().optional().catch(undefined);
const text = z.string().optional().catch(undefined);

const toolSchema = z.looseObject({
  name: z.string().min(1).max(1000),
  title: text,
  description: text,
  inputSchema: z.looseObject({ type: z.literal('object') }),
  annotations: z
    .looseObject({ title: text, readOnlyHint: hint, destructiveHint: hint, idempotentHint: hint })
    .optional()
    .catch(undefined),
  execution: z.looseObject({ taskSupport: text }).optional().catch(undefined),
});

/** Reads the tools that a server lists, each by itself: one that cannot be read does not hide the others. */
export function readTools(listed: readonly unknown[]): ListedTools {
  const tools: RemoteTool[] = [];
  const faults: string[] = [];
  for (const one of listed.slice(0, TOOLS_MAX)) {
    const read = toolSchema.safeParse(one);
    if (!read.success) faults.push(`A tool (${nameIn(one)}) is not described as MCP requires.`);
    else if (read.data.execution?.taskSupport === 'required')
      faults.push(`The tool "${read.data.name}" only runs as a task, which is not supported.`);
    else tools.push(toTool(read.data));
  }
  if (listed.length > TOOLS_MAX) faults.push(`Only the first ${TOOLS_MAX} of its tools are read.`);
  return keepSound(tools, faults);
}

/** Leaves out tools whose description is not fit to be passed to a model. */
export function keepSound(tools: readonly RemoteTool[], faults: readonly string[]): ListedTools {
  const sound = tools.filter(({ parameters }) => schemaFault(parameters) === undefined);
  const left = tools.filter((tool) => !sound.includes(tool));
  const more = left.map(
    ({ name, parameters }) =>
      `The tool "${short(name)}" has arguments whose schema is ${schemaFault(parameters) ?? ''}.`,
  );
  return { tools: sound, faults: [...faults, ...more] };
}

/** A description for a model: bounded, with a line for tools that have none. */
export function describe(name: string, description: string | undefined): string {
  const clean = cleanText(description ?? '').trim();
  return clean === '' ? `The tool ${name}.` : clean.slice(0, DESCRIPTION_MAX_CHARS).toWellFormed();
}

function toTool({
  name,
  title,
  description,
  inputSchema,
  annotations,
}: z.output<typeof toolSchema>): RemoteTool {
  const { $schema: _dialect, ...parameters } = inputSchema;
  return {
    name,
    title: title ?? annotations?.title,
    description: describe(name, description),
    parameters,
    hints: {
      readOnly: annotations?.readOnlyHint,
      destructive: annotations?.destructiveHint,
      idempotent: annotations?.idempotentHint,
    },
  };
}

function schemaFault(schema: Record<string, unknown>): string | undefined {
  const fault = jsonFault(schema, (member) => {
    if (isTooDeep(member)) return 'nested too deeply';
    return isPoisonedKey(member.key) ? 'not safe to pass on' : undefined;
  });
  return fault ?? (JSON.stringify(schema).length > SCHEMA_MAX_CHARS ? 'too long' : undefined);
}

function nameIn(tool: unknown): string {
  const name: unknown = typeof tool === 'object' && tool !== null && 'name' in tool ? tool.name : undefined;
  return typeof name === 'string' ? `"${short(name)}"` : 'without a name';
}

function short(name: string): string {
  return cleanText(name).slice(0, NAME_SHOWN_CHARS);
}
