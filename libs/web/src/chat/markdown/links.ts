const SAFE = new Set(['http:', 'https:', 'mailto:']);

/**
 * The address if it is safe to click: http, https, mailto; `undefined` for everything else, including relative ones.
 */
export function safeHref(href: string | undefined): string | undefined {
  if (href === undefined) return undefined;
  try {
    return SAFE.has(new URL(href).protocol) ? href : undefined;
  } catch {
    return undefined;
  }
}
