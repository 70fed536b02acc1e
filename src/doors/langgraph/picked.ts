/** Some parts of an answer; all of them if none is named. `values.messages` is a part of `values`. */
export function picked<T extends object>(whole: T, fields: readonly string[] | null | undefined): Partial<T> {
  if (!fields || fields.length === 0) return whole;
  const parts = Object.entries(whole).flatMap(([name, value]: [string, unknown]) => {
    if (fields.includes(name)) return [[name, value] as const];
    const inner = fields
      .filter((field) => field.startsWith(`${name}.`))
      .map((field) => field.slice(name.length + 1));
    return inner.length > 0 ? [[name, picked(value ?? {}, inner)] as const] : [];
  });
  return Object.fromEntries(parts) as Partial<T>;
}
