import { startApp } from './app.js';
import { loadSettings, SettingsError } from './platform/config/index.js';
import { DiskFullError } from './platform/mongo/index.js';

/** Whatever else there is to close has this long after `SHUTDOWN_GRACE_MS`, then the process ends all the same. */
const CLOSE_LIMIT_MS = 5000;

try {
  const settings = loadSettings(process.env);
  const late = setTimeout(() => {
    process.stderr.write(`Reprise cannot start: it was not ready after ${settings.START_TIMEOUT_MS} ms.\n`);
    process.exit(1);
  }, settings.START_TIMEOUT_MS);
  const app = await startApp(settings);
  clearTimeout(late);
  process.stdout.write(`Reprise listens on ${app.url} (API explorer: ${app.url}/api/docs)\n`);
  void app.describeModel().then((line) => process.stdout.write(`${line}\n`));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      setTimeout(() => {
        process.stderr.write('Reprise did not close in time and ends as it is.\n');
        process.exit(1);
      }, settings.SHUTDOWN_GRACE_MS + CLOSE_LIMIT_MS).unref();
      void app.stop().finally(() => process.exit(0));
    });
  }
} catch (error) {
  const expected =
    error instanceof SettingsError ||
    error instanceof DiskFullError ||
    (error instanceof Error && error.name === 'EmbeddedMongoUnavailable');
  process.stderr.write(
    `Reprise cannot start: ${expected ? error.message : String((error as Error).stack ?? error)}\n`,
  );
  process.exit(1);
}
