import type { Settings } from '../config/index.js';
import type { ErrorAbout, Reporter } from './reporter.js';

/** Reports unexpected errors to Sentry, if there is a `SENTRY_DSN`. What it takes is loaded with the first error. */
export class ErrorReports {
  private reporter: Promise<Reporter> | undefined;

  constructor(private readonly settings: Settings) {}

  /** Never throws, never waits. */
  report(error: Error, about: ErrorAbout): void {
    if (this.settings.SENTRY_DSN === undefined) return;
    this.reporter ??= import('./sentry-reporter.js').then(
      ({ SentryReporter }) => new SentryReporter(this.settings),
    );
    this.reporter
      .then((reporter) => {
        reporter.report(error, about);
      })
      .catch(() => undefined); // the error is in the log
  }

  /** Resolves when everything is sent, or after a few seconds. Never rejects. */
  async close(): Promise<void> {
    const reporter = await this.reporter?.catch(() => undefined);
    await reporter?.close();
  }
}
