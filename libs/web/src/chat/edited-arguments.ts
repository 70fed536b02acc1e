/** Arguments as a person edits them. */
export function argumentsAsText(args: unknown): string {
  return JSON.stringify(args ?? {}, null, 2);
}

/** What a person has written as arguments: the object, unless it is the given one; or what is wrong with it. */
export type EditedArguments =
  { changed: Record<string, unknown> | undefined; fault?: never } | { changed?: never; fault: string };

/** @param args what the model wrote. */
export function readEdited(text: string, args: unknown): EditedArguments {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { fault: `This is not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { fault: 'Arguments must be a JSON object: { … }' };
  const isSame = JSON.stringify(value) === JSON.stringify(args);
  return { changed: isSame ? undefined : (value as Record<string, unknown>) };
}
