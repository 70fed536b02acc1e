import type { Settings } from './settings.js';

const NAME = /KEY|TOKEN|SECRET|PASSWORD|DSN|HEADERS/;

/** Every secret among the settings: keys and tokens, and the passwords in addresses, also as they are written there. */
export function secretsOf(settings: Settings): string[] {
  const found = Object.entries(settings).flatMap(([name, value]: [string, unknown]) => {
    const texts = textsIn(value);
    const whole = NAME.test(name) ? [...texts, ...texts.map(userIn)] : [];
    return [...whole, ...texts.flatMap(passwordsIn)];
  });
  return [...new Set(found)].filter((secret) => secret !== '');
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function passwordsIn(text: string): string[] {
  const password = /^[a-z][a-z\d+.-]*:\/\/[^/?#@]*:([^/?#]*)@/i.exec(text)?.[1] ?? '';
  return [password, decoded(password)];
}

/** The key of a DSN stands where others have a user. */
function userIn(text: string): string {
  return /^https?:\/\/([^/?#@:]*)[^/?#@]*@/i.exec(text)?.[1] ?? '';
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
