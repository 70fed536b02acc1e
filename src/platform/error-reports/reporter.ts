/** What is known about where an error happened: ids and codes, nothing that users say. */
export type ErrorAbout = Readonly<Record<string, unknown>>;

/** Sends reports somewhere. */
export interface Reporter {
  report(error: Error, about: ErrorAbout): void;
  /** Resolves when they are sent, or after a few seconds. Never rejects. */
  close(): Promise<void>;
}
