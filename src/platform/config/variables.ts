/** `${NAME}`; `$${NAME}` stands for the text `${NAME}` itself. */
const VARIABLE = /(\$?)\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** The environment variables that a text of a configuration file refers to as `${NAME}`, and that are not set. */
export function missingVariables(text: string, env: Env = process.env): string[] {
  const named = [...text.matchAll(VARIABLE)].filter(([, escape]) => escape === '');
  return named.map(([, , name = '']) => name).filter((name) => !env[name]);
}

/** The text with `${NAME}` replaced, so that secrets need not be in the file. Unset variables are empty. */
export function fillVariables(text: string, env: Env = process.env): string {
  return text.replace(VARIABLE, (whole, escape: string, name: string) =>
    escape === '' ? (env[name] ?? '') : whole.slice(1),
  );
}

type Env = Readonly<Record<string, string | undefined>>;
