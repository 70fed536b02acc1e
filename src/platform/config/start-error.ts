/** The environment is not as a setting requires: the message is one sentence that names the setting and what to do. */
export class StartError extends Error {
  override readonly name = 'StartError';

  constructor(
    /** Name of the setting. */
    readonly setting: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** An address without user name and password, for messages. */
export function withoutSecrets(url: string): string {
  return url.replace(/\/\/[^/]*@/g, '//').replace(/\?.*$/s, '');
}

/** The first line of anything that was thrown, without the secrets of an address. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return withoutSecrets((text.split('\n')[0] ?? '').trim()).replace(/[.;]+$/, '');
}
