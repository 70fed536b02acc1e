const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** The environment variables that a text of a configuration file refers to as `${NAME}`, and that are not set. */
export function missingVariables(text: string, env: Env = process.env): string[] {
  return [...text.matchAll(VARIABLE)].map(([, name = '']) => name).filter((name) => !env[name]);
}

/** The text with `${NAME}` replaced, so that secrets need not be in the file. Unset variables are empty. */
export function fillVariables(text: string, env: Env = process.env): string {
  return text.replace(VARIABLE, (_all, name: string) => env[name] ?? '');
}

type Env = Readonly<Record<string, string | undefined>>;
