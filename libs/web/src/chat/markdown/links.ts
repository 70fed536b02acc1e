const SAFE = new Set(['http:', 'https:', 'mailto:']);

/** The address when a click on it does no harm: http, https, mailto; `undefined` for everything else, also relative ones. */
export function safeHref(href: string | undefined): string | undefined {
  if (href === undefined) return undefined;
  try {
    return SAFE.has(new URL(href).protocol) ? href : undefined;
  } catch {
    return undefined;
  }
}
