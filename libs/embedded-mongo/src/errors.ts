/**
 * The engine cannot run on this machine, or did not start. The message says why and what to do instead; there
 * is nothing to retry.
 */
export class EmbeddedMongoUnavailable extends Error {
  override readonly name = 'EmbeddedMongoUnavailable';

  constructor(
    /** Why, as a clause without a full stop. */
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(
      `The embedded MongoDB cannot run here: ${reason}.\n` +
        'Use a MongoDB server instead: start one with `docker compose up -d mongo` and set MONGODB_URI to it ' +
        '(MONGODB_URI=mongodb://localhost:27017).',
      options,
    );
  }
}

/** The engine stopped, or does not start, because its disk is full. It runs again once there is space. */
export class EmbeddedMongoDiskFull extends EmbeddedMongoUnavailable {
  /** @param freeBytes on the disk that holds `directory`. */
  constructor(
    readonly directory: string,
    readonly freeBytes: number,
    options?: ErrorOptions,
  ) {
    super('its disk is full', options);
    const mb = Math.floor(freeBytes / 1024 / 1024);
    this.message = `The disk of ${directory} is full (${mb} MB free). The database runs again once there is space.`;
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
