import { z } from 'zod';
import { faultOf } from './setting-rules.js';
import { serverSettings } from './settings/server.js';
import { authFaults, authSettings } from './settings/auth.js';
import { accountFaults, accountSettings } from './settings/accounts.js';
import { limitSettings } from './settings/limits.js';
import { agentSettings } from './settings/agents.js';
import { modelSettings } from './settings/models.js';
import { runSettings } from './settings/runs.js';
import { approvalSettings } from './settings/approvals.js';
import { toolSettings } from './settings/tools.js';
import { mcpSettings } from './settings/mcp.js';
import { embeddingSettings, missingForEmbeddings } from './settings/embeddings.js';
import { missingForToolbox, toolboxSettings } from './settings/toolbox.js';
import { fileSettings } from './settings/files.js';
import { streamSettings } from './settings/streams.js';
import { processSettings } from './settings/processes.js';
import { observabilitySettings } from './settings/observability.js';

/** Every setting: environment variable → rule, default, and its sentence in the settings table. */
export const settingsSchema = z.object({
  ...serverSettings,
  ...authSettings,
  ...accountSettings,
  ...limitSettings,
  ...modelSettings,
  ...embeddingSettings,
  ...agentSettings,
  ...runSettings,
  ...approvalSettings,
  ...toolSettings,
  ...fileSettings,
  ...mcpSettings,
  ...toolboxSettings,
  ...streamSettings,
  ...processSettings,
  ...observabilitySettings,
});

// The class is the token that Nest injects; the schema defines its contents.
const Shape = Object as unknown as abstract new () => z.infer<typeof settingsSchema>;

/** The validated settings. Nothing else reads the environment. */
export abstract class Settings extends Shape {}

const SEE = 'See docs/settings.md.';

/** Some settings are wrong; the message covers each of them, and the process does not start. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';

  constructor(
    /** One sentence per wrong setting. */
    readonly faults: readonly string[],
  ) {
    super(
      faults.length === 1
        ? `${faults.join('')} ${SEE}`
        : `${faults.length} settings are wrong.\n${faults.map((one) => `  ${one}\n`).join('')}${SEE}`,
    );
  }
}

/**
 * Reads and validates the settings.
 * @param labels what to call a setting in messages if it was not given by its own name.
 * @throws SettingsError naming every wrong setting in one sentence each.
 */
export function loadSettings(
  env: Readonly<Record<string, string | undefined>>,
  labels: Readonly<Record<string, string>> = {},
): Settings {
  // `NAME=` in a file means: not set
  const given = Object.fromEntries(
    Object.entries({ ...env, ...lowerCaseProxies(env) }).filter(([, value]) => (value ?? '').trim() !== ''),
  );
  const result = settingsSchema.safeParse(given);
  const faults = new Map<string, string>();
  for (const issue of result.error?.issues ?? []) {
    const name = String(issue.path[0]);
    const rule = settingsSchema.shape[name as keyof typeof settingsSchema.shape];
    if (!faults.has(name)) faults.set(name, faultOf(rule, labels[name] ?? name, issue, given[name]));
  }
  const needsRedis = given['ROLE'] === 'api' || given['ROLE'] === 'worker';
  if (needsRedis && given['REDIS_URL'] === undefined)
    faults.set('REDIS_URL', `REDIS_URL must be set because ROLE is "${given['ROLE'] ?? ''}".`);
  const right = Object.fromEntries(Object.entries(given).filter(([name]) => !faults.has(name)));
  const missing = [
    ...missingForToolbox(right),
    ...missingForEmbeddings(right),
    ...authFaults(given),
    ...accountFaults(given, right),
  ];
  for (const [name, fault] of missing) if (!faults.has(name)) faults.set(name, fault);
  if (right['APPROVAL_WEBHOOK_URL'] !== undefined && given['APPROVAL_WEBHOOK_SECRET'] === undefined)
    faults.set('APPROVAL_WEBHOOK_SECRET', SECRET_MISSING);
  if (result.success && faults.size === 0) return result.data;
  throw new SettingsError([...faults.values()]);
}

const SECRET_MISSING =
  'APPROVAL_WEBHOOK_SECRET must be set because APPROVAL_WEBHOOK_URL is: without a signature nobody can tell whose report it is.';

/** Of the two spellings, lower case wins, as in other programs. */
function lowerCaseProxies(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'];
  const found = names.map((name) => [name, env[name.toLowerCase()]] as const);
  return Object.fromEntries(found.filter((pair): pair is [string, string] => Boolean(pair[1])));
}
