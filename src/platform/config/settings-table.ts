import { loadSettings, settingsSchema } from './settings.js';

/** The settings as a Markdown table: name, default, meaning. */
export function settingsTable(): string {
  const defaults = new Map<string, unknown>(Object.entries({ ...loadSettings({}), DATA_DIR: '.data' }));
  const rows = Object.entries(settingsSchema.shape).map(([name, rule]) => {
    const value = defaults.get(name);
    const shown = typeof value === 'string' || typeof value === 'number' ? `\`${value}\`` : '';
    return `| \`${name}\` | ${shown} | ${rule.description ?? ''} |`;
  });
  return ['| Setting | Default | Meaning |', '| --- | --- | --- |', ...rows, ''].join('\n');
}
